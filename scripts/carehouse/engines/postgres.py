"""A Postgres server as the engine: reach it, and bring the raw tables and the history there.

The connection is libpq's: `CAREHOUSE_POSTGRES_URL`, or else PGHOST, PGUSER, PGPASSWORD, PGDATABASE,
`~/.pgpass` and the like. dbt, psycopg2 and DuckDB's scanner all read the same variables, so that no
password stands in a command line, a log or an artifact.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

import duckdb

from carehouse.contract import RawTable, raw_tables
from carehouse.database import in_memory, load_bundled
from carehouse.domains import mart_table, read_build_log
from carehouse.errors import EngineNotReady
from carehouse.settings import Settings
from carehouse.sql import literal, literals, quote
from carehouse.warehouse import open_warehouse, transaction

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
SCANNER = "postgres_scanner"  # the extension, and its wheel
NAME = "postgres_server"  # as DuckDB calls it
Loads = dict[int, tuple[int, object]]  # load to its rows and the sum of their hashes
BUILD = "build_"  # before a domain's name: the schema that dbt builds in, see macro mart_schema
# what a run reads beside the marts
FETCHED = (
    ("seeds", "reporting_rules"),
    ("seeds", "ml_auc_limits"),
    ("intermediate", "int_clinic__row_outcomes"),
    ("intermediate", "int_clinic__unmapped_values"),
    ("intermediate", "int_ml__features"),
)


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
    with in_memory(settings) as scanner:
        load_bundled(scanner, SCANNER, EngineNotReady)


@contextmanager
def attached(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[str]:
    """Attach the server to a DuckDB connection; gives its name there."""
    os.environ.update(environment(settings))
    load_bundled(connection, SCANNER, EngineNotReady)
    connection.execute(f"attach '' as {NAME} (type postgres)")
    try:
        yield NAME
    finally:
        connection.execute(f"detach {NAME}")


def bring(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Bring the raw tables that changed since, load by load, and a history that is not there yet.

    What the server holds of each load is kept there as a count and a sum of hashes: a load whose
    rows are other ones is deleted and written again, in one transaction a table. Gives the number
    of rows brought; the warehouse's build log is the server's then.
    """
    with attached(connection, settings):
        _run(connection, "create schema if not exists carehouse")
        _run(
            connection,
            "create table if not exists carehouse.copied (table_name text, load_id bigint, "
            "row_count bigint, checksum numeric(38, 0))",
        )
        there, known = _there(connection), _known(connection)
        rows = 0
        for table in raw_tables():
            _create(connection, table, there.get((table.schema, table.name), set()))
            if not (table.schema == "raw" and table.name in OWN):
                rows += _copy_table(connection, table, known.get(table.full_name, {}))
        _copy_history(connection, {name for schema, name in there if schema == "history"})
        _fetch_log(connection)
    return rows


def fetch(settings: Settings) -> None:
    """Bring the build log and the marts that were built since into the warehouse file."""
    limit = settings.memory_limit or "1GB"
    with open_warehouse(settings, limit) as connection, attached(connection, settings):
        before = read_build_log(connection)
        _fetch_log(connection)
        after = read_build_log(connection)
        sql = "select table_schema::text, table_name::text from information_schema.tables"
        there = set(connection.execute(f"from {query(sql)}").fetchall())
        comments = _comments(connection)
        with transaction(connection):  # one wait for the disk, not one for each comment
            for name in after.status:
                mart = mart_table(name)
                if mart is None or (f"{BUILD}{mart[0]}", mart[1]) not in there:
                    continue
                is_known = after.invocation[name] == before.invocation.get(name)
                if is_known and _has(connection, *mart):
                    continue
                _fetch_table(connection, f"{BUILD}{mart[0]}", *mart)
                for statement in comments.get(mart, ()):
                    connection.execute(statement)
            for schema, table in FETCHED:
                if (schema, table) in there:
                    _fetch_table(connection, schema, schema, table)


def query(sql: str) -> str:
    """A query on the server as a relation of the DuckDB connection that it is attached to."""
    return f"postgres_query('{NAME}', {literal(sql)})"


def _fetch_log(connection: duckdb.DuckDBPyConnection) -> None:
    with transaction(connection):
        connection.execute("delete from raw.build_log")
        connection.execute(f"insert into raw.build_log by name from {NAME}.raw.build_log")


def _fetch_table(
    connection: duckdb.DuckDBPyConnection, there: str, schema: str, table: str
) -> None:
    name = f"{quote(schema)}.{quote(table)}"
    connection.execute(f"create schema if not exists {quote(schema)}")
    if _has(connection, schema, table, "view"):
        connection.execute(f"drop view {name}")
    connection.execute(
        f"create or replace table {name} as from {NAME}.{quote(there)}.{quote(table)}"
    )


