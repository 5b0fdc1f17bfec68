"""Every cell of a workbook, as it is: its place, its value as text, its type, its formula."""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pyarrow.parquet as pq
import pytest
import xlwt
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from xlwt.Cell import FormulaCell

from carehouse.landing.sandboxed import land_files
from carehouse.landing.sources import WORKBOOKS
from carehouse.landing.workbooks.cells import read
from conftest import query
from odd_cells import workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
EPOCH_1904 = ' date1904="1"'
ODS = "urn:oasis:names:tc:opendocument:xmlns"


@dataclass
class Read:
    """What a workbook landed as: cells by (sheet, row, column), and its sheets."""

    cells: dict[tuple[str, int, int], dict]
    sheets: list[dict]

    def values(self, sheet: str = "S") -> dict[tuple[int, int], tuple]:
        """Text and type by (row, column)."""
        return {
            place[1:]: (cell["value_text"], cell["value_type"])
            for place, cell in self.cells.items()
            if place[0] == sheet
        }


@pytest.fixture
def landed(tmp_path: Path) -> Callable[[bytes], Read]:
    def land(data: bytes) -> Read:
        counts = read(data, tmp_path)
        cells = pq.read_table(tmp_path / "cells.parquet").to_pylist()
        sheets = pq.read_table(tmp_path / "sheets.parquet").to_pylist()
        assert counts == {"cells": len(cells), "sheets": len(sheets)}
        places = {
            (cell["_source_sheet"], cell["_source_row"], cell["column_number"]): cell
            for cell in cells
        }
        assert len(places) == len(cells), "a place twice"
        return Read(places, sheets)

    return land


# --- makers of tiny files ------------------------------------------------------------------------


