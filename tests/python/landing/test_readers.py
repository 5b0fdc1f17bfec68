"""What a reader must not bend: formats like dates, signs, errors, bad sheets."""

import io
import struct
import zipfile
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import xlwt
from docx import Document
from openpyxl import Workbook

from carehouse.landing.sandbox import reader
from carehouse.landing.sandboxed import land_files
from carehouse.landing.sources import NOTES, WORKBOOKS
from carehouse.landing.workbooks.cells import read
from carehouse.landing.write_parquet import WARNINGS
from conftest import query, status_rows, write_workbook


def cells(data: bytes, out_dir: Path) -> dict[tuple[str, int, int], tuple]:
    """Value, type and formula of each cell, by sheet, row and column."""
    read(data, out_dir)
    return {
        (row["_source_sheet"], row["_source_row"], row["column_number"]): (
            row["value_text"],
            row["value_type"],
            row["formula_text"],
        )
        for row in pq.read_table(out_dir / "cells.parquet").to_pylist()
    }


# --- .xls ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number_format", "text", "kind"),
    [
        (17.0, '#,##0 "days"', "17", "number"),
        (1200.5, '"Rs/month" 0.00', "1200.5", "number"),
        (45000, "[$₹-4009] #,##0", "45000", "number"),
        (45658, 'd "of" mmmm yyyy', "2025-01-01", "date"),
        (45658.5, "yyyy-mm-dd hh:mm", "2025-01-01T12:00:00", "datetime"),
        (1.5, "[h]:mm", "129600.0", "duration"),
        (0.25, "hh:mm", "06:00:00", "time"),
        (-3, "dd/mm/yyyy", "-3", "number"),
    ],
)
def test_an_old_workbooks_number_formats_are_read_as_what_they_are(
    tmp_path, value, number_format, text, kind
):
    book = xlwt.Workbook()
    book.add_sheet("S").write(0, 0, value, xlwt.easyxf(num_format_str=number_format))
    buffer = io.BytesIO()
    book.save(buffer)
    assert cells(buffer.getvalue(), tmp_path) == {("S", 1, 1): (text, kind, None)}


def test_a_long_text_of_an_old_workbook_is_whole(tmp_path):
    text = "The visit took long. " * 1500
    book = xlwt.Workbook()
    book.add_sheet("S").write(0, 0, text)
    buffer = io.BytesIO()
    book.save(buffer)
    assert cells(buffer.getvalue(), tmp_path)["S", 1, 1] == (text, "text", None)


# --- .xlsb ---------------------------------------------------------------------------------------


