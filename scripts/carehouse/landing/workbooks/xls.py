"""Workbooks of Excel 97 to 2003 and before (.xls): values by xlrd, formulas from the records.

calamine, which reads the newer formats, takes custom number formats for dates, cuts long texts and
knows no error cells in this one; xlrd with the cell formats loaded does not. Records are those of
BIFF ([MS-XLS] 2.1.4): a two-byte type, a two-byte length, then the data.
"""

import contextlib
import io
import re
import struct
from collections.abc import Iterator
from datetime import timedelta

import olefile
import xlrd
from xlrd.compdoc import CompDocError
from xlrd.xldate import XLDateError, xldate_as_datetime

from carehouse.landing.workbooks.book import Book, Cell, Sheet, date_value, number_value

BOF, EOF, BOUND_SHEET, FILE_PASS, CODE_PAGE = 0x809, 0x0A, 0x85, 0x2F, 0x42
BOFS = (0x09, 0x209, 0x409, BOF)
FORMULAS = (0x06, 0x206, 0x406)
STARTS = tuple(struct.pack("<H", kind) for kind in BOFS)
STATES = {0: "visible", 1: "hidden", 2: "very_hidden"}
ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
QUOTED = re.compile(r'"[^"]*"|\\.')
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
UNREADABLE = (
    *(xlrd.XLRDError, CompDocError, XLDateError),
    *(struct.error, AssertionError, AttributeError, ValueError, LookupError, TypeError),
)


class Unreadable(Exception):
    """xlrd cannot read the workbook; another reader may."""


def read_book(data: bytes) -> Book:
    """Read an .xls workbook. Raises Unreadable, or PermissionError when it is encrypted."""
    try:
        stream = workbook_stream(data)
        if is_encrypted(data):
            raise PermissionError
        book = _open(data)
    except UNREADABLE as error:
        raise Unreadable from error
    formulas = _formulas_by_sheet(stream)
    sheets = list(_sheets(book, stream, formulas))
    warnings = []
    has_code_page = any(kind == CODE_PAGE for kind, _ in _records(stream, 0))
    if book.biff_version < 80 and not has_code_page and _has_other_than_ascii(book):
        warnings.append(
            "does not say in which alphabet its text is written, and has letters beyond A to Z: "
            "compare its names, and if they are wrong save it as .xlsx"
        )
    return Book(1904 if book.datemode else 1900, sheets, warnings)


def workbook_stream(data: bytes) -> bytes:
    """The workbook's records: the stream of an OLE file, or the whole of a file before Excel 5."""
    if data[:2] in STARTS:
        return data
    try:
        with olefile.OleFileIO(data) as container:
            name = next((n for n in ("Workbook", "Book") if container.exists(n)), None)
            return container.openstream(name).read() if name else b""
    except (OSError, ValueError, struct.error, IndexError):
        return b""


def is_encrypted(data: bytes) -> bool:
    """Whether the workbook stream says that what follows is encrypted (FilePass)."""
    return any(kind == FILE_PASS for kind, _ in _records(workbook_stream(data), 0))


def formula_places(data: bytes) -> list[set[tuple[int, int]]]:
    """For each sheet in order, the cells that hold a formula: (row, column) from 1."""
    return [places for _, places in _formulas_by_sheet(workbook_stream(data))]


def _open(data: bytes) -> xlrd.Book:
    options = {
        "file_contents": data,
        "formatting_info": True,
        "ragged_rows": True,
        "logfile": io.StringIO(),
    }
    try:
        return xlrd.open_workbook(**options)
    except UNREADABLE:
        return xlrd.open_workbook(**options, ignore_workbook_corruption=True)


def _sheets(
    book: xlrd.Book, stream: bytes, formulas: list[tuple[tuple[str, str, bool], set]]
) -> Iterator[Sheet]:
    """Every sheet of the list; a chart or a macro sheet has no cells of its own."""
    worksheets = iter(book.sheets())
    for (name, state, is_worksheet), places in formulas:
        sheet = next(worksheets, None) if is_worksheet else None
        if sheet is None:
            yield Sheet(name, state)
        else:
            yield Sheet(sheet.name, state, lambda s=sheet, p=places: _cells(book, s, p))
    for sheet in worksheets:  # before Excel 5 there is no list: the file is one sheet
        state = STATES.get(sheet.visibility, "visible")
        places = set(_formulas(stream, 0))
        yield Sheet(sheet.name, state, lambda s=sheet, p=places: _cells(book, s, p))


