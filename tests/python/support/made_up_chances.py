"""A made-up practice whose outcomes are drawn with chances that are written down.

Four groups of patients, one a question, so that no outcome of one question moves another's: who
breaks appointments, accepts plans, pays in time, will need treatment. Rows go straight into the
raw tables, only the columns that matter; the chances depend on what the feature marts can know.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import pandas as pd

FIRST, AS_OF = date(2020, 1, 6), date(2025, 6, 30)
CLEANING, GUM, EXAM, IMAGE, FILLING = 1, 2, 3, 4, 5
CODES = {
    CLEANING: ("D1110", 90, 1),
    GUM: ("D4341", 240, 0),
    EXAM: ("D0120", 50, 0),
    IMAGE: ("D0274", 60, 0),
    FILLING: ("D2140", 160, 0),
}


def logistic(x: float) -> float:
    return 1 / (1 + np.exp(-x))


class Practice:
    """Rows by raw table, and the chance of each entity by model."""

    def __init__(self, seed: int, patients: int):
        self.rng = np.random.default_rng(seed)
        self.rows: dict[str, list[dict]] = defaultdict(list)
        self.chances: dict[str, dict[str, float]] = defaultdict(dict)
        self.number = 0
        for code, (name, _, hygiene) in CODES.items():
            self.rows["procedurecode"].append(
                {"CodeNum": code, "ProcCode": name, "IsHygiene": hygiene, "TreatArea": 0}
            )
        for group in (self.attends, self.accepts, self.pays, self.needs):
            # a patient has one visit a year to ask of: more of them
            for _ in range(2 * patients if group == self.needs else patients):
                group(self.patient())

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def patient(self) -> int:
        number = self.next_number()
        self.rows["patient"].append(
            {
                "PatNum": number,
                "Guarantor": number,
                "PatStatus": 0,
                "Gender": number % 2,
                "Birthdate": date(1940 + number % 75, 5, 1),
            }
        )
        return number

    def procedure(self, patient, code, on, status=2, planned=None, fee=None) -> int:
        number = self.next_number()
        self.rows["procedurelog"].append(
            {
                "ProcNum": number,
                "PatNum": patient,
                "CodeNum": code,
                "ProcStatus": status,
                "ProcDate": on,
                "DateTP": planned or on,
                "ProcFee": fee or CODES[code][1],
                "UnitQty": 1,
                "BaseUnits": 0,
            }
        )
        return number

    def pay(self, patient, procedure, on, amount) -> None:
        self.rows["paysplit"].append(
            {
                "SplitNum": self.next_number(),
                "PayNum": 0,
                "PatNum": patient,
                "ProcNum": procedure,
                "SplitAmt": amount,
                "DatePay": on,
                "UnearnedType": 0,
            }
        )

    def attends(self, patient: int) -> None:
        broken = kept = 0
        day = FIRST + timedelta(days=int(self.rng.integers(0, 200)))
        while day < AS_OF:
            lead = int(self.rng.integers(1, 60))
            hour = int(self.rng.integers(8, 18))
            rate = (broken + 0.6) / (broken + kept + 4)
            chance = logistic(-2.2 + 0.03 * lead + 4 * (rate - 0.15) + 0.8 * (hour == 8))
            is_broken = self.rng.random() < chance
            number = self.next_number()
            start = datetime(day.year, day.month, day.day, hour)
            self.rows["appointment"].append(
                {
                    "AptNum": number,
                    "PatNum": patient,
                    "AptStatus": 5 if is_broken else 2,
                    "AptDateTime": start,
                    "Pattern": "XXXXXX",
                    "ProvNum": 1,
                    "SecDateTEntry": start - timedelta(days=lead),
                }
            )
            self.chances["attendance"][str(number)] = chance
            broken, kept = broken + is_broken, kept + (not is_broken)
            day += timedelta(days=int(self.rng.integers(70, 160)))

    def accepts(self, patient: int) -> None:
        outcomes: list[tuple[date, bool]] = []
        day = FIRST + timedelta(days=int(self.rng.integers(0, 200)))
        while day < AS_OF:
            over = [accepted for until, accepted in outcomes if until < day]
            rate = (sum(over) + 2) / (len(over) + 4)
            fee = int(self.rng.integers(60, 600))
            chance = logistic(0.9 - 0.004 * fee + 3 * (rate - 0.5))
            accepted = self.rng.random() < chance
            done = day + timedelta(days=int(self.rng.integers(1, 80)))
            accepted = bool(accepted and done <= AS_OF)
            number = self.procedure(
                patient, GUM, done if accepted else day, 2 if accepted else 1, day, fee
            )
            if accepted:
                self.pay(patient, number, done, fee)
            self.chances["procedure_acceptance"][str(number)] = chance
            outcomes.append((day + timedelta(days=90), accepted))
            day += timedelta(days=int(self.rng.integers(100, 220)))

    def pays(self, patient: int) -> None:
        outcomes: list[tuple[date, bool]] = []
        day = FIRST + timedelta(days=int(self.rng.integers(0, 200)))
        while day < AS_OF:
            over = [paid for until, paid in outcomes if until < day]
            rate = (sum(over) + 2) / (len(over) + 4)
            fee = int(self.rng.integers(40, 500))
            chance = logistic(0.8 - 0.004 * fee + 4 * (rate - 0.5))
            paid = bool(self.rng.random() < chance)
            number = self.procedure(patient, CLEANING, day, fee=fee)
            after = int(self.rng.integers(0, 30) if paid else self.rng.integers(35, 120))
            self.pay(patient, number, day + timedelta(days=after), fee)
            self.chances["payment_compliance"][str(number)] = chance
            outcomes.append((day + timedelta(days=30), paid))
            day += timedelta(days=int(self.rng.integers(60, 140)))

    def needs(self, patient: int) -> None:
        earlier = 0
        day = FIRST + timedelta(days=int(self.rng.integers(0, 300)))
        while day < AS_OF:
            images = int(self.rng.integers(0, 4))
            chance = logistic(-1.6 + 0.6 * images + 0.5 * min(earlier, 3))
            number = self.procedure(patient, EXAM, day)
            self.pay(patient, number, day, CODES[EXAM][1])
            for _ in range(images):
                self.pay(patient, self.procedure(patient, IMAGE, day), day, CODES[IMAGE][1])
            if self.rng.random() < chance:
                planned = day + timedelta(days=int(self.rng.integers(1, 360)))
                self.procedure(patient, FILLING, planned, status=1, planned=planned)
                earlier += 1
            self.chances["future_need"][f"{patient}-{day}"] = chance
            day += timedelta(days=int(self.rng.integers(370, 420)))

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Insert the rows into the raw tables, which must be there."""
        for table, rows in self.rows.items():
            frame = pd.DataFrame(rows)
            connection.register("made_up", frame)
            names = ", ".join(f'"{name}"' for name in frame.columns)
            connection.execute(
                f"insert into raw_opendental.{table} ({names}) select {names} from made_up"
            )
            connection.unregister("made_up")
