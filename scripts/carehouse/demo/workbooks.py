"""Made-up case workbooks as case workers really keep them, with the truth beside them.

`people` says what happened; here it is written down in many hands. A sheet is first laid out as a
plain grid (`Sheet`) which notes, row by row, what the truth is; then one of three writers (xlsx and
xlsm, xls, ods) turns grids into a file. Same seed, same bytes.

Where two tables stand side by side, one Excel row may carry an intervention and an expense and so
be in two truth files; every other non-empty row is in exactly one.
"""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msoffcrypto
import xlwt
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, WINDOWS_EPOCH, to_excel
from xlwt.Cell import FormulaCell

from carehouse.demo.people import (
    CATEGORIES,
    LOCATIONS,
    Assessment,
    Expense,
    Intervention,
    Person,
    assessments,
    date_texts,
    expenses,
    interventions,
    people,
    programme_expenses,
    rng,
    spell,
)

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

STATUS_HEADERS: dict[str, tuple[str, ...]] = {
    "date": (
        "Date",
        "DATE",
        "date ",
        " Date",
        "Date of Visit",
        "Date of Interaction",
        "Visit Date",
        "Interaction Date",
        "Date of\nvisit",
        "Dt.",
        "Meeting Date",
    ),
    "summary": (
        "Summary",
        "SUMMARY",
        "Summary ",
        "Summary of Interaction",
        "Summary of\nInteraction",
        "Interaction Summary",
        "Summary of Visit",
        "Brief Summary",
        "Session Summary",
        "Discussion Summary",
        "summary of  discussion",
    ),
    "action": (
        "Case Worker Action",
        "Case worker action ",
        "Caseworker Action",
        "Case Worker\nAction",
        "Action by Case Worker",
        "Action Taken",
        "Action taken by CW",
        "CW Action",
        "CASE WORKER ACTION",
        "Case Worker  Actions",
        "Case Worker's Action",
    ),
    "location": (
        "Location",
        "location ",
        "LOCATION",
        "Place",
        "Venue",
        "Place of Meeting",
        "Place of Visit",
        "Location of Visit",
        "Meeting\nPlace",
        "Where met",
    ),
    "growth": (
        "Level of Growth",
        "Level of growth ",
        "LEVEL OF GROWTH",
        "Growth Level",
        "Level of\nGrowth",
        "Growth",
        "Growth Level (1-5)",
        "Level of Growth (1-5)",
        "Level  of Growth",
    ),
    "notes": (
        "Notes",
        "Note",
        "NOTES ",
        "Remarks",
        "Comments",
        "Additional Notes",
        "Notes / Remarks",
        "Remark",
        "notes",
    ),
}
EXPENSE_HEADERS: dict[str, tuple[str, ...]] = {
    "date": (
        "Date",
        "DATE ",
        "date",
        "Date of Expense",
        "Expense Date",
        "Bill Date",
        "Date Spent",
        "Voucher Date",
        "Date of\nexpense",
        "Dt.",
    ),
    "category": (
        "Program Category",
        "Programme Category",
        "Program category ",
        "Program\nCategory",
        "Category",
        "PROGRAM CATEGORY",
        "Expense Category",
        "Expense Head",
        "Budget Head",
        "Program  Category",
    ),
    "details": (
        "Details",
        "Detail",
        "DETAILS ",
        "Particulars",
        "Description",
        "Details of Expense",
        "Expense Details",
        "Details of\nexpense",
    ),
    "amount": (
        "Amount",
        "AMOUNT",
        "Amount (Rs)",
        "Amount (Rs.)",
        "Amount (₹)",
        "Amt",
        "Amt.",
        "Amount in Rs.",
        "Amount\n(INR)",
        "amount ",
        "Amount Spent",
    ),
    "staff": (
        "Staff Member",
        "Staff",
        "Staff Name",
        "Staff member ",
        "STAFF MEMBER",
        "Staff\nMember",
        "Name of Staff",
        "Spent By",
        "Staff Incharge",
    ),
}
SERIAL_HEADERS = ("S.No", "Sl. No.", "S. No. ", "Sr No", "#")
INFO_LABELS: dict[str, tuple[str, ...]] = {
    "id": ("Participant ID", "ID No.", "Client ID", "ID", "Participant Id ", "ID NO"),
    "name": ("Name", "Participant Name", "Name of Participant", "Client Name", "NAME"),
    "age": ("Age", "AGE", "Age (yrs)", "Age "),
    "joined": ("Date of Joining", "Joining date", "Joining Date", "DOJ", "Joined on"),
    "status": ("Status", "Current Status", "current status", "Present Status", "STATUS"),
    "risk": ("Risk", "Risk Level", "Risk level ", "RISK", "Level of Risk"),
    "worker": ("Case Worker", "Worker", "Case worker name"),
}
STATUS_SPELLINGS: dict[str, tuple[str, ...]] = {
    "Active": ("Active", "active", "ACTIVE ", "Active"),
    "Completed": ("Completed", "completed", "Complete", "Programme completed"),
    "Exited": ("Exited", "exited ", "Exit", "EXITED"),
    "Dropped Out": ("Dropped Out", "Dropped out", "Drop out", "dropped-out", "Dropout"),
    "On Hold": ("On Hold", "on hold", "On-hold", "Hold"),
}
RISK_SPELLINGS: dict[str, tuple[str, ...]] = {
    "Low": ("Low", "low", "LOW", "Low risk"),
    "Medium": ("Medium", "medium ", "Moderate", "Med", "MEDIUM"),
    "High": ("High", "HIGH", "high", "High risk", "High "),
}
FOOTNOTES = (
    "Note: amounts above are as per bills given by the worker",
    "NB: next review in July",
    "* growth level is filled only when the questionnaire was done",
    "Note: old entries are in the register",
    "Note - checked by coordinator",
)
PROGRAMME = "PATHWAYS CARE PROGRAMME"
GROUP_FILE = "South cluster status sheets.xlsx"
PROGRAMME_FILE = "Programme Expenses.xlsx"
GROUP = range(6, 9)


