"""What claims files say, worked out one row at a time in plain Python, to hold the models to.

Written from the rules alone (docs/decisions.md, "Claims models"), not from the SQL: rows are
dictionaries of texts as in a file, with `feed`, `file` and `moment` (when its export was made).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

WORDS = {
    "PAID": "PAID",
    "Approved": "PAID",
    "DENIED": "DENIED",
    "declined": "DENIED",
    "PENDING": "PENDING",
    "In process": "PENDING",
}
ORDER = ("PENDING", "PAID", "DENIED", "REJECTED", "UNMAPPED", "NOT_STATED")
OPEN = "PENDING"
CENT = Decimal("0.01")
FOREVER = date.max


@dataclass
class Claim:
    """A claim as it stands: its lines, and the statuses it went through with their moments."""

    lines: list[dict]
    history: list[tuple[datetime, str]]

    @property
    def amount(self) -> Decimal:
        return sum((row["amount"] for row in self.lines), Decimal(0))

    @property
    def paid(self) -> Decimal:
        return sum((row["paid"] or Decimal(0) for row in self.lines), Decimal(0))

    @property
    def day(self) -> date:
        return min(row["day"] for row in self.lines)

    @property
    def status(self) -> str:
        return self.history[-1][1]

    @property
    def payer(self) -> str | None:
        return next((row["payer"] for row in self.lines if row["payer"]), None)


@dataclass
class Money:
    """What became of a file's money."""

    read: Decimal = Decimal(0)
    kept: Decimal = Decimal(0)
    superseded: Decimal = Decimal(0)
    duplicate: Decimal = Decimal(0)


@dataclass
class Book:
    """All claims of all feeds, and the balance of each file."""

    claims: dict[tuple[str, str], Claim] = field(default_factory=dict)
    money: dict[str, Money] = field(default_factory=lambda: defaultdict(Money))


def status_of(row: dict) -> str:
    """The status that a word means."""
    if not row["status"]:
        return "NOT_STATED"
    return WORDS.get(row["status"], "UNMAPPED")


def read_claims(rows: Iterable[dict]) -> Book:
    """Lines, versions, reversals, replacements and voids of every claim, feed by feed."""
    book = Book()
    told: dict[tuple[str, str], list[dict]] = defaultdict(list)
    for row in rows:
        book.money[row["file"]].read += row["amount"]
        told[row["feed"], row["claim_id"]].append(row)
    replaced = {
        (row["feed"], row["original"])
        for rows_of_claim in told.values()
        for row in rows_of_claim
        if row["frequency"] in ("7", "8") and row["original"]
    }
    for key, mine in told.items():
        unique, copies = _without_copies(mine)
        counted, history = _newest(unique)
        if key in replaced:
            counted = []
        for row in copies:
            book.money[row["file"]].duplicate += row["amount"]
        for row in unique:
            there = any(row is other for other in counted)
            money = book.money[row["file"]]
            if there:
                money.kept += row["amount"]
            else:
                money.superseded += row["amount"]
        if counted:
            book.claims[key] = Claim(counted, history)
    return book


def _without_copies(rows: list[dict]) -> tuple[list[dict], list[dict]]:
    unique: list[dict] = []
    copies: list[dict] = []
    for row in rows:
        (copies if any(row == other for other in unique) else unique).append(row)
    return unique, copies


def _newest(rows: list[dict]) -> tuple[list[dict], list[tuple[datetime, str]]]:
    """What counts after every moment was heard in turn, and the changes of status."""
    counted: list[dict] = []
    heard: list[dict] = []
    history: list[tuple[datetime, str]] = []
    moments = sorted({row["moment"] for row in rows})
    for moment in moments:
        now = [row for row in rows if row["moment"] == moment]
        replacements = [row for row in now if row["frequency"] == "7"]
        voids = [row for row in now if row["frequency"] == "8"]
        if replacements:
            counted = replacements
        elif voids:
            taken = sum(row["amount"] for row in voids if not row["original"])
            counted = voids if len(now) == len(voids) and len(moments) == 1 and taken < 0 else []
        elif heard and _takes_back(now, heard):
            counted = counted + now
        else:
            counted = now
        heard += now
        speaking = replacements or (counted if voids else now)
        status = min((status_of(row) for row in speaking), key=ORDER.index, default="VOID")
        if not history or history[-1][1] != status:
            history.append((moment, status))
    return counted, history


