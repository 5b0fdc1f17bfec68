"""Excel workbooks that can be mailed: typed cells, a header that stays, nothing that runs."""

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from carehouse.described import Column
from carehouse.errors import NotExported

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_575  # below the header
MOST_LETTERS = 32_767  # of a cell
EXACT = 2**53  # larger whole numbers would be rounded, as Excel keeps them all as doubles
FIRST_YEAR = 1900  # Excel has no day before


def new_book(file: Path | BinaryIO) -> "xlsxwriter.Workbook":
    """A workbook that takes rows one after the other, so that memory does not grow with them."""
    import xlsxwriter

    return xlsxwriter.Workbook(
        str(file) if isinstance(file, Path) else file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )


def add_sheet(
    book: "xlsxwriter.Workbook",
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
) -> tuple[int, int]:
    """Write a table as a tab; gives its rows, and how many texts were cut to what a cell holds.

    Raises NotExported when there are more rows than a tab can hold.
    """
    sheet = book.add_worksheet(_free_name(book, name))
    formats = [_format(book, column) for column in columns]
    text = book.add_format({"quote_prefix": True})  # a text that begins with = stays a text
    wrapped = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, _width(column))
        sheet.write_string(0, place, column.name, wrapped)
    count = cut = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007
        if count > MOST_ROWS:
            raise NotExported(
                f"{name} has more rows than a tab of Excel holds ({MOST_ROWS:,}): "
                "use --format csv or parquet"
            )
        for place, value in enumerate(row):
            cut += _write(sheet, count, place, value, formats[place], text)
    if columns:
        sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
    return count, cut


def _write(sheet: "Worksheet", row: int, place: int, value: object, form, text) -> int:
    """Write one cell by its type; gives 1 where a text had to be cut."""
    match value:
        case None:
            return 0
        case bool():
            sheet.write_boolean(row, place, value)
        case int() if abs(value) >= EXACT:
            sheet.write_string(row, place, str(value), text)
        case float() if not math.isfinite(value):
            return 0
        case int() | float() | Decimal():
            sheet.write_number(row, place, value, form)
        case date() if value.year >= FIRST_YEAR:
            moment = value.replace(tzinfo=None) if isinstance(value, datetime) else value
            sheet.write_datetime(row, place, moment, form)
        case time():
            sheet.write_datetime(row, place, value.replace(tzinfo=None), form)
        case _:
            whole = str(value)
            sheet.write_string(row, place, whole[:MOST_LETTERS], text)
            return int(len(whole) > MOST_LETTERS)
    return 0


def _format(book: "xlsxwriter.Workbook", column: Column):
    kind = column.type.upper()
    if kind == "DATE":
        shown = "yyyy-mm-dd"
    elif kind.startswith("TIMESTAMP"):
        shown = "yyyy-mm-dd hh:mm"
    elif kind.startswith("TIME"):
        shown = "hh:mm"
    elif match := re.fullmatch(r"DECIMAL\(\d+,\s*(\d+)\)", kind):
        shown = "#,##0" + ("." + "0" * int(match[1]) if match[1] != "0" else "")
    elif kind in ("DOUBLE", "FLOAT"):
        shown = "0.0%" if column.name.endswith("_rate") else "#,##0.00"
    else:
        shown = "General"
    return book.add_format({"num_format": shown})


def _width(column: Column) -> int:
    if column.type.upper().startswith("VARCHAR"):
        return max(16, min(len(column.name) + 2, 30))
    return max(12, min(len(column.name) + 2, 24))


def _free_name(book: "xlsxwriter.Workbook", name: str) -> str:
    """A tab's name: at most 31 letters, none that Excel forbids, and not taken."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", name)[:31]
    taken = {sheet.get_name().lower() for sheet in book.worksheets()}
    number, free = 1, plain
    while free.lower() in taken:
        number += 1
        free = f"{plain[: 31 - len(str(number)) - 1]}~{number}"
    return free
