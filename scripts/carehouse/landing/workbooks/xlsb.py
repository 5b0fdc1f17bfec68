"""What calamine does not tell of an .xlsb workbook: formulas, errors, merged cells, a sign.

Its parts are records ([MS-XLSB] 2.1.4): a type of one or two bytes, a length of one to four, seven
bits a byte, then the data. calamine gives no error cells, and wraps a negative number whose format
is a date's.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from carehouse.landing.workbooks.ods import Extras

ROW, CELL_RK, CELL_ERROR, CELL_REAL = 0, 2, 3, 5
FORMULA_TEXT, FORMULA_NUMBER, FORMULA_BOOLEAN, FORMULA_ERROR = 8, 9, 10, 11
MERGE, BUNDLE_SHEET, WORKBOOK_PROPERTIES = 176, 156, 153
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
WORKBOOK = "xl/workbook.bin"
RELATIONS = "xl/_rels/workbook.bin.rels"
UNREADABLE = (
    *(KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError),
)


def read_extras(package: zipfile.ZipFile) -> tuple[int, dict[str, Extras]]:
    """The epoch, and by sheet name what calamine does not give."""
    targets = dict(_targets(_part(package, RELATIONS)))
    epoch, extras = 1900, {}
    for kind, body in _records(_part(package, WORKBOOK)):
        if kind == WORKBOOK_PROPERTIES and body:
            epoch = 1904 if body[0] & 1 else 1900
        elif kind == BUNDLE_SHEET and len(body) >= 12:
            relation, place = _wide_string(body, 8)
            name, _ = _wide_string(body, place)
            extras[name] = _sheet(_part(package, targets.get(relation, "")))
    return epoch, extras


def in_usual_places(package: zipfile.ZipFile) -> bytes:
    """The package with its worksheets in xl/worksheets, and macro and dialog sheets with charts.

    calamine tells a sheet's kind by its folder, and refuses the whole workbook for one it does not
    know. Raises one of UNREADABLE.
    """
    relations, moved = package.read(RELATIONS), {}
    for tag in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", relations):
        kind = re.search(rb'\bType="[^"]*/(\w*sheet)"', tag, re.IGNORECASE)
        target = re.search(rb'\bTarget="([^"]*)"', tag)
        if kind and target:
            folder = "worksheets" if kind[1] == b"worksheet" else "chartsheets"
            new = f"{folder}/moved{len(moved)}.bin"
            moved[_path(target[1])] = f"xl/{new}"
            tag_moved = tag.replace(target[0], b'Target="' + new.encode() + b'"')
            relations = relations.replace(tag, tag_moved)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as copy:
        for name in package.namelist():
            body = relations if name == RELATIONS else package.read(name)
            copy.writestr(moved.get(name, name), body)
    return buffer.getvalue()


def _path(target: bytes) -> str:
    path = target.decode(errors="replace")
    return path.lstrip("/") if path.startswith("/") else f"xl/{path}"


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    try:
        return package.read(name)
    except UNREADABLE:
        return b""


def _targets(relations: bytes) -> Iterator[tuple[str, str]]:
    for tag in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", relations):
        identifier = re.search(rb'\bId="([^"]*)"', tag)
        target = re.search(rb'\bTarget="([^"]*)"', tag)
        if identifier and target:
            yield identifier[1].decode(errors="replace"), _path(target[1])


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    place, end = 0, len(stream)
    while place < end:
        kind = stream[place]
        place += 1
        if kind & 0x80 and place < end:
            kind = (kind & 0x7F) | (stream[place] & 0x7F) << 7
            place += 1
        length = 0
        for shift in (0, 7, 14, 21):
            if place >= end:
                return
            byte = stream[place]
            place += 1
            length |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        yield kind, stream[place : place + length]
        place += length


def _wide_string(body: bytes, place: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", body, place)
    end = place + 4 + 2 * length
    return body[place + 4 : end].decode("utf-16-le", errors="replace"), end


def _sheet(stream: bytes) -> Extras:
    extras = Extras()
    row = 0
    for kind, body in _records(stream):
        if kind == ROW and len(body) >= 4:
            row = struct.unpack_from("<I", body)[0] + 1
        elif kind == MERGE and len(body) >= 16:
            top, bottom, left, right = struct.unpack_from("<IIII", body)
            extras.spans[top + 1, left + 1] = (right - left + 1, bottom - top + 1)
        elif kind in (CELL_RK, CELL_ERROR, CELL_REAL, *range(FORMULA_TEXT, FORMULA_ERROR + 1)):
            if len(body) < 9:
                continue
            place = (row, struct.unpack_from("<I", body)[0] + 1)
            is_formula = kind >= FORMULA_TEXT
            if kind in (CELL_ERROR, FORMULA_ERROR):
                error = ERRORS.get(body[8], "#ERROR!")
                extras.special[place] = ("=" if is_formula else None, error)
            else:
                if is_formula:
                    extras.special[place] = ("=", None)
                if (number := _number(kind, body)) is not None and number < 0:
                    extras.negatives[place] = number
    return extras


def _number(kind: int, body: bytes) -> float | None:
    if kind in (CELL_REAL, FORMULA_NUMBER) and len(body) >= 16:
        return struct.unpack_from("<d", body, 8)[0]
    if kind == CELL_RK and len(body) >= 12:
        (packed,) = struct.unpack_from("<i", body, 8)
        if packed & 2:
            number = float(packed >> 2)
        else:
            number = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<i", packed & ~3))[0]
        return number / 100 if packed & 1 else number
    return None
