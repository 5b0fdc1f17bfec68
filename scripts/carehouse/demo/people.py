"""The made-up people behind the demo inputs, and what happened to them.

Everything here is meaning: who, when, what, how much. How it is written down is decided in
`workbooks` and `notes`. The same seed gives the same people, and the first N of a larger pool are
the pool of N. Names come from Faker and belong to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random

from faker import Faker

from carehouse.demo.words import rows, spellings, words

WORKERS = words("workers")
RISKS = ("Low", "Medium", "High")
STATUSES = ("Active", "Completed", "Exited", "Dropped Out", "On Hold")

# canonical name -> the spellings case workers use for it
LOCATIONS = spellings("location")
# places nobody has mapped yet: the truth keeps them as they are written
ODD_LOCATIONS = words("odd_locations")
CATEGORIES = spellings("category")
_SUMMARIES = words("summaries")
_SLOTS = spellings("slot")
_ACTIONS = words("actions")
_NOTES = words("notes")


def _read_spending() -> dict[str, tuple[tuple[str, ...], int, int, float]]:
    """Category -> what is bought, lowest and highest amount in rupees, weight (0: the person's)."""
    details: dict[str, tuple[str, ...]] = {}
    found = {}
    for row in rows("spending"):
        name = row["category"]
        details[name] = (*details.get(name, ()), row["details"])
        lowest, highest = int(row["lowest_amount"]), int(row["highest_amount"])
        found[name] = (details[name], lowest, highest, float(row["weight"]))
    return found


_SPENDING = _read_spending()
_PROGRAMME_SPENDING = tuple(
    (row["category"], row["details"], int(row["lowest_amount"]), int(row["highest_amount"]))
    for row in rows("programme_spending")
)
CANS_DOMAINS = words("cans_domains")
QUESTIONS = words("questions")


@dataclass(frozen=True)
class Person:
    """One made-up participant; `contacts_per_month` and `medical_weight` carry the signal."""

    index: int
    participant_id: str
    name: str
    age: int
    joining_date: date
    last_contact: date
    status: str
    risk: str
    worker: str
    contact_count: int
    contacts_per_month: float
    medical_weight: float
    expense_count: int

    @property
    def first_name(self) -> str:
        """What case workers call the participant."""
        return self.name.split()[0]


@dataclass(frozen=True)
class Intervention:
    """One meeting. `unreadable` is None or 'date'."""

    day: date
    summary: str
    action: str
    location: str
    growth: int | None
    notes: str
    unreadable: str | None = None


@dataclass(frozen=True)
class Expense:
    """One payment in rupees, refunds negative. `unreadable` is None, 'date' or 'amount'."""

    day: date
    category: str
    details: str
    amount: Decimal
    staff: str
    unreadable: str | None = None


@dataclass(frozen=True)
class Assessment:
    """One sitting of an assessment: domain -> score 0 to 3, None where it was left out."""

    day: date
    kind: str
    scores: dict[str, int | None]

    @property
    def total(self) -> int:
        """The sum of the scores that were given."""
        return sum(score for score in self.scores.values() if score is not None)


def rng(*parts: object) -> Random:
    """A generator of its own for these parts, so that one change never moves another's draws."""
    return Random(":".join(str(part) for part in parts))


@lru_cache(maxsize=4)
def _names(count: int, seed: int) -> tuple[str, ...]:
    faker = Faker("en_IN")
    faker.seed_instance(seed)
    names: dict[str, str] = {}
    while len(names) < count:
        name = faker.name()
        if len(name.split()) == 2 and name.isascii():
            names.setdefault(name.lower(), name)
    return tuple(names.values())


def _spread(index: int, start: float) -> float:
    """Golden-ratio spread over [0, 1): even shares in a small pool, stable in a larger one."""
    return (start + index * 0.6180339887) % 1.0


def _pick_status(risk: str, place: float) -> str:
    # Cumulative shares of Completed, Exited, Dropped Out and On Hold; the rest stays active.
    shares = {
        "Low": (0.34, 0.38, 0.42, 0.45),
        "Medium": (0.22, 0.36, 0.50, 0.56),
        "High": (0.08, 0.30, 0.62, 0.70),
    }[risk]
    for status, share in zip(STATUSES[1:], shares, strict=True):
        if place < share:
            return status
    return "Active"


def people(count: int, seed: int, as_of: date) -> list[Person]:
    """The first `count` participants of this seed's pool, as they stand on `as_of`."""
    pool: list[Person] = []
    seen = dict.fromkeys(RISKS, 0)
    for index, name in enumerate(_names(count, seed)):
        draw = rng(seed, "person", index)
        place = _spread(index, 0.2)
        risk = "Low" if place < 0.35 else "Medium" if place < 0.7 else "High"
        status = _pick_status(risk, _spread(seen[risk], 0.35))
        seen[risk] += 1
        pool.append(_person(index, name, risk, status, as_of, draw))
    return pool


def _person(index: int, name: str, risk: str, status: str, as_of: date, draw: Random) -> Person:
    months = draw.uniform(6, 18)
    gone = status not in ("Active", "On Hold")
    last = as_of - timedelta(days=draw.randint(30, 150) if gone else draw.randint(0, 10))
    contacts = max(40, min(120, round(months * draw.uniform(3, 10))))
    return Person(
        index=index,
        participant_id=f"PW{index + 1:03d}",
        name=name,
        age=draw.randint(16, 58),
        joining_date=last - timedelta(days=round(months * 30.44)),
        last_contact=last,
        status=status,
        risk=risk,
        worker=draw.choice(WORKERS),
        contact_count=contacts,
        contacts_per_month=contacts / months,
        medical_weight=draw.choice((0.6, 1.5, 3.5))
        * {"Low": 0.7, "Medium": 1.0, "High": 1.6}[risk],
        expense_count=max(15, min(60, round(months * draw.uniform(1.5, 3.6)))),
    )


def _days(first: date, last: date, count: int, together: float, draw: Random) -> list[date]:
    """`count` working days in order; a share of them is the same day as the one before."""
    span = max(1, (last - first).days)
    days: list[date] = []
    while len(days) < count:
        day = first + timedelta(days=draw.randint(0, span))
        if day.weekday() == 6 and draw.random() < 0.9:
            continue
        days.append(day)
        while len(days) < count and draw.random() < together:
            days.append(day)
    days.sort()
    days[0] = first
    return sorted(days)


def _sentence(person: Person, draw: Random) -> str:
    fill = {slot: draw.choice(words) for slot, words in _SLOTS.items()}
    who = draw.choice((person.first_name, person.first_name, "participant"))
    return draw.choice(_SUMMARIES).format(
        who=who, Who=who[0].upper() + who[1:], they="they", **fill
    )


def sentences(person: Person, count: int, draw: Random) -> str:
    """A short paragraph about a person, for case notes."""
    return " ".join(_sentence(person, draw).rstrip(".") + "." for _ in range(count))


def interventions(person: Person, seed: int) -> list[Intervention]:
    """The meetings of one person, by day. Growth rises with how often they are met.

    No two share day and summary, so that a duplicate is only ever a pasted row.
    """
    draw = rng(seed, "interventions", person.index)
    days = _days(person.joining_date, person.last_contact, person.contact_count, 0.18, draw)
    start = draw.choice((1, 1, 2)) if person.risk != "Low" else 2
    gain = max(0.0, min(5 - start, 0.5 * (person.contacts_per_month - 3) + draw.gauss(0, 0.3)))
    # Places one worker goes to: nobody uses all of them.
    places = ["Pathways Office"] * 4 + ["Home"] * 3 + ["Phone"] * 2
    places += draw.sample(sorted(LOCATIONS), 4)
    seen: set[tuple[date, str]] = set()
    found: list[Intervention] = []
    for position, day in enumerate(days):
        summary = _sentence(person, draw)
        while (day, summary) in seen:
            summary = _sentence(person, draw)
        seen.add((day, summary))
        level = start + gain * position / len(days) + draw.gauss(0, 0.2)
        place = draw.random()
        found.append(
            Intervention(
                day=day,
                summary=summary,
                action=draw.choice(_ACTIONS),
                location=""
                if place < 0.03
                else draw.choice(ODD_LOCATIONS)
                if place < 0.04
                else draw.choice(places),
                growth=max(1, min(5, round(level))) if draw.random() < 0.6 else None,
                notes=draw.choice(_NOTES) if draw.random() < 0.35 else "",
                unreadable="date" if position and draw.random() < 0.004 else None,
            )
        )
    return found


def _amount(low: int, high: int, draw: Random) -> Decimal:
    rupees = low * (high / low) ** draw.random()
    if draw.random() < 0.12:
        return Decimal(round(rupees * 100)) / 100
    return Decimal(round(rupees, -1 if rupees > 100 else 0)).quantize(Decimal(1))


def expenses(person: Person, seed: int) -> list[Expense]:
    """What was spent on one person, by day."""
    draw = rng(seed, "expenses", person.index)
    days = _days(person.joining_date, person.last_contact, person.expense_count, 0.2, draw)
    names = list(_SPENDING)
    weights = [_SPENDING[name][3] or person.medical_weight for name in names]
    found: list[Expense] = []
    for position, day in enumerate(days):
        category = draw.choices(names, weights)[0]
        details, low, high, _ = _SPENDING[category]
        text, amount = draw.choice(details), _amount(low, high, draw)
        if category == "Medical" and draw.random() < 0.02 * person.medical_weight:
            text, amount = "Surgery and admission", _amount(45000, 180000, draw)
        if draw.random() < 0.025:
            text, amount = f"Refund - {text.lower()}", -Decimal(round(min(amount, 600)))
        bad = draw.random()
        found.append(
            Expense(
                day=day,
                category=category if draw.random() > 0.015 else "",
                details=text,
                amount=amount,
                staff=person.worker if draw.random() < 0.7 else draw.choice(WORKERS),
                unreadable=None
                if not position or bad > 0.02
                else "amount"
                if bad < 0.013
                else "date",
            )
        )
    return found


def programme_expenses(seed: int, as_of: date) -> list[Expense]:
    """What the programme spent on nobody in particular in the 18 months to `as_of`."""
    draw = rng(seed, "programme")
    first = as_of - timedelta(days=548)
    found = []
    for day in _days(first, as_of, 90, 0.12, draw):
        category, details, low, high = draw.choice(_PROGRAMME_SPENDING)
        found.append(
            Expense(day, category, details, _amount(low, high, draw), draw.choice(WORKERS))
        )
    for month in range(first.year * 12 + first.month, as_of.year * 12 + as_of.month):
        day = date(month // 12, month % 12 + 1, 5)
        if day <= as_of:
            rent = Decimal(24500 if day.month < 4 else 26000)
            found.append(Expense(day, "Care Coordination", "Office rent", rent, WORKERS[0]))
    return sorted(found, key=lambda item: item.day)


def assessments(person: Person, kind: str, sittings: int, seed: int) -> list[Assessment]:
    """`sittings` of a CANS (needs fall as growth rises) or of a questionnaire (scores rise)."""
    draw = rng(seed, "assessments", kind, person.index)
    span = (person.last_contact - person.joining_date).days
    domains = CANS_DOMAINS if kind == "CANS" else QUESTIONS
    start = {domain: draw.choice((1, 2, 2, 3)) for domain in domains}
    gain = max(0.0, min(2.0, 0.3 * (person.contacts_per_month - 3)))
    found = []
    for sitting in range(sittings):
        step = gain * sitting / max(1, sittings - 1)
        step = -step if kind == "CANS" else step
        scores: dict[str, int | None] = {
            domain: max(0, min(3, round(first + step + draw.gauss(0, 0.3))))
            for domain, first in start.items()
        }
        if sitting and draw.random() < 0.3:
            scores[draw.choice(domains)] = None
        day = person.joining_date + timedelta(days=5 + span * sitting // sittings)
        found.append(Assessment(day, kind, scores))
    return found


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    ending = (
        "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{ending}"


def date_texts(day: date) -> tuple[str, ...]:
    """The text forms of a date, day first. The first five are the common ones."""
    d, m, y = day.day, day.month, day.year
    short = "Sept" if m == 9 else f"{day:%b}"
    return (
        f"{day:%d/%m/%Y}",
        f"{d}.{m}.{y % 100:02d}",
        f"{day:%d-%m-%Y}",
        f"{d}/{m}/{y % 100:02d}",
        f"{day:%Y-%m-%d}",
        f"{ordinal(d)} {day:%B %Y}",
        f"{d} {short} {y}",
        f"{day:%d-%b-%y}",
        f"{d} {day:%B}, {y}",
        f"{day:%B} {d}, {y}",
        f"{ordinal(d)} {short} {y % 100:02d}",
        f"{day:%d.%m.%Y}",
        f"{day:%a} {day:%d/%m/%Y}",
        f"{d} {day:%B %Y}",
        f"{day:%d/%b/%Y}",
    )


def spell(text: str, choices: Sequence[str], draw: Random) -> str:
    """One way to write `text`: a known spelling, sometimes with stray spaces or capitals."""
    written = draw.choice(choices) if choices and draw.random() < 0.6 else text
    twist = draw.random()
    if twist < 0.05:
        return written + " "
    if twist < 0.08:
        return " " + written.upper()
    return written.lower() if twist < 0.12 else written
