"""Case workbooks to cells: every cell of every sheet, as it is.

Each format has the reader that reads it right: xlrd for .xls, calamine for the others, and for an
.xlsx that calamine cannot read openpyxl. calamine gives neither formulas nor error cells: for .xlsx
and .xlsm those two are taken from the sheet's own XML (ECMA-376 part 1, 18.3.1.4 `c`: `<f>`,
`t="e"`), for .xlsb and .ods by the modules of that name.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from html import unescape
from pathlib import Path

import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from carehouse.errors import Refused
from carehouse.landing.workbooks import ods, xls, xlsb
from carehouse.landing.workbooks.book import Book, Cell, Sheet, number_value
from carehouse.landing.write_parquet import RowWriter, write_warnings

MAX_UNPACKED_BYTES = 512 * 2**20

CELL_COLUMNS = {
    "_source_sheet": pa.string(),
    "sheet_state": pa.string(),
    "_source_row": pa.int32(),
    "column_number": pa.int32(),
    "value_text": pa.string(),
    "value_type": pa.string(),
    "formula_text": pa.string(),
    "column_span": pa.int32(),
    "row_span": pa.int32(),
}
SHEET_COLUMNS = {
    "_source_sheet": pa.string(),
    "sheet_number": pa.int32(),
    "sheet_state": pa.string(),
    "row_count": pa.int32(),
    "date_epoch": pa.int32(),
    "problem": pa.string(),
}
STATES = (
    (SheetVisibleEnum.Visible, "visible"),
    (SheetVisibleEnum.Hidden, "hidden"),
    (SheetVisibleEnum.VeryHidden, "very_hidden"),
)
OLE_FILE, ZIP_FILE = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
WEB_PAGES = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"mime-version:")
UNREADABLE_SHEET = (CalamineError, *xls.UNREADABLE)
LOCKED = "is password-protected: save a copy without the password"
FRESH_COPY = "Open it in Excel, save a fresh copy and put that here"
BAD_SHEET = "the sheet cannot be read: open the workbook in Excel and save a fresh copy"
DAMAGED = "is damaged or cut off: open it in Excel, save a fresh copy and put that here"

# A cell that has a formula or an error, in a sheet's XML, whatever the namespace prefix.
SPECIAL_CELL = re.compile(
    rb"<(?:\w+:)?c(?=\s)([^>]*)>\s*(<(?:\w+:)?f\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?f>))?"
    rb"(?:\s*<(?:\w+:)?v\b[^>]*>([^<]*)<)?",
    re.DOTALL,
)
NEGATIVE_CELL = re.compile(
    rb"<(?:\w+:)?c(?=\s)([^>]*)>\s*(?:<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>))?"
    rb"\s*<(?:\w+:)?v>\s*(-(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][+-]?[0-9]+)?|[nN][aA][nN])\s*<",
)
REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')


def read(data: bytes, out_dir: Path) -> dict[str, int]:
    """Write `cells.parquet` and `sheets.parquet` of one workbook into `out_dir`.

    Returns rows per raw table. A sheet that no reader can read lands without rows, and a warning
    names it. Raises Refused with a reason for the person who keeps the file.
    """
    book = _read_book(data)
    warnings, bad = list(book.warnings), []
    with (
        RowWriter(out_dir / "cells.parquet", CELL_COLUMNS) as cells,
        RowWriter(out_dir / "sheets.parquet", SHEET_COLUMNS) as sheets,
    ):
        for number, sheet in enumerate(book.sheets, start=1):
            last_row, problem = 0, None
            try:
                for row, *rest in sheet.cells():
                    last_row = max(last_row, row)
                    cells.write((sheet.name, sheet.state, row, *rest))
            except UNREADABLE_SHEET:
                bad.append(sheet.name)
                problem = BAD_SHEET
            sheets.write((sheet.name, number, sheet.state, last_row, book.epoch, problem))
    if bad and not cells.row_count:
        raise Refused(f"has a sheet, {bad[0]!r}, that cannot be read: {DAMAGED}")
    warnings += [
        f"has a sheet, {name!r}, that cannot be read; its other sheets are. {FRESH_COPY}"
        for name in bad
    ]
    write_warnings(out_dir, warnings)
    return {"cells": cells.row_count, "sheets": sheets.row_count}


def _read_book(data: bytes) -> Book:
    """Read a workbook with its format's reader, and where that cannot with the next."""
    package = _open_package(data)
    if package is None and (data[:4] == OLE_FILE or data[:2] in xls.STARTS):
        try:
            return xls.read_book(data)
        except PermissionError:
            raise Refused(LOCKED) from None
        except xls.Unreadable:
            pass
    try:
        workbook = CalamineWorkbook.from_object(io.BytesIO(data))
    except PasswordError:
        raise Refused(LOCKED) from None
    except CalamineError as error:
        if package is not None and xlsb.WORKBOOK in package.namelist():
            workbook = _by_usual_places(data, package, error)
        elif package is None or not (other := _by_openpyxl(data)):
            raise Refused(_why_unreadable(data)) from error
        else:
            return other
    epoch, extras = _extras(data, package, workbook)
    return Book(epoch, list(_sheets(data, workbook, extras)))


