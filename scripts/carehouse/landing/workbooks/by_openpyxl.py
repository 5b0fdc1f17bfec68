"""An .xlsx workbook that calamine cannot read, or a sheet of one, by openpyxl.

openpyxl is many times slower and keeps every cell in memory, so it is only the second to be asked.
"""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from carehouse.landing.workbooks.book import Book, Cell, Sheet, number_value

STATES = {"visible": "visible", "hidden": "hidden", "veryHidden": "very_hidden"}


def read_book(data: bytes) -> Book:
    """Read a workbook. Raises whatever openpyxl does of a damaged one, which may be anything."""
    options = {"keep_links": False, "rich_text": False}
    values = load_workbook(io.BytesIO(data), data_only=True, **options)
    formulas = load_workbook(io.BytesIO(data), data_only=False, **options)
    epoch = 1904 if values.epoch == CALENDAR_MAC_1904 else 1900
    sheets = []
    for sheet in values._sheets:  # also charts, which take a number too
        cells = None
        if isinstance(sheet, Worksheet):
            cells = _reader(sheet, formulas[sheet.title])
        state = STATES.get(sheet.sheet_state, "visible")
        sheets.append(Sheet(sheet.title, state, cells) if cells else Sheet(sheet.title, state))
    return Book(epoch, sheets)


def _reader(values: Worksheet, formulas: Worksheet):
    return lambda: _cells(values, formulas)


def _cells(values: Worksheet, formulas: Worksheet) -> Iterator[Cell]:
    spans = {
        (area.min_row, area.min_col): (
            area.max_col - area.min_col + 1,
            area.max_row - area.min_row + 1,
        )
        for area in values.merged_cells.ranges
    }
    for row in values.iter_rows():
        for cell in row:
            place = (cell.row, cell.column)
            typed = formulas.cell(*place)
            formula = None
            if typed.data_type == "f":
                formula = typed.value if isinstance(typed.value, str) else "="
            text, kind = _value(cell.value, cell.data_type)
            if text is not None or formula is not None:
                yield *place, text, kind, formula, *spans.get(place, (1, 1))


def _value(value: object, data_type: str) -> tuple[str | None, str]:
    match value:
        case None | "":
            return None, "empty"
        case str():
            return value, "error" if data_type == "e" else "text"
        case bool():
            return str(value).lower(), "boolean"
        case int() | float():
            return number_value(float(value)), "number"
        case datetime() if value.time() == time():
            return value.date().isoformat(), "date"
        case datetime():
            return value.isoformat(), "datetime"
        case date():
            return value.isoformat(), "date"
        case time():
            return value.isoformat(), "time"
        case timedelta():
            return str(value.total_seconds()), "duration"
        case _:
            return str(value), "text"
