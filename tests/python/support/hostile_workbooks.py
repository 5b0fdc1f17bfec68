"""Broken and hostile workbooks, made on the spot so that no such file has to be kept."""

from __future__ import annotations

import io
import zipfile
import zlib
from datetime import date, timedelta
from pathlib import Path

import msoffcrypto

from carehouse.demo.output import plain_zip
from carehouse.demo.workbooks_files import write_book
from carehouse.demo.workbooks_grid import Book, Sheet
from carehouse.demo.workbooks_tables import STATUS_HEADERS

_SHEET_SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _raw_xlsx(targets: list[str]) -> dict[str, str | bytes]:
    """The parts of a bare workbook, one sheet per target; the sheets themselves are missing."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = "".join(
        f'<Override PartName="/xl/{target}" ContentType="{kind}.worksheet+xml"/>'
        for target in sorted(set(targets))
    )
    sheets = "".join(
        f'<sheet name="S{i}" sheetId="{i}" r:id="rId{i}"/>' for i in range(1, len(targets) + 1)
    )
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/worksheet" Target="{target}"/>'
        for i, target in enumerate(targets, 1)
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{types}'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET_SPACE}" xmlns:r="{_OFFICE}">'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{links}</Relationships>",
    }


def _one_sheet(rows: str, dimension: str, doctype: str = "") -> bytes:
    sheet = (
        f'<?xml version="1.0"?>{doctype}<worksheet xmlns="{_SHEET_SPACE}">'
        f'<dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    )
    return plain_zip({**_raw_xlsx(["worksheets/sheet1.xml"]), "xl/worksheets/sheet1.xml": sheet})


def _entity_bomb() -> bytes:
    entities = '<!ENTITY l0 "lol">' + "".join(
        f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10)
    )
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'
    return _one_sheet(rows, "A1", f"<!DOCTYPE worksheet [{entities}]>")


def _bomb_part() -> tuple[bytes, int, int]:
    """A sheet of some 75 MB as raw deflate: the bytes, their CRC, the size unpacked.

    One compressed block of rows is repeated, so that it is made in no time.
    """
    head = f'<worksheet xmlns="{_SHEET_SPACE}"><sheetData>'.encode()
    chunk = b"<row><c><v>1</v></c></row>" * 40_000
    tail = b"</sheetData></worksheet>"
    packed, crc, size = b"", 0, 0
    blocks: dict[bytes, bytes] = {}
    for part, flush in (
        (head, zlib.Z_FULL_FLUSH),
        (chunk, zlib.Z_FULL_FLUSH),
        (tail, zlib.Z_FINISH),
    ):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        blocks[part] = packer.compress(part) + packer.flush(flush)
    for part in (head, *[chunk] * 72, tail):
        packed += blocks[part]
        crc, size = zlib.crc32(part, crc), size + len(part)
    return packed, crc, size


def _zip_bomb(sheets: int, *, overlapping: bool) -> bytes:
    """An xlsx whose sheets all unpack the same 75 MB.

    Either they link to one and the same part, which is a sound zip, or every part of its own lies
    over the same bytes, so that the sizes in the zip directory add up to gigabytes.
    """
    packed, crc, size = _bomb_part()
    names = [f"worksheets/sheet{i if overlapping else 1}.xml" for i in range(1, sheets + 1)]
    buffer = io.BytesIO(plain_zip(_raw_xlsx(names)))
    with zipfile.ZipFile(buffer, "a") as target:
        start = target.start_dir
        first = zipfile.ZipInfo(f"xl/{names[0]}", (1980, 1, 1, 0, 0, 0))
        first.compress_type = zipfile.ZIP_DEFLATED
        first.CRC, first.compress_size, first.file_size = crc, len(packed), size
        first.header_offset = start
        target.fp.seek(start)
        target.fp.write(first.FileHeader(False) + packed)
        target.start_dir = target.fp.tell()
        target._didModify = True
        for name in dict.fromkeys(names):
            entry = zipfile.ZipInfo(f"xl/{name}", first.date_time)
            for known in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(entry, known, getattr(first, known))
            entry.create_version = entry.extract_version = 20
            target.filelist.append(entry)
    return buffer.getvalue()


def sample() -> bytes:
    """A sound workbook of one small sheet."""
    sheet = Sheet("Status Sheet")
    for column, name in enumerate(STATUS_HEADERS, 1):
        sheet.put(1, column, STATUS_HEADERS[name][0])
    for row in range(2, 60):
        sheet.put(row, 1, date(2025, 1, 1) + timedelta(days=row))
        sheet.put(row, 2, f"Visit number {row}")
    return write_book(Book("sample.xlsx", [sheet]))


def encrypted(data: bytes) -> bytes:
    """The same Office file under a password."""
    buffer = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(data)).encrypt("pathways", buffer)
    return buffer.getvalue()


def hostile(out: Path) -> dict[str, str]:
    """Write broken and hostile files into `out/workbooks/`; gives file name -> kind.

    All are below 200 KB on disk. `lying_dimension` holds two good rows and may be read.
    """
    good = sample()
    far = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    near = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Date</t></is></c></row>'
        '<row r="2"><c r="A2"><v>45728</v></c></row>'
    )
    lock = bytes([5]) + b"Anita".ljust(54) + "Anita".ljust(55).encode("utf-16-le")
    files: dict[str, tuple[str, bytes]] = {
        "PW901 locked.xlsx": ("password_protected", encrypted(good)),
        "PW902 half copied.xlsx": ("truncated", good[: len(good) * 6 // 10]),
        "PW903 from website.xls": (
            "html_as_xls",
            b"<html><body><table><tr><th>Date</th><th>Summary</th></tr>"
            b"<tr><td>12/03/2025</td><td>Visit</td></tr></table></body></html>",
        ),
        "PW904 pasted.xlsx": ("text_as_xlsx", b"Date,Summary\n12/03/2025,Visit\n"),
        "PW905 empty.xlsx": ("zero_bytes", b""),
        "PW906 big.xlsx": ("zip_bomb", _zip_bomb(40, overlapping=False)),
        "PW907 bigger.xlsx": ("zip_bomb_overlap", _zip_bomb(40, overlapping=True)),
        "PW908 far cell.xlsx": ("far_cell", _one_sheet(far, "A1:XFD1048576")),
        "PW909 dimension.xlsx": ("lying_dimension", _one_sheet(near, "A1:XFD1048576")),
        "PW910 entities.xlsx": ("entity_bomb", _entity_bomb()),
        "~$PW001 lock.xlsx": ("lock_file", lock),
    }
    folder = out / "workbooks"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (_, data) in files.items():
        (folder / name).write_bytes(data)
    return {name: kind for name, (kind, _) in files.items()}