class Error(str):
    """An Excel error value such as #REF!."""


@dataclass(frozen=True)
class Formula:
    """A formula (without =) and the value Excel last computed for it."""

    text: str
    cached: float | Error


@dataclass(frozen=True)
class Cell:
    """What a cell holds and how it is shown."""

    value: Any
    number_format: str = ""
    bold: bool = False
    comment: str = ""


@dataclass
class Sheet:
    """A grid by (row, column), both from 1, and what is true of its rows."""

    name: str
    state: str = "visible"
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    kinds: list[tuple[int, str]] = field(default_factory=list)
    truth: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def put(self, row: int, column: int, value: Any, **looks: Any) -> None:
        """Set a cell; a value that is a `Cell` is taken as it is, None and '' leave it empty."""
        cell = value if isinstance(value, Cell) else Cell(value, **looks)
        if cell.value is not None and cell.value != "":
            self.cells[row, column] = cell

    def mark(self, row: int, kind: str) -> None:
        """Say that a row is none of the facts."""
        if (row, kind) not in self.kinds:
            self.kinds.append((row, kind))

    def keep(self, table: str, row: int, **values: Any) -> None:
        """Say that a row is a fact."""
        self.truth.setdefault(table, []).append({"_source_row": row, **values})


@dataclass
class Book:
    """A workbook file before it is written."""

    file: str
    sheets: list[Sheet]
    is_1904: bool = False


@dataclass(frozen=True)
class Habits:
    """How one case worker keeps a workbook."""

    suffix: str = ".xlsx"
    file_style: str = "id_name"  # id_name, name, id_first, id
    is_1904: bool = False
    beside: bool = False
    first_column: int = 1
    titles: int = 1
    info: str = "down"  # down, across, inline
    id_style: str = "plain"  # plain, dash, lower, none
    dates: str = "text"  # real, serial, text
    main_date: int = 0
    separators: str = ""  # '', upper, short, name, real
    blank_dates: bool = True
    merge_dates: bool = False
    newest_first: bool = False
    numbered: bool = False
    repeat_header: int = 0
    pasted: str = ""  # '', one, block
    money: str = "number"  # number, symbol, words, slash
    totals: str = "label"  # '', label, bare, fixed
    subtotals: bool = False
    errors: bool = False
    comments: bool = False
    footnotes: int = 0
    archive: bool = False
    sheet3: bool = False
    assessment: str = ""  # '', long, wide, questionnaire


# One worker of each kind, so that a small pool shows everything too. `next_day` corrects the first
# workbook and changes a status in the second: both need their status and risk filled in.
PINNED: dict[int, dict[str, Any]] = {
    0: {
        "suffix": ".xlsx",
        "file_style": "id_name",
        "id_style": "plain",
        "beside": False,
        "newest_first": False,
        "dates": "real",
        "pasted": "one",
    },
    1: {
        "suffix": ".xlsx",
        "file_style": "name",
        "first_column": 2,
        "separators": "upper",
        "subtotals": True,
        "titles": 2,
        "assessment": "long",
        "beside": False,
        "id_style": "plain",
    },
    2: {"suffix": ".xls", "file_style": "id_name", "separators": "short", "beside": False},
    3: {"suffix": ".xlsm", "dates": "serial", "comments": True},
    4: {"suffix": ".xlsx", "is_1904": True, "dates": "real", "assessment": "wide"},
    5: {"suffix": ".xlsx", "beside": True, "first_column": 2, "titles": 1},
    9: {"archive": True, "sheet3": True, "assessment": "questionnaire", "suffix": ".xlsx"},
    10: {"suffix": ".ods", "file_style": "name", "beside": False},
    11: {
        "separators": "name",
        "pasted": "block",
        "errors": True,
        "repeat_header": 18,
        "suffix": ".xlsx",
        "beside": False,
    },
    12: {"merge_dates": True, "suffix": ".xlsx", "numbered": True, "money": "words"},
    13: {"separators": "real", "beside": False, "totals": "bare", "money": "slash"},
}


