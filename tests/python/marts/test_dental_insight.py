"""Dental insights on a made-up practice, against plain pandas over the practice's own tables."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from shutil import copy

import duckdb
import pandas as pd
import pytest

from carehouse.build import run_dbt
from carehouse.demo import opendental
from carehouse.settings import Settings
from conftest import clear, forget_settings, query
from insight_support import build_day, keep

AS_OF = opendental.AS_OF
NO_DATE = date(1880, 1, 1)
PLANNED, COMPLETE, DELETED, PLANNED_INACTIVE = 1, 2, 6, 8


@dataclass
class Practice:
    """A built warehouse and the folder of tables that it was built from."""

    settings: Settings
    folder: Path

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        """Columns of a source table, dates as Python's."""
        listed = ", ".join(f'"{column}"' for column in columns)
        rows = duckdb.sql(f"select {listed} from '{self.folder}/{name}.parquet'").fetchall()
        return pd.DataFrame(rows, columns=list(columns))

    def mart(self, sql: str) -> list[tuple]:
        """Rows of a query on the warehouse."""
        return query(self.settings, sql)


@pytest.fixture(scope="module")
def practice(tmp_path_factory, parsed_home) -> Practice:
    base = tmp_path_factory.mktemp("insight")
    opendental.generate(base, scale=0.5, seed=11)
    settings = clear(Settings(home=parsed_home))
    build_day(settings, base / "opendental", AS_OF, tests=True)
    forget_settings()
    return Practice(keep(settings, base / "home"), base / "opendental")


@pytest.fixture(scope="module")
def procedures(practice) -> pd.DataFrame:
    """Every procedure with its code, its whole fee, and whether its code is treatment."""
    rows = practice.table(
        "procedurelog",
        "ProcNum",
        "PatNum",
        "ProvNum",
        "ClinicNum",
        "AptNum",
        "CodeNum",
        "ProcStatus",
        "ProcDate",
        "DateTP",
        "ProcFee",
        "UnitQty",
        "BaseUnits",
    )
    codes = practice.table("procedurecode", "CodeNum", "ProcCode", "IsHygiene")
    rows = rows.merge(codes, on="CodeNum", how="left")
    units = rows.UnitQty + rows.BaseUnits
    rows["fee"] = (rows.ProcFee * units).round(2)
    rows["is_utility"] = rows.ProcCode.fillna("").str.match(r"^(~GRP~$|D9986$|D9987$|N|Z)")
    rows["is_break"] = rows.ProcCode.isin(["D9986", "D9987"])
    rows["done"] = (
        (rows.ProcStatus == COMPLETE) & (rows.ProcDate >= NO_DATE) & (rows.ProcDate <= AS_OF)
    )
    return rows


def money(value) -> float:
    return round(float(value), 2)


