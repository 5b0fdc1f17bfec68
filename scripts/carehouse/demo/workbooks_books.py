"""Which workbooks there are on a day of the demo, and which sheets make up each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from carehouse.demo.people import (
    Expense,
    Intervention,
    Person,
    assessments,
    expenses,
    interventions,
    people,
    programme_expenses,
    rng,
)
from carehouse.demo.workbooks_blocks import information, label_pairs, lay_assessments, title_rows
from carehouse.demo.workbooks_grid import Book, Sheet
from carehouse.demo.workbooks_habits import Habits, habits_of
from carehouse.demo.workbooks_tables import Table, expense_table, lay_table, status_table

PROGRAMME = "PATHWAYS CARE PROGRAMME"
GROUP_FILE = "South cluster status sheets.xlsx"
PROGRAMME_FILE = "Programme Expenses.xlsx"
GROUP = range(6, 9)


@dataclass(frozen=True)
class Case:
    """A person with what happened to them, as known on one day of the demo."""

    person: Person
    interventions: list[Intervention]
    expenses: list[Expense]


def file_name(person: Person, habits: Habits) -> str:
    """How the worker named the file."""
    pid, name = person.participant_id, person.name
    stem = {
        "id_name": f"{pid}_{name.replace(' ', '_')}",
        "name": f"{name} status sheet",
        "id_first": f"{pid} {person.first_name}",
        "id": pid,
    }[habits.file_style]
    return stem + habits.suffix


def case_book(case: Case, seed: int) -> tuple[Book, dict[str, Any]]:
    """A participant's own workbook and the participant as it shows them."""
    person, habits = case.person, habits_of(case.person, seed)
    draw = rng(seed, "book", person.index)
    first = person.first_name
    status = Sheet(
        draw.choice(
            (
                "Status Sheet",
                "status sheet ",
                f"{first} Status",
                "STATUS SHEET",
                person.participant_id,
                first,
                "Status Sheet",
            )
        )
    )
    titles = [PROGRAMME, f"Status Sheet - {first}"][2 - habits.titles :]
    row = title_rows(status, titles, 1, habits.first_column)
    row, participant = information(
        status, person, habits, row, habits.first_column, rng(seed, "info", person.index)
    )
    row += draw.choice((1, 1, 2))
    owner = person.participant_id
    tables = (
        status_table(person, case.interventions, seed),
        expense_table(person.index, case.expenses, seed),
    )
    _, column = lay_table(status, tables[0], habits, owner, row, habits.first_column)
    sheets = [status]
    if habits.beside:
        lay_table(status, tables[1], habits, owner, row, column + 1)
    else:
        sheets.append(_expense_sheet(case, tables[1], habits, draw))
    sheets += _extra_sheets(case, habits, seed, draw)
    return Book(file_name(person, habits), sheets, habits.is_1904), participant


def _expense_sheet(case: Case, table: Table, habits: Habits, draw: Random) -> Sheet:
    person = case.person
    sheet = Sheet(
        draw.choice(
            (
                "Expense Log",
                "Expense Sheet",
                "Expenses",
                "expense log ",
                f"{person.first_name} Expenses",
            )
        )
    )
    row = 1
    if draw.random() < 0.6:
        titles = [draw.choice(("Expense Log", f"EXPENSES - {person.name}"))]
        row = title_rows(sheet, titles, row, habits.first_column, 4)
    if draw.random() < 0.3:
        pairs = [("Name", person.name), ("ID No.", person.participant_id)]
        row = label_pairs(sheet, pairs, habits.info, row, habits.first_column, draw)
    row += 1 if row > 1 else 0
    lay_table(sheet, table, habits, person.participant_id, row, habits.first_column)
    return sheet


def _extra_sheets(case: Case, habits: Habits, seed: int, draw: Random) -> list[Sheet]:
    person, found = case.person, []
    if habits.assessment:
        kind = "Questionnaire" if habits.assessment == "questionnaire" else "CANS"
        sittings = assessments(person, kind, draw.choice((2, 3)), seed)
        sheet = Sheet("Questionnaire" if kind != "CANS" else draw.choice(("CANS", "Assessment")))
        title = f"{'CANS Assessment' if kind == 'CANS' else 'Growth Questionnaire'} - {person.name}"
        style = "wide" if habits.assessment == "wide" else "long"
        lay_assessments(sheet, person.participant_id, sittings, style, title, draw)
        found.append(sheet)
    if habits.archive:
        found.append(_archive(case, seed, draw))
    if habits.sheet3:
        found.append(Sheet("Sheet3"))
    return found