def habits_of(person: Person, seed: int) -> Habits:
    """The habits of the worker who keeps this person's workbook."""
    draw = rng(seed, "habits", person.index)

    def maybe(share: float) -> bool:
        return draw.random() < share

    drawn = Habits(
        suffix=draw.choices((".xlsx", ".xlsm", ".xls", ".ods"), (80, 6, 10, 4))[0],
        file_style=draw.choices(("id_name", "name", "id_first", "id"), (5, 3, 1, 1))[0],
        is_1904=maybe(0.04),
        beside=maybe(0.12),
        first_column=draw.choice((1, 1, 1, 2)),
        titles=draw.choice((0, 1, 1, 2)),
        info=draw.choice(("down", "down", "across", "inline")),
        id_style=draw.choices(("plain", "dash", "lower", "none"), (80, 5, 5, 10))[0],
        dates=draw.choices(("real", "serial", "text"), (50, 8, 42))[0],
        main_date=draw.randrange(15),
        separators=draw.choices(("", "upper", "short", "name", "real"), (60, 16, 10, 10, 4))[0],
        blank_dates=maybe(0.75),
        merge_dates=maybe(0.15),
        newest_first=maybe(0.1),
        numbered=maybe(0.15),
        repeat_header=draw.choice((0, 0, 0, 15, 25)),
        pasted=draw.choice(("", "", "one", "block")),
        money=draw.choice(("number", "number", "symbol", "words", "slash")),
        totals=draw.choice(("", "label", "label", "bare", "fixed")),
        subtotals=maybe(0.3),
        errors=maybe(0.2),
        comments=maybe(0.25),
        footnotes=draw.choice((0, 0, 1, 2)),
        archive=maybe(0.15),
        sheet3=maybe(0.3),
        assessment=draw.choice(("", "", "", "long", "wide", "questionnaire")),
    )
    habits = replace(drawn, **PINNED.get(person.index, {}))
    if habits.file_style == "name" and habits.id_style == "none":
        habits = replace(habits, id_style="plain")
    return replace(
        habits,
        is_1904=habits.is_1904 and habits.suffix in (".xlsx", ".xlsm"),
        separators="" if habits.beside or habits.newest_first else habits.separators,
        merge_dates=habits.merge_dates and habits.blank_dates,
        numbered=habits.numbered and not habits.beside,
    )


# --- values as people type them -------------------------------------------------------------


def date_cell(day: date, habits: Habits, draw: Random) -> Cell:
    """A date in the worker's usual way, now and then in another."""
    others = ("real", "text", "text", "text", "serial")
    style = habits.dates if draw.random() < 0.8 else draw.choice(others)
    if style == "real":
        return Cell(day, draw.choice(("dd/mm/yyyy", "dd-mmm-yy", "mm-dd-yy", "d mmmm yyyy")))
    if style == "serial":
        return Cell(int(to_excel(day, CALENDAR_MAC_1904 if habits.is_1904 else WINDOWS_EPOCH)))
    texts = date_texts(day)
    text = texts[habits.main_date] if draw.random() < 0.75 else draw.choice(texts)
    return Cell(text + " " if draw.random() < 0.04 else text)


def bad_date(day: date, draw: Random) -> str:
    """A date that no calendar has."""
    return draw.choice(
        (f"31/02/{day.year}", f"30/02/{day.year}", f"31/11/{day.year}", f"??/{day:%m/%Y}")
    )


def indian(amount: Decimal) -> str:
    """1234567.5 -> 12,34,567.50; whole rupees without decimals."""
    whole, _, cents = f"{abs(amount):.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [tail]
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return ",".join(groups) + ("" if cents == "00" else f".{cents}")


def money_texts(amount: Decimal) -> tuple[str, ...]:
    """The text forms of an amount in rupees; a refund is in brackets or has a minus."""
    text = indian(amount)
    if amount < 0:
        return f"({text})", f"-{text}", f"(₹{text})", f"- {text}", f"(Rs. {text})"
    plain = text.replace(",", "")
    return (
        f"₹{text}",
        f"Rs. {text}",
        f"{text}/-",
        f"Rs.{plain}/-",
        f"₹ {text}",
        f"INR {plain}",
        text,
        f"{plain} rs",
        f"Rs {text}",
        f"{abs(amount):.2f}",
    )


def amount_cell(amount: Decimal, habits: Habits, draw: Random) -> Cell:
    """An amount in the worker's usual way, now and then in another."""
    usual = {"number": -1, "symbol": 0, "words": 1, "slash": 2}[habits.money]
    twist = draw.random()
    texts = money_texts(amount)
    if twist < 0.03 and amount > 100:
        part = Decimal(int(amount * draw.choice((3, 5, 7)) / 10))
        return Cell(Formula(f"{part}+{amount - part}", float(amount)))
    if twist < 0.15:
        return Cell(draw.choice(texts))
    if usual >= 0 and twist < 0.85:
        return Cell(texts[usual])
    shown = draw.choice(("", "", "#,##0.00", "[$₹-4009] #,##0.00"))
    return Cell(int(amount) if amount == int(amount) else float(amount), shown)


def growth_cell(level: int | None, draw: Random) -> Cell:
    """A growth level in one of its forms; empty or 'N/A' where none was noted."""
    if level is None:
        return Cell(draw.choices(("", "N/A", "NA", "-", "Not assessed"), (80, 10, 4, 4, 2))[0])
    words = ("crisis", "slow", "stable", "improving", "independent")[level - 1]
    form = draw.choices(range(9), (30, 26, 12, 12, 6, 4, 4, 4, 2))[0]
    return Cell(
        (
            f"{level} (As per questionnaire)",
            level,
            f"Level {level}",
            f"{level} - {words}",
            str(level),
            f"level-{level} ",
            f"{level} (as per Questionnaire)",
            f"L{level}",
            f"{level}/5",
        )[form]
    )


