"""One made-up practice of five years that is landed and whose marts are built once a session."""

from datetime import date
from pathlib import Path

import duckdb

from carehouse.build import run_dbt
from carehouse.demo import opendental as demo
from carehouse.landing.opendental.files import land_folder
from carehouse.settings import Settings

SEED = 11
AS_OF = date(2025, 7, 2)  # the second day after the made-up practice's as-of day
FINANCIAL_MARTS = (
    "fact_ledger",
    "production_income_daily",
    "accounts_receivable_aging",
    "insurance_aging",
    "outstanding_claims",
    "procedure_balances",
    "accounts_receivable_monthly",
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


def build_practice(home: Path) -> tuple[Settings, Path]:
    """A warehouse with the financial marts of a made-up practice, and its files as they last were.

    It landed twice, two days apart, so that edits, merges and deletes have passed through.
    """
    demo.generate(home / "made-up", scale=1, seed=SEED, days=3)
    days = sorted((home / "made-up" / "opendental").iterdir())
    settings = Settings(home=home, as_of=AS_OF)
    for folder in (days[0], days[-1]):
        landing = land_folder(settings, folder)
        assert not landing.refused, landing.refused
    selected = [f"+dental__{name}" for name in FINANCIAL_MARTS]
    built = run_dbt(settings, ["build", "--select", *selected], quiet=True)
    assert built.ok, (built.error, built.bad)
    return settings, days[-1]
