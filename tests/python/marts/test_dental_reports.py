"""The dental marts against an independent computation of the program's own reports, to the cent."""

import shutil
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

import dental_reports as reports
from carehouse.build import run_dbt
from carehouse.settings import Settings
from conftest import forget_settings, query, records
from dental_support import AS_OF, build_practice, open_files

EARLIER = date(2024, 11, 15)
ZERO = Decimal(0)
COMPONENTS = (
    "gross_production",
    "capitation_write_off",
    "adjustments",
    "write_offs_by_pay_date",
    "write_offs_by_procedure_date",
    "write_offs_estimated_by_snapshot",
    "write_offs_adjusted_from_snapshot",
    "scheduled_production",
    "scheduled_discount",
    "patient_income",
    "unearned_income",
    "hidden_unearned",
    "insurance_income_status_1_4",
    "insurance_income",
    "insurance_unfinalized",
)
BUCKETS = ("0_30", "31_60", "61_90", "over_90")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    settings, folder = build_practice(tmp_path_factory.mktemp("dental"))
    forget_settings()
    return settings, folder


@pytest.fixture(scope="module")
def warehouse(built):
    return built[0]


@pytest.fixture(scope="module")
def practice(built):
    with open_files(built[1]) as connection:
        return reports.read_practice(connection, "raw_opendental")


@pytest.fixture(scope="module")
def daily(practice):
    return reports.production_and_income(practice)


@pytest.fixture(scope="module")
def mart_daily(warehouse):
    return {
        (row["day"], row["provider_id"], row["clinic_id"]): row
        for row in records(warehouse, "select * from dental.production_income_daily")
    }


@pytest.mark.parametrize("component", COMPONENTS)
def test_every_part_of_production_and_income_agrees(daily, mart_daily, component):
    expected = {place: row[component] for place, row in daily.items() if row[component]}
    found = {place: row[component] for place, row in mart_daily.items() if row[component]}
    assert expected, f"the made-up practice has no {component}"
    assert found == expected


def test_the_three_write_off_modes_add_up_to_different_totals(daily):
    """Else a mart could mix them up unseen."""
    total = {name: sum(row[name] for row in daily.values()) for name in COMPONENTS}
    frozen = total["write_offs_estimated_by_snapshot"] - total["write_offs_adjusted_from_snapshot"]
    modes = {total["write_offs_by_pay_date"], total["write_offs_by_procedure_date"], frozen}
    assert len(modes) == 3


def test_net_production_and_income_are_the_annual_report(daily, mart_daily):
    assert len(mart_daily) > 200
    for place, row in mart_daily.items():
        parts = daily[place]
        net = parts["gross_production"] - parts["capitation_write_off"] + parts["adjustments"]
        assert row["net_production"] == net - row["write_offs"], place
        income = parts["patient_income"] + parts["unearned_income"] + parts["insurance_income"]
        assert row["total_income"] == income, place


def test_aging_agrees_for_every_family(practice, warehouse):
    expected = {}
    for family, aged in reports.age(practice, AS_OF).items():
        amounts = (*aged.buckets(), aged.total, aged.pay_estimate, aged.write_off_estimate)
        if any(amounts):
            expected[family] = amounts
    found = {
        row[0]: row[1:]
        for row in query(
            warehouse,
            "select guarantor_id, balance_0_30, balance_31_60, balance_61_90, balance_over_90, "
            "balance_total, insurance_payment_estimate, write_off_estimate "
            "from dental.accounts_receivable_aging",
        )
        if any(row[1:])
    }
    assert len(expected) > 60
    assert found == expected


def test_the_patient_portion_is_what_insurance_will_not_pay(warehouse):
    wrong = query(
        warehouse,
        "select guarantor_id from dental.accounts_receivable_aging where "
        "patient_portion is distinct from "
        "balance_total - insurance_payment_estimate - write_off_estimate or "
        "insurance_estimate is distinct from insurance_payment_estimate + write_off_estimate",
    )
    assert wrong == []


@pytest.mark.parametrize(
    ("credit", "buckets", "total"),
    [(260, [80, 100, 90, 0], 270), (600, [0, 0, 0, 0], -70), (0, [80, 100, 150, 200], 530)],
)
def test_credits_pay_the_oldest_first(credit, buckets, total):
    """The worked check of the reference: the second opinion itself is held to it."""
    aged = reports.Aged([ZERO] * 4)
    for days, amount in ((100, 200), (70, 150), (40, 100), (10, 80)):
        place = reports.bucket_of(AS_OF - timedelta(days=days), AS_OF)
        aged.charges[place] += Decimal(amount)
        aged.total += Decimal(amount)
    aged.credits, aged.total = Decimal(credit), aged.total - Decimal(credit)
    assert aged.buckets() == buckets
    assert aged.total == total


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(-1, None), (0, 0), (30, 0), (31, 1), (60, 1), (61, 2), (90, 2), (91, 3)],
)
def test_a_bucket_begins_the_day_after_the_one_before_ends(days, bucket):
    assert reports.bucket_of(AS_OF - timedelta(days=days), AS_OF) == bucket