def text_cell(text: str, draw: Random) -> Cell:
    """Free text, now and then with a space or a line break too many at its ends."""
    if text and draw.random() < 0.04:
        return Cell(draw.choice((text + " ", " " + text, text + "\n")))
    return Cell(text)


# --- rows -----------------------------------------------------------------------------------

Row = tuple[dict[str, Cell], dict[str, Any]]


def status_row(item: Intervention, habits: Habits, draw: Random) -> Row:
    """The cells of one status row by field, and the truth they carry."""
    growth, notes = growth_cell(item.growth, draw), text_cell(item.notes, draw)
    is_wrong = habits.errors and draw.random() < 0.04
    if is_wrong and draw.random() < 0.5:
        item, notes = replace(item, notes=""), Cell(Error("#REF!"))
    elif is_wrong:
        item, growth = replace(item, growth=None), Cell(Error("#N/A"))
    cells = {
        "date": Cell(bad_date(item.day, draw))
        if item.unreadable
        else date_cell(item.day, habits, draw),
        "summary": text_cell(item.summary, draw),
        "action": text_cell(item.action, draw),
        "location": Cell(spell(item.location, LOCATIONS.get(item.location, ()), draw))
        if item.location in LOCATIONS
        else Cell(item.location),
        "growth": growth,
        "notes": notes,
    }
    if habits.comments and draw.random() < 0.05:
        cells["summary"] = replace(cells["summary"], comment="Pls check this entry with worker")
    truth = {
        "interaction_date": item.day.isoformat(),
        "summary": item.summary,
        "case_worker_action": item.action,
        "location": item.location,
        "growth_level": "" if item.growth is None else item.growth,
        "notes": item.notes,
    }
    return cells, truth


def expense_row(item: Expense, habits: Habits, draw: Random) -> Row:
    """The cells of one expense row by field, and the truth they carry."""
    cells = {
        "date": Cell(bad_date(item.day, draw))
        if item.unreadable == "date"
        else date_cell(item.day, habits, draw),
        "category": Cell(spell(item.category, CATEGORIES[item.category], draw))
        if item.category
        else Cell(""),
        "details": text_cell(item.details, draw),
        "amount": Cell(draw.choice(("pending", "bill awaited", "TBC", "?", Error("#REF!"))))
        if item.unreadable == "amount"
        else amount_cell(item.amount, habits, draw),
        "staff": text_cell(item.staff, draw),
    }
    if habits.comments and draw.random() < 0.05:
        cells["amount"] = replace(cells["amount"], comment="Bill number missing")
    truth = {
        "expense_date": item.day.isoformat(),
        "program_category": item.category,
        "details": item.details,
        "amount": f"{item.amount:.2f}",
        "staff_member": item.staff,
    }
    return cells, truth


@dataclass(frozen=True)
class Table:
    """One table to lay out: which truth it feeds, its columns and its rows."""

    truth: str
    headers: dict[str, tuple[str, ...]]
    items: list[Any]
    render: Callable[[Any, Habits, Random], Row]
    key: tuple[Any, ...]


def status_table(person: Person, items: list[Intervention], seed: int) -> Table:
    """The table of a person's meetings."""
    return Table("interventions", STATUS_HEADERS, items, status_row, (seed, "s", person.index))


def expense_table(key: object, items: list[Expense], seed: int) -> Table:
    """A table of payments."""
    return Table("expenses", EXPENSE_HEADERS, items, expense_row, (seed, "e", key))


@dataclass
class Pen:
    """Where a table is being written. `above` is the date that a blank date would repeat."""

    sheet: Sheet
    table: Table
    habits: Habits
    owner: str
    columns: dict[str, int]
    titles: dict[str, str]
    row: int
    first_row: int = 0
    month_row: int = 0
    number: int = 0
    above: date | None = None
    runs: list[list[int]] = field(default_factory=list)

    def one_cell(self, value: Any, kind: str, *, merge: bool = False, **looks: Any) -> None:
        """A row with a single cell, in the table's first column."""
        first, last = min(self.columns.values()), max(self.columns.values())
        self.sheet.put(self.row, first, value, **looks)
        if merge:
            self.sheet.merges.append((self.row, first, self.row, last))
        self.sheet.mark(self.row, kind)
        self.row += 1
        self.above = None

    def header(self) -> None:
        """The header row, at the top or again further down."""
        for name, column in self.columns.items():
            self.sheet.put(self.row, column, self.titles[name], bold=True)
        self.sheet.mark(self.row, "header")
        self.row += 1
        self.above = None


def _start(sheet: Sheet, table: Table, habits: Habits, owner: str, row: int, column: int) -> Pen:
    draw = rng(*table.key, "columns")
    names = list(table.headers)
    if draw.random() < 0.45:
        draw.shuffle(names)
    titles = {
        name: draw.choice(table.headers[name]) if draw.random() < 0.6 else table.headers[name][0]
        for name in names
    }
    if habits.numbered:
        names.insert(0, "number")
        titles["number"] = draw.choice(SERIAL_HEADERS)
    columns = {name: column + place for place, name in enumerate(names)}
    return Pen(sheet, table, habits, owner, columns, titles, row)


