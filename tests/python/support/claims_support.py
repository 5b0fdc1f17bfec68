"""Tiny claims files, in the users' own format."""

import csv
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from carehouse.landing.frame import Landing
from carehouse.settings import Settings
from carehouse.sql import literal
from carehouse.warehouse import open_warehouse

HEADERS = {
    "claims": [
        "claim_id",
        "member_id",
        "provider_id",
        "diagnosis",
        "claim_date",
        "amount",
        "paid_amt",
        "status",
        "adjudicated_date",
        "ingestion_ts",
        "year",
        "month",
    ],
    "members": ["member_id", "name", "age", "gender", "location"],
    "providers": ["provider_id", "name", "specialty", "city"],
}
MEMBERS = [["M1", "Ann Other", 34, "F", "Austin, TX"], ["M2", "Bo Other", 61, "M", "Salem, OR"]]
PROVIDERS = [["P1", "Dr. Grey", "Cardiology", "Austin"]]


@cache
def _empty_warehouse() -> bytes:
    with TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        with open_warehouse(settings):
            """Only to make its raw tables."""
        return settings.warehouse.read_bytes()


def settings_at(home: Path) -> Settings:
    """A home with an empty warehouse, copied, since making its tables takes longer than landing."""
    settings = Settings(home=home)
    settings.warehouse.parent.mkdir(parents=True)
    settings.warehouse.write_bytes(_empty_warehouse())
    return settings


def claim(number, status="PAID", amount="100.50", paid="80.00", day="2024-02-03", **more) -> list:
    """One row of claims.csv."""
    row = {
        "claim_id": f"C{number}",
        "member_id": "M1",
        "provider_id": "P1",
        "diagnosis": "I10",
        "claim_date": day,
        "amount": amount,
        "paid_amt": paid,
        "status": status,
        "adjudicated_date": "" if status == "PENDING" else f"{day} 09:00:00",
        "ingestion_ts": f"{day} 10:00:00",
        "year": day[:4],
        "month": str(int(day[5:7])),
    }
    return list((row | more).values())


def write_csv(path: Path, rows: list, header: list | None = None) -> Path:
    """A CSV file with the columns its name speaks of, or others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if header is None:
        header = next(names for table, names in HEADERS.items() if table in path.name)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def write_parquet(path: Path, select: str) -> Path:
    """A Parquet file from a query."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"copy ({select}) to {literal(path)} (format parquet)")
    return path


def write_inbox(folder: Path) -> Path:
    """A small folder of all three files."""
    write_csv(folder / "claims.csv", [claim(1), claim(2, "PENDING", paid="0")])
    write_csv(folder / "members.csv", MEMBERS)
    write_csv(folder / "providers.csv", PROVIDERS)
    return folder


def raw(settings: Settings, table: str = "claims", columns: str = "*") -> list[tuple]:
    """Rows of a raw table, in one order."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(
            f"select {columns} from raw_claims.{table} order by _source_file, _source_row"
        ).fetchall()


def counts(landing: Landing) -> tuple[int, int, int, int]:
    """Files (landed, unchanged, refused, retired)."""
    return (
        len(landing.landed),
        len(landing.unchanged),
        len(landing.refused),
        len(landing.retired),
    )
