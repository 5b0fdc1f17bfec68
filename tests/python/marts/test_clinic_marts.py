"""The clinic's numbers against an independent computation, and what drops do to them."""

import csv
import re
from datetime import date
from decimal import Decimal
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
    HEADERS,
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
from conftest import clear

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
        (visits.end >= visits.start)
        & (_local(visits.booked_at) <= visits.start)
        & visits.patient_id.isin(patients.patient_id)
        & visits.physio_id.isin(physios.physio_id)
    ]
    payments = payments.drop_duplicates("payment_id", keep="last")
    without = payments.appointment_id.isna()  # retail: money of its payment day
    payments = payments[payments.appointment_id.isin(all_ids) | without]
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
    """Only what lies within the rota counts; the rest of each visit stands apart."""
    settings, made_up = made_up_clinic()
    rota = _read(made_up / "clinic", "availability")
    rota["start"], rota["end"] = _local(rota.available_from), _local(rota.available_to)
    rota["day"] = rota.start.dt.strftime("%Y-%m-%d")
    rota["hours"] = (rota.end - rota.start).dt.total_seconds() / 3600
    available = rota.groupby(["day", "physio_id"]).hours.sum()
    visits = pd.DataFrame(
        query(
            settings,
            "select cast(appointment_date as varchar), cast(physio_id as int), starts_at, ends_at "
            "from clinic.fact_appointments where is_attended",
        ),
        columns=["day", "physio_id", "start", "end"],
    )
    visits = visits[visits.day.isin(rota.day)]
    pairs = visits.reset_index().merge(rota, on=["day", "physio_id"], suffixes=("", "_rota"))
    until = np.minimum(pairs.end, pairs.end_rota.dt.tz_localize(None))
    since = np.maximum(pairs.start, pairs.start_rota.dt.tz_localize(None))
    pairs["within"] = (until - since).dt.total_seconds().clip(lower=0) / 3600
    within = pairs.groupby(["day", "physio_id"]).within.sum()
    visits["hours"] = (visits.end - visits.start).dt.total_seconds() / 3600
    attended = visits.groupby(["day", "physio_id"]).hours.sum()
    rows = query(
        settings,
        "select cast(day as varchar), cast(physio_id as int), available_hours, attended_hours, "
        "attended_outside_hours, utilization_rate from clinic.physio_utilization_daily "
        "where capacity_source = 'availability.csv' and is_complete",
    )
    assert {row[:2]: float(row[2]) for row in rows if row[2]} == dict(available)
    assert (
        sum(row[4] > 0 for row in rows) > 20
    )  # visits in the lunch break, after hours, on days off
    for day, physio, hours, all_hours, outside, rate in rows:
        key = day, physio
        assert float(all_hours) == pytest.approx(attended.get(key, 0), abs=1e-4)
        assert float(outside) == pytest.approx(attended.get(key, 0) - within.get(key, 0), abs=1e-4)
        if hours:
            assert rate == pytest.approx(within.get(key, 0) / float(hours), abs=1e-9)
        else:
            assert rate is None


def test_days_to_come_are_booked_and_never_utilization_zero():
    settings, _ = made_up_clinic()
    ((coming, booked, utilized),) = query(
        settings,
        "select count(*), count(booked_rate), count(utilization_rate) "
        "from clinic.physio_utilization_daily where day > '2025-06-30'",
    )
    assert coming >= booked > 20
    assert utilized == 0


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
    assert len(reasons) == 5  # each kind of row that cannot be true


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
    visits = visits.sort_values(["start", "id"])
    visits["new"] = ~visits.patient.duplicated()
    visits["early"] = (visits.start.dt.hour < 10) | (visits.start.dt.hour >= 17)
    visits["monday"] = visits.day.dt.weekday == 0
    before = visits[visits.day <= list_day]
    due = before[before.status.isin(["completed", "no_show"])]
    year = due[due.day > list_day - pd.Timedelta(days=365)]
    rate = (year.status == "no_show").mean()
    average = 0.15 * year.new.mean() + 0.1 * year.early.mean() + 0.05 * year.monday.mean()
    recent = due[due.day >= list_day - pd.Timedelta(days=90)]
    rows = query(
        settings,
        "select appointment_id, risk_score, is_new_patient, visits_90d "
        "from clinic.reception_priorities",
    )
    for number, risk, is_new, count in rows:
        row = visits[visits.id == number].iloc[0]
        earlier = before[(before.patient == row.patient) & (before.start < row.start)]
        mine = recent[(recent.patient == row.patient) & (recent.start < row.start)]
        chance = ((mine.status == "no_show").sum() + 10 * rate) / (len(mine) + 10)
        chance += 0.15 * earlier.empty + 0.1 * row.early + 0.05 * row.monday - average
        assert (is_new, count) == (earlier.empty, len(mine))
        assert risk == pytest.approx(min(max(chance, 0), 1), abs=1e-6)