def lay_table(
    sheet: Sheet, table: Table, habits: Habits, owner: str, row: int, column: int
) -> tuple[int, int]:
    """Write a table with its header at (row, column). Gives the next free row and column."""
    pen = _start(sheet, table, habits, owner, row, column)
    pen.header()
    pen.first_row = pen.month_row = pen.row
    if table.truth == "expenses":
        # Two equal payments on one day may both be real: only meetings are pasted twice.
        habits = replace(habits, pasted="")
    order = list(enumerate(table.items))
    if habits.newest_first:
        order.sort(key=lambda pair: pair[1].day, reverse=True)
    paste_from = 3 + rng(*table.key, "paste").randrange(12)
    written: list[tuple[Any, Row, bool]] = []
    month = None
    for place, (index, item) in enumerate(order):
        if (item.day.year, item.day.month) != month:
            _month(pen, item.day, is_first=month is None)
            month = (item.day.year, item.day.month)
        if habits.repeat_header and place and place % habits.repeat_header == 0:
            pen.header()
        drawn = table.render(item, habits, rng(*table.key, index))
        carried = _write_row(pen, item, drawn, rng(*table.key, index, "carry"))
        if not item.unreadable:
            written.append((item, drawn, carried))
        if habits.pasted == "one" and place == paste_from and not item.unreadable:
            _paste(pen, written[-1:])
        _gap(pen, rng(*table.key, index, "gap"))
    if habits.pasted == "block":
        start = next(i for i in range(paste_from, len(written)) if not written[i][2])
        _paste(pen, written[start : start + 3])
    _merge_dates(pen)
    _foot(pen, rng(*table.key, "foot"))
    return pen.row, max(pen.columns.values()) + 1


def _write_row(
    pen: Pen, item: Any, drawn: Row, draw: Random, *, pasted: bool | None = None
) -> bool:
    """One data row; tells whether its date was left blank. `pasted` repeats an earlier choice."""
    cells, truth = drawn
    same = pen.above == item.day and not item.unreadable
    carried = same and pen.habits.blank_dates and draw.random() < 0.85
    carried = carried if pasted is None else pasted
    for name, cell in cells.items():
        if not (name == "date" and carried):
            pen.sheet.put(pen.row, pen.columns[name], cell)
    pen.number += 1
    if "number" in pen.columns:
        pen.sheet.put(pen.row, pen.columns["number"], pen.number)
    if item.unreadable:
        pen.sheet.mark(pen.row, "rejected")
    else:
        _keep(pen, truth, carried, pasted is not None)
    if carried and pen.runs:
        pen.runs[-1].append(pen.row)
    else:
        pen.runs.append([pen.row])
    pen.above = None if item.unreadable else item.day
    pen.row += 1
    return carried


