"""Made-up clinic drops: a year of appointments, three weeks ahead, and the truth beside them.

Attendance has known causes (lead time, the patient's own history, Monday, early and late slots, a
first visit), so that a model has something true to find. The bulk is the book four weeks before
the last day; each clinic day since has its drop, and together they hold what real drops hold:
moved and deleted appointments, late corrections, part payments, refunds, new patients, rows that
cannot be true, a new column, another delimiter.
"""

import csv
import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from carehouse.demo.words import words

AS_OF = date(2025, 6, 30)
ZONE = ZoneInfo("Europe/Berlin")
DAYS_BACK, DAYS_AHEAD, DROP_DAYS = 365, 21, 28
SLOTS = np.arange(8 * 60, 18 * 60, 45)  # minutes of the day at which a visit may begin
NEVER = 10**6  # a day that does not come
ODD_DROP = 4  # the drop with rows that cannot be true, an unknown word and a sale without a visit
RETAIL_CENTS = 2490
STATUSES = np.array(["booked", "completed", "canceled", "no_show"])
BOOKED, COMPLETED, CANCELED, NO_SHOW = range(4)
PHYSIOS = words("physios")
FIRST = words("first_names")
LAST = words("last_names")
COLUMNS = {
    "appointments": [
        "appointment_id",
        "patient_id",
        "physio_id",
        "appt_start",
        "appt_end",
        "booked_at",
        "status",
        "price_estimate",
    ],
    "patients": [
        "patient_id",
        "first_name",
        "last_name",
        "phone",
        "consent_form_received",
        "created_at",
    ],
    "payments": ["payment_id", "appointment_id", "amount", "paid_at", "method"],
    "physios": ["physio_id", "full_name"],
    "availability": ["physio_id", "available_from", "available_to"],
}