def _takes_back(now: list[dict], heard: list[dict]) -> bool:
    """A total below zero, or an amount taken back that was given earlier and is not given now."""
    if sum(row["amount"] for row in now) < 0:
        return True
    if sum(row["amount"] for row in now) == 0 and sum(row["paid"] or 0 for row in now) < 0:
        return True
    for size in {-row["amount"] for row in now if row["amount"] < 0}:
        given = sum(1 for row in now if row["amount"] == size)
        taken = sum(1 for row in now if row["amount"] == -size)
        if taken > given and any(row["amount"] == size for row in heard):
            return True
    return False


def covered_days(exports: list[tuple[datetime, list[dict]]]) -> dict[str, dict[str, set[date]]]:
    """Days covered by member and payer, from one feed's exports in order.

    Each export is its moment and its rows (member_id, payer, start, end). Part deliveries retire
    nobody. Days go a year past the last export.
    """
    if not exports:
        return {}
    horizon = exports[-1][0].date() + timedelta(days=366)
    full = _full_exports(exports)
    spans: dict[str, list[dict]] = defaultdict(list)
    for number, (_, rows) in enumerate(exports):
        present = {row["member_id"] for row in rows}
        if full[number]:
            left = exports[number][0].date()
            for who, mine in spans.items():
                if who not in present:
                    for span in mine:
                        if span["open"]:
                            span["until"], span["open"] = min(span["until"], left), False
        for who in present:
            mine = [row for row in rows if row["member_id"] == who]
            first = min(row["start"] for row in mine)
            for span in spans[who]:
                same_payer = [row["start"] for row in mine if row["payer"] == span["payer"]]
                limit = first if full[number] else min(same_payer, default=FOREVER)
                span["until"] = min(span["until"], limit, *same_payer)
            for row in mine:
                until = row["end"] + timedelta(days=1) if row["end"] else FOREVER
                spans[who].append(
                    {
                        "payer": row["payer"],
                        "from": row["start"],
                        "until": until,
                        "open": row["end"] is None,
                    }
                )
    days: dict[str, dict[str, set[date]]] = defaultdict(lambda: defaultdict(set))
    for who, mine in spans.items():
        for span in mine:
            day = span["from"]
            while day < min(span["until"], horizon):
                days[who][span["payer"]].add(day)
                day += timedelta(days=1)
    return days


def _full_exports(exports: list[tuple[datetime, list[dict]]]) -> list[bool]:
    """Which exports list everybody: not those that lack more than a fifth of the one before, nor
    those after, until one lists four fifths of the newest large one."""
    listed = [{row["member_id"] for row in rows} for _, rows in exports]
    found: list[bool] = []
    waiting = False
    for number, now in enumerate(listed):
        if number == 0:
            found.append(True)
            continue
        before = listed[number - 1]
        if len(before - now) * 5 > len(before):
            waiting = True
        elif waiting:
            largest = max(len(one) for one in listed[:number])
            whole = [one for one in listed[:number] if len(one) * 5 >= largest * 4][-1]
            waiting = len(whole - now) * 5 > len(whole)
        found.append(not waiting)
    return found


def per_member_month(amount: Decimal | None, members: int) -> Decimal | None:
    """An amount by member months, at two decimals, half up."""
    if amount is None or not members:
        return None
    return (amount / members).quantize(CENT, ROUND_HALF_UP)
