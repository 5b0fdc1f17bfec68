"""OpenDental's standard reports in plain Python, straight from the raw tables.

Nothing here reads a model: it is the second opinion that the dental marts are held against, to the
cent. Amounts are Decimals, days are dates; an empty day is None, an empty key 0.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import duckdb

ZERO = Decimal(0)
CENT = Decimal("0.01")
CHARGE_DEBIT, CHARGE_CREDIT = 0, 1
PLANNED, COMPLETED = 1, 2
NOT_RECEIVED, RECEIVED, SUPPLEMENTAL, CAP_CLAIM = 0, 1, 4, 5
ESTIMATE, CAP_COMPLETE, CAP_ESTIMATE = 6, 7, 8

COLUMNS = {
    "adjustment": "AdjNum AdjDate AdjAmt PatNum AdjType ProvNum ClinicNum ProcNum",
    "appointment": "AptNum AptStatus AptDateTime ClinicNum",
    "claim": "ClaimNum ClaimStatus ClaimType DateSent DateSentOrig DateService ClaimFee PatNum",
    "claimpayment": "ClaimPaymentNum CheckDate CheckAmt IsPartial",
    "claimproc": "ClaimProcNum ProcNum ClaimNum PatNum ProvNum ClinicNum Status InsPayAmt "
    "InsPayEst WriteOff ClaimPaymentNum DateCP ProcDate PayPlanNum IsTransfer WriteOffEst "
    "WriteOffEstOverride",
    "claimsnapshot": "ClaimSnapshotNum ClaimProcNum Writeoff DateTEntry",
    "definition": "DefNum Category ItemValue",
    "patient": "PatNum Guarantor Bal_0_30 Bal_31_60 Bal_61_90 BalOver90 BalTotal InsEst",
    "payment": "PayNum PayDate PayAmt PayType",
    "payplan": "PayPlanNum PatNum Guarantor PlanNum IsDynamic IsClosed",
    "payplancharge": "PayPlanChargeNum PayPlanNum Guarantor PatNum ChargeDate Principal Interest "
    "ChargeType",
    "payplanlink": "PayPlanLinkNum PayPlanNum LinkType FKey AmountOverride SecDateTEntry",
    "paysplit": "SplitNum SplitAmt PatNum PayNum ProvNum ClinicNum PayPlanNum DatePay ProcNum "
    "UnearnedType AdjNum IsDiscount",
    "preference": "PrefNum PrefName ValueString",
    "procedurelog": "ProcNum PatNum AptNum ProcDate ProcFee UnitQty BaseUnits ProcStatus ProvNum "
    "ClinicNum Discount DiscountPlanAmt",
}
AMOUNTS = """
    AdjAmt AmountOverride BalOver90 BalTotal Bal_0_30 Bal_31_60 Bal_61_90 CheckAmt ClaimFee Discount
    DiscountPlanAmt InsEst InsPayAmt InsPayEst Interest PayAmt Principal ProcFee SplitAmt WriteOff
    WriteOffEst WriteOffEstOverride Writeoff
"""
DAYS = """
    AdjDate AptDateTime ChargeDate CheckDate DateCP DatePay DateSent DateSentOrig DateService
    DateTEntry PayDate ProcDate SecDateTEntry
