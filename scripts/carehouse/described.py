"""The published marts with what their yml says of them, which is in the file as comments."""

from dataclasses import dataclass
from difflib import get_close_matches

import duckdb

from carehouse.errors import NothingPublished
from carehouse.sql import literal, quote


@dataclass(frozen=True)
class Column:
    """A column of a mart: DuckDB's type, and its meaning."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class Mart:
    """A mart with its description (what it is, grain, rules, leaves out) and columns."""

    schema: str
    name: str
    description: str
    columns: tuple[Column, ...]

    @property
    def full_name(self) -> str:
        """As people write it: care.participant_outcomes."""
        return f"{self.schema}.{self.name}"

    @property
    def sql_name(self) -> str:
        """As SQL takes it, whatever the name holds."""
        return f"{quote(self.schema)}.{quote(self.name)}"


def names_of_marts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Each published mart as schema.table, in order."""
    return [
        name
        for (name,) in connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where database_name = current_database() union all "
            "select schema_name || '.' || view_name from duckdb_views() "
            "where database_name = current_database() and not internal order by 1"
        ).fetchall()
    ]


def find_mart(connection: duckdb.DuckDBPyConnection, typed: str) -> Mart:
    """A mart by `schema.table`, by its model's name, or by its table where one schema has it.

    Raises NothingPublished with the nearest names.
    """
    there = names_of_marts(connection)
    wanted = typed.strip().lower().replace("__", ".", 1)
    found = [name for name in there if wanted in (name, name.split(".", 1)[1])]
    if len(found) != 1:
        near = found or get_close_matches(wanted, there, n=3, cutoff=0.5)
        near = near or get_close_matches(wanted, [name.split(".", 1)[1] for name in there], n=3)
        meant = f"is {' or '.join(near)} meant?" if near else f"there are {', '.join(there)}"
        raise NothingPublished(f"no published mart is called {typed}: {meant}")
    return describe(connection, *found[0].split(".", 1))


def describe(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> Mart:
    """A mart with its comments."""
    where = f"schema_name = {literal(schema)} and table_name = {literal(name)}"
    found = _described(connection, where)
    return found.get(f"{schema}.{name}") or Mart(schema, name, "", ())


def describe_all(connection: duckdb.DuckDBPyConnection) -> dict[str, Mart]:
    """Each published table with its comments, by schema.table."""
    return _described(connection, "not internal")


def _described(connection: duckdb.DuckDBPyConnection, where: str) -> dict[str, Mart]:
    here = f"where database_name = current_database() and {where}"
    columns: dict[tuple[str, str], list[Column]] = {}
    for schema, name, *column in connection.execute(
        "select schema_name, table_name, column_name, data_type, coalesce(comment, '') "
        f"from duckdb_columns() {here} order by schema_name, table_name, column_index"
    ).fetchall():
        columns.setdefault((schema, name), []).append(Column(*column))
    comments = {
        (schema, name): comment or ""
        for schema, name, comment in connection.execute(
            f"select schema_name, table_name, comment from duckdb_tables() {here}"
        ).fetchall()
    }
    return {
        f"{schema}.{name}": Mart(schema, name, comments.get((schema, name), ""), tuple(found))
        for (schema, name), found in columns.items()
    }
