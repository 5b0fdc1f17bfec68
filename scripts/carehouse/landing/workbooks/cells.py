"""Case workbooks to cells: every cell of every sheet, as it is.

Values come from calamine. It gives neither formulas nor error cells: for .xlsx and .xlsm those two
are taken from the sheet's own XML (ECMA-376 part 1, 18.3.1.4 `c`: `<f>`, `t="e"`), for .xls and
.ods by the modules of that name.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
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
from carehouse.landing.workbooks import ods, xls
from carehouse.landing.write_parquet import RowWriter

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
}
STATES = (
    (SheetVisibleEnum.Visible, "visible"),
    (SheetVisibleEnum.Hidden, "hidden"),
    (SheetVisibleEnum.VeryHidden, "very_hidden"),
)
OLE_FILE, ZIP_FILE = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
LOCKED = "is password-protected: save a copy without the password"
DAMAGED = "is damaged or cut off: open it in Excel, save a fresh copy and put that here"

# A cell that has a formula or an error, in a sheet's XML, whatever the namespace prefix.
SPECIAL_CELL = re.compile(
    rb"<(?:\w+:)?c(?=\s)([^>]*)>\s*(<(?:\w+:)?f\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?f>))?"
    rb"(?:\s*<(?:\w+:)?v\b[^>]*>([^<]*)<)?",
    re.DOTALL,
)
REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')


def read(data: bytes, out_dir: Path) -> dict[str, int]:
    """Write `cells.parquet` and `sheets.parquet` of one workbook into `out_dir`.

    Returns rows per raw table. Raises Refused with a reason for the person who keeps the file.
    """
    package = _open_package(data)
    try:
        workbook = CalamineWorkbook.from_object(io.BytesIO(data))
    except PasswordError:
        raise Refused(LOCKED) from None
    except CalamineError as error:
        raise Refused(_why_unreadable(data)) from error
    epoch, extras = _extras(data, package, workbook)
    with (
        RowWriter(out_dir / "cells.parquet", CELL_COLUMNS) as cells,
        RowWriter(out_dir / "sheets.parquet", SHEET_COLUMNS) as sheets,
    ):
        for number, metadata in enumerate(workbook.sheets_metadata, start=1):
            state = next(word for value, word in STATES if value == metadata.visible)
            last_row = 0
            if metadata.typ == SheetTypeEnum.WorkSheet:
                sheet = _sheet(workbook, number - 1, metadata.name)
                for row, column, *rest in _cells(sheet, extras.get(number, ods.Extras())):
                    last_row = max(last_row, row)
                    cells.write((metadata.name, state, row, column, *rest))
            sheets.write((metadata.name, number, state, last_row, epoch))
    return {"cells": cells.row_count, "sheets": sheets.row_count}


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
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")):
        return "is a web page with a workbook's name: open it in Excel and save it as .xlsx"
    if start.startswith(b"<?xml"):
        return "is XML with a workbook's name: open it in Excel and save it as .xlsx"
    return "is not a workbook: open it in the program that made it and save it as .xlsx"


def _sheet(workbook: CalamineWorkbook, index: int, name: str) -> CalamineSheet:
    try:
        return workbook.get_sheet_by_index(index)
    except CalamineError as error:
        raise Refused(f"has a sheet, {name!r}, that cannot be read: {DAMAGED}") from error


def _extras(
    data: bytes, package: zipfile.ZipFile | None, workbook: CalamineWorkbook
) -> tuple[int, dict[int, ods.Extras]]:
    """The epoch, and by sheet number what calamine does not give, each format its own way."""
    if package is None:
        epoch, specials = xls.read_extras(data)
        return epoch, {n: ods.Extras(special) for n, special in enumerate(specials, start=1)}
    if "content.xml" in package.namelist():
        return 1900, dict(enumerate(ods.read_extras(_member(package, "content.xml")), start=1))
    parts = _sheet_parts(package)
    return 1904 if _counts_from_1904(package) else 1900, {
        number: ods.Extras(_special_cells(_member(package, parts.get(name, ""))))
        for number, name in enumerate(workbook.sheet_names, start=1)
    }


def _member(package: zipfile.ZipFile, name: str) -> bytes:
    """A part of the package; empty when missing or damaged, which calamine lets pass too."""
    try:
        return package.read(name)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return b""


def _cells(
    sheet: CalamineSheet, extras: ods.Extras
) -> Iterator[tuple[int, int, str | None, str, str | None, int, int]]:
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
            text, kind = (error, "error") if error else _as_text(value)
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
            return _number(float(value)), "number"
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


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


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
        if not (is_error or formula_tag) or not (reference := REFERENCE.search(attributes)):
            continue
        column = 0
        for letter in reference[1]:
            column = column * 26 + letter - 64
        text = "=" + unescape(formula.decode(errors="replace")) if formula_tag else None
        error = unescape(value.decode(errors="replace")) if is_error else None
        special[int(reference[2]), column] = (text, error)
    return special
