"""Copy the marts into the file that people read, and swap it in whole."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

from carehouse.errors import NotPublished
from carehouse.registry import MART_SCHEMAS
from carehouse.settings import Settings
from carehouse.sql import literal, literals, quote
from carehouse.store import sync
from carehouse.warehouse import open_warehouse

BAD = ("error", "fail", "runtime error", "skipped", "partial success")


@dataclass(frozen=True)
class Published:
    """The file that was swapped in, and how many tables and rows it holds."""

    path: Path
    table_count: int
    row_count: int


def publish(settings: Settings) -> Published:
    """Write every mart to a new file and rename it over the published one.

    Readers that have the old file open keep it. Raises NotPublished when the last build failed,
    was interrupted, or never ran.
    """
    target = settings.published
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in target.parent.glob(f".{target.name}.*"):
        leftover.unlink()
    new_file = target.parent / f".{target.name}.{os.getpid()}"
    with open_warehouse(settings, memory_limit="2GB") as connection:
        _check_build(connection)
        try:
            table_count, row_count = _copy_marts(connection, new_file)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                new_file.unlink()
            raise
    sync(new_file)
    new_file.replace(target)
    sync(target.parent)
    return Published(target, table_count, row_count)


def _check_build(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        "select unique_id, status from raw.build_log order by unique_id"
    ).fetchall()
    statuses = dict(rows)
    match statuses.pop("invocation", None):
        case None:
            raise NotPublished("nothing has been built yet: run `carehouse build`")
        case "started":
            raise NotPublished("the last build did not end: run `carehouse build` again")
    failed = [name for name, status in statuses.items() if status in BAD]
    if failed:
        raise NotPublished(
            f"the last build had {len(failed)} failed or skipped steps, first "
            f"{failed[0]}: fix the cause and run `carehouse build`"
        )


def _copy_marts(connection: duckdb.DuckDBPyConnection, new_file: Path) -> tuple[int, int]:
    connection.execute(f"attach {literal(new_file)} as published")
    tables = connection.execute(
        f"""
        select schema_name, table_name, comment from duckdb_tables()
        where database_name = current_database() and schema_name in ({literals(MART_SCHEMAS)})
            and table_name not like '%\\_\\_dbt\\_%' escape '\\'
        order by schema_name, table_name
        """
    ).fetchall()
    row_count = 0
    for schema, table, comment in tables:
        name = f"{quote(schema)}.{quote(table)}"
        connection.execute(f"create schema if not exists published.{quote(schema)}")
        (rows,) = connection.execute(
            f"create table published.{name} as select * from {name}"
        ).fetchone()
        row_count += rows
        _copy_comments(connection, schema, table, comment)
    connection.execute("detach published")
    return len(tables), row_count


def _copy_comments(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, comment: str | None
) -> None:
    name = f"published.{quote(schema)}.{quote(table)}"
    columns = connection.execute(
        f"""
        select column_name, comment from duckdb_columns()
        where database_name = current_database() and schema_name = {literal(schema)}
            and table_name = {literal(table)} and comment is not null
        """
    ).fetchall()
    if comment:
        connection.execute(f"comment on table {name} is {literal(comment)}")
    for column, text in columns:
        connection.execute(f"comment on column {name}.{quote(column)} is {literal(text)}")