def test_the_risk_is_nearer_to_the_true_chance_than_the_patients_bare_rate():
    settings, made_up = made_up_clinic()
    truth = pd.read_csv(
        made_up / "truth" / "clinic_appointments.csv", dtype={"appointment_id": str}
    )
    chance = truth.set_index("appointment_id").true_no_show_probability
    rows = query(
        settings,
        "select appointment_id, risk_score, coalesce(no_show_rate_90d, 0) "
        "from clinic.reception_priorities",
    )
    true = np.array([chance[number] for number, *_ in rows])
    risk, bare = (np.array([row[index] for row in rows]) for index in (1, 2))
    assert len(rows) > 50
    assert ((risk - true) ** 2).mean() < 0.5 * ((bare - true) ** 2).mean()
    assert risk.max() < 0.7  # one missed visit of one is no certainty


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
    base = tmp_path_factory.mktemp("replay")  # its home keeps dbt's parse from build to build
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


def _kpi(marts, day, name):
    names = ["day", "is_complete", "is_revenue_paid_mature", "bookings", "still_booked"]
    names += ["completed", "cancellations", "cancellations_with_notice", "late_cancellations"]
    row = next(row for row in marts["daily_kpis"] if row[0] == date.fromisoformat(day))
    return row[[*names, "no_shows"].index(name)]


def test_a_moved_appointment_exists_once_on_its_new_day(replayed):
    settings, _, seen = replayed
    rows = query(
        settings, "select appointment_date from clinic.fact_appointments where appointment_id = '2'"
    )
    assert rows == [(date(2025, 9, 9),)]
    assert _kpi(seen["2025-09-03"], "2025-09-05", "bookings") == 3
    assert _kpi(seen["2025-09-04"], "2025-09-05", "bookings") == 2


def test_an_appointment_its_day_no_longer_lists_has_left_the_book(replayed):
    settings, _, seen = replayed
    assert _kpi(seen["2025-09-05"], "2025-09-05", "bookings") == 1
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
    assert (
        _kpi(seen["2025-09-04"], "2025-09-04", "no_shows") == 1
    )  # a no-show until it was corrected


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
    # The bulk says nothing of its own day: what it holds was so by the last booking it knows.
    bulk, fourth, fifth = date(2025, 8, 1), date(2025, 9, 4), date(2025, 9, 5)
    assert rows == [
        ("1", "first seen booked", bulk, False),
        ("1", "no_show", fourth, False),
        ("1", "completed", fifth, True),
        ("2", "first seen booked", bulk, False),
        ("2", "moved", fourth, True),
        ("4", "first seen booked", bulk, False),
        ("5", "first seen booked", bulk, False),
        ("5", "canceled", fourth, False),
    ]


def test_a_drop_again_changes_nothing(replayed):
    settings, folder, seen = replayed
    assert not land_clinic(settings, folder).landed
    assert len(land_clinic(settings, folder, force=True).landed) == 4
    build_clinic(settings)
    assert clinic_marts(settings) == seen["2025-09-08"]


def test_a_rebuild_from_the_folder_gives_the_same_book(replayed, home):
    _, folder, seen = replayed
    settings = home.model_copy(update={"as_of": date(2025, 9, 8)})
    land_clinic(settings, folder)
    build_clinic(settings)
    rebuilt = clinic_marts(settings)
    assert rebuilt["fact_appointments"]
    assert rebuilt == seen["2025-09-08"]


