"""Made-up books of visits whose true chance of a no-show is known, and a home that holds one."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from carehouse.landing.clinic import land_clinic
from carehouse.settings import Settings
from clinic_support import HEADERS

FIRST_DAY = date(2024, 1, 8)


def logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def no_show_book(
    visits: int, days: int = 120, seed: int = 1, random_share: float | None = None
) -> pd.DataFrame:
    """Visits with their true chance of a no-show, one row each, in the order of their days.

    The shape is that of a public book: starts are days only, two visits in five are booked for the
    same day and seldom missed, long leads are missed more often, patients come back and some of
    them miss again. With `random_share` every outcome is a coin with that chance.
    """
    rng = np.random.default_rng(seed)
    day = np.sort(rng.integers(0, days, visits))
    weekday = day % 7
    day = np.where(weekday >= 5, day - 2, day)
    order = np.argsort(day, kind="stable")
    day = day[order]
    patient = rng.zipf(1.6, visits) % max(visits // 3, 2) + rng.integers(0, visits // 2, visits)
    lead = np.where(
        rng.random(visits) < 0.38, 0, np.ceil(rng.lognormal(2.2, 1.1, visits)).clip(1, 170)
    ).astype(int)
    hour = rng.integers(7, 20, visits)
    minute = rng.integers(0, 60, visits)
    second = rng.integers(0, 60, visits)
    seen, missed, probability, outcome = {}, {}, np.zeros(visits), np.zeros(visits, dtype=bool)
    start = 0
    while start < visits:  # a day at a time: the outcomes of a day are known on the next
        stop = np.searchsorted(day, day[start], side="right")
        today = slice(start, stop)
        n = np.array([seen.get(p, 0) for p in patient[today]])
        m = np.array([missed.get(p, 0) for p in patient[today]])
        x = np.where(lead[today] == 0, -3.0, -1.25 + 0.22 * np.log(lead[today].clip(1)))
        x = x + 2.4 * ((m + 0.6) / (n + 4) - 0.15)
        x = x + 0.35 * (weekday_of(day[today]) == 0) - 0.25 * (hour[today] < 9)
        p = logistic(x) if random_share is None else np.full(stop - start, random_share)
        probability[today] = p
        outcome[today] = rng.random(stop - start) < p
        for who, was in zip(patient[today], outcome[today], strict=True):
            seen[who] = seen.get(who, 0) + 1
            missed[who] = missed.get(who, 0) + int(was)
        start = stop
    starts = [FIRST_DAY + timedelta(days=int(d)) for d in day]
    booked = [
        f"{s - timedelta(days=int(ahead))}T{h:02d}:{m:02d}:{sec:02d}"
        for s, ahead, h, m, sec in zip(starts, lead, hour, minute, second, strict=True)
    ]
    return pd.DataFrame(
        {
            "appointment_id": np.arange(1, visits + 1),
            "patient_id": patient,
            "physio_id": rng.integers(1, 5, visits),
            "appt_start": [s.isoformat() for s in starts],
            "appt_end": [s.isoformat() for s in starts],
            "booked_at": booked,
            "status": np.where(outcome, "no_show", "completed"),
            "price_estimate": rng.choice([40, 50, 60], visits),
            "probability": probability,
            "lead": lead,
        }
    )


def weekday_of(day: np.ndarray) -> np.ndarray:
    """0 is Monday; the first day is one."""
    return day % 7


def land_book(settings: Settings, book: pd.DataFrame, folder: Path) -> None:
    """Write the book as the clinic's bulk drop and land it."""
    raw = folder / "clinic" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    book[HEADERS["appointments"]].to_csv(raw / "appointments.csv", index=False)
    patients = pd.DataFrame({"patient_id": np.unique(book.patient_id)})
    patients = patients.assign(
        first_name="Pat", last_name="Smith", phone="", consent_form_received=0, created_at=""
    )
    patients[HEADERS["patients"]].to_csv(raw / "patients.csv", index=False)
    physios = pd.DataFrame({"physio_id": range(1, 5), "full_name": "Marta K"})
    physios.to_csv(raw / "physios.csv", index=False)
    pd.DataFrame(columns=HEADERS["payments"]).to_csv(raw / "payments.csv", index=False)
    landing = land_clinic(settings, folder / "clinic")
    assert not landing.refused, landing.refused
