"""Make a raw table equal rows just read, by primary key: only what differs is written.

A row that is gone stays as a tombstone, dated in `_deleted_at`; when its key comes back the
tombstone becomes the row again. One row a key, always.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from carehouse.contract import RawTable
from carehouse.sql import literal, quote

LINEAGE = ("_load_id", "_extracted_at", "_deleted_at")
FETCHED = "temp.fetched"  # the rows just read: the contract's columns, typed
EVERYTHING = "true"


@dataclass
class Changes:
    """How many rows a mirror gained or had replaced, and how many were buried."""

    written: int = 0
    gone: int = 0

    def __bool__(self) -> bool:
        return bool(self.written or self.gone)

    def add(self, other: "Changes") -> None:
        """Count another part's changes in."""
        self.written += other.written
        self.gone += other.gone


def primary_key(table: RawTable) -> str:
    """The name of a mirrored table's primary key."""
    return str(table.meta["primary_key"])


def data_columns(table: RawTable) -> dict[str, str]:
    """A mirrored table's columns without lineage, name to type."""
    return {name: kind for name, kind in table.columns.items() if name not in LINEAGE}


def never_extracted(table: RawTable) -> set[str]:
    """Lower-case names of columns that hold secrets or are known and not wanted."""
    return {str(name).lower() for name in table.meta.get("never_extracted", ())}


def is_empty(connection: duckdb.DuckDBPyConnection, table: RawTable) -> bool:
    """Whether nothing was ever landed in a table."""
    return not connection.execute(f"select 1 from {table.full_name} limit 1").fetchone()


def live_count(connection: duckdb.DuckDBPyConnection, table: RawTable) -> int:
    """How many of a table's rows stand in the source, as far as is known."""
    return connection.execute(
        f"select count(*) from {table.full_name} where _deleted_at is null"
    ).fetchone()[0]


def fetched_columns(connection: duckdb.DuckDBPyConnection, table: RawTable) -> list[str]:
    """The table's columns that the fetched rows have; those that a version lacks are null."""
    described = connection.execute(f"describe select * from {FETCHED}").fetchall()
    found = {name for name, *_ in described}
    return [name for name in data_columns(table) if name in found]


def append_fetched(
    connection: duckdb.DuckDBPyConnection, table: RawTable, load_id: int, moment: datetime
) -> Changes:
    """Insert all fetched rows into a table that holds none of them."""
    names = ", ".join(map(quote, fetched_columns(connection, table)))
    ((count,),) = connection.execute(
        f"insert into {table.full_name} ({names}, _load_id, _extracted_at) "
        f"select {names}, {load_id}, {literal(moment)} from {FETCHED}"
    ).fetchall()
    return Changes(written=count)


def apply_fetched(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    scope: str,
    load_id: int,
    moment: datetime,
) -> Changes:
    """Make the rows of a table within `scope` (SQL on its key) equal the fetched rows."""
    compare(connection, table, scope)
    key, full_name = quote(primary_key(table)), table.full_name
    written, gone = connection.execute(
        "select count(*) filter (where fate <> 'gone'), count(*) filter (where fate = 'gone') "
        "from temp.touched"
    ).fetchone()
    if gone:
        connection.execute(
            f"update {full_name} set _deleted_at = {literal(moment)} "
            f"where {key} in (select key from temp.touched where fate = 'gone')"
        )
    if written:
        names = ", ".join(map(quote, fetched_columns(connection, table)))
        connection.execute(
            f"delete from {full_name} "
            f"where {key} in (select key from temp.touched where fate = 'changed')"
        )
        connection.execute(
            f"insert into {full_name} ({names}, _load_id, _extracted_at) "
            f"select {names}, {load_id}, {literal(moment)} from {FETCHED} "
            f"where {key} in (select key from temp.touched where fate <> 'gone')"
        )
    return Changes(written, gone)


def compare(connection: duckdb.DuckDBPyConnection, table: RawTable, scope: str) -> None:
    """Write keys within `scope` that differ into temp.touched: key and fate.

    `new` is not in the table, `changed` differs or is a tombstone, `gone` is not fetched.
    """
    key = quote(primary_key(table))
    fetched = fetched_columns(connection, table)
    differs = " or ".join(
        f"fetched.{quote(name)} is distinct from known.{quote(name)}"
        if name in fetched
        else f"known.{quote(name)} is not null"
        for name in data_columns(table)
        if quote(name) != key
    )
    connection.execute(
        f"""
        create or replace temp table touched as
        with known as (select * from {table.full_name} where {scope})
        select
            coalesce(fetched.{key}, known.{key}) as key,
            case
                when fetched.{key} is null then 'gone'
                when known.{key} is null then 'new'
                else 'changed'
            end as fate
        from {FETCHED} as fetched
        full outer join known on fetched.{key} = known.{key}
        where
            known.{key} is null
            or (fetched.{key} is null and known._deleted_at is null)
            or (fetched.{key} is not null and known._deleted_at is not null)
            or (fetched.{key} is not null and ({differs or "false"}))
        """
    )


def differences(connection: duckdb.DuckDBPyConnection, table: RawTable, scope: str) -> Changes:
    """How many rows within `scope` differ from the fetched ones; nothing is written."""
    compare(connection, table, scope)
    return Changes(
        *connection.execute(
            "select count(*) filter (where fate <> 'gone'), count(*) filter (where fate = 'gone') "
            "from temp.touched"
        ).fetchone()
    )


def drift_lines(table: RawTable, drifts: Iterable[tuple[str, str, str]]) -> list[str]:
    """(column, drift, detail) of a table as lines for a person."""
    return [f"{table.name}: {column} is {drift}, {detail}" for column, drift, detail in drifts]
