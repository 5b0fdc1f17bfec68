"""One made-up practice of five years that is landed and whose marts are built once a session."""

from datetime import date
from pathlib import Path

import duckdb

from carehouse.build import run_dbt
from carehouse.demo import opendental as demo
from carehouse.demo.opendental_output import source_columns, source_tables
from carehouse.landing.contract import create_raw_tables
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse

SEED = 11
FINANCIAL_MARTS = (
    "fact_ledger",
    "production_income_daily",
    "accounts_receivable_aging",
    "insurance_aging",
    "outstanding_claims",
    "procedure_balances",
)


def open_files(folder: Path) -> duckdb.DuckDBPyConnection:
    """A database in whose schema `raw_opendental` a folder of Parquet files can be read."""
    connection = duckdb.connect()
    connection.execute("create schema raw_opendental")
    for path in sorted(folder.glob("*.parquet")):
        connection.execute(
            f"create view raw_opendental.\"{path.stem}\" as select * from '{path.as_posix()}'"
        )
    return connection


def land_folder(settings: Settings, folder: Path, moment: str = "2025-06-30 23:00:00") -> None:
    """Put a folder of Parquet files into the raw tables as they are."""
    with open_warehouse(settings) as connection:
        create_raw_tables(connection)
        for table in source_tables():
            names = ", ".join(f'"{name}"' for name in source_columns(table))
            path = (folder / f"{table.name}.parquet").as_posix()
            connection.execute(
                f"insert into {table.full_name} by name "
                f"select {names}, 1 as _load_id, timestamp '{moment}' as _extracted_at "
                f"from '{path}'"
            )


def build_practice(home: Path) -> tuple[Settings, Path]:
    """A warehouse with the financial marts of a made-up practice, and the practice's files."""
    demo.generate(home / "made-up", scale=1, seed=SEED)
    folder = home / "made-up" / "opendental"
    settings = Settings(home=home, as_of=date(2025, 6, 30))
    land_folder(settings, folder)
    selected = [f"+dental__{name}" for name in FINANCIAL_MARTS]
    built = run_dbt(settings, ["build", "--select", *selected], quiet=True)
    assert built.ok, (built.error, built.bad)
    return settings, folder