"""
KINDS = dict.fromkeys(AMOUNTS.split(), "amount") | dict.fromkeys(DAYS.split(), "day")
TEXTS = ("ClaimStatus", "ClaimType", "ItemValue", "PrefName", "ValueString")


class Row(dict):
    """A row whose columns are attributes."""

    __getattr__ = dict.__getitem__


@dataclass
class Practice:
    """The tables that the reports read, and what every report looks up."""

    tables: dict[str, list[Row]]

    def __post_init__(self) -> None:
        self.procedures = {row.ProcNum: row for row in self.procedurelog}
        self.hidden = {
            row.DefNum for row in self.definition if row.Category == 29 and row.ItemValue
        }
        self.checks = {row.ClaimPaymentNum: row for row in self.claimpayment}
        self.snapshots = defaultdict(list)
        for row in self.claimsnapshot:
            self.snapshots[row.ClaimProcNum].append(row)
        self.guarantor = {row.PatNum: row.Guarantor for row in self.patient}
        self.settings = {row.PrefName: row.ValueString for row in self.preference}

    def __getattr__(self, table: str) -> list[Row]:
        try:
            return self.__dict__["tables"][table]
        except KeyError:
            raise AttributeError(table) from None

    def is_completed(self, number: int) -> bool:
        """Whether a procedure is there and stands as completed."""
        found = self.procedures.get(number)
        return found is not None and found.ProcStatus == COMPLETED


def read_practice(connection: duckdb.DuckDBPyConnection, schema: str) -> Practice:
    """Read the raw tables of a schema; rows with a tombstone are not of the practice any more."""
    tables = {}
    for table, columns in COLUMNS.items():
        names = columns.split()
        listed = ", ".join(f'"{name}"' for name in names)
        found = connection.execute(
            "select count(*) from duckdb_columns() where schema_name = ? and table_name = ? "
            "and column_name = '_deleted_at'",
            [schema, table],
        ).fetchone()
        where = "where _deleted_at is null" if found[0] else ""
        rows = connection.execute(f'select {listed} from {schema}."{table}" {where}').fetchall()
        tables[table] = [_row(names, row) for row in rows]
    return Practice(tables)


def _row(names: list[str], values: tuple) -> Row:
    row = Row()
    for name, value in zip(names, values, strict=True):
        kind = KINDS.get(name)
        if kind == "amount":
            value = ZERO if value is None else Decimal(repr(value)).quantize(CENT)
        elif kind == "day":
            value = value.date() if hasattr(value, "date") else value
            value = None if value is None or value.year < 1880 else value
        elif name not in TEXTS:
            value = value or 0
        row[name] = value
    return row


def line_fee(procedure: Row) -> Decimal:
    """The fee of a procedure: per unit, times the raw quantity."""
    return procedure.ProcFee * (procedure.UnitQty + procedure.BaseUnits)


# production and income

Daily = dict[tuple[date, int, int], dict[str, Decimal]]


def production_and_income(practice: Practice) -> Daily:
    """Every component of production and income per day, provider and clinic."""
    days: Daily = defaultdict(lambda: defaultdict(lambda: ZERO))

    def add(component: str, day: date | None, provider: int, clinic: int, amount: Decimal) -> None:
        if day is not None and amount:
            days[day, provider, clinic][component] += amount

    for row in practice.procedurelog:
        if row.ProcStatus == COMPLETED:
            add("gross_production", row.ProcDate, row.ProvNum, row.ClinicNum, line_fee(row))
    for row in practice.adjustment:
        add("adjustments", row.AdjDate, row.ProvNum, row.ClinicNum, row.AdjAmt)
    for row in practice.paysplit:
        component = "patient_income"
        if row.UnearnedType:
            hidden = row.UnearnedType in practice.hidden
            component = "hidden_unearned" if hidden else "unearned_income"
        if not row.IsDiscount:
            add(component, row.DatePay, row.ProvNum, row.ClinicNum, row.SplitAmt)
    for row in practice.claimproc:
        _add_claim_line(practice, row, add)
    _add_scheduled(practice, add)
    return days


def _add_claim_line(practice: Practice, row: Row, add) -> None:
    place = (row.ProvNum, row.ClinicNum)
    if row.Status == CAP_COMPLETE and practice.is_completed(row.ProcNum):
        procedure = practice.procedures[row.ProcNum]
        add("capitation_write_off", procedure.ProcDate, procedure.ProvNum, procedure.ClinicNum,
            row.WriteOff)  # fmt: skip
    if row.Status in (RECEIVED, SUPPLEMENTAL):
        add("write_offs_by_pay_date", row.DateCP, *place, row.WriteOff)
    if row.Status in (NOT_RECEIVED, RECEIVED, SUPPLEMENTAL):
        add("write_offs_by_procedure_date", row.ProcDate, *place, row.WriteOff)
        frozen = ZERO
        for snapshot in practice.snapshots[row.ClaimProcNum]:
            estimate = ZERO if snapshot.Writeoff == -1 else snapshot.Writeoff
            frozen += estimate
            add("write_offs_estimated_by_snapshot", snapshot.DateTEntry, *place, estimate)
        if row.Status != NOT_RECEIVED:
            add("write_offs_adjusted_from_snapshot", row.DateCP, *place, frozen - row.WriteOff)
    check = practice.checks.get(row.ClaimPaymentNum)
    if check is not None:
        add("insurance_income", check.CheckDate, *place, row.InsPayAmt)
        if row.Status in (RECEIVED, SUPPLEMENTAL):
            add("insurance_income_status_1_4", check.CheckDate, *place, row.InsPayAmt)
    is_open = row.ClaimPaymentNum == 0 and not row.IsTransfer
    if is_open and row.Status in (RECEIVED, SUPPLEMENTAL, CAP_CLAIM):
        add("insurance_unfinalized", row.DateCP, *place, row.InsPayAmt)


def _add_scheduled(practice: Practice, add) -> None:
    subtracted = {CAP_ESTIMATE}
    if practice.settings.get("ReportPandIschedProdSubtractsWO") == "1":
        subtracted.add(ESTIMATE)
    estimates: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in practice.claimproc:
        if row.Status in subtracted:
            estimate = row.WriteOffEst if row.WriteOffEstOverride == -1 else row.WriteOffEstOverride
            estimates[row.ProcNum] += ZERO if estimate == -1 else estimate
    booked = {row.AptNum: row for row in practice.appointment if row.AptStatus == 1}
    for row in practice.procedurelog:
        if row.ProcStatus == PLANNED and row.AptNum in booked:
            visit = booked[row.AptNum]
            amount = line_fee(row) - estimates[row.ProcNum]
            place = (visit.AptDateTime, row.ProvNum, visit.ClinicNum)
            add("scheduled_production", *place, amount)
            add("scheduled_discount", *place, -(row.Discount + row.DiscountPlanAmt))


# the account, and how old it is


@dataclass(frozen=True)
class Entry:
    """One line of an account: positive is a charge. Estimates stand beside, not in the balance."""

    kind: str
    patient: int
    day: date | None
    amount: Decimal
    pay_estimate: Decimal = ZERO
    write_off_estimate: Decimal = ZERO


def account_entries(practice: Practice, as_of: date, historic: bool = False) -> list[Entry]:
    """Every line of every account, payment plans of version 2."""
    entries = [
        Entry("procedure", row.PatNum, row.ProcDate, line_fee(row))
        for row in practice.procedurelog
        if row.ProcStatus == COMPLETED and row.ProcFee
    ]
    for row in practice.claimproc:
        if row.Status in (0, 1, 4, 5, 7) and (
            not row.ProcNum or practice.is_completed(row.ProcNum)
        ):
            entries.append(_claim_entry(row, as_of, historic))
    for row in practice.adjustment:
        if row.AdjAmt:
            entries.append(Entry("adjustment", row.PatNum, row.AdjDate, row.AdjAmt))
    for row in practice.paysplit:
        is_shown = row.UnearnedType not in practice.hidden
        if row.SplitAmt and is_shown and (not historic or row.DatePay <= as_of):
            entries.append(Entry("payment", row.PatNum, row.DatePay, -row.SplitAmt))
    entries += _plan_entries(practice, as_of)
    return entries


def _claim_entry(row: Row, as_of: date, historic: bool) -> Entry:
    paid = ZERO if row.PayPlanNum else row.InsPayAmt
    amount = ZERO if row.Status == NOT_RECEIVED else -paid - row.WriteOff
    is_expected = row.Status == NOT_RECEIVED
    if historic and row.Status == RECEIVED and row.DateCP > as_of and row.ProcDate <= as_of:
        is_expected = True
    expected = (row.InsPayEst, row.WriteOff) if is_expected else (ZERO, ZERO)
    return Entry("claim", row.PatNum, row.DateCP, amount, *expected)


def _plan_entries(practice: Practice, as_of: date) -> list[Entry]:
    entries = []
    plans = {row.PayPlanNum: row for row in practice.payplan}
    for row in practice.payplancharge:
        if row.ChargeDate > as_of:
            continue
        if row.ChargeType == CHARGE_CREDIT:
            entries.append(Entry("plan", row.PatNum, row.ChargeDate, -row.Principal))
        elif not plans[row.PayPlanNum].PlanNum:
            amount = row.Principal + row.Interest
            entries.append(Entry("plan", row.Guarantor, row.ChargeDate, amount))
    for link in practice.payplanlink:
        if link.LinkType == 2 and practice.is_completed(link.FKey):
            amount = link.AmountOverride or _whole_amount(practice, link.FKey)
            patient = practice.procedures[link.FKey].PatNum
            entries.append(Entry("plan", patient, link.SecDateTEntry, -amount))
    return entries


def _whole_amount(practice: Practice, number: int) -> Decimal:
    """What is left of a procedure that a dynamic plan takes over whole."""
    amount = line_fee(practice.procedures[number])
    amount += sum(row.AdjAmt for row in practice.adjustment if row.ProcNum == number)
    for row in practice.claimproc:
        if row.ProcNum == number and row.Status in (0, 1, 4, 5, 7):
            amount -= row.WriteOff
            amount -= row.InsPayEst if row.Status == NOT_RECEIVED else row.InsPayAmt
    for row in practice.paysplit:
        if row.ProcNum == number and not row.PayPlanNum:
            amount -= row.SplitAmt
    return amount


@dataclass
class Aged:
    """One family's account."""

    charges: list[Decimal]  # 0-30, 31-60, 61-90, over 90
    credits: Decimal = ZERO
    total: Decimal = ZERO
    pay_estimate: Decimal = ZERO
    write_off_estimate: Decimal = ZERO

    def buckets(self) -> list[Decimal]:
        """What is left of the charges once credits have paid the oldest first."""
        left, found = self.credits, []
        for charge in reversed(self.charges):
            used = min(charge, max(left, ZERO))
            found.append(charge - used)
            left -= used
        return found[::-1]


