"""Checksums of ranges of keys, taken by the server and compared with those of the last reading.

What is kept of a range is made of the very rows that were fetched: each row comes with the
server's hash of it, so a change during the reading shows at the next sync. Hashes are multiplied
before they are xor-ed: the xor of plain CRCs stays the same when two rows change alike.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil, log2

import duckdb

from carehouse.sql import literal, literals

CHUNK_ROWS = 1024
SKEW = 16  # a chunk of more rows than this many times the usual calls for bounds
ODD = 2654435761  # below 2^32, so that its product with a CRC fits 64 bits
HASHES = "temp.hashes"  # key, hash, is_hot of rows just read


@dataclass(frozen=True)
class Layout:
    """How keys fall into chunks: by their high bits, or between bounds where they are uneven."""

    shift: int | None = None
    bounds: tuple[int, ...] = ()

    def chunk(self, key: str) -> str:
        """SQL, the same for MySQL and DuckDB but for bounds, that gives a key's chunk."""
        if self.shift is not None:
            return f"({key} >> {self.shift})"
        if not self.bounds:
            return "0"
        return f"interval({key}, {', '.join(map(str, self.bounds))})"

    def range(self, chunk: int) -> tuple[int | None, int | None]:
        """First and last key of a chunk; None is without end."""
        if self.shift is not None:
            return chunk << self.shift, ((chunk + 1) << self.shift) - 1
        first = self.bounds[chunk - 1] if chunk else None
        last = self.bounds[chunk] - 1 if chunk < len(self.bounds) else None
        return first, last

    def to_json(self) -> str:
        """As it is kept."""
        return json.dumps({"shift": self.shift, "bounds": self.bounds})

    @classmethod
    def from_json(cls, text: str) -> "Layout":
        """As it was kept."""
        read = json.loads(text)
        return cls(read["shift"], tuple(read["bounds"]))


Sums = dict[int, tuple[int, Decimal]]  # chunk to row count and checksum


@dataclass
class State:
    """What is kept of a table's last reading."""

    fingerprint: str
    layout: Layout
    whole_at: object
    sums: Sums = field(default_factory=dict)
    hot: set[int] = field(default_factory=set)


def load_states(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, State]:
    """The states of all tables of a source, by table."""
    states = {
        name: State(fingerprint, Layout.from_json(layout), whole_at)
        for name, fingerprint, layout, whole_at in connection.execute(
            "select object, fingerprint, layout, whole_at from raw.sync_tables "
            f"where source = {literal(source)}"
        ).fetchall()
    }
    for name, chunk, count, checksum, is_hot in connection.execute(
        "select object, chunk, row_count, checksum, is_hot from raw.sync_chunks "
        f"where source = {literal(source)}"
    ).fetchall():
        states[name].sums[chunk] = (count, checksum)
        if is_hot:
            states[name].hot.add(chunk)
    return states


def forget(connection: duckdb.DuckDBPyConnection, source: str, table: str) -> None:
    """Drop what is kept of a table, so that the next sync reads it whole."""
    for kept in ("sync_tables", "sync_chunks"):
        connection.execute(
            f"delete from raw.{kept} where source = {literal(source)} and object = {literal(table)}"
        )


def save_whole(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    table: str,
    fingerprint: str,
    moment: object,
) -> Layout:
    """Keep the state of a table all of whose rows are in temp.hashes; give its layout."""
    layout = choose_layout(connection)
    forget(connection, source, table)
    values = [source, table, fingerprint, layout.to_json(), moment]
    connection.execute(f"insert into raw.sync_tables values ({literals(values)})")
    _insert_sums(connection, source, table, layout)
    return layout


def save_part(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    table: str,
    layout: Layout,
    chunks: set[int],
) -> None:
    """Replace the state of `chunks`, whose rows, if any are left, are in temp.hashes."""
    numbers = ", ".join(map(str, chunks))
    connection.execute(
        f"delete from raw.sync_chunks where source = {literal(source)} "
        f"and object = {literal(table)} and chunk in ({numbers})"
    )
    _insert_sums(connection, source, table, layout)


