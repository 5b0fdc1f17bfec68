"""Write a made-up practice: every table of the contract with all its columns, empty ones filled
as the program fills them (0, '', 0001-01-01)."""

import shutil
from pathlib import Path

from carehouse.contract import RawTable, raw_tables
from carehouse.demo.opendental_ddl import create_tables, mysql_columns
from carehouse.demo.opendental_practice import Practice
from carehouse.errors import DatabaseNotEmpty
from carehouse.landing.opendental.mysql import attach, detach, parse_address
from carehouse.progress import track

FILLERS = {
    "bigint": "0", "integer": "0", "smallint": "0", "double": "0.0", "varchar": "''",
    "date": "date '0001-01-01'", "timestamp": "timestamp '0001-01-01 00:00:00'",
}  # fmt: skip


def source_tables() -> list[RawTable]:
    """The tables of the contract."""
    return [table for table in raw_tables() if table.schema == "raw_opendental"]


def source_columns(table: RawTable) -> dict[str, str]:
    """The source's own columns of a table, without lineage."""
    return {name: kind for name, kind in table.columns.items() if not name.startswith("_")}


def widened(practice: Practice, table: RawTable) -> str:
    """A query of one whole table in the order of its first column, the primary key."""
    known = practice.columns(table.name)
    columns = source_columns(table)
    on_server = mysql_columns(table.name)
    parts = []
    for name, kind in columns.items():
        is_time = on_server.get(name, "").startswith("time ")
        filler = "'00:00:00'" if is_time else FILLERS[kind]
        value = f'coalesce(cast("{name}" as {kind}), {filler})' if name in known else filler
        parts.append(f'cast({value} as {kind}) as "{name}"')
    if not known:
        return f"select {', '.join(parts)} where false"
    key = next(name for name in columns if name in known)
    source = f'(select * from od."{table.name}" order by "{key}")'
    return f"select {', '.join(parts)} from {source}"


def write_files(practice: Practice, folder: Path, kind: str = "parquet") -> None:
    """One file per table in `folder`, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tables = source_tables()
    options = "format csv, header" if kind == "csv" else "format parquet, compression zstd"
    for table in track(tables, len(tables), "writing tables"):
        path = (folder / f"{table.name}.{kind}").as_posix().replace("'", "''")
        practice.connection.execute(f"copy ({widened(practice, table)}) to '{path}' ({options})")


SECRET = "'secret'"  # what columns hold that no one may extract
ALIAS = "made_up_database"
ZERO_DATES = (
    ("commlog", "CommDateTime", "CommlogNum"),
    ("refattach", "RefDate", "RefAttachNum"),
    ("schedule", "SchedDate", "ScheduleNum"),
)


def write_database(practice: Practice, url: str) -> None:
    """Create OpenDental's tables in a MariaDB database and fill them.

    A few empty dates are written as 0000-00-00, which only a server without strict dates holds.
    Raises DatabaseNotEmpty, and what `attach` raises.
    """
    connection = practice.connection
    address = parse_address(url, "--into")
    attach(connection, address, ALIAS, read_only=False)
    try:
        connection.execute("set global mysql_enable_transactions = true")
        tables = source_tables()
        (there,) = connection.execute(
            "select count(*) from duckdb_tables() where database_name = ? and schema_name = ? "
            "and list_contains(?, table_name)",
            [ALIAS, address.database, [table.name for table in tables]],
        ).fetchone()
        if there:
            raise DatabaseNotEmpty(f"the database holds {there} of OpenDental's tables: empty it")
        for table in tables:
            _remote(practice, f"set statement sql_mode = '' for {create_tables()[table.name]}")
        connection.execute("call mysql_clear_cache()")
        filled = [table for table in tables if practice.columns(table.name)]
        for table in track(filled, len(filled), "filling the database"):
            _fill(practice, table, f'{ALIAS}."{address.database}"."{table.name}"')
        for table, column, key in ZERO_DATES:
            _remote(practice, f"update `{table}` set `{column}` = '0000-00-00' where `{key}` = 7")
    finally:
        detach(connection, ALIAS)


def _remote(practice: Practice, sql: str) -> None:
    text = sql.replace("'", "''")
    practice.connection.execute(f"call mysql_execute('{ALIAS}', '{text}')")


def _fill(practice: Practice, table: RawTable, target: str) -> None:
    known = source_columns(table)
    hidden = {
        name: definition
        for name, definition in mysql_columns(table.name).items()
        if name not in known
    }
    secrets = "".join(
        f', {SECRET if "char" in definition or "text" in definition else "0"} as "{name}"'
        for name, definition in hidden.items()
        if "time" not in definition.split("(")[0] and "date" not in definition.split("(")[0]
    )
    listed = [*known, *(name for name in hidden if f'as "{name}"' in secrets)]
    columns = ", ".join(f'"{name}"' for name in listed)
    practice.connection.execute(
        f"insert into {target} ({columns}) select *{secrets} from ({widened(practice, table)})"
    )
