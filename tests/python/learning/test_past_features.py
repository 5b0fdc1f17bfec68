"""Built as of an earlier day, each feature mart says of the past what it says today.

The made-up inputs are made harder: visits are corrected by a drop days later, and breaks of
dental appointments are written down days after them.
"""

from datetime import date

import duckdb
import pandas as pd
import pytest

from as_of_support import past_days
from carehouse.build import run_dbt
from carehouse.settings import Settings
from conftest import clear, copy_built, forget_settings

LABELS = {
    "appointment_risk": "is_no_show",
    "appointment_booking": "is_no_show",
    "attendance": "is_missed",
    "procedure_acceptance": "is_accepted",
    "payment_compliance": "paid_30d",
    "future_need": "has_need",
}
CORRECTED = date(2025, 6, 20)
DAYS = [date(2025, 3, 3), date(2025, 6, 13), date(2025, 6, 19)]  # past_days: the second always

CORRECT_LATE = f"""
    insert into raw_clinic.appointments by name
    select * replace (
        'no_show' as status,
        '99.00' as price_estimate,
        '{CORRECTED}' as _drop_day,
        'daily/{CORRECTED}/appointments.csv' as _source_file,
        900000 + _source_row as _source_row
    )
    from raw_clinic.appointments
    where _drop_day is null and status = 'completed'
        and cast(left(appt_start, 10) as date) between '2025-04-01' and '2025-06-05'
        and cast(appointment_id as integer) % 3 = 0
"""
BREAK_LATE = """
    update raw_opendental.histappointment
    set HistDateTStamp = HistDateTStamp + interval 30 days
    where HistApptAction in (2, 3) and AptNum % 2 = 0
"""


def _build(settings: Settings) -> dict[str, pd.DataFrame]:
    marts = [f"+ml__{name}_features" for name in LABELS]
    built = run_dbt(settings, ["run", "--select", *marts], quiet=True)
    forget_settings()
    assert built.ok, (built.error, built.bad)
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return {
            name: connection.execute(f"select * from ml.{name}_features")
            .df()
            .set_index("entity_id")
            for name in LABELS
        }


@pytest.fixture(scope="module")
def today(parsed_home, built_demo) -> tuple[Settings, dict[str, pd.DataFrame]]:
    settings = copy_built(built_demo, clear(Settings(home=parsed_home, as_of=built_demo.as_of)))
    with duckdb.connect(str(settings.warehouse)) as connection:
        corrected = connection.execute(CORRECT_LATE).fetchone()
        noted_late = connection.execute(BREAK_LATE).fetchone()
    assert corrected[0] > 100 and noted_late[0] > 20
    return settings, _build(settings)


@pytest.mark.parametrize("day", past_days(DAYS), ids=str)
def test_no_feature_is_from_the_future(today, day) -> None:
    """Every row known before the day is there, with the same features and the label it had."""
    settings, whole = today
    early = _build(settings.model_copy(update={"as_of": day}))
    for name, label in LABELS.items():
        later = [label, "is_open", "fully_paid"]
        then, now = (
            marts[name][marts[name].known_at < pd.Timestamp(day)].sort_index()
            for marts in (early, whole)
        )
        assert len(then) > 1000, name
        pd.testing.assert_frame_equal(
            then.drop(columns=later, errors="ignore"),
            now.drop(columns=later, errors="ignore"),
            obj=name,
        )
        assert then[label].notna().sum() > 500, name


def test_a_correction_counts_from_the_day_after_it(today) -> None:
    """The label is the corrected one; the patient's next visit still saw what the book said."""
    settings, whole = today
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        visits = connection.execute(
            "select appointment_id, patient_id, cast(left(appt_start, 10) as date) as day "
            "from raw_clinic.appointments "
            f"where _drop_day = '{CORRECTED}' and price_estimate = '99.00'"
        ).df()
    risk = whole["appointment_risk"]
    assert risk.loc[visits.appointment_id.astype(str), "is_no_show"].all()
    merged = risk.reset_index().merge(
        visits.astype({"patient_id": str}), on="patient_id", suffixes=("", "_corrected")
    )
    after = merged[merged.known_at > pd.Timestamp(CORRECTED)]
    assert len(after) > 20
    assert (after.earlier_no_shows > 0).all()
