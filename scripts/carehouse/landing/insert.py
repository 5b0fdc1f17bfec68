"""Insert a relation into a raw table by column name, so that nothing is lost."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from carehouse.contract import RawTable
from carehouse.sql import Value, literals, quote


@dataclass(frozen=True)
class InsertPlan:
    """How a relation's columns become a raw table's, and where the two differ."""

    table: RawTable
    values: dict[str, str]  # raw column to SQL text
    drift: list[tuple[str, str, str]]  # column, drift, detail

    def insert(
        self, connection: duckdb.DuckDBPyConnection, relation: str, lineage: dict[str, Value]
    ) -> int:
        """Insert every row of `relation`, with the lineage columns' values; give their number."""
        names = ", ".join(map(quote, [*lineage, *self.values]))
        values = ", ".join([literals(lineage.values()), *self.values.values()])
        (count,) = connection.execute(
            f"insert into {self.table.full_name} ({names}) select {values} from {relation}"
        ).fetchone()
        return count

    def drift_lines(self, name: str) -> list[str]:
        """Where the input `name` and the raw contract differ, as lines for a person."""
        return [f"{name}: column {c} of {self.table.name} is {drift}" for c, drift, _ in self.drift]


def plan_insert(
    connection: duckdb.DuckDBPyConnection, table: RawTable, relation: str, lineage: Iterable[str]
) -> InsertPlan:
    """Plan to insert a relation (SQL text) whose rows get the `lineage` columns beside their own.

    What the contract lacks is added to the raw table as text, what the input lacks becomes null,
    and what does not cast is kept beside its column as `<column>__as_read`.
    """
    found = {
        name: kind
        for name, kind, *_ in connection.execute(f"describe select * from {relation}").fetchall()
    }
    expected = {name: kind for name, kind in table.columns.items() if name not in set(lineage)}
    drift = [(name, "missing", f"expected {expected[name]}") for name in expected.keys() - found]
    values = {}
    for name, kind in found.items():
        wanted = expected.get(name)
        if wanted is None:
            _add_column(connection, table, name)
            values[name] = f"cast({quote(name)} as varchar)"
            drift.append((name, "new", f"came as {kind}"))
            continue
        values[name] = f"try_cast({quote(name)} as {wanted})"
        if kind.lower() != wanted.lower() and wanted.lower() != "varchar":
            lost = f"{quote(name)} is not null and try_cast({quote(name)} as {wanted}) is null"
            if connection.execute(f"select bool_or({lost}) from {relation}").fetchone()[0]:
                as_read = f"{name}__as_read"
                _add_column(connection, table, as_read)
                values[as_read] = f"case when {lost} then cast({quote(name)} as varchar) end"
                drift.append((name, "retyped", f"came as {kind}, expected {wanted}"))
    return InsertPlan(table, values, drift)


def _add_column(connection: duckdb.DuckDBPyConnection, table: RawTable, name: str) -> None:
    connection.execute(
        f"alter table {table.full_name} add column if not exists {quote(name)} varchar"
    )