def _keep(pen: Pen, truth: dict[str, Any], carried: bool, is_copy: bool) -> None:
    extra = {"is_duplicate": _flag(is_copy)} if pen.table.truth == "interventions" else {}
    pen.sheet.keep(
        pen.table.truth,
        pen.row,
        participant_id=pen.owner,
        is_date_carried_forward=_flag(carried),
        **truth,
        **extra,
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _paste(pen: Pen, rows: list[tuple[Any, Row, bool]]) -> None:
    for item, drawn, carried in rows:
        _write_row(pen, item, drawn, Random(0), pasted=carried)


def _month(pen: Pen, day: date, *, is_first: bool) -> None:
    """What stands between two months: a subtotal, a separator, or nothing."""
    style = pen.habits.separators
    if pen.habits.subtotals and style and pen.table.truth == "expenses" and not is_first:
        _sum_row(pen, "Sub total", pen.month_row)
    if style == "real":
        pen.one_cell(day.replace(day=1), "separator", number_format="mmm-yy", bold=True)
    elif style:
        text = {"upper": f"{day:%B %Y}".upper(), "short": f"{day:%b-%y}", "name": f"{day:%B}"}
        pen.one_cell(text[style], "separator", merge=style != "short", bold=True)
    pen.month_row = pen.row


def _gap(pen: Pen, draw: Random) -> None:
    """Now and then an empty row, a row of spaces, or a line of dashes."""
    twist = draw.random()
    if pen.habits.beside or twist > 0.02:
        return
    if twist > 0.01:
        pen.row += 1
        pen.above = None
    elif twist > 0.004:
        pen.one_cell("  ", "blank")
    else:
        pen.one_cell("-" * 20, "separator")


def _merge_dates(pen: Pen) -> None:
    if pen.habits.merge_dates:
        column = pen.columns["date"]
        for run in pen.runs:
            if len(run) > 1 and run[-1] - run[0] == len(run) - 1:
                pen.sheet.merges.append((run[0], column, run[-1], column))


def _sum_row(pen: Pen, label: str, first: int, *, fixed: bool = False) -> None:
    column = pen.columns["amount"]
    numbers = []
    for row in range(first, pen.row):
        value = pen.sheet.cells.get((row, column), Cell(None)).value
        value = value.cached if isinstance(value, Formula) else value
        if isinstance(value, int | float):
            numbers.append(value)
    total = round(sum(numbers), 2)
    letter = get_column_letter(column)
    summed = Formula(f"SUM({letter}{first}:{letter}{pen.row - 1})", total)
    pen.sheet.put(pen.row, column, total if fixed else summed, bold=True)
    if label:
        place = pen.columns["details"]
        pen.sheet.put(pen.row, place, label, bold=True)
    pen.sheet.mark(pen.row, "total" if label else "formula")
    pen.row += 1
    pen.above = None


def _foot(pen: Pen, draw: Random) -> None:
    """Totals, numbers prepared for rows nobody filled, notes under the table."""
    habits = pen.habits
    if pen.habits.numbered:
        for _ in range(draw.choice((0, 2, 3))):
            pen.number += 1
            pen.one_cell(pen.number, "blank")
    if pen.table.truth == "expenses" and habits.totals:
        label = {"label": "Total", "bare": "", "fixed": "Grand Total"}[habits.totals]
        pen.row += draw.choice((0, 0, 1)) if label else 0
        _sum_row(pen, label, pen.first_row, fixed=habits.totals == "fixed")
    elif habits.totals == "label" and draw.random() < 0.3:
        letter = get_column_letter(pen.columns["summary"])
        counted = Formula(f"COUNTA({letter}{pen.first_row}:{letter}{pen.row - 1})", pen.number)
        pen.sheet.put(pen.row, pen.columns["summary"], "Total visits", bold=True)
        pen.sheet.put(pen.row, pen.columns["action"], counted)
        pen.sheet.mark(pen.row, "total")
        pen.row += 1
    if habits.footnotes and not habits.beside:
        pen.row += draw.choice((1, 2))
        for text in draw.sample(FOOTNOTES, habits.footnotes):
            pen.one_cell(text, "note", merge=draw.random() < 0.5)


# --- sheets ---------------------------------------------------------------------------------


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
    row = _pairs(sheet, pairs, habits.info, row, column, draw)
    truth = {
        "participant_id": pid,
        "participant_name": person.name,
        "age": person.age if shows["age"] else "",
        "joining_date": person.joining_date.isoformat() if shows["joined"] else "",
        "current_status": person.status if shows["status"] else "",
        "risk_level": person.risk if shows["risk"] else "",
    }
    return row, truth


def _pairs(
    sheet: Sheet, pairs: list[tuple[str, Any]], style: str, row: int, column: int, draw: Random
) -> int:
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


# --- books ----------------------------------------------------------------------------------


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
        row = _pairs(sheet, pairs, habits.info, row, habits.first_column, draw)
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
        row = _pairs(
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


def _books(
    participants: int, seed: int, as_of: date, day: int
) -> tuple[list[Book], list[dict[str, Any]]]:
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


# --- writers --------------------------------------------------------------------------------


def fixed_zip(data: bytes, patch: Callable[[str, bytes], bytes] | None = None) -> bytes:
    """The same zip without clocks in it, its parts passed through `patch`."""
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            body = source.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2025-01-01T00:00:00Z", body)
            body = patch(name, body) if patch else body
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, body)
    return result.getvalue()


def write_book(book: Book) -> bytes:
    """A workbook as a file, in the format its name says."""
    suffix = Path(book.file).suffix
    if suffix == ".xls":
        return _xls(book)
    return _ods(book) if suffix == ".ods" else _xlsx(book)


def _xlsx(book: Book) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.active)
    if book.is_1904:
        workbook.epoch = CALENDAR_MAC_1904
    bold, wrap = Font(bold=True), Alignment(wrap_text=True)
    for sheet in book.sheets:
        target = workbook.create_sheet(sheet.name)
        target.sheet_state = sheet.state
        for (row, column), cell in sorted(sheet.cells.items()):
            value = cell.value
            written = target.cell(row, column)
            written.value = f"={value.text}" if isinstance(value, Formula) else value
            if cell.number_format:
                written.number_format = cell.number_format
            if cell.bold:
                written.font, written.alignment = bold, wrap
            if cell.comment:
                written.comment = Comment(cell.comment, "Anita")
        for top, left, bottom, right in sheet.merges:
            target.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
        for column in range(1, 14):
            target.column_dimensions[get_column_letter(column)].width = 18
    buffer = io.BytesIO()
    workbook.save(buffer)
    return fixed_zip(buffer.getvalue(), lambda name, body: _like_excel(book, name, body))


def _like_excel(book: Book, name: str, body: bytes) -> bytes:
    """Add what Excel stores and openpyxl does not: formula results, the macro file type."""
    if name == "[Content_Types].xml" and book.file.endswith(".xlsm"):
        return body.replace(
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        )
    found = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name)
    if not found:
        return body
    results = {
        f"{get_column_letter(column)}{row}": cell.value.cached
        for (row, column), cell in book.sheets[int(found[1]) - 1].cells.items()
        if isinstance(cell.value, Formula)
    }

    def add(match: re.Match[str]) -> str:
        cached = results[match[1]]
        kind = ' t="e"' if isinstance(cached, Error) else ""
        return f'<c r="{match[1]}"{match[2]}{kind}><f>{match[3]}</f><v>{cached}</v></c>'

    pattern = r'<c r="([A-Z]+\d+)"([^>]*)><f>(.*?)</f><v\s*(?:/>|></v>)</c>'
    return re.sub(pattern, add, body.decode()).encode()


