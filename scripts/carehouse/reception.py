"""The call list, from the published marts."""

from datetime import date

from carehouse.published import open_published
from carehouse.settings import Settings
from carehouse.sql import literal

PRIORITY_COLUMNS = (
    "appointment_id",
    "patient_id",
    "patient_name",
    "phone",
    "consent_form_received",
    "physio_name",
    "appt_start",
    "appt_end",
    "booked_at",
    "day",
    "is_new_patient",
    "no_show_rate_90d",
    "risk_score",
    "risk_bucket",
    "risk_source",
    "missing_phone",
    "missing_consent",
    "priority_score",
    "priority_reason",
)
MOMENTS = ("appt_start", "appt_end", "booked_at")  # shown with the clinic's offset


def next_day(settings: Settings) -> date | None:
    """The first day after the list's own that has booked appointments."""
    with open_published(settings) as connection:
        (day,) = connection.execute(
            "select min(day) from clinic.reception_priorities where day > list_date"
        ).fetchone()
    return day


def priorities(settings: Settings, day: date) -> list[tuple]:
    """The call list of a day, the first to call first; columns are PRIORITY_COLUMNS."""
    columns = ", ".join(f"{name}_text" if name in MOMENTS else name for name in PRIORITY_COLUMNS)
    with open_published(settings) as connection:
        return connection.execute(
            f"select {columns} from clinic.reception_priorities where day = {literal(day)} "
            "order by call_rank"
        ).fetchall()
