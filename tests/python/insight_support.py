"""Small OpenDental practices in raw tables, row by row, and the dental models built from them."""

from datetime import date, datetime
from pathlib import Path

import duckdb
import pandas as pd

from carehouse.build import run_dbt
from carehouse.landing.contract import create_raw_tables, raw_table
from carehouse.landing.core import create_logs
from carehouse.settings import Settings

NO_DATE = date(1, 1, 1)
FILLERS = {"varchar": "", "date": NO_DATE, "timestamp": datetime(1, 1, 1)}


def land_rows(settings: Settings, moment: datetime, **tables: list[dict]) -> None:
    """Make raw tables hold exactly these rows, as a look at the practice at that moment would.

    A row is a dict of the columns that matter; the others hold OpenDental's fillers. A new or
    changed row carries the moment, an equal one keeps its own, a missing one becomes a tombstone.
    """
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        create_raw_tables(connection)
        for name, rows in tables.items():
            _mirror(connection, name, rows, moment)
        connection.execute(
            "insert into raw.scan_log values ('opendental', 'rows of a test', true, ?, 0, 0, 0, 0)",
            [moment],
        )


def _mirror(connection: duckdb.DuckDBPyConnection, name: str, rows: list[dict], moment) -> None:
    table = raw_table("raw_opendental", name)
    columns = [column for column in table.columns if not column.startswith("_")]
    listed = ", ".join(f'"{column}"' for column in columns)
    wanted = [
        [row.get(column, FILLERS.get(table.columns[column], 0)) for column in columns]
        for row in rows
    ]
    unknown = {column for row in rows for column in row} - set(columns)
    assert not unknown, f"{name} has no {unknown}"
    connection.execute(f"create or replace temp table wanted as select {listed} from {table.full_name} limit 0")
    if wanted:
        marks = ", ".join("?" for _ in columns)
        connection.executemany(f"insert into wanted values ({marks})", wanted)
    key = f'"{columns[0]}"' if name != "preference" else '"PrefNum"'
    connection.execute(
        f"create or replace temp table news as select {listed} from wanted "
        f"except select {listed} from {table.full_name} where _deleted_at is null"
    )
    connection.execute(f"delete from {table.full_name} where {key} in (select {key} from news)")
    connection.execute(
        f"insert into {table.full_name} ({listed}, _load_id, _extracted_at) "
        f"select {listed}, 1, ? from news",
        [moment],
    )
    connection.execute(
        f"update {table.full_name} set _deleted_at = ? "
        f"where _deleted_at is null and {key} not in (select {key} from wanted)",
        [moment],
    )