def choose_layout(connection: duckdb.DuckDBPyConnection) -> Layout:
    """A layout under which the keys in temp.hashes fall into chunks of about a thousand rows."""
    count, first, last = connection.execute(
        f"select count(*), min(key), max(key) from {HASHES}"
    ).fetchone()
    if count <= CHUNK_ROWS or first < 0:
        return _bounds(connection)
    width = (last - first + 1) / count * CHUNK_ROWS
    layout = Layout(shift=max(0, ceil(log2(width)) if width > 1 else 0))
    (largest,) = connection.execute(
        f"select max(rows) from (select count(*) as rows from {HASHES} "
        f"group by {layout.chunk('key')})"
    ).fetchone()
    return layout if largest <= SKEW * CHUNK_ROWS else _bounds(connection)


def _bounds(connection: duckdb.DuckDBPyConnection) -> Layout:
    found = connection.execute(
        f"""
        select key from (select key, row_number() over (order by key) as number from {HASHES})
        where number % {CHUNK_ROWS} = 1 and number > 1
        order by key
        """
    ).fetchall()
    return Layout(bounds=tuple(key for (key,) in found))


def _insert_sums(
    connection: duckdb.DuckDBPyConnection, source: str, table: str, layout: Layout
) -> None:
    if layout.bounds:
        connection.execute(
            "create or replace temp table bounds as select "
            f"unnest(range(1, {len(layout.bounds)} + 1)) as chunk, "
            f"unnest({list(layout.bounds)}::bigint[]) as first"
        )
        chunked = (
            f"select coalesce(bounds.chunk, 0) as chunk, hash, is_hot from {HASHES} as hashes "
            "asof left join temp.bounds on hashes.key >= bounds.first"
        )
    else:
        chunked = f"select {layout.chunk('key')} as chunk, hash, is_hot from {HASHES}"
    connection.execute(
        f"""
        insert into raw.sync_chunks
        select
            {literal(source)}, {literal(table)}, chunk,
            count(*), bit_xor(hash), bool_or(is_hot)
        from ({chunked}) group by chunk
        """
    )


def server_sums(hash_sql: str, key: str, table: str, layout: Layout, condition: str = "") -> str:
    """The query for chunk, row count and checksum of every chunk, in MySQL's SQL."""
    where = f" where {condition}" if condition else ""
    return (
        f"select cast({layout.chunk(key)} as signed) as chunk, count(*) as row_count, "
        f"bit_xor({hash_sql}) as checksum from {table}{where} group by chunk order by null"
    )


def merged_ranges(layout: Layout, chunks: list[int]) -> list[tuple[int | None, int | None]]:
    """The key ranges of chunks given in order, neighbours as one."""
    ranges: list[list[int | None]] = []
    before = None
    for chunk in chunks:
        first, last = layout.range(chunk)
        if before is not None and chunk == before + 1:
            ranges[-1][1] = last
        else:
            ranges.append([first, last])
        before = chunk
    return [(first, last) for first, last in ranges]


def in_mirror(layout: Layout, key: str, chunks: list[int]) -> str:
    """DuckDB's condition that a key lies in one of the chunks."""
    if layout.shift is not None:
        return f"{layout.chunk(key)} in ({', '.join(map(str, chunks))})"
    return ranges_sql(key, merged_ranges(layout, chunks))


def ranges_sql(key: str, ranges: list[tuple[int | None, int | None]]) -> str:
    """A condition, in MySQL's and DuckDB's SQL, that a key lies in one of the ranges."""
    parts = []
    for first, last in ranges:
        ends = [f"{key} >= {first}"] if first is not None else []
        ends += [f"{key} <= {last}"] if last is not None else []
        parts.append(f"({' and '.join(ends) or 'true'})")
    return " or ".join(parts)


def row_hash(columns: dict[str, bool]) -> str:
    """MySQL's SQL for a hash of whole rows; `columns` is SQL text to whether it can be null.

    Only whether a column is null is told apart from an empty text by the list at the end.
    """
    nullable = [sql for sql, is_nullable in columns.items() if is_nullable]
    nulls = [f"concat({', '.join(f'isnull({sql})' for sql in nullable)})"] if nullable else []
    whole = f"crc32(concat_ws(char(31), {', '.join([*columns, *nulls])}))"
    # a row too long to be hashed counts as changed
    return f"cast(ifnull({whole}, unix_timestamp()) as unsigned) * {ODD}"


def stamp_hash(key: str, stamp: str) -> str:
    """MySQL's SQL for a hash of key and modified stamp."""
    # the sum stays below 2^32, or the product would leave 64 bits and the query fail
    return f"crc32({key}) * cast(unix_timestamp({stamp}) + 1000003 as unsigned)"