def month_of(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def test_acceptance_by_cohort_in_dollars_and_in_patients(practice, procedures):
    planned = procedures[
        (procedures.DateTP >= NO_DATE)
        & (procedures.DateTP <= AS_OF)
        & (procedures.fee > 0)
        & ~procedures.is_utility
        & procedures.ProcStatus.isin([PLANNED, COMPLETE, DELETED, PLANNED_INACTIVE])
    ].copy()
    planned["month"] = planned.DateTP.map(month_of)
    pairs = zip(planned.ProcDate, planned.DateTP, strict=True)
    planned["days"] = [(done - plan).days for done, plan in pairs]
    planned["accepted"] = planned.done & (planned.days <= 90)
    expected = {}
    for (month, clinic), cohort in planned.groupby(["month", "ClinicNum"]):
        presented = cohort[cohort.ProcStatus != DELETED]
        accepted = cohort[cohort.accepted]
        is_mature = next_month(month) - timedelta(days=1) + timedelta(days=90) <= AS_OF
        rate = accepted.fee.sum() / presented.fee.sum() if len(presented) and is_mature else None
        expected[month, clinic] = (
            is_mature,
            money(presented.fee.sum()),
            money(cohort.fee.sum()),
            money(accepted.fee.sum()),
            presented.PatNum.nunique(),
            accepted.PatNum.nunique(),
            rate if rate is None else round(rate, 9),
        )
    found = {
        row[:2]: (row[2], *map(money, row[3:6]), *row[6:8], row[8] and round(row[8], 9))
        for row in practice.mart(
            "select planned_month, clinic_id, is_mature, presented_amount, "
            "presented_with_deleted_amount, accepted_amount, presented_patients, "
            "accepted_patients, acceptance_rate from dental.treatment_acceptance"
        )
    }
    assert found == {
        key: (*value[:6], value[6] or (None if value[6] is None else 0.0))
        for key, value in expected.items()
    }
    assert {row[0] for row in found.values()} == {True, False}
    assert 0 < sum(row[3] for row in found.values()) < sum(row[1] for row in found.values())


def test_case_acceptance_leaves_out_routine_and_same_day_work(practice, procedures):
    planned = procedures[
        (procedures.DateTP >= NO_DATE)
        & (procedures.DateTP <= AS_OF)
        & (procedures.fee > 0)
        & ~procedures.is_utility
        & procedures.ProcStatus.isin([PLANNED, COMPLETE, PLANNED_INACTIVE])
    ]
    is_case = ~planned.ProcCode.str.match(r"^D[01]") & ~(
        planned.done & (planned.ProcDate <= planned.DateTP)
    )
    cases = planned[is_case]
    pairs = zip(cases.ProcDate, cases.DateTP, strict=True)
    in_time = pd.Series([(done - plan).days <= 90 for done, plan in pairs], index=cases.index)
    accepted = cases[cases.done & in_time]
    expected = (money(cases.fee.sum()), money(accepted.fee.sum()))
    for mart in ("treatment_acceptance", "treatment_acceptance_by_provider",
                 "practice_overview_monthly"):  # fmt: skip
        (found,) = practice.mart(
            f"select sum(case_presented_amount), sum(case_accepted_amount) from dental.{mart}"
        )
        assert tuple(map(money, found)) == expected
    (found,) = practice.mart(
        "select sum(case_planned_amount), sum(case_accepted_amount) from dental.procedure_insights"
    )
    assert tuple(map(money, found)) == expected
    assert 0 < expected[1] < expected[0] < planned.fee.sum()


def test_acceptance_by_provider_adds_up_to_that_by_clinic(practice):
    sql = (
        "select planned_month, clinic_id, sum(presented_amount), sum(accepted_amount), "
        "sum(scheduled_amount) from dental.treatment_acceptance{} group by all order by all"
    )
    assert practice.mart(sql.format("_by_provider")) == practice.mart(sql.format(""))


def test_unscheduled_treatment_is_the_treatment_finders(practice, procedures):
    patients = practice.table("patient", "PatNum", "PatStatus").set_index("PatNum").PatStatus
    appointments = practice.table("appointment", "AptNum", "AptStatus")
    scheduled = set(appointments[appointments.AptStatus == 1].AptNum)
    open_ones = procedures[
        (procedures.ProcStatus == PLANNED) & ~procedures.is_utility & (procedures.DateTP <= AS_OF)
    ]
    expected = {}
    for patient, rows in open_ones.groupby("PatNum"):
        waiting = rows[~rows.AptNum.isin(scheduled)]
        if patients.get(patient) == 0 and len(waiting):
            expected[patient] = (money(rows.fee.sum()), money(waiting.fee.sum()))
    found = practice.mart(
        "select patient_id, planned_amount, unscheduled_amount from dental.unscheduled_treatment"
    )
    assert {row[0]: (money(row[1]), money(row[2])) for row in found} == expected
    assert expected


def test_what_insurance_has_left_is_the_maximum_less_paid_and_pending(practice):
    coverage = practice.table(
        "patplan", "PatPlanNum", "PatNum", "Ordinal", "IsPending", "InsSubNum"
    )
    subscriptions = practice.table("inssub", "InsSubNum", "PlanNum", "DateEffective", "DateTerm")
    plans = practice.table("insplan", "PlanNum", "MonthRenew").set_index("PlanNum").MonthRenew
    benefits = practice.table(
        "benefit",
        "PlanNum",
        "PatPlanNum",
        "CovCatNum",
        "CodeNum",
        "CodeGroupNum",
        "BenefitType",
        "MonetaryAmt",
        "TimePeriod",
        "QuantityQualifier",
        "CoverageLevel",
    )
    categories = practice.table("covcat", "CovCatNum", "EbenefitCat")
    general = {0, *categories[categories.EbenefitCat.isin([0, 1])].CovCatNum}
    maximums = benefits[
        (benefits.BenefitType == 5)
        & (benefits.QuantityQualifier == 0)
        & (benefits.CodeNum == 0)
        & (benefits.CodeGroupNum == 0)
        & benefits.TimePeriod.isin([1, 2])
        & (benefits.CoverageLevel != 2)
        & benefits.CovCatNum.isin(general)
        & (benefits.MonetaryAmt != -1)
    ]
    lines = practice.table(
        "claimproc", "PatNum", "InsSubNum", "Status", "ProcDate", "InsPayAmt", "InsPayEst"
    )
    merged = coverage.merge(subscriptions, on="InsSubNum")
    in_force = merged[
        (merged.IsPending == 0)
        & (merged.DateEffective <= AS_OF)
        & ((merged.DateTerm < NO_DATE) | (merged.DateTerm >= AS_OF))
    ].sort_values(["Ordinal", "PatPlanNum"])
    listed = {
        row[0] for row in practice.mart("select patient_id from dental.unscheduled_treatment")
    }
    expected = {}
    for patient, rows in in_force.groupby("PatNum"):
        first = rows.iloc[0]
        own = maximums[maximums.PatPlanNum == first.PatPlanNum].MonetaryAmt
        shared = maximums[maximums.PlanNum == first.PlanNum].MonetaryAmt
        most = own.max() if len(own) else shared.max() if len(shared) else None
        month = plans[first.PlanNum] or 1
        begins = date(AS_OF.year - (AS_OF.month < month), month, 1)
        year = lines[
            (lines.PatNum == patient)
            & (lines.InsSubNum == first.InsSubNum)
            & (lines.ProcDate >= begins)
            & (lines.ProcDate <= AS_OF)
        ]
        used = year[year.Status.isin([1, 3, 4])].InsPayAmt.sum()
        pending = year[(year.Status == 0) & (year.InsPayAmt == 0)].InsPayEst.sum()
        if patient in listed:
            left = None if most is None else money(max(0, most - used - pending))
            expected[patient] = (first.PlanNum, begins, left)
    found = practice.mart(
        "select patient_id, insurance_plan_id, benefit_year_start, insurance_remaining_amount "
        "from dental.unscheduled_treatment where insurance_plan_id is not null"
    )
    assert {
        row[0]: (row[1], row[2], row[3] if row[3] is None else money(row[3])) for row in found
    } == expected
    assert len({left for _, _, left in expected.values()}) > 3


def test_recalls_due_and_their_reminders(practice):
    recalls = practice.table(
        "recall",
        "RecallNum",
        "PatNum",
        "RecallTypeNum",
        "DateDue",
        "DatePrevious",
        "IsDisabled",
        "DateScheduled",
        "DisableUntilDate",
        "DisableUntilBalance",
    )
    patients = practice.table(
        "patient", "PatNum", "PatStatus", "Guarantor", "BalTotal", "InsEst"
    ).set_index("PatNum")
    shown = (
        practice.table("preference", "PrefName", "ValueString").set_index("PrefName").ValueString
    )
    types = shown.get("RecallTypesShowingInList")
    definitions = practice.table("definition", "DefNum", "Category", "ItemValue")
    tagged = set(
        definitions[(definitions.Category == 27) & (definitions.ItemValue == "RECALL")].DefNum
    )
    letters = practice.table("commlog", "PatNum", "CommType", "CommDateTime")
    letters = letters[letters.CommType.isin(tagged)]
    expected = {}
    for recall in recalls.itertuples():
        if recall.PatNum not in patients.index or patients.PatStatus[recall.PatNum] != 0:
            continue
        head = patients.Guarantor[recall.PatNum]
        owed = patients.BalTotal.get(head, 0) - patients.InsEst.get(head, 0)
        if (
            recall.IsDisabled
            or recall.DateDue < NO_DATE
            or recall.DateDue > AS_OF + timedelta(days=30)
            or recall.DisableUntilDate > AS_OF
            or (recall.DisableUntilBalance > 0 and owed > recall.DisableUntilBalance)
            or recall.DateScheduled >= AS_OF
            or (types and str(recall.RecallTypeNum) not in types.replace(" ", "").split(","))
        ):
            continue
        reminders = [
            letter
            for letter in letters[letters.PatNum == recall.PatNum].CommDateTime
            if recall.DatePrevious < letter.date() <= AS_OF
        ]
        expected[recall.RecallNum] = (recall.DateDue < AS_OF, len(reminders))
    found = practice.mart("select recall_id, is_overdue, reminder_count from dental.recall_due")
    assert {row[0]: row[1:] for row in found} == expected
    assert 0 < len(expected) < len(recalls)
    assert {late for late, _ in expected.values()} == {True, False}
    assert sum(count for _, count in expected.values()) > 0


def test_broken_appointments_by_the_three_methods(practice, procedures):
    counts: dict[tuple, list[int]] = {}

    def mark(day, provider, clinic, method):
        if NO_DATE <= day <= AS_OF:
            counts.setdefault((day, provider, clinic), [0, 0, 0])[method] += 1

    for row in procedures[procedures.done & procedures.is_break].itertuples():
        mark(row.ProcDate, row.ProvNum, row.ClinicNum, 0)
    definitions = practice.table("definition", "DefNum", "Category", "ItemName")
    names = definitions.ItemName.str.lower().str
    fees = set(
        definitions[
            (definitions.Category == 1)
            & names.contains("(?:broken|missed) (?:app|visit)|no.show|late cancel")
        ].DefNum
    )
    for row in practice.table(
        "adjustment", "AdjType", "AdjDate", "ProvNum", "ClinicNum"
    ).itertuples():
        if row.AdjType in fees:
            mark(row.AdjDate, row.ProvNum, row.ClinicNum, 1)
    for row in practice.table(
        "appointment", "AptStatus", "AptDateTime", "ProvNum", "ProvHyg", "IsHygiene", "ClinicNum"
    ).itertuples():
        if row.AptStatus == 5:
            provider = row.ProvHyg if row.IsHygiene and row.ProvHyg else row.ProvNum
            mark(row.AptDateTime.date(), provider, row.ClinicNum, 2)
    found = practice.mart(
        "select day, provider_id, clinic_id, broken_by_procedure, broken_by_adjustment, "
        "broken_by_status from dental.broken_appointments"
    )
    assert {row[:3]: list(row[3:]) for row in found} == counts
    totals = [sum(values) for values in zip(*counts.values(), strict=True)]
    assert all(totals) and len(set(totals)) > 1


def test_new_patients_and_where_they_came_from(practice, procedures):
    treated = procedures[procedures.done & ~procedures.is_break]
    first = treated.groupby("PatNum").ProcDate.min()
    referrals = practice.table(
        "refattach", "RefAttachNum", "PatNum", "ReferralNum", "RefType", "ItemOrder"
    )
    sources = (
        referrals[referrals.RefType == 1]
        .sort_values(["ItemOrder", "RefAttachNum"])
        .groupby("PatNum")
        .ReferralNum.first()
    )
    priors = practice.table("patient", "PatNum", "PriProv").set_index("PatNum").PriProv
    expected = {
        patient: (day, sources.get(patient), priors[patient]) for patient, day in first.items()
    }
    found = practice.mart(
        "select patient_id, first_visit_date, referral_id, primary_provider_id "
        "from dental.new_patients"
    )
    assert {row[0]: row[1:] for row in found} == expected
    assert 0 < sum(source is not None for _, source, _ in expected.values()) < len(expected)
    broken_first = (
        procedures[procedures.done & procedures.is_break].groupby("PatNum").ProcDate.min()
    )
    monthly = practice.mart("select sum(new_patients) from dental.practice_overview_monthly")
    assert monthly == [(len(expected),)]
    assert len(broken_first)


def minutes(clock: str) -> int:
    hours, rest = str(clock).split(":")[:2]
    return int(hours) * 60 + int(rest)


def booked_minutes(practice: Practice, whose: str, open_minutes: dict) -> dict[tuple, list[int]]:
    """Minutes booked and kept by day and provider or operatory, and of each those outside."""
    booked: dict[tuple, list[int]] = {}
    for row in practice.table(
        "appointment",
        "AptStatus",
        "AptDateTime",
        "Pattern",
        "ProvNum",
        "ProvHyg",
        "IsHygiene",
        "Op",
    ).itertuples():
        day = row.AptDateTime.date()
        provider = row.ProvHyg if row.IsHygiene and row.ProvHyg else row.ProvNum
        who = provider if whose == "provider" else row.Op
        if row.AptStatus not in (1, 2, 4, 5) or not NO_DATE <= day <= AS_OF:
            continue
        times = booked.setdefault((day, who), [0, 0, 0, 0])
        length = 5 * len(row.Pattern.strip())
        start = row.AptDateTime.hour * 60 + row.AptDateTime.minute
        outside = len(set(range(start, start + length)) - open_minutes.get((day, who), set()))
        if row.AptStatus != 5:
            times[0] += length
            times[2] += outside
        if row.AptStatus == 2:
            times[1] += length
            times[3] += outside
    return booked


def schedule(practice: Practice) -> pd.DataFrame:
    rows = practice.table(
        "schedule",
        "ScheduleNum",
        "SchedDate",
        "StartTime",
        "StopTime",
        "SchedType",
        "Status",
        "ProvNum",
    )
    return rows[
        (rows.SchedType == 1) & (rows.Status == 0) & (rows.ProvNum != 0) & (rows.SchedDate <= AS_OF)
    ]


def test_utilization_of_providers_against_the_schedule(practice):
    open_minutes: dict[tuple, set] = {}
    for row in schedule(practice).itertuples():
        covered = range(minutes(row.StartTime), minutes(row.StopTime))
        open_minutes.setdefault((row.SchedDate, row.ProvNum), set()).update(covered)
    booked = booked_minutes(practice, "provider", open_minutes)
    found = practice.mart(
        "select day, provider_id, open_minutes, booked_minutes, kept_minutes, "
        "booked_outside_minutes, kept_outside_minutes, booked_rate, utilization_rate "
        "from dental.provider_utilization_daily where open_minutes > 0 or appointment_count > 0"
    )
    assert {row[:2] for row in found} == {key for key, held in open_minutes.items() if held} | set(
        booked
    )
    for day, provider, opened, *times, booked_rate, rate in found:
        expected = len(open_minutes.get((day, provider), ()))
        assert (opened, times) == (expected, booked.get((day, provider), [0, 0, 0, 0]))
        planned, kept, planned_outside, kept_outside = times
        assert booked_rate == (
            pytest.approx((planned - planned_outside) / opened) if opened else None
        )
        is_known = opened and day < AS_OF
        assert rate == (pytest.approx((kept - kept_outside) / opened) if is_known else None)
    assert any(kept_outside for *_, kept_outside, _, _ in found)


def test_a_note_or_a_mark_of_a_broken_appointment_makes_no_working_day(practice, procedures):
    treated = procedures[procedures.done & ~procedures.is_utility]
    days = set(zip(treated.ProcDate, treated.ProvNum, strict=True))
    found = practice.mart(
        "select day, provider_id from dental.provider_utilization_daily "
        "where open_minutes = 0 and appointment_count = 0"
    )
    assert set(found) <= days
    noted = procedures[procedures.done & procedures.is_utility]
    assert set(zip(noted.ProcDate, noted.ProvNum, strict=True)) - days


def test_utilization_of_operatories_against_the_schedule(practice):
    links = practice.table("scheduleop", "ScheduleNum", "OperatoryNum")
    linked = links.groupby("ScheduleNum").OperatoryNum.apply(set).to_dict()
    rooms = practice.table("operatory", "OperatoryNum", "ProvDentist", "ProvHygienist", "IsHidden")
    open_minutes: dict[tuple, set] = {}
    for row in schedule(practice).itertuples():
        usual = rooms[
            ((rooms.ProvDentist == row.ProvNum) | (rooms.ProvHygienist == row.ProvNum))
            & (rooms.IsHidden == 0)
        ].OperatoryNum
        for room in linked.get(row.ScheduleNum, set(usual)):
            covered = range(minutes(row.StartTime), minutes(row.StopTime))
            open_minutes.setdefault((row.SchedDate, room), set()).update(covered)
    booked = booked_minutes(practice, "operatory", open_minutes)
    found = practice.mart(
        "select day, operatory_id, open_minutes, booked_minutes, kept_minutes, "
        "booked_outside_minutes, kept_outside_minutes "
        "from dental.operatory_utilization_daily"
    )
    keys = set(open_minutes) | {key for key in booked if key[1]}
    assert {row[:2] for row in found} == {
        key for key in keys if open_minutes.get(key) or key in booked
    }
    for day, room, opened, *times in found:
        assert opened == len(open_minutes.get((day, room), ()))
        assert times == booked.get((day, room), [0, 0, 0, 0])


def test_hygiene_retention_follows_each_patient(practice, procedures):
    treated = procedures[procedures.done & ~procedures.is_utility]
    hygiene = treated[treated.IsHygiene == 1]
    gum = treated[treated.ProcCode.str.match(r"^(D42|D434|D4355|D4381)")]
    gum_days = set(zip(gum.PatNum, gum.ProcDate, strict=True))
    booked = practice.table("appointment", "PatNum", "AptStatus", "AptDateTime", "IsHygiene",
                            "SecDateTEntry")  # fmt: skip
    booked = booked[(booked.IsHygiene == 1) & booked.AptStatus.isin([1, 2, 4, 5])]
    by_patient = dict(iter(booked.groupby("PatNum")))
    expected: dict[date, list[int]] = {}
    for patient, rows in hygiene.groupby("PatNum"):
        days = sorted(set(rows.ProcDate))
        recalls = [day for day in days if (patient, day) not in gum_days]
        for month, day in {month_of(day): day for day in recalls}.items():
            counts = expected.setdefault(month, [0, 0, 0, 0])
            gaps = [(other - day).days for other in recalls if (other - day).days >= 90]
            counts[0] += 1
            counts[1] += bool(gaps) and gaps[0] <= 240
            counts[2] += any(0 < (other - day).days < 90 for other in days)
            counts[3] += any(
                row.SecDateTEntry.date() <= day < row.AptDateTime.date()
                for row in by_patient.get(patient, booked[:0]).itertuples()
            )
    found = practice.mart(
        "select month, patients, retained_patients, early_return_patients, reappointed_patients, "
        "is_mature, retention_rate from dental.hygiene_retention_monthly where patients > 0"
    )
    assert {row[0]: list(row[1:5]) for row in found} == expected
    for month, patients, retained, _, _, is_mature, rate in found:
        assert is_mature == (next_month(month) + timedelta(days=239) <= AS_OF)
        assert rate == (pytest.approx(retained / patients) if is_mature else None)
    assert {row[5] for row in found} == {True, False}
    assert all(sum(column) for column in zip(*expected.values(), strict=True))


def test_what_is_owed_at_the_end_of_each_month_by_age(practice):
    """The family's own rows, aged by hand at three month ends."""
    rows = practice.mart(
        "select guarantor_id, transaction_date, amount, is_aged_as_charge from dental.fact_ledger "
        "where is_on_account and amount <> 0"
    )
    names = ("0_30", "31_60", "61_90", "over_90")
    for month in (date(2023, 2, 1), date(2024, 6, 1), date(2025, 5, 1)):
        end = next_month(month) - timedelta(days=1)
        families: dict[int, list] = {}
        for family, day, amount, is_charge in rows:
            if day and day > end:
                continue
            aged = families.setdefault(family, [0, 0, 0, 0, 0])
            days = (end - day).days if day else 999
            place = 0 if days <= 30 else 1 if days <= 60 else 2 if days <= 90 else 3
            aged[place if is_charge else 4] += amount if is_charge else -amount
        totals = [0, 0, 0, 0]
        for aged in families.values():
            credit = aged[4]
            for place in (3, 2, 1, 0):
                paid = min(credit, aged[place])
                totals[place] += aged[place] - paid
                credit -= paid
        listed = ", ".join(f"balance_{name}" for name in names)
        (found,) = practice.mart(
            f"select {listed} from dental.accounts_receivable_aging_monthly where month = '{month}'"
        )
        assert list(found) == totals
        assert all(totals)


def test_procedure_insights_add_up_to_the_procedures_and_their_money(practice, procedures):
    treated = procedures[procedures.done & ~procedures.is_utility]
    lines = practice.table("claimproc", "ProcNum", "Status", "InsPayAmt", "WriteOff")
    received = lines[lines.Status.isin([1, 4]) & lines.ProcNum.isin(treated.ProcNum)]
    definitions = practice.table("definition", "DefNum", "Category", "ItemValue")
    hidden = set(definitions[(definitions.Category == 29) & (definitions.ItemValue != "")].DefNum)
    splits = practice.table("paysplit", "ProcNum", "SplitAmt", "UnearnedType")
    paid = splits[splits.ProcNum.isin(treated.ProcNum) & ~splits.UnearnedType.isin(hidden)]
    (found,) = practice.mart(
        "select sum(completed_procedures), sum(production_amount), sum(insurance_paid_amount), "
        "sum(write_off_amount), sum(patient_paid_amount) from dental.procedure_insights"
    )
    assert found[0] == len(treated)
    assert [money(value) for value in found[1:]] == [
        money(treated.fee.sum()),
        money(received.InsPayAmt.sum()),
        money(received.WriteOff.sum()),
        money(paid.SplitAmt.sum()),
    ]
    assert all(found)
    (shares,) = practice.mart(
        "select max(abs(total - 1)) from (select month, sum(production_share) as total "
        "from dental.procedure_insights group by month having sum(production_amount) > 0)"
    )
    assert shares[0] < 1e-9


def test_the_overview_is_production_and_income_of_each_month(practice):
    names = (
        "gross_production",
        "capitation_write_off",
        "adjustments",
        "write_offs",
        "net_production",
        "patient_income",
        "unearned_income",
        "insurance_income",
        "total_income",
    )
    sums = ", ".join(f"sum({name}) as {name}" for name in names)
    daily = practice.mart(
        f"select date_trunc('month', day)::date as month, {sums} from "
        f"dental.production_income_daily where day <= '{AS_OF}' group by 1 order by 1"
    )
    listed = ", ".join(names)
    monthly = practice.mart(
        f"select month, {listed} from dental.practice_overview_monthly order by 1"
    )
    assert len(daily) > 12
    with_money = {row[0] for row in daily}
    assert [row for row in monthly if row[0] in with_money] == daily
    assert all(not any(row[1:]) for row in monthly if row[0] not in with_money)


def test_the_overview_counts_patients_seen_and_active(practice, procedures):
    treated = procedures[procedures.done & ~procedures.is_utility]
    seen: dict[date, set] = {}
    for row in treated.itertuples():
        seen.setdefault(month_of(row.ProcDate), set()).add(row.PatNum)
    found = practice.mart(
        "select month, patients_seen, active_patients from dental.practice_overview_monthly"
    )
    for month, patients_seen, active in found:
        assert patients_seen == len(seen.get(month, ()))
        recent = [
            patients
            for other, patients in seen.items()
            if other <= month and (month.year - other.year) * 12 + month.month - other.month < 18
        ]
        assert active == len(set().union(*recent))
    assert {row[0] for row in found} >= set(seen)


def test_families_hold_everybody_once(practice):
    patients = practice.table("patient", "PatNum", "Guarantor", "PatStatus")
    links = practice.table("patientlink", "PatNumFrom", "LinkType")
    merged = set(links[links.LinkType == 1].PatNumFrom)
    kept = patients[(patients.PatStatus != 4) & ~patients.PatNum.isin(merged)]
    expected = kept.groupby("Guarantor").PatNum.count().to_dict()
    found = practice.mart("select guarantor_id, members from dental.family_patterns")
    assert dict(found) == expected
    assert len(expected) < len(kept)


def test_acceptance_by_category_and_insurance(practice, procedures):
    codes = practice.mart(
        "select procedure_code_id, procedure_category from dental.dim_procedure_codes"
    )
    lines = practice.table("claimproc", "ProcNum", "Status")
    insured = set(lines[lines.Status.isin([0, 1, 4, 5, 6, 7, 8])].ProcNum)
    planned = procedures[
        (procedures.DateTP >= NO_DATE)
        & (procedures.DateTP <= AS_OF - timedelta(days=125))
        & (procedures.fee > 0)
        & ~procedures.is_utility
        & procedures.ProcStatus.isin([PLANNED, COMPLETE, PLANNED_INACTIVE])
    ]
    categories = dict(codes)
    expected: dict[tuple, list[float]] = {}
    last_mature = month_of(AS_OF - timedelta(days=125))
    for row in planned.itertuples():
        if month_of(row.DateTP) >= last_mature:
            continue
        sums = expected.setdefault((month_of(row.DateTP), categories[row.CodeNum]), [0] * 4)
        is_accepted = row.done and (row.ProcDate - row.DateTP).days <= 90
        which = 0 if row.ProcNum in insured else 2
        sums[which] += row.fee
        sums[which + 1] += row.fee if is_accepted else 0
    found = practice.mart(
        "select month, procedure_category, acceptance_rate_insured, acceptance_rate_uninsured "
        f"from dental.procedure_insights where month < '{last_mature}' and planned_procedures > 0"
    )
    assert {row[:2] for row in found} == set(expected)
    for month, category, *rates in found:
        sums = expected[month, category]
        for rate, (whole, part) in zip(rates, (sums[:2], sums[2:]), strict=True):
            assert rate == (pytest.approx(part / whole) if whole else None)
    assert {0 < rate < 1 for *_, rate in found if rate is not None} == {True, False}


def test_families_and_what_they_did(practice, procedures):
    patients = practice.table("patient", "PatNum", "Guarantor", "PatStatus")
    links = practice.table("patientlink", "PatNumFrom", "LinkType")
    merged = set(links[links.LinkType == 1].PatNumFrom)
    kept = patients[(patients.PatStatus != 4) & ~patients.PatNum.isin(merged)]
    family = dict(zip(kept.PatNum, kept.Guarantor, strict=True))
    visits = practice.table("appointment", "PatNum", "AptStatus", "AptDateTime")
    treated = procedures[procedures.done & ~procedures.is_utility]
    expected = {head: [0.0, 0, 0] for head in family.values()}
    for row in treated.itertuples():
        if row.PatNum in family and row.ProcDate > AS_OF - timedelta(days=365):
            expected[family[row.PatNum]][0] += row.fee
    for row in visits.itertuples():
        if row.PatNum in family and NO_DATE <= row.AptDateTime.date() <= AS_OF:
            expected[family[row.PatNum]][1] += row.AptStatus == 2
            expected[family[row.PatNum]][2] += row.AptStatus == 5
    found = practice.mart(
        "select guarantor_id, production_365_days_amount, kept_appointments, broken_appointments "
        "from dental.family_patterns"
    )
    assert {row[0]: (money(row[1]), *row[2:]) for row in found} == {
        head: (money(produced), kept_count, broken)
        for head, (produced, kept_count, broken) in expected.items()
    }
    assert all(sum(values) for values in list(zip(*expected.values(), strict=True)))


def test_appointments_with_their_length_and_production(practice, procedures):
    attached = procedures[procedures.ProcStatus.isin([PLANNED, COMPLETE, PLANNED_INACTIVE])]
    production = attached[~attached.is_utility & (attached.AptNum != 0)].groupby("AptNum").fee.sum()
    expected = {
        row.AptNum: (
            5 * len(row.Pattern.strip()),
            row.AptDateTime if row.AptStatus in (1, 2, 4, 5) else None,
            money(production.get(row.AptNum, 0)),
        )
        for row in practice.table(
            "appointment", "AptNum", "AptStatus", "AptDateTime", "Pattern"
        ).itertuples()
        if row.AptStatus in (1, 2, 3, 4, 5, 6)
    }
    found = practice.mart(
        "select appointment_id, minutes, starts_at, production_amount from dental.fact_appointments"
    )
    assert {row[0]: (*row[1:3], money(row[3])) for row in found} == expected
    assert any(start is None for _, start, _ in expected.values())


def test_a_rate_that_was_mature_half_a_year_ago_is_the_same_today(practice, home):
    """Else cohorts could not be compared: the horizon, not the day of asking, decides."""
    earlier = home.model_copy(update={"as_of": AS_OF - timedelta(days=180)})
    home.warehouse.parent.mkdir()
    copy(practice.settings.warehouse, home.warehouse)
    marts = ("treatment_acceptance", "hygiene_retention_monthly")
    between = [
        f"int_dental__{first}+,+dental__{name}"
        for first in ("procedures", "claim_procedures")
        for name in marts
    ]
    built = run_dbt(earlier, ["run", "--select", *between], quiet=True)
    assert built.ok, (built.error, built.bad)
    for name in marts:
        then = query(home, f"select * from dental.{name} where is_mature order by all")
        now = practice.mart(f"select * from dental.{name} where is_mature order by all")
        of_now = (
            *("scheduled_amount", "completed_later_amount"),
            *("not_retained_but_scheduled", "left_patients"),
        )
        columns = [
            column
            for (column,) in query(
                home,
                "select column_name from duckdb_columns() where schema_name = 'dental' "
                "and table_name = ? order by column_index",
                [name],
            )
        ]
        kept = [number for number, column in enumerate(columns) if column not in of_now]
        known = {tuple(row[number] for number in kept) for row in now}
        assert 0 < len(then) < len(now)
        assert {tuple(row[number] for number in kept) for row in then} <= known