def _has(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, kind: str = "table"
) -> bool:
    return connection.execute(
        f"select exists (from duckdb_{kind}s() where database_name = current_database() "
        f"and schema_name = {literal(schema)} and {kind}_name = {literal(table)})"
    ).fetchone()[0]


def _comments(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[str]]:
    """The statements that give each mart the descriptions that dbt wrote on the server."""
    told = query(
        "select substr(n.nspname::text, 7) as schema, c.relname::text as name, "
        "a.attname::text as col, d.description from pg_description as d "
        "join pg_class as c on d.objoid = c.oid and d.classoid = 'pg_class'::regclass "
        "join pg_namespace as n on c.relnamespace = n.oid "
        "left join pg_attribute as a on a.attrelid = c.oid and a.attnum = d.objsubid "
        "and d.objsubid > 0 where n.nspname like 'build\\_%'"
    )
    found: dict[tuple[str, str], list[str]] = {}
    for schema, table, column, text in connection.execute(f"from {told}").fetchall():
        name = f"{quote(schema)}.{quote(table)}"
        thing = f"column {name}.{quote(column)}" if column else f"table {name}"
        found.setdefault((schema, table), []).append(f"comment on {thing} is {literal(text)}")
    return found


def _run(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    connection.execute(f"call postgres_execute('{NAME}', {literal(sql)})")


def _there(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], set[str]]:
    """The columns of each table of the server; asked for once, since it reads its whole catalog."""
    sql = (
        "select table_schema::text, table_name::text, column_name::text "
        "from information_schema.columns "
        "where table_schema like 'raw%' or table_schema = 'history'"
    )
    found: dict[tuple[str, str], set[str]] = {}
    for schema, name, column in connection.execute(f"from {query(sql)}").fetchall():
        found.setdefault((schema, name), set()).add(column)
    return found


def _known(connection: duckdb.DuckDBPyConnection) -> dict[str, Loads]:
    """What the server holds of each raw table, as it was noted when it was brought there."""
    sql = "select table_name, load_id, row_count, checksum from carehouse.copied"
    found: dict[str, Loads] = {}
    for name, load, count, checksum in connection.execute(f"from {query(sql)}").fetchall():
        found.setdefault(name, {})[load] = (count, checksum)
    return found


def _copy_table(connection: duckdb.DuckDBPyConnection, table: RawTable, known: Loads) -> int:
    there = f"{NAME}.{quote(table.schema)}.{quote(table.name)}"
    load = "coalesce(_load_id, -1)" if "_load_id" in table.columns else "0"
    hashed = ", ".join(quote(name) for name in table.columns)
    here: Loads = {
        one: (count, checksum)
        for one, count, checksum in connection.execute(
            f"select cast({load} as bigint), count(*), cast(sum(hash({hashed})) as decimal(38, 0)) "
            f"from {table.full_name} group by all having count(*) > 0"
        ).fetchall()
    }
    old = [one for one in known if here.get(one) != known[one]]
    new = [one for one in here if here[one] != known.get(one)]
    if not old and not new:
        return 0
    columns = ", ".join(_carried(name, kind) for name, kind in table.columns.items())
    place = f"{quote(table.schema)}.{quote(table.name)}"
    with transaction(connection):
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
        _run(connection, f"analyze {place}")  # else the server plans blindly for a minute
    return count


def _carried(name: str, kind: str) -> str:
    """A column as Postgres can hold it: its texts have no NUL."""
    column = quote(name)
    return f"replace({column}, chr(0), '')" if kind.lower() == "varchar" else column


def _create(connection: duckdb.DuckDBPyConnection, table: RawTable, there: set[str]) -> None:
    """Make the table on the server, and the columns that the contract has gained since.

    Names are in small letters, as Postgres reads what SQL writes without quotes.
    """
    schema, name = quote(table.schema), quote(table.name)
    types = {one.lower(): kind for one, kind in table.columns.items()}
    if not there:
        body = ", ".join(f"{quote(one)} {kind}" for one, kind in types.items())
        connection.execute(f"create schema if not exists {NAME}.{schema}")
        connection.execute(f"create table {NAME}.{schema}.{name} ({body})")
    for one, kind in types.items() if there else ():
        if one not in there:
            connection.execute(f"alter table {NAME}.{schema}.{name} add column {quote(one)} {kind}")


def _copy_history(connection: duckdb.DuckDBPyConnection, there: set[str]) -> None:
    """The history so far, once: dbt's snapshots go on with it there."""
    names = connection.execute(
        "select table_name from duckdb_tables() "
        "where database_name = current_database() and schema_name = 'history'"
    ).fetchall()
    for (name,) in names:
        if name not in there:
            connection.execute(f"create schema if not exists {NAME}.history")
            connection.execute(
                f"create table {NAME}.history.{quote(name)} as from history.{quote(name)}"
            )
