"""The clinic's numbers against an independent computation, and what drops do to them."""

import csv
import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from carehouse.build import run_dbt
from carehouse.daily import run_daily
from carehouse.demo import clinic as demo
from carehouse.landing.clinic import land_clinic
from clinic_support import (
    CLINIC_MODELS,
    PATIENTS,
    PHYSIOS,
    build_clinic,
    clinic_marts,
    made_up_clinic,
    payment,
    query,
    settings_at,
    visit,
    write_drop,
)

ZONE = "Europe/Berlin"


def _read(folder: Path, table: str) -> pd.DataFrame:
    """Every copy of a table's rows in pandas, the newest last."""
    parts = []
    paths = [folder / "raw", *sorted((folder / "daily").iterdir())]
    for order, path in enumerate(paths):
        if (path / f"{table}.csv").exists():
            part = pd.read_csv(
                path / f"{table}.csv", sep=None, engine="python", encoding="utf-8-sig"
            )
            part["drop"] = order
            part["drop_day"] = path.name if order else ""
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _local(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts, utc=True, format="ISO8601").dt.tz_convert(ZONE)


def pandas_kpis(folder: Path) -> pd.DataFrame:
    """The daily numbers straight from the CSV files, without a line of the warehouse's SQL."""
    visits, payments = _read(folder, "appointments"), _read(folder, "payments")
    patients, physios = _read(folder, "patients"), _read(folder, "physios")
    visits["start"], visits["end"] = _local(visits.appt_start), _local(visits.appt_end)
    visits["day"] = visits.start.dt.strftime("%Y-%m-%d")
    replaced = set(visits.drop_day[visits.drop_day == visits.day])
    all_ids = set(visits.appointment_id)
    visits = visits.drop_duplicates("appointment_id", keep="last")
    visits = visits[~((visits.drop_day < visits.day) & visits.day.isin(replaced))]
    visits = visits[
        visits.status.isin(["booked", "completed", "canceled", "no_show"])
        & (visits.end >= visits.start)
        & (_local(visits.booked_at) <= visits.start)
        & visits.patient_id.isin(patients.patient_id)
        & visits.physio_id.isin(physios.physio_id)
    ]
    payments = payments.drop_duplicates("payment_id", keep="last")
    payments = payments[payments.appointment_id.isin(all_ids)]
    payments["cents"] = (payments.amount * 100).round().astype(int)
    payments["day"] = _local(payments.paid_at).dt.strftime("%Y-%m-%d")
    paid = payments.merge(visits[["appointment_id", "day"]], on="appointment_id")
    done = visits[visits.status == "completed"]
    columns = {
        "bookings": visits.groupby("day").size(),
        "completed": done.groupby("day").size(),
        "cancellations": visits[visits.status == "canceled"].groupby("day").size(),
        "no_shows": visits[visits.status == "no_show"].groupby("day").size(),
        "revenue_estimate": (done.price_estimate * 100).round().groupby(done.day).sum(),
        "revenue_paid": paid.groupby("day_y").cents.sum(),
        "revenue_paid_by_payment_day": payments.groupby("day").cents.sum(),
        "attended_seconds": (done.end - done.start).dt.total_seconds().groupby(done.day).sum(),
    }
    table = pd.DataFrame(columns).fillna(0).round().astype("int64")
    shown = table.completed + table.no_shows
    table["show_rate"] = table.completed / shown.where(shown > 0)
    return table.sort_index()


def warehouse_kpis(settings) -> pd.DataFrame:
    rows = query(
        settings,
        """
        select
            cast(day as varchar), bookings, completed, cancellations, no_shows,
            cast(revenue_estimate * 100 as bigint), cast(revenue_paid * 100 as bigint),
            cast(revenue_paid_by_payment_day * 100 as bigint),
            cast(round(attended_hours * 3600) as bigint), show_rate
        from clinic.daily_kpis order by day
        """,
    )
    names = "bookings completed cancellations no_shows revenue_estimate revenue_paid"
    return pd.DataFrame(
        rows,
        columns=["day", *names.split(), "revenue_paid_by_payment_day", "attended_seconds"]
        + ["show_rate"],
    ).set_index("day")