class _XlsFormula(FormulaCell):
    """A formula that also stores its result, as Excel does and xlwt does not."""

    __slots__ = ("cached",)

    def get_biff_data(self) -> bytes:
        """The FORMULA record, its eight result bytes (after row, column, style) filled in."""
        record = super().get_biff_data()
        return record[:10] + struct.pack("<d", self.cached) + record[18:]


def _xls(book: Book) -> bytes:
    workbook = xlwt.Workbook()
    workbook.dates_1904 = book.is_1904
    styles: dict[tuple[str, bool], xlwt.XFStyle] = {}
    for sheet in book.sheets:
        target = workbook.add_sheet(sheet.name)
        target.visibility = 1 if sheet.state == "hidden" else 0
        for (row, column), cell in sorted(sheet.cells.items()):
            value = cell.value
            if isinstance(value, Error):
                name = "#N/A!" if value == "#N/A" else str(value)  # as xlwt spells it
                target.row(row - 1).set_cell_error(column - 1, name)
                continue
            if isinstance(value, Formula):
                formula = _XlsFormula(row - 1, column - 1, 0, xlwt.Formula(value.text))
                formula.cached = float(value.cached)
                target.row(row - 1).insert_cell(column - 1, formula)
                continue
            look = (cell.number_format, cell.bold)
            if look not in styles:
                styles[look] = xlwt.easyxf(
                    f"font: bold {'on' if cell.bold else 'off'}",
                    num_format_str=cell.number_format.replace("[$₹-4009] ", "") or "General",
                )
            target.write(row - 1, column - 1, value, styles[look])
        for top, left, bottom, right in sheet.merges:
            target.merge(top - 1, bottom - 1, left - 1, right - 1)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _ods_cell(cell: Cell | None, span: tuple[int, int] | None) -> str:
    if cell is None:
        return "<table:table-cell/>"
    value, marks = cell.value, ""
    if span:
        marks = f' table:number-columns-spanned="{span[1]}" table:number-rows-spanned="{span[0]}"'
    if isinstance(value, Formula):
        formula = "of:=" + re.sub(r"([A-Z]+[0-9]+)", r".\1", value.text)
        marks += f" table:formula={quoteattr(formula)}"
        value = value.cached
    if isinstance(value, date):
        marks += f' office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, int | float):
        marks += f' office:value-type="float" office:value="{value}"'
    else:
        marks += ' office:value-type="string"'
    shown = "".join(f"<text:p>{escape(part)}</text:p>" for part in str(value).split("\n"))
    return f"<table:table-cell{marks}>{shown}</table:table-cell>"


def _ods_sheet(sheet: Sheet) -> str:
    spans = {
        (top, left): (bottom - top + 1, right - left + 1)
        for top, left, bottom, right in sheet.merges
    }
    last_row = max((row for row, _ in sheet.cells), default=0)
    last_column = max((column for _, column in sheet.cells), default=0)
    rows = []
    for row in range(1, last_row + 1):
        cells = (
            _ods_cell(sheet.cells.get((row, column)), spans.get((row, column)))
            for column in range(1, last_column + 1)
        )
        rows.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    body = "".join(rows) or "<table:table-row><table:table-cell/></table:table-row>"
    style = ' table:style-name="hidden"' if sheet.state == "hidden" else ""
    return f"<table:table table:name={quoteattr(sheet.name)}{style}>{body}</table:table>"


def _ods(book: Book) -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        f' xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0"'
        f' xmlns:text="{space}:text:1.0" xmlns:style="{space}:style:1.0"'
        f' xmlns:of="{space}:of:1.2" office:version="1.2"><office:automatic-styles>'
        '<style:style style:name="hidden" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
        "<office:body><office:spreadsheet>"
        + "".join(_ods_sheet(sheet) for sheet in book.sheets)
        + "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{space}:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    parts = {"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content}
    return _zip(parts, stored={"mimetype"})


def _zip(parts: dict[str, str | bytes], stored: Iterable[str] = ()) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, body in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            target.writestr(entry, body)
    return buffer.getvalue()


# --- the folder -----------------------------------------------------------------------------


def write_truth(folder: Path, name: str, columns: Iterable[str], rows: list[dict]) -> None:
    """One truth file as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


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
    books, rows = _books(participants, seed, as_of, day)
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


# --- hostile files --------------------------------------------------------------------------

_SHEET_SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _raw_xlsx(targets: list[str]) -> dict[str, str | bytes]:
    """The parts of a bare workbook, one sheet per target; the sheets themselves are missing."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = "".join(
        f'<Override PartName="/xl/{target}" ContentType="{kind}.worksheet+xml"/>'
        for target in sorted(set(targets))
    )
    sheets = "".join(
        f'<sheet name="S{i}" sheetId="{i}" r:id="rId{i}"/>' for i in range(1, len(targets) + 1)
    )
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/worksheet" Target="{target}"/>'
        for i, target in enumerate(targets, 1)
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{types}'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET_SPACE}" xmlns:r="{_OFFICE}">'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{links}</Relationships>",
    }


