"""The made-up practice obeys the program's rules, holds its traps, and is the same every time."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from carehouse.demo.opendental import generate
from carehouse.demo.opendental_output import source_columns, source_tables
from dental_support import open_files

AS_OF = date(2025, 6, 30)
EMPTY = "date '0001-01-01'"


@pytest.fixture(scope="module")
def made_up(tmp_path_factory) -> Path:
    """Three days of a practice."""
    folder = tmp_path_factory.mktemp("practice")
    generate(folder, scale=1, seed=5, days=3)
    return folder / "opendental"


@pytest.fixture(scope="module", params=["day-0", "day-1", "day-2"])
def day(request, made_up):
    """One of the days, to query; the schema is on the search path."""
    with open_files(made_up / request.param) as connection:
        connection.execute("use memory.raw_opendental")
        yield connection


@pytest.fixture(scope="module")
def first_day(made_up):
    with open_files(made_up / "day-0") as connection:
        connection.execute("use memory.raw_opendental")
        yield connection


# name: rows that break the rule
RULES = {
    "a payment is the sum of its splits": """
        select PayNum from payment left join (
            select PayNum, sum(SplitAmt) as split from paysplit group by PayNum
        ) using (PayNum)
        where round(PayAmt - coalesce(split, 0), 2) <> 0""",
    "a split has its payment, on the same day": """
        select SplitNum from paysplit left join payment using (PayNum)
        where PayDate is distinct from DatePay""",
    "an income transfer moves money and makes none": """
        select PayNum from payment where PayType = 0 and PayAmt <> 0""",
    "a whole check is the sum of its lines": """
        select ClaimPaymentNum from claimpayment left join (
            select ClaimPaymentNum, sum(InsPayAmt) as paid from claimproc group by ClaimPaymentNum
        ) using (ClaimPaymentNum)
        where IsPartial = 0 and round(CheckAmt - coalesce(paid, 0), 2) <> 0""",
    "a line on a check has the check's day": """
        select ClaimProcNum from claimproc join claimpayment using (ClaimPaymentNum)
        where DateCP <> CheckDate""",
    "only a line that was received is on a check": """
        select ClaimProcNum from claimproc where ClaimPaymentNum > 0 and Status not in (1, 4, 5)""",
    "a claim's lines belong to a claim that is there": """
        select ClaimProcNum from claimproc left join claim using (ClaimNum)
        where claimproc.ClaimNum > 0 and claim.ClaimNum is null""",
    "an answered claim has no line that waits": """
        select ClaimProcNum from claimproc join claim using (ClaimNum)
        where Status = 0 and ClaimStatus = 'R'""",
    "a claim carries the sums of its lines": """
        select ClaimNum from claim join (
            select ClaimNum, sum(InsPayAmt) as paid from claimproc group by ClaimNum
        ) using (ClaimNum)
        where round(InsPayAmt - paid, 2) <> 0""",
    "estimates stand on no claim": """
        select ClaimProcNum from claimproc where Status in (3, 6, 7, 8, 9) and ClaimNum <> 0""",
    "what is complete happened, and what is planned was planned": """
        select ProcNum from procedurelog
        where (ProcStatus = 2 and (ProcDate > date '2025-07-02' or ProcDate < date '2020-01-01'))
            or (ProcStatus = 2 and DateTP > ProcDate + 400)""",
    "completed capitation stands on completed procedures": """
        select ClaimProcNum from claimproc join procedurelog using (ProcNum)
        where Status = 7 and ProcStatus <> 2""",
    "a deleted procedure is on no appointment": """
        select ProcNum from procedurelog where ProcStatus = 6 and AptNum + PlannedAptNum > 0""",
    "an appointment's procedures are its patient's": """
        select ProcNum from procedurelog join appointment using (AptNum)
        where procedurelog.PatNum <> appointment.PatNum""",
    "a live plan holds only what still waits": """
        select TreatPlanAttachNum from treatplanattach join procedurelog using (ProcNum)
        where ProcStatus not in (1, 8)""",
    "one live plan a patient": """
        select PatNum from treatplan where TPStatus = 1 group by PatNum having count(*) > 2""",
    "a family's head heads itself": """
        select member.PatNum from patient as member
        join patient as head on member.Guarantor = head.PatNum
        where head.Guarantor <> head.PatNum""",
    "balances stand on heads of families alone": """
        select PatNum from patient where Guarantor <> PatNum and (BalTotal <> 0 or InsEst <> 0)""",
    "a merged patient is archived and owns nothing": """
        select PatNumFrom from patientlink join patient on PatNumFrom = PatNum
        where PatStatus <> 3 or PatNumFrom in (select PatNum from procedurelog)
            or PatNumFrom in (select PatNum from paysplit)""",
    "a static plan's charges come to its credits": """
        select PayPlanNum from payplancharge join payplan using (PayPlanNum)
        where IsDynamic = 0
        group by PayPlanNum
        having round(sum(if(ChargeType = 0, Principal, -Principal)), 2) <> 0""",
    "definitions are of their category": """
        select PayNum from payment left join definition on PayType = DefNum
        where PayType <> 0 and Category is distinct from 10
        union all
        select AdjNum from adjustment left join definition on AdjType = DefNum
        where Category is distinct from 1
        union all
        select SplitNum from paysplit left join definition on UnearnedType = DefNum
        where UnearnedType <> 0 and Category is distinct from 29
        union all
        select ClaimPaymentNum from claimpayment left join definition on PayType = DefNum
        where Category is distinct from 32""",
    "a code's appointment is broken as its code says": """
        select ProcNum from procedurelog
        join procedurecode using (CodeNum)
        join appointment using (AptNum)
        where ProcCode in ('D9986', 'D9987') and AptStatus not in (3, 5)""",
    "a member has one primary plan": """
        select PatNum from patplan where Ordinal = 1 group by PatNum having count(*) > 1""",
}

# name: rows that must be there
TRAPS = {
    "empty dates": f"select 1 from procedurelog where DateTP = {EMPTY}",
    "an unknown birthday": f"select 1 from patient where Birthdate = {EMPTY}",
    "no clinic": "select 1 from procedurelog where ClinicNum = 0 and ProcStatus = 2",
    "an adjustment of nobody": "select 1 from adjustment where ProvNum = 0",
    "blanks that are -1": "select 1 from claimproc where WriteOffEst = -1",
    "a snapshot's blank": "select 1 from claimsnapshot where Writeoff = -1",
    "a blank fee": "select 1 from fee where Amount = -1",
    "quantity nothing": "select 1 from procedurelog where UnitQty + BaseUnits = 0",
    "several units": "select 1 from procedurelog where UnitQty > 1 and ProcStatus = 2",
    "utility rows": "select 1 from procedurelog join procedurecode using (CodeNum) "
    "where ProcCode = '~GRP~'",
    "missed by code": "select 1 from histappointment where HistApptAction = 2",
    "broken without a code": "select 1 from appointment where AptStatus = 5 and AptNum not in "
    "(select AptNum from procedurelog)",
    "broken by a fee": "select 1 from adjustment join definition on AdjType = DefNum "
    "where ItemName in ('Broken appointment', 'Missed visit fee')",
    "a deleted appointment's history": "select 1 from histappointment where HistApptAction = 4 "
    "and AptNum not in (select AptNum from appointment)",
    "supplemental payments": "select 1 from claimproc where Status = 4 and InsPayAmt < 0",
    "paid by total": "select 1 from claimproc where ProcNum = 0 and ClaimNum > 0 and Status = 1",
    "not finalized": "select 1 from claimproc where Status = 1 and InsPayAmt > 0 "
    "and ClaimPaymentNum = 0",
    "pre-authorizations": "select 1 from claimproc where Status = 2",
    "benefit adjustments": "select 1 from claimproc where Status = 3 and InsPayAmt > 0",
    "insurance history": "select 1 from claimproc where Status = 9",
    "capitation, done and estimated": "select 1 from claimproc a, claimproc b "
    "where a.Status = 7 and b.Status = 8",
    "a capitation claim with a check": "select 1 from claimproc where Status = 5 "
    "and ClaimPaymentNum > 0",
    "transfers between claims": "select 1 from claimproc where IsTransfer = 1",
    "two claims of one procedure": "select ProcNum from claimproc where ClaimNum > 0 "
    "and ProcNum > 0 group by ProcNum having count(distinct ClaimNum) > 1",
    "dual insurance": "select 1 from patplan where Ordinal = 2",
    "secondary claims that wait": "select 1 from claim where ClaimStatus = 'H'",
    "corrected claims": "select 1 from claim where CorrectionType = 1",
    "money of a claim whose procedure was set back": "select 1 from claimproc "
    "join procedurelog using (ProcNum) where Status = 1 and ProcStatus = 1 and InsPayAmt > 0",
    "hidden prepayments": "select 1 from paysplit join definition on UnearnedType = DefNum "
    "where ItemValue <> ''",
    "visible prepayments": "select 1 from paysplit join definition on UnearnedType = DefNum "
    "where ItemValue = '' and SplitAmt < 0",
    "refunds": "select 1 from payment where PayAmt < 0",
    "payments of several patients": "select PayNum from paysplit group by PayNum "
    "having count(distinct PatNum) > 1",
    "a check in part": "select 1 from claimpayment where IsPartial = 1",
    "a payment dated ahead": "select 1 from paysplit where DatePay > date '2025-06-30'",
    "an adjustment dated ahead": "select 1 from adjustment where AdjDate > date '2025-06-30'",
    "dynamic plans": "select 1 from payplanlink where AmountOverride = 0",
    "plan charges to come": "select 1 from payplancharge where ChargeDate > date '2025-06-30'",
    "an insurance payment plan": "select 1 from payplan where PlanNum > 0",
    "a split on an adjustment": "select 1 from paysplit where AdjNum > 0",
    "merged patients": "select 1 from patientlink where LinkType = 1",
    "carriers twice": "select CarrierName from carrier group by CarrierName having count(*) > 1",
    "an estimate without its procedure": "select 1 from claimproc anti join procedurelog "
    "using (ProcNum) where ProcNum > 0",
    "a schedule's chair without its block": "select 1 from scheduleop anti join schedule "
    "using (ScheduleNum)",
    "a referral that is gone": "select 1 from refattach anti join referral using (ReferralNum)",
    "a provider who left": f"select 1 from provider where DateTerm > {EMPTY} and IsHidden = 1",
    "scheduled in the past": "select 1 from appointment where AptStatus = 1 "
    "and AptDateTime < date '2025-06-01'",
    "scheduled treatment with a discount": "select 1 from procedurelog join appointment "
    "using (AptNum) where ProcStatus = 1 and AptStatus = 1 and Discount > 0",
    "recall without a date": f"select 1 from recall where DateDue = {EMPTY}",
    "a message about no patient": "select 1 from commlog where PatNum = 0",
    "two notes of a procedure": "select ProcNum from procnote group by ProcNum having count(*) > 1",
}


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_holds_every_day(day, rule):
    assert day.execute(RULES[rule]).fetchall() == []


@pytest.mark.parametrize("trap", TRAPS)
def test_the_trap_is_there(first_day, trap):
    assert first_day.execute(f"select count(*) from ({TRAPS[trap]})").fetchone()[0] > 0


@pytest.mark.parametrize("status", [1, 2, 3, 4, 5, 6, 7, 8])
def test_every_procedure_status_is_there(first_day, status):
    found = first_day.execute("select count(*) from procedurelog where ProcStatus = ?", [status])
    assert found.fetchone()[0] > 0


def test_every_table_has_its_file_its_columns_and_a_unique_key(day):
    for table in source_tables():
        names = [column[0] for column in day.execute(f'describe "{table.name}"').fetchall()]
        assert names == list(source_columns(table)), table.name
        key = "PrefNum" if table.name == "preference" else names[0]
        (twice,) = day.execute(
            f'select count(*) - count(distinct "{key}") from "{table.name}"'
        ).fetchone()
        assert twice == 0, table.name


def test_the_same_seed_gives_the_same_files_whatever_the_threads(tmp_path):
    contents = []
    for name in ("once", "again"):
        generate(tmp_path / name, scale=0.4, seed=3, days=2, kind="csv")
        files = sorted((tmp_path / name / "opendental").rglob("*.csv"))
        contents.append({file.relative_to(tmp_path / name): file.read_bytes() for file in files})
    assert len(contents[0]) == 2 * len(source_tables())
    assert contents[0] == contents[1]


def test_another_practice_has_other_numbers_for_the_same_things(tmp_path):
    numbers = []
    for seed in (1, 2):
        generate(tmp_path / str(seed), scale=0.2, seed=seed)
        folder = tmp_path / str(seed) / "opendental"
        numbers.append(
            {
                row
                for table, columns in (
                    ("definition", "Category || ' ' || ItemOrder, DefNum"),
                    ("procedurecode", "ProcCode, CodeNum"),
                    ("feesched", "Description, FeeSchedNum"),
                    ("recalltype", "Description, RecallTypeNum"),
                )
                for row in duckdb.sql(
                    f"select '{table}', {columns} from '{folder / table}.parquet'"
                ).fetchall()
            }
        )
    shared = numbers[0] & numbers[1]
    assert len(numbers[0]) > 100
    assert len(shared) < len(numbers[0]) * 0.1


def test_the_scale_is_what_grows(tmp_path):
    counts = []
    for scale in (0.5, 2):
        generate(tmp_path / str(scale), scale=scale, seed=1)
        path = tmp_path / str(scale) / "opendental" / "procedurelog.parquet"
        counts.append(duckdb.sql(f"select count(*) from '{path}'").fetchone()[0])
    assert 3 < counts[1] / counts[0] < 5.5


CHANGES = {  # table: (inserted, changed, deleted) must happen within the two days
    "appointment": (False, True, True),
    "histappointment": (True, True, False),
    "procedurelog": (False, True, False),
    "claim": (True, True, True),
    "claimproc": (False, True, True),
    "claimpayment": (True, False, False),
    "claimsnapshot": (True, False, False),
    "payment": (True, True, True),
    "paysplit": (True, True, True),
    "adjustment": (True, True, True),
    "patient": (True, True, False),
    "patientlink": (True, False, False),
    "patplan": (False, False, True),
    "treatplan": (False, False, True),
    "treatplanattach": (False, False, True),
    "schedule": (False, False, True),
    "recall": (False, True, True),
    "fee": (False, True, False),
    "definition": (False, True, False),
    "provider": (False, True, False),
}


@pytest.mark.parametrize("table", CHANGES)
def test_the_days_differ_as_days_do(made_up, table):
    before = f"'{(made_up / 'day-0' / table).as_posix()}.parquet'"
    after = f"'{(made_up / 'day-2' / table).as_posix()}.parquet'"
    key = next(iter(source_columns(next(t for t in source_tables() if t.name == table))))

    def count(sql: str) -> int:
        return duckdb.sql(f"select count(*) from {sql}").fetchone()[0]

    inserted = count(f'{after} anti join {before} using ("{key}")')
    deleted = count(f'{before} anti join {after} using ("{key}")')
    changed = count(f"(from {after} except from {before})") - inserted
    happened = (inserted > 0, changed > 0, deleted > 0)
    wanted = CHANGES[table]
    assert all(is_there for is_there, must in zip(happened, wanted, strict=True) if must), happened


def test_a_changed_row_carries_a_stamp_of_that_day(made_up):
    """A mirror that goes by stamps alone must at least see the edits that the server stamps."""
    for table, stamp in (
        ("procedurelog", "DateTStamp"),
        ("claimproc", "SecDateTEdit"),
        ("payment", "SecDateTEdit"),
        ("appointment", "DateTStamp"),
        ("patient", "DateTStamp"),
    ):
        before, after = ((made_up / f"day-{n}" / table).as_posix() for n in (0, 1))
        changed, unstamped = duckdb.sql(
            f"select count(*), count(case when {stamp} < timestamp '2025-07-01' then 1 end) "
            f"from (from '{after}.parquet' except from '{before}.parquet')"
        ).fetchone()
        assert changed and not unstamped, table


def test_back_dated_edits_reach_into_closed_months(made_up):
    before, after = ((made_up / f"day-{n}" / "procedurelog").as_posix() for n in (0, 2))
    (moved,) = duckdb.sql(
        f"select count(*) from '{after}.parquet' as later join '{before}.parquet' as earlier "
        "using (ProcNum) where later.ProcDate < earlier.ProcDate and later.ProcStatus = 2 "
        "and later.ProcDate < date '2025-06-01'"
    ).fetchone()
    assert moved > 0
