"""The targets of the treatment journey in plain Python from the raw tables, row by row.

Nothing of the warehouse's SQL is used: rows are read as they were mirrored.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

import duckdb

NO_DATE = date(1880, 1, 1)
CENT = Decimal("0.005")


def targets(
    connection: duckdb.DuckDBPyConnection,
    as_of: date,
    first: date,
    last: date,
    acceptance_days: int = 90,
    payment_days: int = 180,
) -> dict[int, tuple]:
    """(accepted, fully_paid, paid_30d, insurance_accurate) by procedure of statuses 1 and 2."""

    def rows(table: str, *names: str):
        return connection.execute(
            f"select {', '.join(names)} from raw_opendental.{table} where _deleted_at is null"
        ).fetchall()

    postings, capitation, lines = defaultdict(list), defaultdict(Decimal), defaultdict(list)
    hidden = {
        number
        for number, category, value in rows("definition", "DefNum", "Category", "ItemValue")
        if category == 29 and (value or "").strip()
    }
    snapshots = {}
    for _, claimproc, _, estimate in sorted(
        rows("claimsnapshot", "ClaimSnapshotNum", "ClaimProcNum", "DateTEntry", "InsPayEst"),
        key=lambda row: (row[2] is not None, row[2], row[0]),
    ):
        snapshots[claimproc] = money(estimate)
    for number, proc, claim, status, paid_on, paid, written_off, estimate in rows(
        "claimproc",
        "ClaimProcNum",
        "ProcNum",
        "ClaimNum",
        "Status",
        "DateCP",
        "InsPayAmt",
        "WriteOff",
        "InsPayEst",
    ):
        if not proc:
            continue
        if status in (1, 4):
            postings[proc].append((day(paid_on), -money(paid) - money(written_off)))
        if status == 7:
            capitation[proc] += money(written_off)
        if claim and status in (0, 1, 4):
            in_hand = status != 0 and day(paid_on) is not None and day(paid_on) <= as_of
            lines[proc].append((in_hand, money(paid), snapshots.get(number, money(estimate))))
    for proc, amount, on in rows("adjustment", "ProcNum", "AdjAmt", "AdjDate"):
        postings[proc].append((day(on), money(amount)))
    for proc, amount, on, unearned in rows(
        "paysplit", "ProcNum", "SplitAmt", "DatePay", "UnearnedType"
    ):
        if unearned not in hidden:
            postings[proc].append((day(on), -money(amount)))

    found = {}
    for proc, status, on, planned, fee, quantity, base in rows(
        "procedurelog",
        "ProcNum",
        "ProcStatus",
        "ProcDate",
        "DateTP",
        "ProcFee",
        "UnitQty",
        "BaseUnits",
    ):
        on, planned = day(on), day(planned)
        if status not in (1, 2) or on is None or not first <= on <= last:
            continue
        is_done = status == 2 and on <= as_of
        accepted = None
        if planned is not None:
            until = planned + timedelta(days=acceptance_days)
            accepted = True if is_done and on <= until else False if until <= as_of else None
        fully, within_30 = None, None
        if is_done:
            charge = money(fee) * (quantity + base) - capitation[proc]
            fully, within_30 = _paid(charge, on, postings[proc], as_of, payment_days)
        found[proc] = (accepted, fully, within_30, _accurate(lines[proc]))
    return found


def _paid(charge, service, postings, as_of, payment_days):
    by_day = defaultdict(Decimal)
    by_day[service] += charge
    for on, amount in postings:
        by_day[max(on or service, service)] += amount
    balance, reached, at_horizon = Decimal(0), None, None
    horizon = service + timedelta(days=payment_days)
    for on in sorted(one for one in by_day if one <= as_of):
        balance += by_day[on]
        if reached is None and balance <= CENT:
            reached = on
        if on <= horizon:
            at_horizon = balance
    month = service + timedelta(days=30)
    fully = at_horizon <= CENT if horizon <= as_of else None
    if reached is not None and reached <= month:
        return fully, True
    return fully, False if month <= as_of else None


def _accurate(lines) -> bool | None:
    if not lines or not all(in_hand for in_hand, _, _ in lines):
        return None
    paid = sum(amount for _, amount, _ in lines)
    estimate = sum(amount for _, _, amount in lines)
    return abs(paid - estimate) <= max(Decimal(5), abs(estimate) / 10)


def money(value) -> Decimal:
    return round(Decimal(str(value or 0)), 2)


def day(value) -> date | None:
    """None for OpenDental's empty dates."""
    if isinstance(value, datetime):
        value = value.date()
    return value if value is not None and value > NO_DATE else None
