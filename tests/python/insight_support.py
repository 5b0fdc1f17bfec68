"""OpenDental practices in raw tables, and the dental models built from them."""

from collections.abc import Container
from datetime import date, datetime
from pathlib import Path
from shutil import copy

import duckdb

from carehouse.build import run_dbt
from carehouse.landing.contract import RawTable, create_raw_tables, raw_table, raw_tables
from carehouse.settings import Settings

FILLERS = {"varchar": "", "date": date(1, 1, 1), "timestamp": datetime(1, 1, 1)}
HISTORIES = [
    f"history_opendental__{name}"
    for name in (
        "patients",
        "providers",
        "fees",
        "plan_memberships",
        "treatment_plan_attachments",
        "recalls",
        "definitions",
    )
]
DENTAL_MODELS = [
    "--select",
    "path:seeds/opendental",
    "path:seeds/dental",
    "path:models/staging/landing",
    "path:models/staging/opendental",
    "path:models/intermediate/dental",
    "path:models/marts/dental",
    *HISTORIES,
]


def land_rows(settings: Settings, moment: datetime, **tables: list[dict]) -> None:
    """Make raw tables hold exactly these rows, as a look at the practice at that moment would.

    A row is a dict of the columns that matter; the others hold OpenDental's fillers. A new or
    changed row carries the moment, an equal one keeps its own, a missing one becomes a tombstone.
    """
    with _warehouse(settings) as connection:
        for name, rows in tables.items():
            table = raw_table("raw_opendental", name)
            columns = source_columns(table)
            unknown = {column for row in rows for column in row} - set(columns)
            assert not unknown, f"{name} has no {unknown}"
            _create_wanted(connection, table, "select {columns} from {table} limit 0")
            wanted = [
                [row.get(column, FILLERS.get(table.columns[column], 0)) for column in columns]
                for row in rows
            ]
            if wanted:
                marks = ", ".join("?" for _ in columns)
                connection.executemany(f"insert into wanted values ({marks})", wanted)
            _mirror(connection, table, moment)
        _log_look(connection, moment)


def land_folder(
    settings: Settings, folder: Path, moment: datetime, only: Container[str] | None = None
) -> None:
    """The same from a folder with one Parquet file a table, or from some of its tables."""
    with _warehouse(settings) as connection:
        for table in raw_tables():
            file = folder / f"{table.name}.parquet"
            if table.source != "raw_opendental" or (only and table.name not in only):
                continue
            if file.exists():
                _create_wanted(connection, table, f"select {{columns}} from '{file}'")
                _mirror(connection, table, moment)
        _log_look(connection, moment)


def source_columns(table: RawTable) -> list[str]:
    """The source's own columns of a raw table."""
    return [column for column in table.columns if not column.startswith("_")]


def _warehouse(settings: Settings) -> duckdb.DuckDBPyConnection:
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(str(settings.warehouse))
    create_raw_tables(connection)
    return connection


def _log_look(connection: duckdb.DuckDBPyConnection, moment: datetime) -> None:
    connection.execute(
        "insert into raw.scan_log values ('opendental', 'rows of a test', true, ?, 0, 0, 0, 0)",
        [moment],
    )


def _create_wanted(connection: duckdb.DuckDBPyConnection, table: RawTable, sql: str) -> None:
    listed = ", ".join(f'"{column}"' for column in source_columns(table))
    query = sql.format(columns=listed, table=table.full_name)
    connection.execute(f"create or replace temp table wanted as {query}")


def _mirror(connection: duckdb.DuckDBPyConnection, table: RawTable, moment: datetime) -> None:
    columns = source_columns(table)
    listed = ", ".join(f'"{column}"' for column in columns)
    key = "PrefNum" if table.name == "preference" else columns[0]
    connection.execute(
        f"create or replace temp table news as select {listed} from wanted "
        f"except select {listed} from {table.full_name} where _deleted_at is null"
    )
    connection.execute(f'delete from {table.full_name} where "{key}" in (select "{key}" from news)')
    connection.execute(
        f"insert into {table.full_name} ({listed}, _load_id, _extracted_at) "
        f"select {listed}, 1, ? from news",
        [moment],
    )
    connection.execute(
        f"update {table.full_name} set _deleted_at = ? "
        f'where _deleted_at is null and "{key}" not in (select "{key}" from wanted)',
        [moment],
    )


def build_dental(settings: Settings, *options: str, tests: bool = False) -> None:
    """Build the dental models; dbt's unit tests are left to a whole build."""
    without = ["unit_test"] if tests else ["unit_test", "test"]
    excluded = [option for kind in without for option in ("--exclude-resource-type", kind)]
    result = run_dbt(settings, ["build", *(options or DENTAL_MODELS), *excluded], quiet=True)
    assert result.ok, (result.error, result.bad)


def keep(settings: Settings, home: Path) -> Settings:
    """Copy a warehouse to a home of its own, where it outlives the one it was built in."""
    kept = settings.model_copy(update={"home": home})
    kept.warehouse.parent.mkdir(parents=True)
    copy(settings.warehouse, kept.warehouse)
    return kept