def test_as_of_a_past_day_only_what_was_known_by_then(replayed, home):
    """Built as of each day from all drops equals what was built when they ended there."""
    _, folder, seen = replayed
    for day, then in seen.items():
        settings = clear(home).model_copy(update={"as_of": date.fromisoformat(day)})
        land_clinic(settings, folder)
        build_clinic(settings)
        now = clinic_marts(settings)
        assert now.keys() == then.keys()
        assert {mart: rows for mart, rows in now.items() if rows != then[mart]} == {}, day


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
        appointments=[*good, visit(201, "09-04", price="free"), visit(202, "09-04", patient=5)],
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
        (102, "price_estimate is not an amount"),
        (103, "patient_id is in no patients.csv"),
    ]
    assert query(settings, "select sum(bookings) from clinic.daily_kpis") == [(100,)]
    published = clinic_marts(settings.published)
    bad = [visit(number, "09-05", price="Unfug") for number in range(301, 304)]
    write_drop(inbox / "clinic" / "daily" / "2025-09-05", appointments=[visit(300, "09-05"), *bad])
    assert not run()
    assert "rejected: daily/2025-09-05/appointments.csv, row 3: price_estimate is" in "\n".join(
        told
    )
    assert "Unfug" not in "\n".join(told)
    assert clinic_marts(settings.published) == published
    assert any("clinic keeps its tables of" in line for line in told)
    lenient = settings_at(settings.home, clinic_rejected_share_limit=0.9)
    result = run_dbt(lenient, ["test", "--select", "clinic_rejected_share"], quiet=True)
    assert result.ok


def test_an_unknown_status_keeps_its_visit_and_too_many_stop_publication(home):
    settings = home.model_copy(update={"as_of": date(2025, 9, 10)})
    good = [
        visit(number, "09-04", hour=8 + number % 9, status=word)
        for number, word in enumerate(
            ["Completed", "No-Show", "DNA", "Checked Out", "CANCELLED"] * 20
        )
    ]
    write_drop(
        settings.inbox / "clinic" / "raw",
        appointments=[*good, visit(201, "09-04", status="Zweitmeinung", price="45.10")],
        patients=PATIENTS,
        payments=[],
        physios=PHYSIOS,
    )
    told = []

    def run() -> bool:
        told.clear()
        echo = lambda text, error=False: told.append(text)  # noqa: E731
        options = [*CLINIC_MODELS, "clinic_unmapped_share", "int_clinic__unmapped_values"]
        return run_daily(settings, settings.inbox, echo=echo, dbt_options=options)

    assert run(), told
    kpis = "select bookings, completed, no_shows, cancellations, unmapped, show_rate from "
    assert query(settings, kpis + "clinic.daily_kpis") == [(101, 40, 40, 20, 1, 0.5)]
    unknown = "select value_text, value_count, value_amount from intermediate."
    assert query(settings, unknown + "int_clinic__unmapped_values") == [
        ("Zweitmeinung", 1, Decimal("45.10"))
    ]
    published = clinic_marts(settings.published)
    odd = [visit(number, "09-05", status="Zweitmeinung") for number in range(301, 304)]
    write_drop(settings.inbox / "clinic" / "daily" / "2025-09-05", appointments=odd)
    assert not run()
    assert "4 clinic visits have a status that no alias knows (1 words)" in "\n".join(told)
    assert "Zweitmeinung" not in "\n".join(told)
    assert clinic_marts(settings.published) == published