@dataclass
class Book:
    """The whole year as arrays, one element an appointment; days count from the first day."""

    first_day: date
    last_day: int  # the as-of day's number
    patient: np.ndarray
    physio: np.ndarray
    day: np.ndarray
    minute: np.ndarray
    length: np.ndarray
    booked_day: np.ndarray
    booked_minute: np.ndarray
    final_status: np.ndarray
    canceled_day: np.ndarray
    moved_day: np.ndarray  # the day on which it was moved, NEVER where it was not
    old_day: np.ndarray  # where it stood before
    corrected_day: np.ndarray  # the day on which a wrong status was put right
    deleted_day: np.ndarray
    price_cents: np.ndarray
    probability: np.ndarray
    is_new: np.ndarray
    patient_created_day: np.ndarray

    def moment(self, day: int, minute: int) -> str:
        """ISO 8601 with the clinic's offset."""
        at = datetime.combine(self.first_day, datetime.min.time(), ZONE)
        return (at + timedelta(days=int(day), minutes=int(minute))).isoformat()

    def state(self, day: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(is in the book, its day, its status) at the end of a day."""
        known = (self.booked_day <= day) & (self.deleted_day > day)
        stands_on = np.where(self.moved_day <= day, self.day, self.old_day)
        over = np.where(self.corrected_day > day, NO_SHOW, self.final_status)
        status = np.where(stands_on <= day, over, BOOKED)
        status = np.where(self.canceled_day <= day, CANCELED, status)
        return known, stands_on, status


def generate(out: Path, *, scale: float = 1.0, seed: int = 7, as_of: date = AS_OF) -> None:
    """Write `out/clinic/raw`, `out/clinic/daily/*` and the truth in `out/truth/clinic_*`.

    `scale` 1 is 4 physiotherapists and some 9,000 appointments. The same arguments give the same
    bytes. What an earlier call wrote below `out/clinic` is removed.
    """
    random = np.random.default_rng([seed, 3])
    book = _simulate(random, scale, as_of)
    payments = _payments(random, book)
    people = _people(random, book)
    folder = out / "clinic"
    shutil.rmtree(folder, ignore_errors=True)
    bulk_day = book.last_day - DROP_DAYS
    _write_bulk(folder / "raw", book, people, payments, bulk_day)
    previous, number, odd_day = bulk_day, 0, NEVER
    clinic_days = np.unique(np.concatenate([book.day, payments["day"]]))
    days = [int(day) for day in clinic_days if bulk_day < day <= book.last_day]
    for day in days:
        name = (book.first_day + timedelta(days=day)).isoformat()
        has_visits = bool((book.day == day).any())
        number += has_visits
        oddity = number if has_visits else 0
        odd_day = day if oddity == ODD_DROP else odd_day
        _write_drop(folder / "daily" / name, book, people, payments, previous, day, oddity)
        previous = day
    _write_truth(out / "truth", book, payments, odd_day)
    _write_broken(out / "truth" / "clinic_refused", folder / "daily")


def _simulate(random: np.random.Generator, scale: float, as_of: date) -> Book:
    """Go through the days in order, since attendance depends on each patient's history so far."""
    first_day = as_of - timedelta(days=DAYS_BACK)
    physios = max(4, round(4 * scale))
    capacity = round(40_000 * max(scale, 0.05)) + 1_000
    created = np.full(capacity, NEVER)
    created[: round(150 * scale) + 20] = 0
    patients = round(150 * scale) + 20
    appeal = random.gumbel(size=capacity) * 0.8
    visits, missed = np.zeros(capacity), np.zeros(capacity)
    parts: list[tuple] = []
    for day in range(DAYS_BACK + DAYS_AHEAD + 1):
        weekday = (first_day + timedelta(days=day)).weekday()
        is_clock_change = _offset(first_day, day) != _offset(first_day, day + 1)
        if weekday >= 5 and not is_clock_change:
            continue
        fill = 0.62 * min(scale, 1.0) * 0.93 ** max(0, day - DAYS_BACK) if weekday < 5 else 0.02
        open_slots = random.random((physios, len(SLOTS))) < fill
        physio, slot = np.nonzero(open_slots)
        count = len(physio)
        new = (random.random(count) < 0.06) & (patients + np.arange(count) < capacity)
        wanted = appeal[:patients] + random.gumbel(size=patients)
        picked = np.argsort(-wanted)[:count]
        patient = np.resize(picked, count)
        patient[new] = patients + np.arange(new.sum())
        _, first_index = np.unique(patient, return_index=True)  # nobody twice a day
        keep = np.sort(first_index)
        physio, slot, new, patient = physio[keep], slot[keep], new[keep], patient[keep]
        count = len(keep)
        lead = np.minimum(np.floor(random.exponential(9, count)), 60).astype(int)
        lead = np.minimum(lead, np.where(new, day, day - np.minimum(created[patient], day)))
        if day > DAYS_BACK:
            lead = np.maximum(lead, day - DAYS_BACK)
        created[patient[new]] = day - lead[new]
        patients += int(new.sum())
        minute = SLOTS[slot]
        first_visit = visits[patient] == 0
        history = (missed[patient] + 0.4) / (visits[patient] + 4)
        probability = _no_show_probability(lead, history, weekday, minute, first_visit)
        canceled = random.random(count) < 0.07
        missing = random.random(count) < probability
        status = np.where(canceled, CANCELED, np.where(missing, NO_SHOW, COMPLETED))
        if day > DAYS_BACK:
            status = np.where(canceled & (random.random(count) < 0.4), CANCELED, BOOKED)
        visits[patient] += status != CANCELED
        missed[patient] += status == NO_SHOW
        booked_minute = np.where(
            lead > 0,
            random.integers(8 * 60, 18 * 60, count),
            random.integers(6 * 60, 8 * 60, count),
        )
        parts.append(
            (
                patient,
                physio,
                np.full(count, day),
                minute,
                random.choice([30, 45, 60], count, p=[0.3, 0.69, 0.01]),
                day - lead,
                booked_minute,
                status,
                probability,
                first_visit,
            )
        )
    columns = [np.concatenate(part) for part in zip(*parts, strict=True)]
    return _add_events(random, first_day, created, *columns)


def _no_show_probability(lead, history, weekday, minute, first_visit) -> np.ndarray:
    """The causes of a missed visit, as log odds; the truth a model is to find."""
    log_odds = (
        -3.4
        + 0.06 * np.minimum(lead, 40)
        + 5.0 * history
        + 0.45 * (weekday == 0)
        + 0.50 * ((minute < 10 * 60) | (minute >= 17 * 60))
        + 0.70 * first_visit
    )
    return 1 / (1 + np.exp(-log_odds))


def _add_events(
    random, first_day, created, patient, physio, day, minute, length, booked_day, booked_minute,
    status, probability, is_new,
) -> Book:  # fmt: skip
    count = len(patient)
    lead = day - booked_day
    canceled_day = np.where(
        status == CANCELED, booked_day + np.floor(random.random(count) * (lead + 1)), NEVER
    )
    canceled_day = np.where(canceled_day > DAYS_BACK, DAYS_BACK, canceled_day).astype(int)
    canceled_day = np.where(status == CANCELED, canceled_day, NEVER)
    moved = (random.random(count) < 0.04) & (lead >= 4)
    shift = random.integers(1, 4, count) * random.choice([-1, 1], count)
    old_day = np.where(moved, day + shift, day)
    old_weekday = (old_day + first_day.weekday()) % 7
    moved &= (old_day > booked_day + 1) & (old_day != day) & (old_weekday < 5)
    moved &= canceled_day == NEVER
    moved_day = np.where(moved, np.minimum(old_day, day) - 1, NEVER)
    moved &= moved_day <= DAYS_BACK
    moved_day = np.where(moved, moved_day, NEVER)
    old_day = np.where(moved, old_day, day)
    corrected = (status == COMPLETED) & (random.random(count) < 0.01) & (day < DAYS_BACK - 7)
    corrected |= (status == COMPLETED) & (day == DAYS_BACK - 6) & (random.random(count) < 0.1)
    corrected_day = np.where(corrected, day + random.integers(1, 4, count), -1)
    recent = (day > DAYS_BACK - DROP_DAYS + 3) & (day <= DAYS_BACK) & (lead > DROP_DAYS // 2)
    deleted = recent & ~moved & (booked_day <= DAYS_BACK - DROP_DAYS)
    deleted &= np.cumsum(deleted) <= 3
    weekday_price = random.choice([4500, 6000, 8250], count, p=[0.5, 0.35, 0.15])
    return Book(
        first_day=first_day,
        last_day=DAYS_BACK,
        patient=patient,
        physio=physio,
        day=day,
        minute=minute,
        length=length,
        booked_day=booked_day,
        booked_minute=booked_minute,
        final_status=status,
        canceled_day=canceled_day,
        moved_day=moved_day,
        old_day=old_day,
        corrected_day=corrected_day,
        deleted_day=np.where(deleted, day, NEVER),
        price_cents=weekday_price,
        probability=probability,
        is_new=is_new,
        patient_created_day=created,
    )


def _payments(random: np.random.Generator, book: Book) -> dict[str, np.ndarray]:
    """Full, part, late and missing payments; refunds; fees for missed visits. Money in cents."""
    paying = (book.final_status == COMPLETED) & (book.deleted_day == NEVER)
    kind = random.choice(5, len(book.day), p=[0.82, 0.06, 0.05, 0.05, 0.02])
    full = np.nonzero(paying & np.isin(kind, (0, 2, 4)))[0]
    late = kind[full] == 2
    parts = np.nonzero(paying & (kind == 1))[0]
    refunded = np.nonzero(paying & (kind == 4))[0]
    fee = np.nonzero((book.final_status == NO_SHOW) & (kind == 1))[0]
    price = book.price_cents
    half = price[parts] // 3
    appointment = np.concatenate([full, parts, parts, refunded, fee])
    cents = np.concatenate(
        [price[full], half, price[parts] - half, -price[refunded], np.full(len(fee), 2000)]
    )
    delay = np.concatenate(
        [
            np.where(late, random.integers(1, 10, len(full)), 0),
            np.zeros(len(parts), int),
            random.integers(3, 15, len(parts)),
            random.integers(2, 11, len(refunded)),
            random.integers(1, 4, len(fee)),
        ]
    )
    day = book.day[appointment] + delay
    seen = day <= book.last_day
    order = np.argsort(day[seen], kind="stable")
    return {
        "appointment": appointment[seen][order],
        "cents": cents[seen][order],
        "day": day[seen][order],
        "minute": random.integers(9 * 60, 19 * 60, int(seen.sum())),
        "method": random.choice(["card", "cash", "transfer"], int(seen.sum()), p=[0.6, 0.25, 0.15]),
    }


def _people(random: np.random.Generator, book: Book) -> list[tuple]:
    """One record per patient that has an appointment, by patient number."""
    count = int(book.patient.max()) + 1
    first, last = random.choice(FIRST, count), random.choice(LAST, count)
    phone = random.integers(1_000_000, 9_999_999, count)
    no_phone, consent = random.random(count) < 0.06, random.random(count) >= 0.1
    created = np.minimum(book.patient_created_day[:count], book.last_day)
    return [
        (
            number + 1,
            first[number],
            last[number],
            "" if no_phone[number] else f"+49-170-{phone[number]}",
            int(consent[number]),
            book.moment(created[number], 6 * 60),
        )
        for number in range(count)
    ]


def _appointment_rows(book: Book, which: np.ndarray, day: int) -> list[tuple]:
    _, stands_on, status = book.state(day)
    rows = []
    for index in np.nonzero(which)[0]:
        start = book.minute[index]
        end = start + book.length[index]
        rows.append(
            (
                int(index) + 1,
                int(book.patient[index]) + 1,
                int(book.physio[index]) + 1,
                book.moment(stands_on[index], start),
                book.moment(stands_on[index], end),
                book.moment(book.booked_day[index], book.booked_minute[index]),
                STATUSES[status[index]],
                _money(book.price_cents[index]),
            )
        )
    return rows


def _payment_rows(book: Book, payments: dict, after: int, until: int) -> list[tuple]:
    chosen = np.nonzero((payments["day"] > after) & (payments["day"] <= until))[0]
    return [
        (
            int(index) + 1,
            int(payments["appointment"][index]) + 1,
            _money(payments["cents"][index]),
            book.moment(payments["day"][index], payments["minute"][index]),
            payments["method"][index],
        )
        for index in chosen
    ]


def _availability_rows(book: Book, days: range) -> list[tuple]:
    rows = []
    for day in days:
        weekday = (book.first_day + timedelta(days=day)).weekday()
        for physio in range(int(book.physio.max()) + 1):
            if weekday < 5 and (physio + day) % 11:  # a day off now and then
                rows.append((physio + 1, book.moment(day, 8 * 60), book.moment(day, 12 * 60 + 30)))
                rows.append((physio + 1, book.moment(day, 13 * 60), book.moment(day, 18 * 60)))
    return rows


def _patient_rows(book: Book, people: list[tuple], after: int, until: int) -> list[tuple]:
    created = np.minimum(book.patient_created_day[: len(people)], book.last_day)
    return [people[index] for index in np.nonzero((created > after) & (created <= until))[0]]


def _write_bulk(folder: Path, book: Book, people: list, payments: dict, day: int) -> None:
    known, _, _ = book.state(day)
    appointments = _appointment_rows(book, known, day)
    patients = _patient_rows(book, people, -1, day)
    number = 900_001
    good = appointments[len(appointments) // 2]
    appointments += [  # three rows that cannot be true
        (number, *good[1:3], good[4], good[3], *good[5:]),  # ends before it starts
        (number + 1, *good[1:5], book.moment(day + 40, 600), *good[6:]),  # booked after its start
        (number + 2, 9_999_999, *good[2:]),  # a patient nobody knows
    ]
    patients[-1] = (*patients[-1][:4], "maybe", patients[-1][5])
    physios = [
        (number + 1, PHYSIOS[number % 4] + (f" {number // 4 + 1}" if number > 3 else ""))
        for number in range(int(book.physio.max()) + 1)
    ]
    _write(folder, "appointments", appointments)
    _write(folder, "patients", patients)
    _write(folder, "payments", _payment_rows(book, payments, -1, day))
    _write(folder, "physios", physios)
    _write(folder, "availability", _availability_rows(book, range(day - 150, day + 1)))


def _write_drop(
    folder: Path, book: Book, people: list, payments: dict, previous: int, day: int, number: int
) -> None:
    """A day's drop: its whole list, and every row that has changed since the drop before."""
    known, stands_on, status = book.state(day)
    was_known, stood_on, was_status = book.state(previous)
    changed = (known != was_known) | (stands_on != stood_on) | (status != was_status)
    appointments = _appointment_rows(book, known & ((stands_on == day) | changed), day)
    money = _payment_rows(book, payments, previous, day)
    style = {"extra": (), "delimiter": ",", "encoding": "utf-8", "newline": "\n"}
    if number == ODD_DROP:
        today = book.moment(day, 0)[:10]
        good = next(row for row in appointments if row[3].startswith(today))
        appointments.append((900_011, *good[1:6], "see note", good[7]))  # a word nobody knows
        appointments.append(good)  # pasted twice
        money.append((900_012, 9_999_999, "45.00", book.moment(day, 900), "card"))
        money.append((900_013, "", _money(RETAIL_CENTS), book.moment(day, 905), "card"))
    if number == 6:
        style["extra"] = ("room",)
    if number == 8:
        style |= {"delimiter": ";", "encoding": "utf-8-sig", "newline": "\r\n"}
    _write(folder, "appointments", appointments, **style)
    _write(folder, "patients", _patient_rows(book, people, previous, day))
    _write(folder, "payments", money)
    if number % 5 != 3:
        _write(folder, "availability", _availability_rows(book, range(previous + 1, day + 1)))


def _write_truth(folder: Path, book: Book, payments: dict, odd_day: int) -> None:
    """What is so: of the odd day also the visit with an unknown word and the retail sale."""
    known, stands_on, status = book.state(book.last_day)
    folder.mkdir(parents=True, exist_ok=True)
    lead = book.day - book.booked_day
    rows = [
        (
            index + 1,
            int(book.patient[index]) + 1,
            (book.first_day + timedelta(days=int(stands_on[index]))).isoformat(),
            STATUSES[status[index]],
            STATUSES[book.final_status[index]],
            f"{book.probability[index]:.6f}",
            int(lead[index]),
            int(book.is_new[index]),
        )
        for index in np.nonzero(known)[0]
    ]
    header = "appointment_id patient_id day status final_status true_no_show_probability lead_days"
    _write_file(folder / "clinic_appointments.csv", [*header.split(), "is_first_visit"], rows)
    days = np.unique(np.concatenate([stands_on[known], payments["day"]]))
    paid = np.bincount(payments["appointment"], payments["cents"], len(book.day))
    daily = []
    for day in days:
        here = known & (stands_on == day)
        done = here & (status == COMPLETED)
        taken = payments["cents"][payments["day"] == day].sum()
        daily.append(
            (
                (book.first_day + timedelta(days=int(day))).isoformat(),
                int(here.sum()) + (day == odd_day),
                int(done.sum()),
                int((here & (status == CANCELED)).sum()),
                int((here & (status == NO_SHOW)).sum()),
                _money(int(book.price_cents[done].sum())),
                _money(int(paid[here].sum())),
                _money(int(taken) + RETAIL_CENTS * (day == odd_day)),
            )
        )
    names = "day bookings completed cancellations no_shows revenue_estimate revenue_paid"
    _write_file(folder / "clinic_daily.csv", [*names.split(), "revenue_paid_by_payment_day"], daily)


def _write_broken(folder: Path, daily: Path) -> None:
    """Two drops that must be refused, outside the inbox: cut off, and with a renamed column."""
    newest = max(daily.iterdir())
    shutil.rmtree(folder, ignore_errors=True)
    for kind in ("half_written", "renamed_column"):
        shutil.copytree(newest, folder / kind / newest.name)
        file = folder / kind / newest.name / "appointments.csv"
        data = file.read_bytes()
        file.write_bytes(
            data[: len(data) * 2 // 3]
            if kind == "half_written"
            else data.replace(b"appt_start", b"planned", 1)
        )


def _write(
    folder: Path,
    table: str,
    rows: list[tuple],
    extra: tuple[str, ...] = (),
    delimiter: str = ",",
    encoding: str = "utf-8",
    newline: str = "\n",
) -> None:
    if not rows and table not in ("appointments", "payments"):
        return
    cells = [(*row, *(f"R{1 + index % 3}" for _ in extra)) for index, row in enumerate(rows)]
    _write_file(
        folder / f"{table}.csv", [*COLUMNS[table], *extra], cells, delimiter, encoding, newline
    )


def _write_file(
    path: Path,
    header: list[str],
    rows: list[tuple],
    delimiter: str = ",",
    encoding: str = "utf-8",
    newline: str = "\n",
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=newline)
        writer.writerow(header)
        writer.writerows(rows)


def _money(cents: int) -> str:
    sign, cents = ("-", -int(cents)) if cents < 0 else ("", int(cents))
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def _offset(first_day: date, day: int) -> timedelta | None:
    moment = datetime.combine(first_day + timedelta(days=day), datetime.min.time(), ZONE)
    return moment.utcoffset()