def assert_same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    assert list(ours.index) == list(theirs.index)
    for name in theirs.columns:
        left, right = ours[name].astype(float).to_numpy(), theirs[name].astype(float).to_numpy()
        tolerance = 0.5 if name == "attended_seconds" else 1e-12
        equal = np.isclose(left, right, rtol=0, atol=tolerance, equal_nan=True)
        assert equal.all(), (name, ours.index[~equal][:5].tolist())


def test_every_kpi_of_every_day_equals_pandas_to_the_cent():
    settings, made_up = made_up_clinic()
    theirs = pandas_kpis(made_up / "clinic")
    assert len(theirs) > 250
    assert_same(warehouse_kpis(settings), theirs)


def test_every_day_equals_the_truth_of_the_generator():
    settings, made_up = made_up_clinic()
    truth = pd.read_csv(made_up / "truth" / "clinic_daily.csv", index_col="day")
    ours = warehouse_kpis(settings)
    assert list(ours.index) == list(truth.index)
    for name in truth.columns:
        scale = 100 if name.startswith("revenue") else 1
        assert (ours[name] == (truth[name] * scale).round().astype(int)).all(), name


def test_utilization_equals_pandas_where_availability_is_stated():
    settings, made_up = made_up_clinic()
    hours = _read(made_up / "clinic", "availability")
    hours["start"], hours["end"] = _local(hours.available_from), _local(hours.available_to)
    hours["day"] = hours.start.dt.strftime("%Y-%m-%d")
    hours["hours"] = (hours.end - hours.start).dt.total_seconds() / 3600
    theirs = hours.groupby(["day", "physio_id"]).hours.sum()
    rows = query(
        settings,
        "select cast(day as varchar), cast(physio_id as int), available_hours, attended_hours, "
        "utilization_rate from clinic.physio_utilization_daily "
        "where capacity_source = 'availability.csv'",
    )
    assert {(day, physio): float(available) for day, physio, available, *_ in rows} == dict(theirs)
    for *_, available, attended, rate in rows:
        assert rate == pytest.approx(float(attended) / float(available), abs=1e-4)


def test_every_row_of_every_drop_is_accounted_for():
    settings, made_up = made_up_clinic()
    counted = {}
    for file in (made_up / "clinic").rglob("*.csv"):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            counted[file.relative_to(made_up / "clinic").as_posix()] = len(list(csv.reader(lines)))
    rows = query(
        settings,
        "select _source_file, count(*) from intermediate.int_clinic__row_outcomes group by 1",
    )
    assert dict(rows) == {name: count - 1 for name, count in counted.items() if count > 1}
    reasons = query(
        settings,
        "select distinct reason from intermediate.int_clinic__row_outcomes "
        "where outcome = 'rejected'",
    )
    assert len(reasons) == 6  # each kind of row that cannot be true


def test_the_call_list_has_coming_days_and_its_scores_add_up():
    settings, _ = made_up_clinic()
    rows = query(
        settings,
        "select is_new_patient, risk_score, missing_phone, missing_consent, is_early_or_late, "
        "priority_score, day, list_date, risk_source from clinic.reception_priorities",
    )
    assert len({row[6] for row in rows}) >= 10
    for new, risk, phone, consent, slot, score, day, list_date, source in rows:
        expected = 100 * new + 80 * risk + 40 * phone + 30 * consent + 10 * slot
        assert score == pytest.approx(expected, abs=0.01)
        assert day >= list_date == date(2025, 6, 30)
        assert source == "rule"


