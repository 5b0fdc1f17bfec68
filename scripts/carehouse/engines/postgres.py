"""A Postgres server as the engine: reach it, and bring the raw tables and the history there.

The connection is libpq's: `CAREHOUSE_POSTGRES_URL`, or else PGHOST, PGUSER, PGPASSWORD, PGDATABASE,
`~/.pgpass` and the like. dbt, psycopg2 and DuckDB's scanner all read the same variables, so that no
password stands in a command line, a log or an artifact.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

import duckdb

from carehouse.contract import RawTable, raw_tables
from carehouse.errors import EngineNotReady
from carehouse.settings import Settings
from carehouse.sql import literal, literals, quote
from carehouse.warehouse import open_warehouse

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

OLDEST = 14  # it trims arrays and scales, as the functions of macros/postgres_functions.sql need
# what the parts of a URL's query are called in the environment
QUERY = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "host": "PGHOST",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "application_name": "PGAPPNAME",
}
# a server may be set to write days otherwise; compiling each query costs more than it gains
SESSION = "-c datestyle=ISO -c timezone=UTC -c jit=off -c client_min_messages=warning"
OWN = ("build_log", "build_state")  # of each engine, not copied
NAME = "postgres_server"  # as DuckDB calls it


def environment(settings: Settings) -> dict[str, str]:
    """libpq's variables for the server that the settings name; values may hold the password."""
    told = {"PGOPTIONS": f"{SESSION} {_own_options()}".strip()}
    told |= {"PGCONNECT_TIMEOUT": os.environ.get("PGCONNECT_TIMEOUT", "10")}
    if settings.postgres_url is None:
        return told
    url = urlsplit(settings.postgres_url.get_secret_value())
    parts = {
        "PGHOST": unquote(url.hostname or ""),
        "PGPORT": str(url.port or ""),
        "PGUSER": unquote(url.username or ""),
        "PGPASSWORD": unquote(url.password or ""),
        "PGDATABASE": unquote(url.path.lstrip("/")),
    }
    parts |= {QUERY[name]: value for name, value in parse_qsl(url.query) if name in QUERY}
    return told | {name: value for name, value in parts.items() if value}


def _own_options() -> str:
    return os.environ.get("PGOPTIONS", "").replace(SESSION, "").strip()


@contextmanager
def connected(settings: Settings) -> Iterator["Connection"]:
    """A connection, one transaction, committed at the end. Raises EngineNotReady."""
    try:
        import psycopg2
    except ImportError as error:
        raise EngineNotReady(
            "CAREHOUSE_TARGET is postgres, and its driver is missing: pip install "
            "'carehouse[postgres]'"
        ) from error
    os.environ.update(environment(settings))
    try:
        connection = psycopg2.connect("")
    except psycopg2.OperationalError as error:
        raise EngineNotReady(_unreachable(str(error))) from None
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


def _unreachable(told: str) -> str:
    """Why, in one line. What libpq says names host, port, user and database, never the password."""
    reason = told.strip().splitlines()[-1].removeprefix("connection to server ").strip()
    return (
        f"the Postgres server of CAREHOUSE_TARGET=postgres cannot be used: {reason}. Check "
        "CAREHOUSE_POSTGRES_URL, or PGHOST, PGPORT, PGUSER and PGDATABASE. Nothing was changed"
    )


def check(settings: Settings) -> None:
    """See that the server can be reached and would give DuckDB's numbers; raises EngineNotReady."""
    with connected(settings) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select current_setting('server_version_num')::int / 10000, "
            "current_setting('server_encoding') = 'UTF8', 'a' > 'B', lower('Ä') = 'ä', "
            "has_database_privilege(current_database(), 'create'), current_database()"
        )
        version, is_utf8, by_code, lowers, may_create, database = cursor.fetchone()
    if version < OLDEST:
        raise EngineNotReady(f"Postgres {version} is too old: {OLDEST} or newer is needed")
    if not (is_utf8 and by_code and lowers):
        raise EngineNotReady(
            f"the database {database} does not sort by code point in UTF-8, so its numbers would "
            f"differ: make another with create database {database} template template0 encoding "
            "'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'"
        )
    if not may_create:
        raise EngineNotReady(
            f"this user may not create schemas in the database {database}: grant create on "
            f"database {database} to it"
        )
    load_scanner(duckdb.connect())


def load_scanner(connection: duckdb.DuckDBPyConnection) -> None:
    """Load DuckDB's Postgres scanner from its wheel, never from the network."""
    package = find_spec("duckdb_extension_postgres_scanner")
    folder = Path(package.origin).parent if package and package.origin else Path()
    path = folder / "extensions" / f"v{duckdb.__version__}" / "postgres_scanner.duckdb_extension"
    if not path.is_file():
        raise EngineNotReady(
            "DuckDB's Postgres scanner is missing: pip install "
            f"duckdb-extension-postgres-scanner=={duckdb.__version__}"
        )
    connection.execute(f"load {literal(str(path))}")