def _cells(book: xlrd.Book, sheet: xlrd.sheet.Sheet, formulas: set) -> Iterator[Cell]:
    spans = {
        (top + 1, left + 1): (right - left, bottom - top)
        for top, bottom, left, right in sheet.merged_cells
    }
    met = set()
    for row in range(sheet.nrows):
        for column, cell in enumerate(sheet.row(row)):
            place = (row + 1, column + 1)
            text, kind = _value(book, cell)
            formula = "=" if place in formulas else None
            if text is None and formula is None:
                continue
            met.add(place)
            yield *place, text, kind, formula, *spans.get(place, (1, 1))
    for place in sorted(formulas - met):
        yield *place, None, "empty", "=", *spans.get(place, (1, 1))


def _value(book: xlrd.Book, cell: xlrd.sheet.Cell) -> tuple[str | None, str]:
    """A cell's value as text that loses nothing, and its type."""
    match cell.ctype:
        case xlrd.XL_CELL_TEXT:
            return cell.value or None, "text"
        case xlrd.XL_CELL_NUMBER:
            return number_value(cell.value), "number"
        case xlrd.XL_CELL_DATE:
            return _date(book, cell)
        case xlrd.XL_CELL_BOOLEAN:
            return str(bool(cell.value)).lower(), "boolean"
        case xlrd.XL_CELL_ERROR:
            return xlrd.error_text_from_code.get(cell.value, "#ERROR!"), "error"
        case _:
            return None, "empty"


def _date(book: xlrd.Book, cell: xlrd.sheet.Cell) -> tuple[str, str]:
    """A date, time or length of time; a value that is none of them stays a number."""
    if cell.value < 0:
        return number_value(cell.value), "number"
    if ELAPSED.search(QUOTED.sub("", _format(book, cell))):
        return str(timedelta(days=cell.value).total_seconds()), "duration"
    try:
        moment = xldate_as_datetime(cell.value, book.datemode)
    except (XLDateError, OverflowError, ValueError):
        return number_value(cell.value), "number"
    return date_value(moment, cell.value)


def _format(book: xlrd.Book, cell: xlrd.sheet.Cell) -> str:
    with contextlib.suppress(LookupError, TypeError, AttributeError):
        return book.format_map[book.xf_list[cell.xf_index].format_key].format_str
    return ""


def _has_other_than_ascii(book: xlrd.Book) -> bool:
    return any(
        cell.ctype == xlrd.XL_CELL_TEXT and NOT_ASCII.search(cell.value)
        for sheet in book.sheets()
        for row in sheet.get_rows()
        for cell in row
    )


def _formulas_by_sheet(stream: bytes) -> list[tuple[tuple[str, str, bool], set]]:
    """Name, state and whether it is a worksheet, of each sheet listed; and its formulas' places."""
    found = []
    is_unicode = stream[4:6] == b"\x00\x06"  # from Excel 97 on
    for kind, body in _records(stream, 0):
        if kind == BOUND_SHEET and len(body) >= 8:
            place, state, sheet_type, length = struct.unpack_from("<IBBB", body)
            start, width = (8, 1 + (body[7] & 1)) if is_unicode else (7, 1)
            name = body[start : start + length * width].decode(
                "utf-16-le" if width == 2 else "latin-1", errors="replace"
            )
            sheet = (name, STATES.get(state & 3, "visible"), sheet_type == 0)
            found.append((sheet, set(_formulas(stream, place))))
    return found


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """Records from `place` to the end of that substream; charts nested in it are passed over."""
    depth = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        body = stream[place + 4 : place + 4 + length]
        place += 4 + length
        if kind in BOFS:
            depth += 1
        elif kind == EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth <= 1:
            yield kind, body


def _formulas(stream: bytes, place: int) -> Iterator[tuple[int, int]]:
    for kind, body in _records(stream, place):
        if kind in FORMULAS and len(body) >= 8:
            row, column = struct.unpack_from("<HH", body)
            yield row + 1, column + 1