def test_risk_equals_a_rule_computed_in_pandas():
    settings, _ = made_up_clinic()
    visits = pd.DataFrame(
        query(
            settings,
            "select appointment_id, patient_id, status, appointment_date, starts_at "
            "from clinic.fact_appointments",
        ),
        columns=["id", "patient", "status", "day", "start"],
    )
    list_day = pd.Timestamp("2025-06-30")
    visits["day"] = pd.to_datetime(visits.day)
    before = visits[visits.day <= list_day]
    recent = before[before.day >= list_day - pd.Timedelta(days=90)]
    kept = recent[recent.status.isin(["completed", "no_show"])]
    listed = query(
        settings,
        "select appointment_id, risk_score, is_new_patient from clinic.reception_priorities",
    )
    assert len(listed) > 10
    for number, risk, is_new in listed:
        row = visits[visits.id == number].iloc[0]
        earlier = before[(before.patient == row.patient) & (before.start < row.start)]
        mine = kept[(kept.patient == row.patient) & (kept.start < row.start)]
        rate = (mine.status == "no_show").mean() if len(mine) else 0
        early = row.start.hour < 10 or row.start.hour >= 17
        points = 100 * rate + 15 * earlier.empty + 10 * early + 5 * (row.day.weekday() == 0)
        assert is_new == earlier.empty
        assert risk == pytest.approx(min(points, 100) / 100, abs=1e-6)


def test_the_made_up_attendance_follows_its_true_probability():
    _, made_up = made_up_clinic()
    truth = pd.read_csv(made_up / "truth" / "clinic_appointments.csv")
    shown = truth[truth.final_status.isin(["completed", "no_show"])]
    missed = shown.final_status == "no_show"
    groups = missed.groupby(pd.qcut(shown.true_no_show_probability, 4))
    observed = groups.mean().to_numpy()
    assert (np.diff(observed) > 0).all()
    assert observed[-1] > 2 * observed[0]
    assert abs(missed.mean() - shown.true_no_show_probability.mean()) < 0.03


def test_the_same_seed_makes_the_same_files(tmp_path):
    for name in ("one", "two"):
        demo.generate(tmp_path / name, scale=0.1, seed=3)
    files = sorted(path for path in (tmp_path / "one").rglob("*.csv"))
    assert len(files) > 30
    for file in files:
        other = tmp_path / "two" / file.relative_to(tmp_path / "one")
        assert file.read_bytes() == other.read_bytes()


def test_the_broken_drops_of_the_generator_are_refused(tmp_path):
    _, made_up = made_up_clinic()
    settings = settings_at(tmp_path / "home")
    for kind, reason in (
        ("half_written", r"^appointments\.csv.* row \d"),  # where the cut is differs by seed
        ("renamed_column", r"^appointments\.csv.* no column appt_start"),
    ):
        (folder,) = (made_up / "truth" / "clinic_refused" / kind).iterdir()
        landing = land_clinic(settings, folder)
        assert not landing.landed
        (told,) = landing.refused.values()
        assert re.search(reason, told), kind


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    """One small clinic, built after the bulk and after each of three drops."""
    base = tmp_path_factory.mktemp("replay")
    folder = base / "clinic"
    seen = {}

    def day(name: str) -> None:
        settings = settings_at(base / "home", as_of=date.fromisoformat(name))
        landing = land_clinic(settings, folder)
        assert not landing.refused
        build_clinic(settings)
        seen[name] = clinic_marts(settings)

    write_drop(
        folder / "raw",
        appointments=[
            visit(1, "09-04"),
            visit(2, "09-05"),
            visit(3, "09-05", hour=11, patient=78),
            visit(4, "09-05", hour=12, patient=78),
            visit(5, "09-08"),
        ],
        patients=PATIENTS,
        payments=[],
        physios=PHYSIOS,
    )
    day("2025-09-03")
    write_drop(
        folder / "daily" / "2025-09-04",
        appointments=[
            visit(1, "09-04", status="no_show"),
            visit(2, "09-09"),  # moved
            visit(5, "09-08", status="canceled"),
            visit(6, "09-09", hour=9, patient=79),
        ],
        patients=[[79, "New", "Patient", "", 1, "2025-09-04T09:00:00+02:00"]],
        payments=[],
    )
    day("2025-09-04")
    write_drop(
        folder / "daily" / "2025-09-05",
        appointments=[
            visit(3, "09-05", hour=11, patient=78, status="completed"),  # and 4 is deleted
            visit(1, "09-04", status="completed"),  # a late correction
        ],
        payments=[payment(1, 1, "20.00", "09-05"), payment(2, 1, "30.10", "09-05")],
    )
    day("2025-09-05")
    write_drop(
        folder / "daily" / "2025-09-08",
        appointments=[visit(7, "09-08", patient=79, status="completed")],
        payments=[payment(3, 1, "-5.05", "09-08"), payment(4, 3, "50.00", "09-06")],
    )
    day("2025-09-08")
    return settings_at(base / "home", as_of=date(2025, 9, 8)), folder, seen