def test_insurance_aging_agrees_for_every_family(practice, warehouse):
    expected = {
        family: tuple(buckets)
        for family, buckets in reports.insurance_aging(practice, AS_OF).items()
    }
    names = ", ".join(f"insurance_{bucket}" for bucket in BUCKETS)
    found = {
        row[0]: row[1:]
        for row in query(warehouse, f"select guarantor_id, {names} from dental.insurance_aging")
        if any(row[1:])
    }
    assert len(expected) > 20
    assert found == expected


def test_outstanding_claims_agree(practice, warehouse):
    found = {
        row[0]: row[1:]
        for row in query(
            warehouse,
            "select claim_id, days_since_sent, days_since_first_sent, days_since_service, "
            "claim_fee_amount, is_preauthorization from dental.outstanding_claims",
        )
    }
    expected = reports.outstanding_claims(practice, AS_OF)
    assert len(expected) > 50
    assert found == expected


def test_what_is_uncollected_of_each_procedure_agrees(practice, warehouse):
    found = dict(
        query(warehouse, "select procedure_id, balance_amount from dental.procedure_balances")
    )
    assert found == reports.procedure_balances(practice)


@pytest.fixture(scope="module")
def earlier(warehouse, tmp_path_factory):
    """The same warehouse as of a day seven months ago."""
    home = tmp_path_factory.mktemp("earlier")
    shutil.copytree(warehouse.home / "warehouse", home / "warehouse")
    settings = Settings(home=home, as_of=EARLIER)
    selected = [f"+dental__{name}" for name in ("accounts_receivable_aging", "insurance_aging")]
    built = run_dbt(settings, ["run", "--select", *selected], quiet=True)
    assert built.ok, (built.error, built.bad)
    forget_settings()
    return settings


def test_aging_as_of_an_earlier_day_is_the_historic_run(practice, earlier):
    expected = {}
    for family, aged in reports.age(practice, EARLIER, historic=True).items():
        amounts = (*aged.buckets(), aged.total)
        if any(amounts):
            expected[family] = amounts
    found = {
        row[0]: row[1:]
        for row in query(
            earlier,
            "select guarantor_id, balance_0_30, balance_31_60, balance_61_90, balance_over_90, "
            "balance_to_date from dental.accounts_receivable_aging",
        )
        if any(row[1:])
    }
    assert len(expected) > 60
    assert found == expected


def test_insurance_aging_as_of_an_earlier_day_counts_what_was_paid_since(practice, earlier):
    names = ", ".join(f"insurance_{bucket}" for bucket in BUCKETS)
    found = {
        row[0]: row[1:]
        for row in query(earlier, f"select guarantor_id, {names} from dental.insurance_aging")
        if any(row[1:])
    }
    expected = reports.insurance_aging(practice, EARLIER)
    waiting = [
        row for row in practice.claimproc if row.Status == 0 and row.ProcDate and
        row.ProcDate <= EARLIER
    ]  # fmt: skip
    assert sum(map(sum, expected.values())) > sum(row.InsPayEst for row in waiting)
    assert found == {family: tuple(buckets) for family, buckets in expected.items()}


# the reconciliation tests of the reference


def test_patient_and_unearned_income_are_the_payments_less_what_is_hidden(practice, mart_daily):
    shown: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for (day, _, _), row in mart_daily.items():
        shown[day] += row["patient_income"] + row["unearned_income"]
    paid: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for row in practice.payment:
        paid[row.PayDate] += row.PayAmt
    for row in practice.paysplit:
        if row.UnearnedType in practice.hidden:
            paid[row.DatePay] -= row.SplitAmt
    assert {day: amount for day, amount in shown.items() if amount} == {
        day: amount for day, amount in paid.items() if amount
    }


def test_insurance_income_by_check_is_the_check(practice, mart_daily):
    """By day, as the mart has no checks; a check that is entered in part is left out."""
    lines: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in practice.claimproc:
        lines[row.ClaimPaymentNum] += row.InsPayAmt
    whole = [row for row in practice.claimpayment if not row.IsPartial]
    assert all(lines[row.ClaimPaymentNum] == row.CheckAmt for row in whole)
    in_part = {row.CheckDate for row in practice.claimpayment if row.IsPartial}
    checks: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for row in whole:
        checks[row.CheckDate] += row.CheckAmt
    income: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for (day, _, _), row in mart_daily.items():
        income[day] += row["insurance_income"]
    compared = set(checks) - in_part
    assert len(compared) > 200
    assert {day: income[day] for day in compared} == {day: checks[day] for day in compared}


