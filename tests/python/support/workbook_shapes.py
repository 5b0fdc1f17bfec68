"""Made-up case workbooks in the shapes that people keep them in, none of them the demo's.

Every row that is written has its truth: an intervention, an expense, or nothing at all.
"""

import io
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import xlwt
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

Place = tuple[str, int]  # sheet, row
SUMMARIES = ("Met at home", "Phone call", "Clinic, then school", "No answer", "Applied for ID card")
STATUS_NAMES = {
    "date": ("Date", "DATE ", "Date of Visit", "Visit\nDate", " date"),
    "summary": ("Summary", "SUMMARY", "Summary ", "Summary of visit"),
    "action": ("Case Worker Action", "Case worker\naction", "CASE WORKER ACTION"),
    "location": ("Location", "Place", "location "),
    "growth": ("Level of Growth", "Level of growth ", "Growth Level", "LEVEL OF GROWTH"),
    "notes": ("Notes", "Remarks", "NOTES"),
}
EXPENSE_NAMES = {
    "date": ("Date", "DATE", "Date "),
    "category": ("Program Category", "Category", "Program  category"),
    "details": ("Details", "Particulars", "details "),
    "amount": ("Amount", "Amount (Rs)", "AMOUNT", "Amount (INR)"),
    "staff": ("Staff Member", "Staff", "staff member"),
}


@dataclass
class Truth:
    """What a workbook says: by place the date and growth level, or the date and amount."""

    interventions: dict[Place, tuple[date, Decimal | None]] = field(default_factory=dict)
    expenses: dict[Place, tuple[date, Decimal]] = field(default_factory=dict)


def _typed_date(day: date, draw: Random) -> object:
    """A day as a real date, as a text with the day first, or as a serial number."""
    forms = ("%d/%m/%Y", "%d.%m.%y", "%d-%b-%Y", "%d %B %Y", "%Y-%m-%d", "%a %d/%m/%Y", "%B %d, %Y")
    return draw.choice(
        (day, day, day.strftime(draw.choice(forms)), (day - date(1899, 12, 30)).days)
    )


def _typed_growth(level: int | None, draw: Random) -> object:
    if level is None:
        return draw.choice((None, "N/A", "-"))
    return draw.choice(
        (
            level,
            f"{level} (As per questionnaire)",
            f"Level {level}",
            f"{level} - improving",
            str(level),
        )
    )


def _typed_amount(amount: Decimal, draw: Random) -> object:
    forms = ["{:,}", "Rs. {:,}", "₹{:,}", "{:,}/-", "Rs {}", "{} /-", "INR {:,}"]
    if amount < 0:
        return draw.choice((float(amount), f"({-amount:,})", f"-{-amount}"))
    return draw.choice((float(amount), float(amount), draw.choice(forms).format(amount)))


def _amount(draw: Random) -> Decimal:
    if draw.random() < 0.1:
        return Decimal(-draw.randint(1, 900))
    return Decimal(draw.randint(1, 250_000)) + draw.choice((Decimal(0), Decimal("0.50")))


def _put(sheet: Worksheet, row: int, column: int, value: object) -> None:
    if value is not None:
        sheet.cell(row, column).value = value
        if isinstance(value, date):
            sheet.cell(row, column).number_format = "dd/mm/yyyy"


def _information(sheet: Worksheet, code: str, row: int, draw: Random) -> int:
    """A title and a block about the participant; gives the row below."""
    _put(sheet, row, 1, "STATUS REPORT")
    pairs = [("Participant ID", code), ("Age", 31), ("Joining date", "04/01/2024")]
    if draw.random() < 0.5:
        for offset, pair in enumerate(pairs, start=1):
            _put(sheet, row + offset, 1, pair[0])
            _put(sheet, row + offset, 2, pair[1])
        return row + 5
    for column, pair in enumerate(pairs):
        _put(sheet, row + 1, 1 + 2 * column, f"{pair[0]}:")
        _put(sheet, row + 1, 2 + 2 * column, pair[1])
    return row + 3


def _names(names: dict[str, tuple[str, ...]], draw: Random) -> dict[str, str]:
    """The columns in an order and spelling of their own."""
    fields = list(names)
    draw.shuffle(fields)
    return {field: draw.choice(names[field]) for field in fields}


def status_sheet(book: Workbook, code: str, draw: Random, truth: Truth) -> None:
    """A log of contacts with separators, blank dates, notes and broken cells around it."""
    sheet = book.create_sheet(draw.choice(("Status Sheet", "status sheet ", f"{code} Status")))
    title, left = sheet.title, draw.choice((1, 1, 2))
    row = _information(sheet, code, 1, draw)
    columns = dict(zip(names := _names(STATUS_NAMES, draw), range(left, left + 6), strict=True))
    for name, text in names.items():
        _put(sheet, row, columns[name], text)
    day, shown = date(2024, 1, draw.randint(1, 28)), None
    for number in range(draw.randint(4, 25)):
        row += 1
        if number and draw.random() < 0.15:
            _put(sheet, row, left, day.strftime("%B %Y").upper())
            sheet.merge_cells(start_row=row, end_row=row, start_column=left, end_column=left + 5)
            row += 1
        if draw.random() < 0.1:
            row += 1
        same_day = shown is not None and draw.random() < 0.2
        if not same_day:
            day += timedelta(days=draw.randint(1, 25))
            _put(sheet, row, columns["date"], _typed_date(day, draw))
        shown = day
        level = draw.choice((None, 0, 1, 2, 3, 4, 5))
        _put(sheet, row, columns["growth"], _typed_growth(level, draw))
        _put(sheet, row, columns["summary"], f"{draw.choice(SUMMARIES)} {number}")
        _put(sheet, row, columns["action"], draw.choice((None, "Follow up", "Referred")))
        _put(sheet, row, columns["location"], draw.choice((None, "Office", "Home", "The lake")))
        if draw.random() < 0.1:
            _put(sheet, row, columns["notes"], "#REF!")
            sheet.cell(row, columns["notes"]).data_type = "e"
        if draw.random() < 0.1:
            sheet.cell(row, columns["summary"]).comment = Comment("Ask again", "CW")
        truth.interventions[title, row] = (day, None if level is None else Decimal(level))
    for _ in range(draw.randint(0, 2)):  # a formula's ruin far below is no contact
        row += draw.randint(2, 40)
        broken = sheet.cell(row, columns[draw.choice(("summary", "growth", "notes", "action"))])
        broken.value, broken.data_type = "#REF!", "e"


