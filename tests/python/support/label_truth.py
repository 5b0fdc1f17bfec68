"""The labels of the feature marts in plain Python from the raw tables, row by row.

Written from the rules in words and OpenDental's own codes; nothing of the warehouse's SQL or seeds
is used. Each function gives labels by entity_id.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta

import duckdb

from journey_truth import day, money, targets

SCHEDULED, COMPLETE, ASAP, BROKEN = 1, 2, 4, 5
PLANNED, DONE, PLANNED_INACTIVE = 1, 2, 8
NEEDS = ("D2", "D3", "D5", "D6", "D7")  # restorative, endodontic, prosthetic, surgical
NO_TREATMENT = ("N", "Z", "~GRP~", "D9986", "D9987")


def is_no_show(connection: duckdb.DuckDBPyConnection, as_of: date) -> dict[str, bool | None]:
    """Of each appointment in the newest copy of it that the drops hold."""
    newest: dict[str, tuple] = {}
    for number, drop, row, start, status in connection.execute(
        "select trim(appointment_id), _drop_day, _source_row, appt_start, lower(trim(status)) "
        "from raw_clinic.appointments"
    ).fetchall():
        rank = (drop or date.min, row)
        if number not in newest or rank > newest[number][0]:
            newest[number] = (rank, datetime.fromisoformat(start).date(), status)
    outcomes = {"no_show": True, "completed": False}
    return {
        number: outcomes.get(status) if on <= as_of else None
        for number, (_, on, status) in newest.items()
    }


def is_missed(connection: duckdb.DuckDBPyConnection, as_of: date) -> dict[str, bool | None]:
    """Of each appointment of the dental book: broken, or kept; unknown while it is to come."""
    outcomes = {COMPLETE: False, BROKEN: True}
    return {
        str(number): outcomes.get(status) if day(start) <= as_of else None
        for number, status, start, entered in _rows(
            connection, "appointment", "AptNum", "AptStatus", "AptDateTime", "SecDateTEntry"
        )
        if status in (SCHEDULED, COMPLETE, ASAP, BROKEN)
        and day(start) is not None
        and (day(entered) is None or day(entered) <= as_of)
    }


def is_accepted(
    connection: duckdb.DuckDBPyConnection, as_of: date, days: int = 90
) -> dict[str, bool | None]:
    """Of each treatment that was planned for a fee: done within the days, unknown before."""
    found = {}
    for one in _procedures(connection):
        planned = one["planned"]
        if planned is None or planned > as_of or one["fee"] <= 0:
            continue
        if one["status"] in (PLANNED, DONE, PLANNED_INACTIVE):
            until = planned + timedelta(days=days)
            is_done = one["status"] == DONE and one["on"] <= as_of and one["on"] <= until
            found[str(one["number"])] = is_done if until <= as_of else None
    return found


def payments(
    connection: duckdb.DuckDBPyConnection, as_of: date
) -> dict[str, tuple[bool | None, bool | None]]:
    """(fully_paid, paid_30d) of each treatment that was done for a fee."""
    all_targets = targets(connection, as_of, date.min, as_of)
    found = {}
    for one in _procedures(connection):
        if one["status"] == DONE and one["on"] <= as_of and one["fee"] > 0:
            _, fully, within_30, _ = all_targets[one["number"]]
            is_over = one["on"] + timedelta(days=30) <= as_of
            found[str(one["number"])] = (fully, within_30 if is_over else None)
    return found


def has_need(
    connection: duckdb.DuckDBPyConnection, as_of: date, days: int = 365
) -> dict[str, bool | None]:
    """Of each patient's day of treatment: whether a need was planned in the days after it."""
    visits, needs = set(), defaultdict(list)
    for one in _procedures(connection):
        if one["status"] == DONE and one["on"] <= as_of:
            visits.add((one["patient"], one["on"]))
        is_told = one["status"] in (PLANNED, DONE, PLANNED_INACTIVE)
        if is_told and one["code"].startswith(NEEDS) and one["planned"] is not None:
            needs[one["patient"]].append(one["planned"])
    found = {}
    for patient, on in visits:
        until = on + timedelta(days=days)
        is_there = any(on < planned <= until for planned in needs[patient])
        found[f"{patient}-{on}"] = is_there if until <= as_of else None
    return found


def _procedures(connection: duckdb.DuckDBPyConnection) -> list[dict]:
    """Treatments with their whole fee; notes, marks and office codes are none."""
    codes = dict(_rows(connection, "procedurecode", "CodeNum", "ProcCode"))
    return [
        {
            "number": number,
            "patient": patient,
            "code": codes.get(code, ""),
            "status": status,
            "on": day(on),
            "planned": day(planned),
            "fee": money(fee) * (quantity + base),
        }
        for number, patient, code, status, on, planned, fee, quantity, base in _rows(
            connection,
            "procedurelog",
            "ProcNum",
            "PatNum",
            "CodeNum",
            "ProcStatus",
            "ProcDate",
            "DateTP",
            "ProcFee",
            "UnitQty",
            "BaseUnits",
        )
        if patient and not codes.get(code, "").startswith(NO_TREATMENT)
    ]


def _rows(connection: duckdb.DuckDBPyConnection, table: str, *names: str) -> list[tuple]:
    return connection.execute(
        f"select {', '.join(names)} from raw_opendental.{table} where _deleted_at is null"
    ).fetchall()