def test_the_ledger_the_families_and_the_program_agree_on_all_that_is_owed(practice, warehouse):
    ((ledger,),) = query(
        warehouse, "select sum(amount) from dental.fact_ledger where is_on_account"
    )
    ((families,),) = query(
        warehouse, "select sum(balance_total) from dental.accounts_receivable_aging"
    )
    stored = sum(row.BalTotal for row in practice.patient)
    assert families == stored != 0
    assert ledger == stored


def test_what_the_program_stored_is_what_the_mart_says(warehouse):
    wrong = query(
        warehouse,
        "select guarantor_id from dental.accounts_receivable_aging "
        "where balance_total is distinct from stored_balance_total",
    )
    assert wrong == []


def test_buckets_hold_at_least_the_balance_and_the_same_without_unused_credit(practice):
    exact = 0
    for aged in reports.age(practice, AS_OF, historic=True).values():
        held = sum(aged.buckets())
        assert held >= aged.total
        if aged.credits <= sum(aged.charges):
            exact += 1
            assert held == aged.total
    assert exact > 40


def test_total_production_of_the_month_is_the_years_plus_what_is_scheduled(daily, mart_daily):
    months: dict[tuple[int, int], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for (day, _, _), row in mart_daily.items():
        month = months[day.year, day.month]
        month[0] += row["net_production"]
        month[1] += row["scheduled_production"] + row["scheduled_discount"]
    expected: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
    for (day, _, _), row in daily.items():
        expected[day.year, day.month] += (
            row["gross_production"]
            - row["capitation_write_off"]
            + row["adjustments"]
            - row["write_offs_by_pay_date"]
            + row["scheduled_production"]
            + row["scheduled_discount"]
        )
    assert any(scheduled for _, scheduled in months.values())
    assert {key: net + scheduled for key, (net, scheduled) in months.items()} == expected


def test_receivables_roll_forward_from_month_to_month(practice):
    """AR(t) - AR(t-1) is what was produced and adjusted less what was written off and paid."""
    ends = [date(2024, month, 1) - timedelta(days=1) for month in (2, 3, 4)]
    totals = [_owed(practice, day) for day in ends]
    assert len(set(totals)) == 3, "the practice stands still, so nothing is compared"
    for place in (1, 2):
        moved = _moves(practice, ends[place - 1], ends[place])
        assert totals[place] - totals[place - 1] == moved, ends[place]


def test_receivables_at_the_end_of_a_month_are_the_historic_aging(practice, warehouse):
    found = dict(
        query(warehouse, "select month, closing_balance from dental.accounts_receivable_monthly")
    )
    for month, day in (
        (date(2022, 5, 1), date(2022, 5, 31)),
        (date(2025, 3, 1), date(2025, 3, 31)),
    ):
        assert found[month] == _owed(practice, day)


def _owed(practice, day: date) -> Decimal:
    return sum((aged.total for aged in reports.age(practice, day, historic=True).values()), ZERO)


def _moves(practice, opening: date, closing: date) -> Decimal:
    def within(day) -> bool:
        return day is not None and opening < day <= closing

    moves = ZERO
    for row in practice.procedurelog:
        if row.ProcStatus == reports.COMPLETED and within(row.ProcDate):
            moves += reports.line_fee(row)
    for row in practice.adjustment:
        moves += row.AdjAmt if within(row.AdjDate) else ZERO
    for row in practice.paysplit:
        if within(row.DatePay) and row.UnearnedType not in practice.hidden:
            moves -= row.SplitAmt
    for row in practice.claimproc:
        of_account = not row.ProcNum or practice.is_completed(row.ProcNum)
        if row.Status in (1, 4, 5, 7) and within(row.DateCP) and of_account:
            moves -= row.WriteOff + (ZERO if row.PayPlanNum else row.InsPayAmt)
    insurance_plans = {row.PayPlanNum for row in practice.payplan if row.PlanNum}
    for row in practice.payplancharge:
        if within(row.ChargeDate) and row.ChargeType == reports.CHARGE_CREDIT:
            moves -= row.Principal
        elif within(row.ChargeDate) and row.PayPlanNum not in insurance_plans:
            moves += row.Principal + row.Interest
    for row in practice.payplanlink:
        if within(row.SecDateTEntry):
            moves -= row.AmountOverride or reports.line_fee(practice.procedures[row.FKey])
    return moves