def _sheets(
    data: bytes, workbook: CalamineWorkbook, extras: dict[int, ods.Extras]
) -> Iterator[Sheet]:
    other: Book | None = None
    for number, metadata in enumerate(workbook.sheets_metadata, start=1):
        state = next(word for value, word in STATES if value == metadata.visible)
        if metadata.typ != SheetTypeEnum.WorkSheet:
            yield Sheet(metadata.name, state)
            continue
        try:
            sheet = workbook.get_sheet_by_index(number - 1)
        except CalamineError as error:
            other = other or _by_openpyxl(data) or Book(1900, [])
            found = [one for one in other.sheets if one.name == metadata.name]
            yield found[0] if found else Sheet(metadata.name, state, partial(_fail, error))
            continue
        yield Sheet(metadata.name, state, partial(_cells, sheet, extras.get(number, ods.Extras())))


def _by_usual_places(
    data: bytes, package: zipfile.ZipFile, error: CalamineError
) -> CalamineWorkbook:
    """An .xlsb workbook with each sheet in the folder by which calamine tells its kind."""
    try:
        return CalamineWorkbook.from_object(io.BytesIO(xlsb.in_usual_places(package)))
    except (CalamineError, *xlsb.UNREADABLE):
        raise Refused(_why_unreadable(data)) from error


def _fail(error: CalamineError) -> Iterator[Cell]:
    raise error


def _by_openpyxl(data: bytes) -> Book | None:
    """The workbook read by openpyxl; None when it cannot either."""
    from carehouse.landing.workbooks import by_openpyxl  # seldom needed, and slow to load

    try:
        return by_openpyxl.read_book(data)
    except MemoryError:
        raise
    except Exception:  # openpyxl promises no kind of error for a damaged file
        return None