@contextmanager
def attached(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[str]:
    """Attach the server to a DuckDB connection; gives its name there."""
    os.environ.update(environment(settings))
    load_scanner(connection)
    connection.execute(f"attach '' as {NAME} (type postgres)")
    try:
        yield NAME
    finally:
        connection.execute(f"detach {NAME}")


@dataclass(frozen=True)
class Copied:
    """What was brought to the server."""

    table_count: int
    row_count: int


def copy_raw(settings: Settings) -> Copied:
    """Bring the raw tables that changed since, load by load, and a history that is not there yet.

    What the server holds of each load is kept there as a count and a sum of hashes: a load whose
    rows are other ones is deleted and written again, in one transaction a table.
    """
    tables = rows = 0
    limit = settings.memory_limit or "1GB"
    with open_warehouse(settings, limit) as connection, attached(connection, settings):
        _run(connection, "create schema if not exists carehouse")
        _run(
            connection,
            "create table if not exists carehouse.copied (table_name text, load_id bigint, "
            "row_count bigint, checksum numeric(38, 0))",
        )
        connection.execute("call pg_clear_cache()")
        for table in raw_tables():
            if table.schema == "raw" and table.name in OWN:
                continue
            copied = _copy_table(connection, table)
            tables, rows = tables + (copied > 0), rows + copied
        tables += _copy_history(connection)
    return Copied(tables, rows)


def _run(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    connection.execute(f"call postgres_execute('{NAME}', {literal(sql)})")


def _copy_table(connection: duckdb.DuckDBPyConnection, table: RawTable) -> int:
    there = f"{NAME}.{quote(table.schema)}.{quote(table.name)}"
    load = "coalesce(_load_id, -1)" if "_load_id" in table.columns else "0"
    hashed = ", ".join(quote(name) for name in table.columns)
    here = {
        one: (count, checksum)
        for one, count, checksum in connection.execute(
            f"select cast({load} as bigint), count(*), cast(sum(hash({hashed})) as decimal(38, 0)) "
            f"from {table.full_name} group by all"
        ).fetchall()
    }
    known = {
        one: (count, checksum)
        for one, count, checksum in connection.execute(
            f"select load_id, row_count, checksum from {NAME}.carehouse.copied "
            f"where table_name = {literal(table.full_name)}"
        ).fetchall()
    }
    _create(connection, table)
    old = [one for one in known if here.get(one) != known[one]]
    new = [one for one in here if here[one] != known.get(one)]
    if not old and not new:
        return 0
    columns = ", ".join(_carried(name, kind) for name, kind in table.columns.items())
    place = f"{quote(table.schema)}.{quote(table.name)}"
    connection.begin()
    try:
        if old:
            chosen = "" if load == "0" else f" where {load} in ({literals(old)})"
            _run(connection, f"delete from {place}{chosen}")
            _run(
                connection,
                f"delete from carehouse.copied where table_name = {literal(table.full_name)} "
                f"and load_id in ({literals(old)})",
            )
        count = 0
        if new:
            chosen = "" if load == "0" else f" where {load} in ({literals(new)})"
            (count,) = connection.execute(
                f"insert into {there} select {columns} from {table.full_name}{chosen}"
            ).fetchone()
            values = ", ".join(
                f"({literal(table.full_name)}, {one}, {here[one][0]}, {here[one][1]})"
                for one in new
            )
            _run(connection, f"insert into carehouse.copied values {values}")
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
    return max(count, 1)


def _carried(name: str, kind: str) -> str:
    """A column as Postgres can hold it: its texts have no NUL."""
    column = quote(name)
    return f"replace({column}, chr(0), '')" if kind.lower() == "varchar" else column


def _create(connection: duckdb.DuckDBPyConnection, table: RawTable) -> None:
    """Make the table there, and the columns that the contract has gained since.

    Names are in small letters, as Postgres reads what SQL writes without quotes.
    """
    schema, name = quote(table.schema), quote(table.name)
    there = {
        column
        for (column,) in connection.execute(
            f"select column_name from duckdb_columns() where database_name = '{NAME}' "
            f"and schema_name = {literal(table.schema)} and table_name = {literal(table.name)}"
        ).fetchall()
    }
    types = {one.lower(): kind for one, kind in table.columns.items()}
    if not there:
        body = ", ".join(f"{quote(one)} {kind}" for one, kind in types.items())
        connection.execute(f"create schema if not exists {NAME}.{schema}")
        connection.execute(f"create table if not exists {NAME}.{schema}.{name} ({body})")
    for one, kind in types.items() if there else ():
        if one not in there:
            connection.execute(f"alter table {NAME}.{schema}.{name} add column {quote(one)} {kind}")


def _copy_history(connection: duckdb.DuckDBPyConnection) -> int:
    """The history so far, once: dbt's snapshots go on with it there."""
    names = connection.execute(
        f"""
        select table_name from duckdb_tables()
        where database_name = current_database() and schema_name = 'history'
            and table_name not in (
                select table_name from duckdb_tables()
                where database_name = '{NAME}' and schema_name = 'history'
            )
        """
    ).fetchall()
    for (name,) in names:
        connection.execute(f"create schema if not exists {NAME}.history")
        connection.execute(
            f"create table {NAME}.history.{quote(name)} as from history.{quote(name)}"
        )
    return len(names)