def test_money_without_an_appointment_is_revenue_of_its_day_with_tax_and_staff(home, tmp_path):
    headers = {**HEADERS, "payments": [*HEADERS["payments"], "tax_amount", "physio_id", "item"]}
    write_drop(
        tmp_path / "clinic" / "raw",
        headers=headers,
        appointments=[visit(1, "09-04", status="completed")],
        patients=PATIENTS,
        physios=PHYSIOS,
        payments=[
            [*payment(1, 1, "50.00", "09-04"), "7.98", "", ""],
            [*payment(2, "", "12.90", "09-05"), "2.06", "2", "resistance band"],
            [*payment(3, 99, "45.00", "09-05"), "", "", ""],
        ],
    )
    settings = home
    land_clinic(settings, tmp_path / "clinic")
    build_clinic(settings)
    assert query(
        settings,
        "select day, revenue_paid, revenue_paid_by_payment_day, revenue_without_appointment, "
        "payments_without_appointment, tax_by_payment_day from clinic.daily_kpis order by day",
    ) == [
        (date(2025, 9, 4), 50, 50, 0, 0, Decimal("7.98")),
        (date(2025, 9, 5), 0, Decimal("12.90"), Decimal("12.90"), 1, Decimal("2.06")),
    ]
    assert query(
        settings,
        "select physio_id, paid_for, item from clinic.fact_payments where payment_id = '2'",
    ) == [("2", "no appointment", "resistance band")]
    assert query(
        settings,
        "select reason from intermediate.int_clinic__row_outcomes where outcome = 'rejected'",
    ) == [("appointment_id is in no appointments.csv",)]


def test_a_book_of_days_without_times_has_rates_and_no_hours(home, tmp_path):
    """As public sets have it: a date for the visit, a moment for its booking, no payments."""
    days = {"appt_start": "2025-09-04", "appt_end": "2025-09-04"}
    moments = {"booked_at": "2025-09-04T14:30:00+02:00"}
    statuses = ["completed"] * 3 + ["no_show"]
    write_drop(
        tmp_path / "clinic" / "raw",
        appointments=[
            visit(number, "09-04", status=status, **days, **moments)
            for number, status in enumerate(statuses)
        ],
        patients=PATIENTS,
        physios=PHYSIOS,
        payments=[],
    )
    settings = home.model_copy(update={"as_of": date(2025, 9, 10)})
    land_clinic(settings, tmp_path / "clinic")
    build_clinic(settings)
    assert query(
        settings,
        "select bookings, completed, no_shows, show_rate, revenue_paid, attended_hours, "
        "utilization_rate, visits_without_time from clinic.daily_kpis",
    ) == [(4, 3, 1, 0.75, None, None, None, 4)]
    assert query(settings, "select * from clinic.validation_findings") == []


def test_a_public_no_show_book_needs_no_other_file(home, tmp_path):
    """Days as midnights in UTC, Yes for who did not come, nobody's names, no physiotherapist."""
    folder = tmp_path / "clinic" / "raw"
    folder.mkdir(parents=True)
    rows = [
        "29872499824296.0,1,F,2016-04-29T18:38:08Z,2016-04-29T00:00:00Z,62,No",
        "29872499824296.0,2,F,2016-04-27T08:00:00Z,2016-04-29T00:00:00Z,62,Yes",
        "867951213174.0,3,M,2016-04-28T16:00:00Z,2016-04-29T00:00:00Z,8,No",
        "867951213174.0,4,M,2016-04-30T16:00:00Z,2016-04-29T00:00:00Z,8,No",
    ]
    (folder / "noshow appointments.csv").write_text(
        "PatientId,AppointmentID,Gender,ScheduledDay,AppointmentDay,Age,No-show\n"
        + "".join(f"{row}\n" for row in rows)
    )
    settings = home.model_copy(update={"as_of": date(2016, 5, 10), "timezone": "America/Sao_Paulo"})
    assert not land_clinic(settings, tmp_path / "clinic").refused
    build_clinic(settings)
    assert query(
        settings,
        "select day, bookings, completed, no_shows, visits_without_time from clinic.daily_kpis",
    ) == [(date(2016, 4, 29), 3, 2, 1, 3)]
    assert query(settings, "select physio_id, physio_name from clinic.dim_physios") == [
        ("0", "Unknown")
    ]
    assert query(settings, "select patient_id from clinic.dim_patients order by 1") == [
        ("29872499824296",),
        ("867951213174",),
    ]
    rejected = "select reason from intermediate.int_clinic__row_outcomes where outcome = 'rejected'"
    assert query(settings, rejected) == [("booked_at is after appt_start",)]


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