def bucket_of(day: date, as_of: date) -> int | None:
    """0 to 3 for 0-30, 31-60, 61-90 and over 90 days; None for a day still to come."""
    if day > as_of:
        return None
    for place, days in enumerate((30, 60, 90)):
        if day >= as_of - timedelta(days=days):
            return place
    return 3


def age(practice: Practice, as_of: date, historic: bool = False) -> dict[int, Aged]:
    """The aging of every family by its guarantor. Historic leaves out what came later."""
    families: dict[int, Aged] = defaultdict(lambda: Aged([ZERO] * 4))
    for entry in account_entries(practice, as_of, historic):
        if entry.patient not in practice.guarantor:
            continue
        family = families[practice.guarantor[entry.patient]]
        family.pay_estimate += entry.pay_estimate
        family.write_off_estimate += entry.write_off_estimate
        if not historic or entry.day is None or entry.day <= as_of:
            family.total += entry.amount
        place = bucket_of(entry.day or date(1, 1, 1), as_of)
        if entry.amount > 0 and place is not None:
            family.charges[place] += entry.amount
        elif entry.amount < 0 and place is not None:
            family.credits -= entry.amount
    return dict(families)


def insurance_aging(practice: Practice, as_of: date) -> dict[int, list[Decimal]]:
    """Insurance money expected per family, by the age of the service."""
    families: dict[int, list[Decimal]] = defaultdict(lambda: [ZERO] * 4)
    for row in practice.claimproc:
        is_late = row.Status == RECEIVED and row.DateCP is not None and row.DateCP > as_of
        if row.Status != NOT_RECEIVED and not is_late:
            continue
        if row.ProcDate is None or row.ProcDate > as_of or row.PatNum not in practice.guarantor:
            continue
        place = bucket_of(row.ProcDate, as_of)
        families[practice.guarantor[row.PatNum]][place] += row.InsPayEst
    return {family: buckets for family, buckets in families.items() if any(buckets)}


