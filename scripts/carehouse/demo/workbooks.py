"""Made-up case workbooks as case workers really keep them, with the truth beside them.

`people` says what happened; here it is written down in many hands. A sheet is first laid out as a
plain grid (`workbooks_grid`) which notes, row by row, what the truth is; then one of three writers
(`workbooks_files`: xlsx and xlsm, xls, ods) turns grids into a file. Same seed, same bytes.

Where two tables stand side by side, one Excel row may carry an intervention and an expense and so
be in two truth files; every other non-empty row is in exactly one.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from carehouse.demo.output import write_truth
from carehouse.demo.workbooks_books import books_of_day
from carehouse.demo.workbooks_files import write_book
from carehouse.demo.workbooks_grid import Book

AS_OF = date(2025, 6, 30)

LINEAGE = ("_source_file", "_source_sheet", "_source_row")

TRUTH_COLUMNS: dict[str, tuple[str, ...]] = {
    "interventions": (
        *LINEAGE,
        "participant_id",
        "interaction_date",
        "is_date_carried_forward",
        "summary",
        "case_worker_action",
        "location",
        "growth_level",
        "notes",
        "is_duplicate",
    ),
    "expenses": (
        *LINEAGE,
        "participant_id",
        "expense_date",
        "is_date_carried_forward",
        "program_category",
        "details",
        "amount",
        "staff_member",
    ),
    "assessments": (
        *LINEAGE,
        "participant_id",
        "assessment_date",
        "assessment_type",
        "domain",
        "score",
        "total_score",
    ),
    "participants": (
        "participant_id",
        "participant_name",
        "age",
        "joining_date",
        "current_status",
        "risk_level",
        "source_file",
    ),
    "other_rows": ("file", "sheet", "row", "kind"),
}


def _truth(books: list[Book], participants: list[dict[str, Any]]) -> dict[str, list[dict]]:
    truth: dict[str, list[dict]] = {name: [] for name in TRUTH_COLUMNS}
    truth["participants"] = participants
    for book in books:
        for sheet in book.sheets:
            place = {"_source_file": book.file, "_source_sheet": sheet.name}
            for name, rows in sheet.truth.items():
                truth[name] += [{**place, **row} for row in rows]
            truth["other_rows"] += [
                {"file": book.file, "sheet": sheet.name, "row": row, "kind": kind}
                for row, kind in sorted(sheet.kinds)
            ]
    return truth


def _publish(out: Path, *, participants: int, seed: int, as_of: date, day: int) -> dict:
    """Bring the folder to a day of the demo, touching only the files that differ."""
    books, rows = books_of_day(participants, seed, as_of, day)
    folder, truth = out / "workbooks", out / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    marker = truth / "workbooks.json"
    before = json.loads(marker.read_text())["files"] if marker.exists() else []
    done: dict[str, list[str]] = {"new": [], "changed": [], "removed": []}
    for book in books:
        path, data = folder / book.file, write_book(book)
        if not path.exists():
            done["new"].append(book.file)
        elif path.read_bytes() != data:
            done["changed"].append(book.file)
        else:
            continue
        path.write_bytes(data)
    files = [book.file for book in books]
    for name in sorted(set(before) - set(files)):
        (folder / name).unlink(missing_ok=True)
        done["removed"].append(name)
    for name, found in _truth(books, rows).items():
        write_truth(truth, name, TRUTH_COLUMNS[name], found)
    state = {"participants": participants, "seed": seed, "as_of": as_of.isoformat(), "day": day}
    marker.write_text(json.dumps({**state, "files": files}, indent=1) + "\n")
    return done


def generate(out: Path, *, participants: int = 24, seed: int = 7, as_of: date = AS_OF) -> None:
    """Write `out/workbooks/*` as of day 1, and the truth in `out/truth/`.

    Files that an earlier call wrote and this one does not are removed; others are left alone.
    """
    _publish(out, participants=participants, seed=seed, as_of=as_of, day=1)


def next_day(out: Path, *, day: int, seed: int = 7) -> dict[str, list[str]]:
    """Bring a generated folder from `day - 1` to `day` and give its new, changed, removed files.

    Day 2: one new participant; the first workbook corrected (an amount, status and risk, a row
    more). Day 3: the last workbook of day 1 removed; another status changes; the first returns to
    its former status. Raises ValueError when the folder is not at `day - 1` with this seed.
    """
    marker = out / "truth" / "workbooks.json"
    if not marker.exists():
        raise ValueError(f"{marker} is missing: run generate first")
    state = json.loads(marker.read_text())
    if day not in (2, 3) or state["day"] != day - 1:
        raise ValueError(f"{out} is at day {state['day']}: days go 1, 2, 3, not to {day}")
    if state["seed"] != seed or state["participants"] < 3:
        raise ValueError(f"{out} needs seed {state['seed']} and at least 3 participants")
    return _publish(
        out,
        participants=state["participants"],
        seed=seed,
        as_of=date.fromisoformat(state["as_of"]),
        day=day,
    )
