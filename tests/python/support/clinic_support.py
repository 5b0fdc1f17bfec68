"""Tiny clinic drops, and one made-up clinic that is landed, built and published once a session."""

import csv
import tempfile
from functools import cache
from pathlib import Path

import duckdb

from carehouse.build import run_dbt
from carehouse.demo import clinic as demo
from carehouse.landing.clinic import land_clinic
from carehouse.publish import publish
from carehouse.settings import Settings

CLINIC_MODELS = ["--select", "+path:models/marts/clinic"]
HEADERS = {
    "appointments": [
        "appointment_id",
        "patient_id",
        "physio_id",
        "appt_start",
        "appt_end",
        "booked_at",
        "status",
        "price_estimate",
    ],
    "patients": [
        "patient_id",
        "first_name",
        "last_name",
        "phone",
        "consent_form_received",
        "created_at",
    ],
    "payments": ["payment_id", "appointment_id", "amount", "paid_at", "method"],
    "physios": ["physio_id", "full_name"],
    "availability": ["physio_id", "available_from", "available_to"],
}


def settings_at(home: Path, **more) -> Settings:
    return Settings(home=home, **more)


def visit(number, day, hour=10, status="booked", patient=77, physio=1, price="50.00", **more):
    """One row of appointments.csv, on a day given as MM-DD of 2025, in summer time."""
    row = {
        "appointment_id": number,
        "patient_id": patient,
        "physio_id": physio,
        "appt_start": f"2025-{day}T{hour:02d}:00:00+02:00",
        "appt_end": f"2025-{day}T{hour:02d}:45:00+02:00",
        "booked_at": "2025-08-01T10:00:00+02:00",
        "status": status,
        "price_estimate": price,
    }
    return list((row | more).values())


def payment(number, appointment, amount, day):
    return [number, appointment, amount, f"2025-{day}T11:00:00+02:00", "card"]


PATIENTS = [
    [77, "Pat", "Smith", "+49-170-1234567", 1, "2025-07-01T09:00:00+02:00"],
    [78, "Ann", "Other", "", 0, "2025-07-01T09:00:00+02:00"],
]
PHYSIOS = [[1, "Marta K"], [2, "Jonas Weber"]]


def write_drop(folder: Path, headers=None, **tables) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow((headers or HEADERS)[table])
            writer.writerows(rows)
    return folder


def raw_rows(settings: Settings, table="appointments") -> list[tuple]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        names = ", ".join(HEADERS[table])
        return connection.execute(
            f"select _source_file, _source_row, _drop_day, {names} from raw_clinic.{table} "
            "order by all"
        ).fetchall()


def build_clinic(settings: Settings, tests: bool = False):
    """Build the clinic's models; its dbt unit tests are left to a whole build."""
    without = ["unit_test"] if tests else ["unit_test", "test"]
    options = [option for kind in without for option in ("--exclude-resource-type", kind)]
    result = run_dbt(settings, ["build", *CLINIC_MODELS, *options], quiet=True)
    assert result.ok, (result.error, result.bad)
    return result


def query(settings: Settings, sql: str, parameters=()) -> list[tuple]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(sql, list(parameters)).fetchall()


def clinic_marts(database: Settings | Path) -> dict[str, list[tuple]]:
    """Every clinic mart of a warehouse or a published file, whole, in a fixed order."""
    path = database.warehouse if isinstance(database, Settings) else database
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'clinic' order by 1"
        ).fetchall()
        return {
            table: connection.execute(f"select * from clinic.{table} order by all").fetchall()
            for (table,) in tables
        }


@cache
def made_up_clinic() -> tuple[Settings, Path]:
    """(settings of a built and published warehouse, the folder of its made-up inputs)."""
    base = Path(tempfile.mkdtemp(prefix="carehouse-clinic-"))
    demo.generate(base / "made-up", scale=0.5, seed=11)
    settings = settings_at(base / "home")
    landing = land_clinic(settings, base / "made-up" / "clinic")
    assert not landing.refused
    build_clinic(settings, tests=True)
    publish(settings)
    return settings, base / "made-up"