def outstanding_claims(practice: Practice, as_of: date) -> dict[int, tuple]:
    """Claims that were sent and not answered: days since sent, first sent, service, and the fee."""
    return {
        row.ClaimNum: (
            *((as_of - day).days if day else None
              for day in (row.DateSent, row.DateSentOrig, row.DateService)),
            row.ClaimFee,
            row.ClaimType == "PreAuth",
        )
        for row in practice.claim
        if row.ClaimStatus == "S"
    }  # fmt: skip


def procedure_balances(practice: Practice) -> dict[int, Decimal]:
    """What is uncollected of each completed procedure."""
    balances = {
        row.ProcNum: line_fee(row) for row in practice.procedurelog if row.ProcStatus == COMPLETED
    }
    for row in practice.claimproc:
        if row.ProcNum not in balances:
            continue
        if row.Status == CAP_COMPLETE:
            balances[row.ProcNum] -= row.WriteOff
        elif row.Status in (NOT_RECEIVED, RECEIVED, SUPPLEMENTAL):
            paid = row.InsPayEst if row.Status == NOT_RECEIVED else row.InsPayAmt
            balances[row.ProcNum] -= paid + row.WriteOff
    target = {row.AdjNum: row.ProcNum for row in practice.adjustment}
    for row in practice.adjustment:
        if row.ProcNum in balances:
            balances[row.ProcNum] += row.AdjAmt
    for row in practice.paysplit:
        if row.AdjNum:  # a split on an adjustment counts there, once
            if target.get(row.AdjNum) in balances:
                balances[target[row.AdjNum]] -= row.SplitAmt
        elif row.ProcNum in balances and row.UnearnedType not in practice.hidden:
            balances[row.ProcNum] -= row.SplitAmt
    return balances