def _open_package(data: bytes) -> zipfile.ZipFile | None:
    if data[:4] != ZIP_FILE:
        return None
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, EOFError) as error:
        raise Refused(DAMAGED) from error
    if any(member.flag_bits & 1 for member in package.infolist()):
        raise Refused(LOCKED)
    unpacked = sum(member.file_size for member in package.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        raise Refused(
            f"unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MB, which no case workbook does: "
            "do not open it; ask who sent it"
        )
    return package


def _why_unreadable(data: bytes) -> str:
    if data[:4] == OLE_FILE:
        encrypted = "EncryptedPackage".encode("utf-16-le") in data or xls.is_encrypted(data)
        return LOCKED if encrypted else DAMAGED
    return DAMAGED if data[:4] == ZIP_FILE else _not_a_workbook(data)


def _not_a_workbook(data: bytes) -> str:
    if not data:
        return "is empty: copy it here again"
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(WEB_PAGES):
        return "is a web page with a workbook's name: open it in Excel and save it as .xlsx"
    if start.startswith(b"<?xml"):
        return "is XML with a workbook's name: open it in Excel and save it as .xlsx"
    return "is not a workbook: open it in the program that made it and save it as .xlsx"


def _extras(
    data: bytes, package: zipfile.ZipFile | None, workbook: CalamineWorkbook
) -> tuple[int, dict[int, ods.Extras]]:
    """The epoch, and by sheet number what calamine does not give, each format its own way."""
    if package is None:  # what xlrd rejected, and calamine reads nonetheless
        places = xls.formula_places(data)
        return 1900, {
            number: ods.Extras(dict.fromkeys(of_sheet, ("=", None)))
            for number, of_sheet in enumerate(places, start=1)
        }
    names = package.namelist()
    if "content.xml" in names:
        return 1900, dict(enumerate(ods.read_extras(_member(package, "content.xml")), start=1))
    if xlsb.WORKBOOK in names:
        epoch, by_name = xlsb.read_extras(package)
        return epoch, {
            number: by_name.get(name, ods.Extras())
            for number, name in enumerate(workbook.sheet_names, start=1)
        }
    parts = _sheet_parts(package)
    return 1904 if _counts_from_1904(package) else 1900, {
        number: _of_xml(_member(package, parts.get(name, "")))
        for number, name in enumerate(workbook.sheet_names, start=1)
    }


def _of_xml(xml: bytes) -> ods.Extras:
    return ods.Extras(_special_cells(xml), negatives=_negatives(xml))


def _member(package: zipfile.ZipFile, name: str) -> bytes:
    """A part of the package; empty when missing or damaged, which calamine lets pass too."""
    try:
        return package.read(name)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return b""


def _cells(sheet: CalamineSheet, extras: ods.Extras) -> Iterator[Cell]:
    """Yield row, column (from 1), value as text, type, formula, columns and rows spanned."""
    spans = extras.spans or {
        (top + 1, left + 1): (right - left + 1, bottom - top + 1)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    }
    special = extras.special
    first_column = sheet.start[1] + 1 if sheet.start else 1
    for row_number, row in enumerate(sheet.iter_rows() if sheet.start else (), start=1):
        for column_number, value in enumerate(row, start=first_column):
            if value == "":
                continue
            place = (row_number, column_number)
            formula, error = special.pop(place, (None, None)) if special else (None, None)
            negative = extras.negatives.get(place)
            if error:
                text, kind = error, "error"
            elif negative is not None:
                text, kind = number_value(negative), "number"
            else:
                text, kind = _as_text(value)
            yield *place, text, kind, formula, *spans.get(place, (1, 1))
    for place, (formula, error) in special.items():
        yield *place, error, "error" if error else "empty", formula, *spans.get(place, (1, 1))


def _as_text(value: object) -> tuple[str, str]:
    """A cell's value as text that loses nothing, and its type."""
    match value:
        case str():
            return value, "text"
        case bool():
            return str(value).lower(), "boolean"
        case int() | float():
            return number_value(float(value)), "number"
        case datetime():
            return value.isoformat(), "datetime"
        case date():
            return value.isoformat(), "date"
        case time():
            return value.isoformat(), "time"
        case timedelta():
            return str(value.total_seconds()), "duration"
        case _:
            raise TypeError(f"calamine gave an unknown type: {type(value).__name__}")


def _counts_from_1904(package: zipfile.ZipFile) -> bool:
    workbook = _member(package, "xl/workbook.xml")
    return re.search(rb'<(?:\w+:)?workbookPr\b[^>]*\bdate1904="(?:1|true)"', workbook) is not None


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Sheet names to the package's parts that hold them."""
    targets = {
        _attribute(tag, rb"Id"): _attribute(tag, rb"Target")
        for tag in re.findall(
            rb"<(?:\w+:)?Relationship\b[^>]*>", _member(package, "xl/_rels/workbook.xml.rels")
        )
    }
    parts = {}
    for tag in re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", _member(package, "xl/workbook.xml")):
        target = targets.get(_attribute(tag, rb"\w+:id"), "")
        parts[_attribute(tag, rb"name")] = (
            target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        )
    return parts


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\b" + name + rb"=(?:\"([^\"]*)\"|'([^']*)')", tag)
    return unescape((found[1] or found[2] or b"").decode(errors="replace")) if found else ""


def _special_cells(xml: bytes) -> ods.Special:
    """Cells that hold a formula or an error: (row, column) to (formula, error text)."""
    special: ods.Special = {}
    if not re.search(rb"<(?:\w+:)?f[\s/>]|t=\"e\"", xml):
        return special
    for attributes, formula_tag, formula, value in SPECIAL_CELL.findall(xml):
        is_error = b't="e"' in attributes
        if not (is_error or formula_tag) or not (place := _place(attributes)):
            continue
        text = "=" + unescape(formula.decode(errors="replace")) if formula_tag else None
        error = unescape(value.decode(errors="replace")) if is_error else None
        special[place] = (text, error)
    return special


def _negatives(xml: bytes) -> dict[tuple[int, int], float]:
    """Numbers below 0, and what is no number: calamine makes dates and times of them."""
    found = {}
    if not re.search(rb"<(?:\w+:)?v>\s*(-|nan)", xml, re.IGNORECASE):
        return found
    for attributes, value in NEGATIVE_CELL.findall(xml):
        is_number = b" t=" not in attributes or b't="n"' in attributes
        if is_number and (place := _place(attributes)):
            found[place] = float(value)
    return found


def _place(attributes: bytes) -> tuple[int, int] | None:
    """Row and column of a cell."""
    if not (reference := REFERENCE.search(attributes)):
        return None
    column = 0
    for letter in reference[1]:
        column = column * 26 + letter - 64
    return int(reference[2]), column
