"""Compare a table of another engine with DuckDB's, row for row, whatever the order of the rows.

Both are relations that one DuckDB connection can read: a table, `read_parquet(...)`, or a query on
an attached server. Whole numbers and decimals, texts, days and moments are equal or they differ;
floating numbers are equal up to a billionth of themselves.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import duckdb

from carehouse.sql import literal, quote

RELATIVE = 1e-9
ABSOLUTE = 1e-12  # below, a number is what summing left over of 0
FLOATING = ("DOUBLE", "FLOAT")
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
         "UINTEGER", "UBIGINT", "UHUGEINT")  # fmt: skip
NUMBER = "DECIMAL(38, 12)"  # holds every whole number and amount that a mart may have


@dataclass(frozen=True)
class Compared:
    """One table on two engines: its rows there, how many differ, and in which columns."""

    name: str
    expected_rows: int = 0
    actual_rows: int = 0
    differing_rows: int = 0
    columns: tuple[str, ...] = field(default=())
    problem: str | None = None  # why the rows could not be compared

    @property
    def is_equal(self) -> bool:
        """Whether both say the same."""
        return self.problem is None and not self.differing_rows


def compare(
    connection: duckdb.DuckDBPyConnection, name: str, expected: str, actual: str
) -> Compared:
    """Compare two relations, given as SQL that can stand after `from`.

    The names of columns are compared without regard to case. Raises duckdb.Error where a relation
    cannot be read.
    """
    connection.execute(f"create or replace temp table expected_rows as select * from {expected}")
    connection.execute(f"create or replace temp table actual_rows as select * from {actual}")
    sides = [_columns(connection, "expected_rows"), _columns(connection, "actual_rows")]
    counts = [
        connection.execute(f"select count(*) from {table}").fetchone()[0]
        for table in ("expected_rows", "actual_rows")
    ]
    if sides[0].keys() != sides[1].keys():
        odd = sorted(sides[0].keys() ^ sides[1].keys())
        return Compared(name, *counts, problem=f"only one side has {', '.join(odd)}")
    common = {column: _common_type(*(side[column] for side in sides)) for column in sides[0]}
    for table in ("expected_rows", "actual_rows"):
        body = ", ".join(f"cast({quote(c)} as {kind}) as {quote(c)}" for c, kind in common.items())
        connection.execute(f"create or replace temp table {table} as select {body} from {table}")
    exact = [quote(column) for column, kind in common.items() if kind != "DOUBLE"]
    floating = [quote(column) for column, kind in common.items() if kind == "DOUBLE"]
    found = _unmatched(connection, exact) if exact else abs(counts[0] - counts[1])
    if not found and floating:
        found = _apart(connection, exact, floating)
    columns = tuple(_guilty(connection, common)) if found else ()
    return Compared(name, *counts, differing_rows=found, columns=columns)


def comparison_lines(compared: Iterable[Compared]) -> Iterator[str]:
    """A table for people: those that differ first, then a line that counts the rest."""
    told = list(compared)
    width = max((len(one.name) for one in told), default=5)
    yield f"{'table':<{width}}  {'DuckDB':>10}  {'there':>10}  differ"
    for one in sorted(told, key=lambda one: (one.is_equal, one.name)):
        end = one.problem or (
            "equal" if one.is_equal else f"{one.differing_rows:,}: {', '.join(one.columns)}"
        )
        yield f"{one.name:<{width}}  {one.expected_rows:>10,}  {one.actual_rows:>10,}  {end}"
    equal = sum(one.is_equal for one in told)
    rows = sum(one.expected_rows for one in told)
    yield f"{equal} of {len(told)} tables are equal, {rows:,} rows"


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {
        name.lower(): kind
        for name, kind in connection.execute(
            "select column_name, data_type from duckdb_columns() where table_name = "
            f"{literal(table)} order by column_index"
        ).fetchall()
    }


def _common_type(expected: str, actual: str) -> str:
    """What both are compared as. A floating number on one side makes both one."""
    kinds = {expected, actual}
    if kinds & set(FLOATING):
        return "DOUBLE"
    if all(kind in WHOLE or kind.startswith("DECIMAL") for kind in kinds):
        return NUMBER
    return expected


def _unmatched(connection: duckdb.DuckDBPyConnection, exact: list[str]) -> int:
    """Rows of either side without their like on the other, by the exact columns."""
    names = ", ".join(exact)
    rows = connection.execute(
        f"""
        select greatest(coalesce(sum(greatest(there, 0)), 0), coalesce(sum(greatest(-there, 0)), 0))
        from (
            select sum(side) as there from (
                select 1 as side, {names} from expected_rows
                union all
                select -1, {names} from actual_rows
            ) group by {names} having sum(side) <> 0
        )
        """
    ).fetchone()
    return int(rows[0])


def _apart(connection: duckdb.DuckDBPyConnection, exact: list[str], floating: list[str]) -> int:
    """Rows whose floating numbers are further apart than rounding explains; the rest is equal."""
    order = ", ".join(f"{name} nulls first" for name in (*exact, *floating))
    differs = " or ".join(_is_apart(f"e.{name}", f"a.{name}") for name in floating)
    return connection.execute(
        f"""
        select count(*)
        from (select *, row_number() over (order by {order}) as place from expected_rows) as e
        inner join (select *, row_number() over (order by {order}) as place from actual_rows) as a
            on e.place = a.place
        where {differs}
        """
    ).fetchone()[0]


def _is_apart(one: str, other: str) -> str:
    far = f"abs({one} - {other}) > greatest(abs({one}), abs({other})) * {RELATIVE} + {ABSOLUTE}"
    return (
        f"(({one} is null) <> ({other} is null) or (isnan({one}) <> isnan({other}))"
        f" or (isfinite({one}) and isfinite({other}) and {far})"
        f" or (not isfinite({one}) and not isnan({one}) and {one} <> {other}))"
    )


def _guilty(connection: duckdb.DuckDBPyConnection, types: dict[str, str]) -> Iterator[str]:
    """The columns whose values, each counted, are not the same on both sides."""
    for name, kind in types.items():
        column = quote(name)
        if kind == "DOUBLE":
            bad = _apart(connection, [], [column])
        else:
            bad = _unmatched(connection, [column])
        if bad:
            yield name