def record(kind: int, body: bytes = b"") -> bytes:
    """One record of a binary part: type and length in seven bits a byte."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([len(body)]) + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(rows: list[list[bytes]], *, folder: str = "worksheets", macro: bool = False) -> bytes:
    """A workbook of cell records (the type, then what follows column and style)."""
    sheet = record(129) + record(148, struct.pack("<IIII", 0, len(rows), 0, 5)) + record(145)
    for number, row in enumerate(rows):
        sheet += record(0, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0))
        for column, cell in enumerate(row):
            sheet += record(cell[0], struct.pack("<II", column, 0) + cell[1:])
    sheet += record(146) + record(177, struct.pack("<I", 1))
    sheet += record(176, struct.pack("<IIII", 0, 0, 1, 2)) + record(178) + record(130)
    names = [("rId1", "S", f"{folder}/sheet1.bin", "worksheet")]
    if macro:
        names.append(("rId2", "Macro1", "macrosheets/sheet1.bin", "xlMacrosheet"))
    listed = b"".join(
        record(156, struct.pack("<II", 0, number) + wide(relation) + wide(name))
        for number, (relation, name, *_) in enumerate(names, start=1)
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    relations = "".join(
        f'<Relationship Id="{relation}" Type="{office}/{kind}" Target="{target}"/>'
        for relation, _, target, kind in names
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "xl/workbook.bin": record(131) + record(143) + listed + record(144) + record(132),
        "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{package}/relationships">'
        f"{relations}</Relationships>",
        f"xl/{folder}/sheet1.bin": sheet,
    }
    if macro:
        parts["xl/macrosheets/sheet1.bin"] = record(129) + record(145) + record(146) + record(130)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, body in parts.items():
            file.writestr(name, body)
    return buffer.getvalue()


NUMBER = b"\x05" + struct.pack("<d", 1200.5)
FORMULA = b"\x09" + struct.pack("<d", 7.0) + struct.pack("<HI", 0, 0)
NO_VALUE = b"\x03\x17"
FORMULA_ERROR = b"\x0b\x07" + struct.pack("<HI", 0, 0)


def test_a_binary_workbook_gives_its_errors_and_formulas_and_merged_cells(tmp_path):
    found = cells(xlsb([[NUMBER, NO_VALUE], [FORMULA, FORMULA_ERROR]]), tmp_path)
    assert found == {
        ("S", 1, 1): ("1200.5", "number", None),
        ("S", 1, 2): ("#REF!", "error", None),
        ("S", 2, 1): ("7", "number", "="),
        ("S", 2, 2): ("#DIV/0!", "error", "="),
    }
    spans = {
        (row["_source_row"], row["column_number"]): (row["column_span"], row["row_span"])
        for row in pq.read_table(tmp_path / "cells.parquet").to_pylist()
    }
    assert spans[1, 2] == (2, 1)


@pytest.mark.parametrize("options", [{"macro": True}, {"folder": "sheets"}])
def test_a_macro_sheet_or_another_folder_does_not_refuse_a_binary_workbook(tmp_path, options):
    assert cells(xlsb([[NUMBER]], **options), tmp_path) == {("S", 1, 1): ("1200.5", "number", None)}


# --- .xlsx ---------------------------------------------------------------------------------------


def workbook(change) -> bytes:
    """A workbook of two sheets whose parts `change` may rewrite."""
    book = Workbook()
    book.active.title = "Good"
    book.active.append([date(2025, 3, 12), "Met"])
    book.create_sheet("Other").append([1])
    buffer = io.BytesIO()
    book.save(buffer)
    result = io.BytesIO()
    with zipfile.ZipFile(buffer) as before, zipfile.ZipFile(result, "w") as after:
        for name in before.namelist():
            after.writestr(name, change(name, before.read(name)))
    return result.getvalue()


def test_one_bad_sheet_does_not_refuse_the_others_and_is_named(tmp_path):
    def cut(name: str, body: bytes) -> bytes:
        return body[:200] + b"<c r=" if name.endswith("sheet2.xml") else body

    found = cells(workbook(cut), tmp_path)
    assert found["Good", 1, 2] == ("Met", "text", None)
    assert "'Other', that cannot be read" in (tmp_path / WARNINGS).read_text(encoding="utf-8")
    problems = {
        row["_source_sheet"]: row["problem"]
        for row in pq.read_table(tmp_path / "sheets.parquet").to_pylist()
    }
    assert problems["Good"] is None
    assert "cannot be read" in problems["Other"]


# --- limits, folders, documents ------------------------------------------------------------------


def test_a_sound_file_too_big_for_its_reader_is_told_which_setting_raises_the_limit(tmp_path):
    book = Workbook(write_only=True)
    sheet = book.create_sheet("S")
    for row in range(40_000):
        sheet.append([f"text {row} {column}" for column in range(10)])
    book.save(tmp_path / "big.xlsx")
    with reader(WORKBOOKS.read, 32, 60) as child:
        answer = child.read(tmp_path / "big.xlsx", tmp_path)
    assert "CAREHOUSE_READ_MEMORY_MB" in answer.refusal
    assert "damaged" not in answer.refusal


def test_another_folders_files_stay_until_replaced(home, tmp_path):
    rows = status_rows((date(2025, 3, 12), "Met", 1))
    write_workbook(tmp_path / "a/PW001.xlsx", rows)
    write_workbook(tmp_path / "b/PW002.xlsx", [*rows, (date(2025, 3, 13), "Called", 1)])
    land_files(WORKBOOKS, home, tmp_path / "a")
    landing = land_files(WORKBOOKS, home, tmp_path / "b")
    assert landing.retired == []
    assert "--replace" in landing.notices[0]
    files = "select distinct _source_file from raw_workbooks.cells order by 1"
    assert query(home, files) == [("PW001.xlsx",), ("PW002.xlsx",)]
    landing = land_files(WORKBOOKS, home, tmp_path / "b", replace=True)
    assert (landing.retired, landing.forgotten) == ([], ["PW001.xlsx"])
    assert query(home, files) == [("PW002.xlsx",)]


def test_a_file_moved_out_of_its_folder_is_found_in_any_other(home, tmp_path):
    rows = status_rows((date(2025, 3, 12), "Met", 1))
    write_workbook(tmp_path / "a/PW001.xlsx", rows)
    write_workbook(tmp_path / "a/PW003.xlsx", [*rows, (date(2025, 3, 13), "Called", 1)])
    land_files(WORKBOOKS, home, tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "a/PW001.xlsx").rename(tmp_path / "b/PW009.xlsx")
    landing = land_files(WORKBOOKS, home, tmp_path / "b")
    assert (landing.retired, landing.moved) == ([], {"PW001.xlsx": "PW009.xlsx"})


def test_a_documents_text_and_comments_are_found_under_any_name(home, tmp_path):
    document = Document()
    document.add_paragraph("Date: 12 March 2025")
    document.add_comment(document.paragraphs[0].runs, text="Ask again", author="CW")
    buffer = io.BytesIO()
    document.save(buffer)
    (tmp_path / "notes").mkdir()
    with (
        zipfile.ZipFile(buffer) as before,
        zipfile.ZipFile(tmp_path / "notes/PW001.docm", "w") as after,
    ):
        for name in before.namelist():
            body = before.read(name).replace(b"word/document.xml", b"word/document2.xml")
            after.writestr(name.replace("word/document.xml", "word/document2.xml"), body)
    landing = land_files(NOTES, home, tmp_path / "notes")
    assert landing.landed == ["PW001.docm"], landing.refused
    assert query(home, "select block_type, text from raw_notes.blocks order by block_number") == [
        ("paragraph", "Date: 12 March 2025"),
        ("comment", "Ask again"),
    ]


def test_a_document_without_text_is_named(home, tmp_path):
    (tmp_path / "notes").mkdir()
    Document().save(tmp_path / "notes/PW001.docx")
    landing = land_files(NOTES, home, tmp_path / "notes")
    assert landing.notices == ["PW001.docx holds no text: look whether it is the file you meant"]