def _one_sheet(rows: str, dimension: str, doctype: str = "") -> bytes:
    sheet = (
        f'<?xml version="1.0"?>{doctype}<worksheet xmlns="{_SHEET_SPACE}">'
        f'<dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    )
    return _zip({**_raw_xlsx(["worksheets/sheet1.xml"]), "xl/worksheets/sheet1.xml": sheet})


def _entity_bomb() -> bytes:
    entities = '<!ENTITY l0 "lol">' + "".join(
        f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10)
    )
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'
    return _one_sheet(rows, "A1", f"<!DOCTYPE worksheet [{entities}]>")


def _bomb_part() -> tuple[bytes, int, int]:
    """A sheet of some 75 MB as raw deflate: the bytes, their CRC, the size unpacked.

    One compressed block of rows is repeated, so that it is made in no time.
    """
    head = f'<worksheet xmlns="{_SHEET_SPACE}"><sheetData>'.encode()
    chunk = b"<row><c><v>1</v></c></row>" * 40_000
    tail = b"</sheetData></worksheet>"
    packed, crc, size = b"", 0, 0
    blocks: dict[bytes, bytes] = {}
    for part, flush in (
        (head, zlib.Z_FULL_FLUSH),
        (chunk, zlib.Z_FULL_FLUSH),
        (tail, zlib.Z_FINISH),
    ):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        blocks[part] = packer.compress(part) + packer.flush(flush)
    for part in (head, *[chunk] * 72, tail):
        packed += blocks[part]
        crc, size = zlib.crc32(part, crc), size + len(part)
    return packed, crc, size


def _zip_bomb(sheets: int, *, overlapping: bool) -> bytes:
    """An xlsx whose sheets all unpack the same 75 MB.

    Either they link to one and the same part, which is a sound zip, or every part of its own lies
    over the same bytes, so that the sizes in the zip directory add up to gigabytes.
    """
    packed, crc, size = _bomb_part()
    names = [f"worksheets/sheet{i if overlapping else 1}.xml" for i in range(1, sheets + 1)]
    buffer = io.BytesIO(_zip(_raw_xlsx(names)))
    with zipfile.ZipFile(buffer, "a") as target:
        start = target.start_dir
        first = zipfile.ZipInfo(f"xl/{names[0]}", (1980, 1, 1, 0, 0, 0))
        first.compress_type = zipfile.ZIP_DEFLATED
        first.CRC, first.compress_size, first.file_size = crc, len(packed), size
        first.header_offset = start
        target.fp.seek(start)
        target.fp.write(first.FileHeader(False) + packed)
        target.start_dir = target.fp.tell()
        target._didModify = True
        for name in dict.fromkeys(names):
            entry = zipfile.ZipInfo(f"xl/{name}", first.date_time)
            for known in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(entry, known, getattr(first, known))
            entry.create_version = entry.extract_version = 20
            target.filelist.append(entry)
    return buffer.getvalue()


def _sample() -> bytes:
    sheet = Sheet("Status Sheet")
    for column, name in enumerate(STATUS_HEADERS, 1):
        sheet.put(1, column, STATUS_HEADERS[name][0])
    for row in range(2, 60):
        sheet.put(row, 1, date(2025, 1, 1) + timedelta(days=row))
        sheet.put(row, 2, f"Visit number {row}")
    return write_book(Book("sample.xlsx", [sheet]))


def _encrypted(data: bytes) -> bytes:
    buffer = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(data)).encrypt("pathways", buffer)
    return buffer.getvalue()


def hostile(out: Path) -> dict[str, str]:
    """Write broken and hostile files into `out/workbooks/`; gives file name -> kind.

    All are below 200 KB on disk. `lying_dimension` holds two good rows and may be read.
    """
    sample = _sample()
    far = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    near = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Date</t></is></c></row>'
        '<row r="2"><c r="A2"><v>45728</v></c></row>'
    )
    lock = bytes([5]) + b"Anita".ljust(54) + "Anita".ljust(55).encode("utf-16-le")
    files: dict[str, tuple[str, bytes]] = {
        "PW901 locked.xlsx": ("password_protected", _encrypted(sample)),
        "PW902 half copied.xlsx": ("truncated", sample[: len(sample) * 6 // 10]),
        "PW903 from website.xls": (
            "html_as_xls",
            b"<html><body><table><tr><th>Date</th><th>Summary</th></tr>"
            b"<tr><td>12/03/2025</td><td>Visit</td></tr></table></body></html>",
        ),
        "PW904 pasted.xlsx": ("text_as_xlsx", b"Date,Summary\n12/03/2025,Visit\n"),
        "PW905 empty.xlsx": ("zero_bytes", b""),
        "PW906 big.xlsx": ("zip_bomb", _zip_bomb(40, overlapping=False)),
        "PW907 bigger.xlsx": ("zip_bomb_overlap", _zip_bomb(40, overlapping=True)),
        "PW908 far cell.xlsx": ("far_cell", _one_sheet(far, "A1:XFD1048576")),
        "PW909 dimension.xlsx": ("lying_dimension", _one_sheet(near, "A1:XFD1048576")),
        "PW910 entities.xlsx": ("entity_bomb", _entity_bomb()),
        "~$PW001 lock.xlsx": ("lock_file", lock),
    }
    folder = out / "workbooks"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (_, data) in files.items():
        (folder / name).write_bytes(data)
    return {name: kind for name, (kind, _) in files.items()}
