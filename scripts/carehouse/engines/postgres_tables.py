"""The tables of DuckDB's warehouse beside those of a Postgres server, for a comparison."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from carehouse.database import CATALOG, WAREHOUSE_PART, open_to_read
from carehouse.engines.compare import NUMBER, Compared, compare
from carehouse.engines.postgres import BUILD, attached, query
from carehouse.registry import MART_SCHEMAS
from carehouse.settings import Settings
from carehouse.sql import quote

SCHEMAS = ("intermediate", "history", "seeds", *MART_SCHEMAS)


def compare_with_postgres(
    warehouse: str, settings: Settings, only: Iterable[str] = ()
) -> Iterator[Compared]:
    """Compare every table that dbt made in DuckDB's warehouse with the server's of that name.

    `only` names tables as `schema.table`; without it, all are compared. A table that one side lacks
    is a difference.
    """
    chosen = set(only)
    with (
        open_to_read(settings, Path(warehouse), CATALOG, WAREHOUSE_PART) as connection,
        attached(connection, settings),
    ):
        here = {
            (schema, name)
            for schema, name in connection.execute(
                "select schema_name, table_name from duckdb_tables() "
                "where database_name = current_database() and not temporary"
            ).fetchall()
            if schema in SCHEMAS
        }
        there = _columns(connection)
        for schema, name in sorted(here | there.keys()):
            full_name = f"{schema}.{name}"
            if chosen and full_name not in chosen:
                continue
            if (schema, name) not in there:
                yield Compared(full_name, problem="only DuckDB has it")
            elif (schema, name) not in here:
                yield Compared(full_name, problem="only Postgres has it")
            else:
                yield _compare(connection, schema, name, there[schema, name])


def _compare(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, columns: dict[str, str]
) -> Compared:
    place = f"{quote(_schema(schema))}.{quote(name)}"
    # a number of no stated precision would reach DuckDB as a floating one
    names = ", ".join(
        f"cast({quote(one)} as {NUMBER}) as {quote(one)}" if kind == "numeric" else quote(one)
        for one, kind in columns.items()
    )
    actual = query(f"select {names} from {place}")
    return compare(connection, f"{schema}.{name}", f"{quote(schema)}.{quote(name)}", actual)


def _schema(schema: str) -> str:
    return f"{BUILD}{schema}" if schema in MART_SCHEMAS else schema


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict[str, str]]:
    """Each table of the server that dbt made, by DuckDB's name of it: its columns' types."""
    schemas = {_schema(one): one for one in SCHEMAS}
    sql = (
        "select c.table_schema::text, c.table_name::text, c.column_name::text, c.data_type::text "
        "from information_schema.columns as c join information_schema.tables as t "
        "using (table_schema, table_name) where t.table_type = 'BASE TABLE' "
        "order by c.ordinal_position"
    )
    found: dict[tuple[str, str], dict[str, str]] = {}
    for schema, name, column, kind in connection.execute(f"from {query(sql)}").fetchall():
        if schema in schemas:
            found.setdefault((schemas[schema], name), {})[column] = kind
    return found
