"""Small exact claims, members and providers, written straight into the raw tables."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import duckdb

from carehouse.build import run_dbt
from carehouse.contract import create_raw_tables
from carehouse.settings import Settings

CLAIMS_MODELS = (
    "--select",
    "path:seeds/claims",
    "path:models/staging/claims",
    "path:models/intermediate/claims",
    "path:models/marts/claims",
    "path:models/staging/landing",
)
CLAIM = {
    "member_id": "M1",
    "provider_id": "P1",
    "diagnosis": "E11.9",
    "claim_date": "2025-03-10 09:00:00",
    "amount": "100.00",
    "paid_amt": "80.00",
    "status": "PAID",
    "adjudicated_date": "2025-03-20",
    "ingestion_ts": "2025-03-21 06:00:00",
}
MEMBER = {"name": "Ann Other", "age": "40", "gender": "F", "location": "Boston, MA"}
PROVIDER = {"name": "Dr Smith", "specialty": "Cardiology", "city": "Boston"}
LOADS = {
    "claims": ("claim_id", CLAIM),
    "members": ("member_id", MEMBER),
    "providers": ("provider_id", PROVIDER),
}


def claim(number: str, **more: str | None) -> dict[str, str | None]:
    """One row of a claims file."""
    return {"claim_id": number, **CLAIM, **more}


def member(number: str, **more: str | None) -> dict[str, str | None]:
    """One row of a members file."""
    return {"member_id": number, **MEMBER, **more}


def provider(number: str, **more: str | None) -> dict[str, str | None]:
    """One row of a providers file."""
    return {"provider_id": number, **PROVIDER, **more}


def land(
    settings: Settings,
    table: str,
    rows: Iterable[dict[str, str | None]],
    file: str | None = None,
    moment: datetime = datetime(2025, 6, 30),
) -> None:
    """Replace one file's rows in a raw table, as the loader does, and log the load and the look."""
    name = file or f"{table}.csv"
    given = list(rows)
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        create_raw_tables(connection)
        (load,) = connection.execute(
            "select coalesce(max(load_id), 0) + 1 from raw.load_log"
        ).fetchone()
        connection.execute(f"delete from raw_claims.{table} where _source_file = ?", [name])
        for number, row in enumerate(given, start=2):
            full = {
                **row,
                "_source_file": name,
                "_source_row": number,
                "_load_id": load,
                "_extracted_at": moment,
            }
            names, marks = ", ".join(full), ", ".join("?" for _ in full)
            connection.execute(
                f"insert into raw_claims.{table} ({names}) values ({marks})", list(full.values())
            )
        connection.execute(
            "insert into raw.load_log values "
            "(?, 'claims', ?, ?, ?, ?, ?, 'landed', null, null, null)",
            [load, name, str(load), len(given), moment, moment],
        )
        connection.execute(
            "insert into raw.scan_log values ('claims', 'made up', false, ?, 1, 0, 0, 0)",
            [moment],
        )


def build_claims(settings: Settings, *options: str, tests: bool = False):
    """Build the claims models; their dbt unit tests are left to a whole build."""
    without = ["unit_test"] if tests else ["unit_test", "test"]
    excluded = [option for kind in without for option in ("--exclude-resource-type", kind)]
    result = run_dbt(settings, ["build", *CLAIMS_MODELS, *excluded, *options], quiet=True)
    assert result.ok, (result.error, result.bad)
    return result


def query(settings: Settings, sql: str, parameters: Sequence = ()) -> list[tuple]:
    """Rows of a query on the warehouse."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(sql, list(parameters)).fetchall()