def _archive(case: Case, seed: int, draw: Random) -> Sheet:
    """A hidden tab with an old copy of the first rows: nothing in it counts."""
    sheet = Sheet(draw.choice(("Old Status Sheet", "archive 2023", "OLD - do not use")), "hidden")
    table = replace(status_table(case.person, case.interventions[:12], seed), key=(seed, "old"))
    lay_table(sheet, table, Habits(), case.person.participant_id, 1, 1)
    sheet.kinds = [(row, "hidden") for row in sorted({row for row, _ in sheet.cells})]
    sheet.truth = {}
    return sheet


def group_book(cases: list[Case], seed: int) -> tuple[Book, list[dict[str, Any]]]:
    """One workbook with one tab per participant, expenses under or beside the meetings."""
    sheets, participants = [], []
    for place, case in enumerate(cases):
        person = case.person
        habits = replace(
            habits_of(person, seed),
            suffix=".xlsx",
            is_1904=False,
            id_style="plain",
            beside=place == 1,
            separators="",
            numbered=False,
        )
        sheet = Sheet((person.participant_id, person.first_name)[place % 2])
        row, participant = information(sheet, person, habits, 1, 1, rng(seed, "info", person.index))
        owner, top = person.participant_id, row + 1
        meetings = status_table(person, case.interventions, seed)
        payments = expense_table(person.index, case.expenses, seed)
        row, column = lay_table(sheet, meetings, habits, owner, top, 1)
        if habits.beside:
            lay_table(sheet, payments, habits, owner, top, column + 1)
        else:
            row = title_rows(sheet, ["Expenses"], row + 2, 1, 4)
            lay_table(sheet, payments, habits, owner, row, 1)
        sheets.append(sheet)
        participants.append(participant)
    return Book(GROUP_FILE, sheets), participants


def programme_book(seed: int, as_of: date) -> Book:
    """The expenses that belong to no participant, one tab per financial year (April to March)."""
    habits = Habits(
        dates="real", separators="short", totals="label", footnotes=1, money="number", titles=2
    )
    years: dict[int, list[Expense]] = {}
    for item in programme_expenses(seed, as_of):
        years.setdefault(item.day.year - (item.day.month < 4), []).append(item)
    sheets = []
    for year, items in years.items():
        sheet = Sheet(f"Expense Log {year}-{(year + 1) % 100:02d}")
        row = title_rows(sheet, [PROGRAMME, "Programme Expenses"], 1, 1, 4)
        row = label_pairs(
            sheet,
            [("Prepared by", "Accounts"), ("Year", f"FY {year}")],
            "across",
            row,
            1,
            rng(seed, "prepared"),
        )
        lay_table(sheet, expense_table(f"programme{year}", items, seed), habits, "", row + 1, 1)
        sheets.append(sheet)
    return Book(PROGRAMME_FILE, sheets)


def _cases(participants: int, seed: int, as_of: date, day: int) -> list[Case]:
    """Everybody with a workbook on a day of the demo; see `next_day` for what the days bring."""
    found = []
    for person in people(participants + (day > 1), seed, as_of):
        if day > 2 and person.index == participants - 1:
            continue
        met, spent = interventions(person, seed), expenses(person, seed)
        if day > 1 and person.index == 0:
            person, met, spent = _corrected(person, met, spent, as_of, day)
        if day > 2 and person.index == 1:
            person = replace(person, status="On Hold" if person.status != "On Hold" else "Active")
        found.append(Case(person, met, spent))
    return found


def _corrected(
    person: Person, met: list[Intervention], spent: list[Expense], as_of: date, day: int
) -> tuple[Person, list[Intervention], list[Expense]]:
    place = next(
        i for i, item in enumerate(spent) if i > 4 and item.amount > 0 and not item.unreadable
    )
    spent = [*spent]
    spent[place] = replace(spent[place], amount=spent[place].amount + 175)
    added = Intervention(
        as_of + timedelta(days=1),
        "Called after a long gap and fixed a visit",
        "Will call again in a week",
        "Phone",
        3,
        "Added later",
    )
    status = person.status
    if day == 2:
        status = "Exited" if person.status != "Exited" else "Active"
    risk = "High" if person.risk != "High" else "Medium"
    return replace(person, status=status, risk=risk), [*met, added], spent


def books_of_day(
    participants: int, seed: int, as_of: date, day: int
) -> tuple[list[Book], list[dict[str, Any]]]:
    """All workbooks on a day of the demo, and the participants as these show them, by id."""
    group = GROUP if participants >= 10 else range(0)
    together, books, rows = [], [], []
    for case in _cases(participants, seed, as_of, day):
        if case.person.index in group:
            together.append(case)
            continue
        book, participant = case_book(case, seed)
        books.append(book)
        rows.append({**participant, "source_file": book.file})
    if together:
        book, found = group_book(together, seed)
        books.append(book)
        rows += [{**participant, "source_file": book.file} for participant in found]
    books.append(programme_book(seed, as_of))
    return books, sorted(rows, key=lambda row: row["participant_id"])
