"""Workbooks as files, in the format their names say: xlsx and xlsm, xls, ods."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from carehouse.demo.output import fixed_zip, plain_zip
from carehouse.demo.workbooks_grid import Book, Cell, Error, Formula, Sheet
from carehouse.errors import CannotInit


def write_book(book: Book) -> bytes:
    """A workbook as a file, in the format its name says."""
    suffix = Path(book.file).suffix
    if suffix == ".xls":
        return _xls(book)
    return _ods(book) if suffix == ".ods" else _xlsx(book)


def _xls(book: Book) -> bytes:
    """What nothing but made-up data needs is imported for it alone."""
    try:
        from carehouse.demo.workbooks_xls import write_xls
    except ModuleNotFoundError as error:
        raise CannotInit(
            "making up workbooks of the .xls kind needs xlwt: pip install 'carehouse[demo]', or "
            "`carehouse init --no-samples`"
        ) from error
    return write_xls(book)


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
    return plain_zip(parts, stored={"mimetype"})
