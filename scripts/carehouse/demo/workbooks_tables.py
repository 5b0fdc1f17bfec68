"""The tables of meetings and of payments, row by row, with what their authors put between rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Any

from openpyxl.utils import get_column_letter

from carehouse.demo.people import (
    CATEGORIES,
    LOCATIONS,
    Expense,
    Intervention,
    Person,
    rng,
    spell,
)
from carehouse.demo.words import spellings, words
from carehouse.demo.workbooks_cells import amount_cell, bad_date, date_cell, growth_cell, text_cell
from carehouse.demo.workbooks_grid import Cell, Error, Formula, Sheet
from carehouse.demo.workbooks_habits import Habits

STATUS_HEADERS = spellings("status_header")
EXPENSE_HEADERS = spellings("expense_header")
SERIAL_HEADERS = words("serial_headers")
FOOTNOTES = words("footnotes")

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