def _kpi(marts, day):
    return next(row for row in marts["daily_kpis"] if row[0] == date.fromisoformat(day))


def test_a_moved_appointment_exists_once_on_its_new_day(replayed):
    settings, _, seen = replayed
    rows = query(
        settings, "select appointment_date from clinic.fact_appointments where appointment_id = '2'"
    )
    assert rows == [(date(2025, 9, 9),)]
    assert _kpi(seen["2025-09-03"], "2025-09-05")[1] == 3
    assert _kpi(seen["2025-09-04"], "2025-09-05")[1] == 2


def test_an_appointment_its_day_no_longer_lists_has_left_the_book(replayed):
    settings, _, seen = replayed
    assert _kpi(seen["2025-09-05"], "2025-09-05")[1] == 1
    assert query(
        settings,
        "select reason from intermediate.int_clinic__row_outcomes "
        "where _source_file = 'raw/appointments.csv' and _source_row = 5",
    ) == [("no longer in the drop of its day",)]


def test_late_corrections_part_payments_and_refunds_land(replayed):
    settings, _, seen = replayed
    assert query(
        settings,
        "select completed, no_shows, cast(revenue_paid * 100 as int), "
        "cast(revenue_paid_by_payment_day * 100 as int) from clinic.daily_kpis "
        "where day between '2025-09-04' and '2025-09-08' order by day",
    ) == [
        (1, 0, 4505, 0),
        (1, 0, 5000, 5010),
        (0, 0, 0, 5000),
        (1, 0, 0, -505),
    ]
    assert _kpi(seen["2025-09-04"], "2025-09-04")[6] == 1  # a no-show until it was corrected


def test_a_drop_brings_new_patients(replayed):
    settings, _, _ = replayed
    assert query(
        settings, "select patient_name from clinic.dim_patients where patient_id = '79'"
    ) == [("New Patient",)]


def test_history_keeps_each_state_of_an_appointment(replayed):
    settings, _, _ = replayed
    rows = query(
        settings,
        "select appointment_id, change, cast(valid_from as date), is_current "
        "from clinic.appointment_history where appointment_id in ('1', '2', '4', '5') "
        "order by appointment_id, version_number",
    )
    third, fourth, fifth = date(2025, 9, 3), date(2025, 9, 4), date(2025, 9, 5)
    assert rows == [
        ("1", "first seen booked", third, False),
        ("1", "no_show", fourth, False),
        ("1", "completed", fifth, True),
        ("2", "first seen booked", third, False),
        ("2", "moved", fourth, True),
        ("4", "first seen booked", third, False),
        ("5", "first seen booked", third, False),
        ("5", "canceled", fourth, False),
    ]


def test_a_drop_again_changes_nothing(replayed):
    settings, folder, seen = replayed
    assert not land_clinic(settings, folder).landed
    assert len(land_clinic(settings, folder, force=True).landed) == 4
    build_clinic(settings)
    assert clinic_marts(settings) == seen["2025-09-08"]


def test_a_rebuild_from_the_folder_gives_the_same_book(replayed, tmp_path):
    _, folder, seen = replayed
    settings = settings_at(tmp_path / "home", as_of=date(2025, 9, 8))
    land_clinic(settings, folder)
    build_clinic(settings)
    rebuilt = clinic_marts(settings)
    assert rebuilt["fact_appointments"]
    for table, rows in seen["2025-09-08"].items():
        if table != "appointment_history":  # which knows what was seen when
            assert rebuilt[table] == rows, table


def test_withdrawing_a_drop_brings_the_older_copy_back_without_breaking_history(replayed, tmp_path):
    settings, folder, _ = replayed
    gone = folder / "daily" / "2025-09-08"
    gone.rename(tmp_path / "withdrawn")
    assert land_clinic(settings, folder).retired == ["daily/2025-09-08"]
    build_clinic(settings)
    assert (
        query(settings, "select 1 from clinic.fact_appointments where appointment_id = '7'") == []
    )
    (tmp_path / "withdrawn").rename(gone)