def expense_sheet(book: Workbook, draw: Random, truth: Truth) -> None:
    """A log of expenses with a total, and now and then a formula beside it."""
    sheet = book.create_sheet(draw.choice(("Expense Log", "Expense Sheet", "expenses ")))
    row, left = draw.randint(1, 4), draw.choice((1, 1, 3))
    columns = dict(zip(names := _names(EXPENSE_NAMES, draw), range(left, left + 5), strict=True))
    for name, text in names.items():
        _put(sheet, row, columns[name], text)
    first, day = row + 1, date(2024, 2, 1)
    for number in range(draw.randint(3, 20)):
        row += 1
        if number == 0 or draw.random() < 0.8:
            day += timedelta(days=draw.randint(0, 12))
            _put(sheet, row, columns["date"], _typed_date(day, draw))
        amount = _amount(draw)
        _put(sheet, row, columns["amount"], _typed_amount(amount, draw))
        _put(sheet, row, columns["category"], draw.choice(("Medical", "Food", "Education ")))
        _put(sheet, row, columns["details"], f"Item {number}")
        _put(sheet, row, columns["staff"], draw.choice((None, "Anita", "Vijay")))
        truth.expenses[sheet.title, row] = (day, amount)
    if draw.random() < 0.7:
        row += draw.choice((1, 2))
        _put(sheet, row, columns["details"], draw.choice(("Total", "TOTAL:", "Grand total")))
        letter = sheet.cell(1, columns["amount"]).column_letter
        _put(sheet, row, columns["amount"], f"=SUM({letter}{first}:{letter}{row - 1})")


def modern(code: str, draw: Random) -> tuple[bytes, Truth]:
    """An .xlsx workbook."""
    book, truth = Workbook(), Truth()
    book.remove(book.active)
    status_sheet(book, code, draw, truth)
    if draw.random() < 0.7:
        expense_sheet(book, draw, truth)
    if draw.random() < 0.3:
        book.create_sheet("Sheet3")
    return _bytes(book), truth


def old(code: str, draw: Random) -> tuple[bytes, Truth]:
    """An .xls workbook whose number formats look like dates, and whose dates have odd formats."""
    book, truth = xlwt.Workbook(), Truth()
    sheet = book.add_sheet("Status Sheet")
    sheet.write(0, 0, "Participant ID")
    sheet.write(0, 1, code)
    for column, name in enumerate(("Date", "Summary", "Level of Growth", "Notes")):
        sheet.write(2, column, name)
    formats = ("dd/mm/yyyy", 'd "of" mmmm yyyy', "[$-409]d-mmm-yy;@", "yyyy\\-mm\\-dd")
    day = date(2024, 1, 5)
    for row in range(3, 3 + draw.randint(3, 15)):
        day += timedelta(days=draw.randint(1, 20))
        level = draw.randint(0, 5)
        sheet.write(row, 0, day, xlwt.easyxf(num_format_str=draw.choice(formats)))
        sheet.write(row, 1, draw.choice(SUMMARIES) + " and more" * draw.choice((0, 0, 1200)))
        sheet.write(row, 2, level, xlwt.easyxf(num_format_str='0 "days"'))
        truth.interventions["Status Sheet", row + 1] = (day, Decimal(level))
    sheet = book.add_sheet("Expense Log")
    for column, name in enumerate(("Date", "Program Category", "Details", "Amount")):
        sheet.write(0, column, name)
    money = (
        '"Rs." #,##0.00',
        "[$₹-4009] #,##0.00",
        '#,##0 "per day"',
        '0.00" month"',
        "_(* #,##0_)",
    )
    for row in range(1, 1 + draw.randint(3, 15)):
        amount = _amount(draw)
        sheet.write(row, 0, day, xlwt.easyxf(num_format_str=draw.choice(formats)))
        sheet.write(row, 1, "Food")
        sheet.write(row, 2, f"Item {row}")
        sheet.write(row, 3, float(amount), xlwt.easyxf(num_format_str=draw.choice(money)))
        truth.expenses["Expense Log", row + 1] = (day, amount)
    return _bytes(book), truth


def _bytes(book: Workbook | xlwt.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def make(folder: Path, seed: int, count: int = 30) -> dict[str, Truth]:
    """Write `count` workbooks into `folder`; give each file's truth."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for number in range(1, count + 1):
        draw, code = Random(seed * 1000 + number), f"PW{number:03}"
        maker, suffix = (old, "xls") if number % 3 == 0 else (modern, "xlsx")
        data, truth = maker(code, draw)
        name = f"{code}_case.{suffix}"
        (folder / name).write_bytes(data)
        made[name] = truth
    return made
