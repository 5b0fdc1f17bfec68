"""Call lists made up for a test, published with the columns of the real marts."""

import shutil
import socket
from datetime import date

import duckdb

from clinic_support import made_up_clinic

DAY = date(2025, 9, 5)


def call(number, name="Pat Smith", phone="+49-170-1234567", address=None, consent=1, hour=10):
    """One row of the call list; columns that are not named here are null."""
    return {
        "appointment_id": str(number),
        "patient_id": "77",
        "patient_name": name,
        "phone": phone,
        "email": address,
        "consent_form_received": consent,
        "physio_id": "1",
        "physio_name": "Marta K",
        "appt_start": f"2025-09-05 {hour:02d}:00:00",
        "appt_end": f"2025-09-05 {hour:02d}:45:00",
        "booked_at": "2025-08-20 10:00:00",
        "is_day_only": False,
        "appt_start_text": f"2025-09-05T{hour:02d}:00:00+02:00",
        "appt_end_text": f"2025-09-05T{hour:02d}:45:00+02:00",
        "booked_at_text": "2025-08-20T10:00:00+02:00",
        "day": DAY,
        "list_date": date(2025, 9, 4),
        "is_new_patient": True,
        "missed_90d": 0,
        "visits_90d": 0,
        "risk_score": 0.85,
        "risk_bucket": "high",
        "risk_source": "model v1",
        "missing_phone": phone is None,
        "missing_consent": consent != 1,
        "is_early_or_late": False,
        "priority_score": 168.0,
        "priority_reason": "new patient, risk high",
        "call_rank": hour * 1_000_000 + int(number),
    }


def publish_calls(settings, *calls) -> None:
    """Swap in a published file with these calls, and the columns of the real marts."""
    real, _ = made_up_clinic()
    settings.published.parent.mkdir(parents=True, exist_ok=True)
    new_file = settings.published.with_suffix(".new")
    shutil.copy(real.published, new_file)
    with duckdb.connect(str(new_file)) as connection:
        table = "clinic.reception_priorities"
        described = connection.execute(f"describe {table}").fetchall()
        assert set(call(1)) < {name for name, *_ in described}
        # a mart's not-null columns that a call says nothing of would stop the insert
        connection.execute(f"create or replace table {table} as from {table} limit 0")
        names, marks = ", ".join(call(1)), ", ".join("?" * len(call(1)))
        connection.executemany(
            f"insert into {table} ({names}) values ({marks})", [list(one.values()) for one in calls]
        )
    new_file.replace(settings.published)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
