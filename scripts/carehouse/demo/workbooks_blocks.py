"""What stands beside the tables: titles, the information block, assessments."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from openpyxl.utils import get_column_letter

from carehouse.demo.people import Assessment, Person, date_texts
from carehouse.demo.words import spellings
from carehouse.demo.workbooks_cells import date_cell
from carehouse.demo.workbooks_grid import Cell, Formula, Sheet
from carehouse.demo.workbooks_habits import Habits

INFO_LABELS = spellings("information_label")
STATUS_SPELLINGS = spellings("status")
RISK_SPELLINGS = spellings("risk")


def title_rows(sheet: Sheet, texts: Iterable[str], row: int, column: int, width: int = 5) -> int:
    """Titles, merged over the table. Gives the next free row."""
    for text in texts:
        sheet.put(row, column, text, bold=True)
        sheet.merges.append((row, column, row, column + width))
        sheet.mark(row, "title")
        row += 1
    return row


def information(
    sheet: Sheet, person: Person, habits: Habits, row: int, column: int, draw: Random
) -> tuple[int, dict[str, Any]]:
    """The information block. Gives the next free row and what it says of the participant."""
    pid = person.participant_id
    written_id = {
        "plain": pid,
        "dash": f"{pid[:2]}-{pid[2:]}",
        "lower": f"{pid.lower()} ",
        "none": "",
    }[habits.id_style]
    asked = person.index < 2
    shows = {
        name: asked or draw.random() < share
        for name, share in (
            ("age", 0.92),
            ("joined", 0.95),
            ("status", 0.97),
            ("risk", 0.95),
            ("worker", 0.4),
        )
    }
    joined = date_cell(person.joining_date, habits, draw)
    if habits.info == "inline":
        joined = Cell(date_texts(person.joining_date)[habits.main_date])
    values: dict[str, Any] = {
        "id": written_id,
        "name": draw.choice((person.name, person.name, person.name.upper(), f"{person.name} ")),
        "age": draw.choice((person.age, person.age, f"{person.age} yrs", f"{person.age} years")),
        "joined": joined,
        "status": draw.choice(STATUS_SPELLINGS[person.status]),
        "risk": draw.choice(RISK_SPELLINGS[person.risk]),
        "worker": person.worker,
    }
    rest = [name for name in ("age", "joined", "status", "risk", "worker") if shows[name]]
    if draw.random() < 0.4:
        draw.shuffle(rest)
    names = (["id"] if written_id else []) + ["name", *rest]
    pairs = [(draw.choice(INFO_LABELS[name]), values[name]) for name in names]
    row = label_pairs(sheet, pairs, habits.info, row, column, draw)
    truth = {
        "participant_id": pid,
        "participant_name": person.name,
        "age": person.age if shows["age"] else "",
        "joining_date": person.joining_date.isoformat() if shows["joined"] else "",
        "current_status": person.status if shows["status"] else "",
        "risk_level": person.risk if shows["risk"] else "",
    }
    return row, truth


def label_pairs(
    sheet: Sheet, pairs: list[tuple[str, Any]], style: str, row: int, column: int, draw: Random
) -> int:
    """Labels with their values, one to three pairs a row. Gives the next free row."""
    per_row = 1 if style == "down" else draw.choice((2, 3)) if style == "across" else 2
    colon = draw.choice(("", ":", " :"))
    for start in range(0, len(pairs), per_row):
        for place, (label, value) in enumerate(pairs[start : start + per_row]):
            cell = value if isinstance(value, Cell) else Cell(value)
            if style == "inline":
                sheet.put(row, column + 2 * place, f"{label.strip()}: {cell.value}")
            else:
                step = 2 if per_row == 3 else 2 + place
                sheet.put(row, column + step * place, label + colon)
                sheet.put(row, column + step * place + 1, cell)
        sheet.mark(row, "information")
        row += 1
    return row


def lay_assessments(
    sheet: Sheet, owner: str, sittings: list[Assessment], style: str, title: str, draw: Random
) -> None:
    """An assessment tab: sittings one under the other, or one column per sitting."""
    row = title_rows(sheet, [title], 1, 1, 2) + 1
    label = draw.choice(("Domain", "DOMAIN", "Domain "))
    label = label if sittings[0].kind == "CANS" else "Question"
    form = draw.choice((None, 0, 2, 5, 13))
    if style == "wide":
        _wide(sheet, owner, sittings, label, row, form)
        return
    for sitting in sittings:
        day = _sitting_day(sitting, form)
        if draw.random() < 0.5 and isinstance(day.value, str):
            sheet.put(row, 1, f"Assessment date: {day.value}")
        else:
            sheet.put(row, 1, draw.choice(("Assessment date", "Assessment Date:")))
            sheet.put(row, 2, day)
        sheet.mark(row, "information")
        sheet.put(row + 1, 1, label, bold=True)
        sheet.put(row + 1, 2, draw.choice(("Score", "Score (0-3)", "SCORE")), bold=True)
        sheet.mark(row + 1, "header")
        row += 2
        first = row
        for domain, score in sitting.scores.items():
            if score is not None:
                sheet.put(row, 1, domain)
                sheet.put(row, 2, str(score) if draw.random() < 0.05 else score)
                _keep_score(sheet, row, owner, sitting, domain, score)
                row += 1
        sheet.put(row, 1, "Total", bold=True)
        sheet.put(row, 2, Formula(f"SUM(B{first}:B{row - 1})", sitting.total))
        sheet.mark(row, "total")
        row += 2


def _sitting_day(sitting: Assessment, form: int | None) -> Cell:
    if form is None:
        return Cell(sitting.day, "dd/mm/yyyy")
    return Cell(date_texts(sitting.day)[form])


def _wide(
    sheet: Sheet, owner: str, sittings: list[Assessment], label: str, row: int, form: int | None
) -> None:
    sheet.put(row, 1, label, bold=True)
    for place, sitting in enumerate(sittings):
        sheet.put(row, 2 + place, _sitting_day(sitting, form))
    sheet.mark(row, "header")
    first = row = row + 1
    for domain in sittings[0].scores:
        sheet.put(row, 1, domain)
        for place, sitting in enumerate(sittings):
            score = sitting.scores[domain]
            sheet.put(row, 2 + place, score)
            if score is not None:
                _keep_score(sheet, row, owner, sitting, domain, score)
        row += 1
    sheet.put(row, 1, "TOTAL", bold=True)
    for place, sitting in enumerate(sittings):
        letter = get_column_letter(2 + place)
        sheet.put(row, 2 + place, Formula(f"SUM({letter}{first}:{letter}{row - 1})", sitting.total))
    sheet.mark(row, "total")


def _keep_score(
    sheet: Sheet, row: int, owner: str, sitting: Assessment, domain: str, score: int
) -> None:
    sheet.keep(
        "assessments",
        row,
        participant_id=owner,
        assessment_date=sitting.day.isoformat(),
        assessment_type=sitting.kind,
        domain=domain,
        score=score,
        total_score=sitting.total,
    )