def test_rows_that_cannot_be_true_are_rejected_and_too_many_stop_publication(home):
    settings = home
    inbox = settings.inbox
    good = [visit(number, "09-04", hour=8 + number % 9) for number in range(1, 101)]
    write_drop(
        inbox / "clinic" / "raw",
        appointments=[*good, visit(201, "09-04", status="gone"), visit(202, "09-04", patient=5)],
        patients=PATIENTS,
        payments=[],
        physios=PHYSIOS,
    )
    told = []

    def run() -> bool:
        told.clear()
        options = [*CLINIC_MODELS, "+quality__rejected_rows", "clinic_rejected_share"]
        echo = lambda text, error=False: told.append(text)  # noqa: E731
        return run_daily(settings, inbox, echo=echo, dbt_options=options)

    assert run(), told
    assert query(
        settings,
        "select _source_row, reason from quality.rejected_rows where source = 'clinic' order by 1",
    ) == [
        (102, "status is not one of booked, completed, canceled, no_show"),
        (103, "patient_id is in no patients.csv"),
    ]
    assert query(settings, "select sum(bookings) from clinic.daily_kpis") == [(100,)]
    published = settings.published.read_bytes()
    bad = [visit(number, "09-05", status="Unfug") for number in range(301, 304)]
    write_drop(inbox / "clinic" / "daily" / "2025-09-05", appointments=[visit(300, "09-05"), *bad])
    assert not run()
    assert "rejected: daily/2025-09-05/appointments.csv, row 3: status is not" in "\n".join(told)
    assert "Unfug" not in "\n".join(told)
    assert settings.published.read_bytes() == published
    lenient = settings_at(settings.home, clinic_rejected_share_limit=0.9)
    result = run_dbt(lenient, ["test", "--select", "clinic_rejected_share"], quiet=True)
    assert result.ok


def test_days_are_right_around_both_clock_changes(tmp_path):
    """A visit every half hour through both nights, written with four kinds of offset."""
    moments = [
        moment
        for day in ("2025-03-29 20:00", "2025-10-25 20:00")
        for moment in pd.date_range(day, periods=80, freq="30min", tz="UTC")
    ]
    zones = ["UTC", ZONE, "America/New_York", "Asia/Kolkata"]
    rows = []
    for number, moment in enumerate(moments):
        zone = zones[number % len(zones)]
        start, end = (moment + pd.Timedelta(minutes=m) for m in (0, 20 + number % 3 * 45))
        texts = [t.tz_convert(zone).isoformat() for t in (start, end, start)]
        rows.append([number, 77, 1, *texts, "completed", "10.00"])
    write_drop(
        tmp_path / "clinic" / "raw",
        appointments=rows,
        patients=PATIENTS,
        physios=PHYSIOS,
        payments=[[n, n, "10.00", row[3], "cash"] for n, row in enumerate(rows)],
    )
    settings = settings_at(tmp_path / "home")
    land_clinic(settings, tmp_path / "clinic")
    build_clinic(settings)
    frame = pd.DataFrame({"start": moments})
    frame["hours"] = [(20 + n % 3 * 45) / 60 for n in range(len(moments))]
    theirs = frame.groupby(frame.start.dt.tz_convert(ZONE).dt.strftime("%Y-%m-%d"))
    ours = query(
        settings,
        "select cast(day as varchar), bookings, attended_hours, revenue_paid_by_payment_day "
        "from clinic.daily_kpis order by day",
    )
    assert [row[:2] for row in ours] == list(theirs.size().items())
    assert {row[0]: row[1] for row in ours}["2025-03-30"] == 46
    assert {row[0]: row[1] for row in ours}["2025-10-26"] == 50
    for (day, bookings, hours, paid), expected in zip(ours, theirs.hours.sum(), strict=True):
        assert float(hours) == pytest.approx(expected, abs=1e-4), day
        assert paid == bookings * 10