def saved(book: Workbook | xlwt.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xlsx(rows: dict[tuple[int, int], object], *, is_1904: bool = False, merge: str = "") -> bytes:
    book = Workbook()
    book.active.title = "S"
    if is_1904:
        book.epoch = CALENDAR_MAC_1904
    for (row, column), value in rows.items():
        book.active.cell(row, column).value = value
    if merge:
        book.active.merge_cells(merge)
    return saved(book)


def xls(rows: dict[tuple[int, int], object], *, is_1904: bool = False) -> bytes:
    book = xlwt.Workbook()
    book.dates_1904 = is_1904
    sheet = book.add_sheet("S")
    formats = {datetime: "dd/mm/yyyy hh:mm", date: "dd/mm/yyyy", time: "hh:mm:ss"}
    for (row, column), value in rows.items():
        style = xlwt.easyxf(num_format_str=formats.get(type(value), "General"))
        sheet.write(row - 1, column - 1, value, style)
    return saved(book)


def zipped(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in parts.items():
            package.writestr(name, body)
    return buffer.getvalue()


def raw_xlsx(
    sheets: dict[str, str],
    *,
    strings: str = "",
    target: str = "worksheets/{file}",
    is_1904: bool = False,
    backwards: bool = False,
) -> bytes:
    """A workbook from the XML inside each sheet's sheetData; style 1 is a date, 2 a duration."""
    files = {name: f"sheet{number}.xml" for number, name in enumerate(sheets, start=1)}
    if backwards:
        files = dict(zip(files, reversed(files.values()), strict=True))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    parts = {
        "[Content_Types].xml": f'{head}<Types xmlns="{PACKAGE}/content-types"><Default Extension='
        '"rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Override PartName='
        f'"/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="{PACKAGE}/relationships"><Relationship '
        f'Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{head}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
        f"<workbookPr{EPOCH_1904 if is_1904 else ''}/><sheets>"
        + "".join(
            f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
            for number, name in enumerate(sheets, start=1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" '
            f'Target="{target.format(file=files[name])}"/>'
            for number, name in enumerate(sheets, start=1)
        )
        + f'<Relationship Id="rId90" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="rId91" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'{head}<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/styles.xml": f'{head}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt '
        'numFmtId="170" formatCode="[h]:mm:ss"/></numFmts><cellXfs count="3">'
        '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs></styleSheet>',
    }
    for name, body in sheets.items():
        parts[f"xl/worksheets/{files[name]}"] = (
            f'{head}<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'
        )
    return zipped(parts)


def one(cell: str) -> dict[str, str]:
    return {"S": f'<row r="1">{cell}</row>'}


def ods(body: str, *, name: str = "S", more: str = "") -> bytes:
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{ODS}:office:1.0" '
        f'xmlns:table="{ODS}:table:1.0" xmlns:text="{ODS}:text:1.0" xmlns:style="{ODS}:style:1.0">'
        '<office:automatic-styles><style:style style:name="away" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
        f"<office:body><office:spreadsheet><table:table table:name={quoteattr(name)}>{body}"
        f"</table:table>{more}</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{ODS}:manifest:1.0"><manifest:file-entry '
        f'manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    return zipped({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content})


def ods_row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def ods_text(text: str, marks: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="string"{marks}><text:p>{escape(text)}</text:p>'
        "</table:table-cell>"
    )


# --- dates, times, numbers -----------------------------------------------------------------------

DAY, MOMENT = date(2025, 3, 12), datetime(2025, 3, 12, 14, 30)


@pytest.mark.parametrize("make", [xlsx, xls])
@pytest.mark.parametrize("is_1904", [False, True])
def test_a_real_date_is_iso_text_whichever_epoch(landed, make, is_1904):
    found = landed(make({(1, 1): DAY, (2, 1): MOMENT, (3, 1): date(1987, 12, 31)}, is_1904=is_1904))
    values = found.values()
    assert values[1, 1][0][:10] == "2025-03-12"
    assert values[2, 1] == ("2025-03-12T14:30:00", "datetime")
    assert values[3, 1][0][:10] == "1987-12-31"
    assert {kind for _, kind in values.values()} <= {"date", "datetime"}
    assert found.sheets[0]["date_epoch"] == (1904 if is_1904 else 1900)


def test_a_date_in_ods_is_iso_text(landed):
    cell = '<table:table-cell office:value-type="date" office:date-value="2025-03-12"/>'
    found = landed(ods(ods_row(cell)))
    assert found.values()[1, 1][0][:10] == "2025-03-12"
    assert found.values()[1, 1][1] in ("date", "datetime")


@pytest.mark.parametrize("make", [xlsx, xls])
def test_a_serial_number_stays_a_number(landed, make):
    assert landed(make({(1, 1): 45728})).values() == {(1, 1): ("45728", "number")}


def test_a_serial_number_in_a_1904_workbook_stays_and_the_epoch_is_told(landed):
    found = landed(raw_xlsx(one('<c r="A1"><v>44266</v></c>'), is_1904=True))
    assert found.values() == {(1, 1): ("44266", "number")}
    assert found.sheets[0]["date_epoch"] == 1904


def test_a_time_and_a_duration(landed):
    found = landed(raw_xlsx(one('<c r="A1" s="2"><v>1.5</v></c>')))
    assert found.values() == {(1, 1): ("129600.0", "duration")}
    found = landed(xlsx({(1, 1): timedelta(hours=30), (1, 2): time(9, 15)}))
    assert found.values()[1, 1] == ("108000.0", "duration")
    assert found.values()[1, 2][0].endswith("09:15:00")


@pytest.mark.parametrize("make", [xlsx, xls])
def test_booleans(landed, make):
    found = landed(make({(1, 1): True, (1, 2): False}))
    assert found.values() == {(1, 1): ("true", "boolean"), (1, 2): ("false", "boolean")}


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("1200", "1200"),
        ("1200.0", "1200"),
        ("-350.5", "-350.5"),
        ("1234.1", "1234.1"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("123456789012345", "123456789012345"),
        ("0", "0"),
        ("1E-7", "1e-07"),
    ],
)
def test_a_number_keeps_its_precision(landed, written, text):
    found = landed(raw_xlsx(one(f'<c r="A1"><v>{written}</v></c>')))
    assert found.values() == {(1, 1): (text, "number")}


@pytest.mark.parametrize("written", ["12345678901234567", "1E+20", "2.5E+300"])
def test_a_number_too_long_for_a_float_is_what_the_float_says(landed, written):
    ((text, kind),) = landed(raw_xlsx(one(f'<c r="A1"><v>{written}</v></c>'))).values().values()
    assert (float(text), kind) == (float(written), "number")


# --- text ----------------------------------------------------------------------------------------


def test_text_is_not_trimmed_or_changed(landed):
    texts = ["  ", " padded ", "two\nlines", "Rs. 1,200/-", "नमस्ते", "=not", "'quoted"]
    texts += ["a\u00a0b", "1", "12/03/2025"]
    book = Workbook()
    book.active.title = "S"
    for row, text in enumerate(texts, start=1):
        cell = book.active.cell(row, 1)
        cell.value = text
        cell.data_type = "s"
    found = landed(saved(book)).values()
    assert found == {(row, 1): (text, "text") for row, text in enumerate(texts, start=1)}


def test_inline_and_rich_strings(landed):
    body = (
        '<c r="A1" t="inlineStr"><is><t>typed here</t></is></c>'
        '<c r="B1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c>'
        '<c r="D1" t="inlineStr"><is><r><t xml:space="preserve">part </t></r>'
        "<r><t>two</t></r></is></c>"
    )
    strings = (
        '<si><r><rPr><b/></rPr><t xml:space="preserve">Case </t></r><r><t>Worker</t></r></si>'
        '<si><t xml:space="preserve"> A &amp; B </t></si>'
    )
    found = landed(raw_xlsx(one(body), strings=strings))
    assert [text for text, _ in found.values().values()] == [
        "typed here",
        "Case Worker",
        " A & B ",
        "part two",
    ]


def test_comments_are_no_cells(landed):
    book = Workbook()
    book.active.title = "S"
    book.active["A1"] = "seen"
    book.active["B2"].comment = Comment("unseen", "Anita")
    assert landed(saved(book)).values() == {(1, 1): ("seen", "text")}


# --- places --------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [xlsx, xls])
def test_a_first_cell_at_b3_stays_at_b3(landed, make):
    found = landed(make({(3, 2): "first", (3, 4): "third", (7, 3): "last"}))
    assert set(found.values()) == {(3, 2), (3, 4), (7, 3)}
    assert found.sheets[0]["row_count"] == 7


def test_places_in_ods_count_what_is_repeated(landed):
    empty = '<table:table-cell table:number-columns-repeated="2"/>'
    rows = (
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        + ods_row("<table:table-cell/>", ods_text("at B3"))
        + '<table:table-row table:number-rows-repeated="2"><table:table-cell/>'
        + ods_text("twice")
        + "</table:table-row>"
        + ods_row(empty, ods_text("at C6"))
    )
    assert set(landed(ods(rows)).values().items()) == {
        ((3, 2), ("at B3", "text")),
        ((4, 2), ("twice", "text")),
        ((5, 2), ("twice", "text")),
        ((6, 3), ("at C6", "text")),
    }


def test_a_cell_far_right_is_numbered(landed):
    found = landed(raw_xlsx(one('<c r="A1"><v>1</v></c><c r="AB1"><f>1+1</f><v>2</v></c>')))
    assert set(found.values()) == {(1, 1), (1, 28)}
    assert found.cells["S", 1, 28]["formula_text"] == "=1+1"


# --- formulas and errors -------------------------------------------------------------------------


def test_formulas_in_xlsx_with_and_without_a_stored_value(landed):
    body = (
        '<c r="A1"><f>SUM(B1:C1)</f><v>7</v></c>'
        '<c r="B1"><f>1+1</f></c>'
        '<c r="C1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>'
        '<c r="D1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c r="E1" s="1"><f>TODAY()</f><v>45728</v></c>'
        '<c r="F1"><v>5</v></c>'
        '<c r="G1"><f t="shared" ref="G1:G2" si="0">A1*2</f><v>14</v></c>'
        '<c r="H1"><f t="shared" si="0"/><v>10</v></c>'
        '<c r="I1" t="b"><f>TRUE()</f><v>1</v></c>'
    )
    found = landed(raw_xlsx(one(body)))
    told = {
        place[2]: (cell["value_text"], cell["value_type"], cell["formula_text"])
        for place, cell in found.cells.items()
    }
    assert told[1] == ("7", "number", "=SUM(B1:C1)")
    assert told[2] == (None, "empty", "=1+1")
    assert told[3] == ("ab", "text", '="a"&"b"')
    assert told[4] == ("#DIV/0!", "error", "=1/0")
    assert told[5][0][:10] == "2025-03-12"
    assert told[5][2] == "=TODAY()"
    assert told[6] == ("5", "number", None)
    assert told[7] == ("14", "number", "=A1*2")
    assert told[8][0] == "10"
    assert told[8][2] is not None
    assert told[9] == ("true", "boolean", "=TRUE()")


def test_a_formula_saved_by_openpyxl_has_no_value(landed):
    found = landed(xlsx({(1, 1): 2, (2, 1): "=A1*2"}))
    cell = found.cells["S", 2, 1]
    assert (cell["value_text"], cell["value_type"]) == (None, "empty")
    assert cell["formula_text"] == "=A1*2"


ERRORS = {
    "#NULL!": 0x00,
    "#DIV/0!": 0x07,
    "#VALUE!": 0x0F,
    "#REF!": 0x17,
    "#NAME?": 0x1D,
    "#NUM!": 0x24,
    "#N/A": 0x2A,
}


@pytest.mark.parametrize("error", ERRORS)
def test_errors_in_xlsx_and_xls(landed, error):
    found = landed(raw_xlsx(one(f'<c r="A1"><v>1</v></c><c r="B1" t="e"><v>{error}</v></c>')))
    assert found.values() == {(1, 1): ("1", "number"), (1, 2): (error, "error")}
    book = xlwt.Workbook()
    book.add_sheet("S").row(2).set_cell_error(1, ERRORS[error])
    assert landed(saved(book)).values() == {(3, 2): (error, "error")}


class StoredFormula(FormulaCell):
    """A formula with a stored result, which xlwt leaves out."""

    __slots__ = ("result",)

    def get_biff_data(self) -> bytes:
        record = super().get_biff_data()
        return record[:10] + self.result + record[18:]


@pytest.mark.parametrize(
    ("result", "text", "kind"),
    [
        (struct.pack("<d", 1250.5), "1250.5", "number"),
        (b"\x02\x00\x2a\x00\x00\x00\xff\xff", "#N/A", "error"),
        (b"\x01\x00\x01\x00\x00\x00\xff\xff", "true", "boolean"),
    ],
)
def test_formulas_in_xls(landed, result, text, kind):
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    sheet.write(0, 0, 5)
    cell = StoredFormula(1, 0, 0, xlwt.Formula("A1*2"))
    cell.result = result
    sheet.row(1).insert_cell(0, cell)
    found = landed(saved(book)).cells
    assert found["S", 1, 1]["formula_text"] is None
    made = found["S", 2, 1]
    assert (made["value_text"], made["value_type"]) == (text, kind)
    assert made["formula_text"] == "="


def test_formulas_and_errors_in_ods(landed):
    rows = ods_row(
        '<table:table-cell table:formula="of:=1+1" office:value-type="float" office:value="2"/>',
        ods_text("#N/A"),
    )
    found = landed(ods(rows)).cells
    assert found["S", 1, 1]["value_text"] == "2"
    assert found["S", 1, 1]["formula_text"] == "of:=1+1"
    assert (found["S", 1, 2]["value_text"], found["S", 1, 2]["value_type"]) == ("#N/A", "error")


# --- merged cells --------------------------------------------------------------------------------


def spans(found: Read) -> dict[tuple[int, int], tuple[int, int]]:
    return {
        place[1:]: (cell["column_span"], cell["row_span"]) for place, cell in found.cells.items()
    }


def test_merged_cells_tell_their_spans(landed):
    expected = {(2, 2): (3, 2), (5, 1): (1, 1)}
    assert spans(landed(xlsx({(2, 2): "MARCH", (5, 1): "plain"}, merge="B2:D3"))) == expected
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    sheet.write_merge(1, 2, 1, 3, "MARCH")
    sheet.write(4, 0, "plain")
    assert spans(landed(saved(book))) == expected
    wide = ' table:number-columns-spanned="3" table:number-rows-spanned="2"'
    rows = (
        ods_row("<table:table-cell/>")
        + ods_row("<table:table-cell/>", ods_text("MARCH", wide))
        + ods_row("<table:table-cell/>") * 2
        + ods_row(ods_text("plain"))
    )
    assert spans(landed(ods(rows))) == expected


# --- sheets --------------------------------------------------------------------------------------


def test_hidden_and_very_hidden_sheets_are_landed_and_told(landed):
    book = Workbook()
    for name, state in (("S", "visible"), ("old", "hidden"), ("older", "veryHidden")):
        sheet = book.active if name == "S" else book.create_sheet()
        sheet.title, sheet.sheet_state, sheet["A1"] = name, state, name
    found = landed(saved(book))
    told = [(row["_source_sheet"], row["sheet_state"]) for row in found.sheets]
    assert told == [("S", "visible"), ("old", "hidden"), ("older", "very_hidden")]
    assert {place[0]: cell["sheet_state"] for place, cell in found.cells.items()} == dict(told)
    assert [row["sheet_number"] for row in found.sheets] == [1, 2, 3]


def test_hidden_sheets_in_xls_and_ods(landed):
    book = xlwt.Workbook()
    for name, visibility in (("S", 0), ("old", 1), ("older", 2)):
        sheet = book.add_sheet(name)
        sheet.visibility = visibility
        sheet.write(0, 0, name)
    states = [row["sheet_state"] for row in landed(saved(book)).sheets]
    assert states == ["visible", "hidden", "very_hidden"]
    away = '<table:table table:name="old" table:style-name="away"><table:table-row>' + ods_text("x")
    found = landed(ods(ods_row(ods_text("x")), more=away + "</table:table-row></table:table>"))
    assert [row["sheet_state"] for row in found.sheets] == ["visible", "hidden"]


NAMES = ["A & B's <tab>", 'the "quoted"', "Ravi", "Ravi ", "ravi status", "स्थिति"]


@pytest.mark.parametrize("target", ["worksheets/{file}", "/xl/worksheets/{file}"])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_sheets_formulas_and_errors_are_found_by_its_name(landed, target, backwards):
    sheets = {
        name: f'<row r="1"><c r="A1"><f>{number}+0</f><v>{number}</v></c></row>'
        for number, name in enumerate(NAMES)
    }
    found = landed(raw_xlsx(sheets, target=target, backwards=backwards))
    assert [row["_source_sheet"] for row in found.sheets] == NAMES
    told = {
        place[0]: (cell["value_text"], cell["formula_text"]) for place, cell in found.cells.items()
    }
    assert told == {name: (str(number), f"={number}+0") for number, name in enumerate(NAMES)}


def test_empty_sheets_and_sheets_of_blanks_are_listed(landed):
    book = Workbook()
    book.active.title = "S"
    book.active["A1"] = "x"
    book.create_sheet("Sheet3")
    found = landed(saved(book))
    told = [(row["_source_sheet"], row["row_count"]) for row in found.sheets]
    assert told == [("S", 1), ("Sheet3", 0)]


def test_a_chart_sheet_shifts_nothing(landed):
    book = Workbook()
    book.active.title = "S"
    book.create_chartsheet("Chart", 0)
    book.active = 1
    book["S"]["B2"] = "=1+1"
    found = landed(saved(book))
    assert [row["_source_sheet"] for row in found.sheets] == ["Chart", "S"]
    assert found.cells["S", 2, 2]["formula_text"] == "=1+1"


# --- names and formats ---------------------------------------------------------------------------


def test_the_content_decides_not_the_name(home, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    modern, old = xlsx({(1, 1): "modern"}), xls({(1, 1): "old"})
    macro = re.sub(rb"spreadsheetml\.sheet\.main", b"spreadsheetml.sheet.main", modern)
    for name, data in (
        ("modern.xls", modern),
        ("old.xlsx", old),
        ("old.xls", old),
        ("macro.xlsm", macro),
        ("open.ods", ods(ods_row(ods_text("open")))),
        ("UPPER.XLSX", modern),
    ):
        (folder / name).write_bytes(data)
    landing = land_files(WORKBOOKS, home, folder)
    assert landing.refused == {}
    told = dict(query(home, "select _source_file, value_text from raw_workbooks.cells"))
    assert told == {
        "modern.xls": "modern",
        "old.xlsx": "old",
        "old.xls": "old",
        "macro.xlsm": "modern",
        "open.ods": "open",
        "UPPER.XLSX": "modern",
    }


def test_a_date_cell_below_zero_stays_a_number(landed):
    """A reader of dates makes midnight of -1, and a day of 1899 of what is no number."""
    rows = [[f'<c r="@" s="1"><v>{text}</v></c>'] for text in ("-1", "-0.5", "nan", "45000")]
    assert landed(workbook(rows, "S")).values() == {
        (1, 1): ("-1", "number"),
        (2, 1): ("-0.5", "number"),
        (3, 1): ("nan", "number"),
        (4, 1): ("2023-03-15", "date"),
    }
