"""What calamine does not tell of an .xls workbook: its epoch, its formulas and its error cells.

Reads the records of the BIFF8 workbook stream ([MS-XLS] 2.1.4): a two-byte type, a two-byte length,
then the data.
"""

import struct
from collections.abc import Iterator

import olefile

BOF, EOF, DATE_MODE, FILE_PASS = 0x809, 0x0A, 0x22, 0x2F
BOUND_SHEET, FORMULA, BOOL_ERROR = 0x85, 0x06, 0x205
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
Special = dict[tuple[int, int], tuple[str | None, str | None]]


def read_extras(data: bytes) -> tuple[int, list[Special]]:
    """Give the epoch (1900 or 1904) and, for each sheet in order, its special cells.

    A special cell is (row, column), from 1, to (formula, error text). A formula's own text is not
    decoded: "=" stands for it. Anything unreadable gives 1900 and no special cells, since the
    values themselves have been read by then.
    """
    stream = _workbook_stream(data)
    epoch, places = 1900, []
    for kind, body in _records(stream, 0):
        if kind == DATE_MODE and len(body) >= 2:
            epoch = 1904 if body[0] else 1900
        elif kind == BOUND_SHEET and len(body) >= 4:
            places.append(struct.unpack_from("<I", body)[0])
    return epoch, [dict(_special_cells(stream, place)) for place in places]


def is_encrypted(data: bytes) -> bool:
    """Whether the workbook stream says that what follows is encrypted (FilePass)."""
    return any(kind == FILE_PASS for kind, _ in _records(_workbook_stream(data), 0))


def _workbook_stream(data: bytes) -> bytes:
    try:
        with olefile.OleFileIO(data) as container:
            name = next((n for n in ("Workbook", "Book") if container.exists(n)), None)
            return container.openstream(name).read() if name else b""
    except (OSError, ValueError, struct.error, IndexError):
        return b""


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """Records from `place` to the end of that substream; charts nested in it are passed over."""
    depth = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        body = stream[place + 4 : place + 4 + length]
        place += 4 + length
        if kind == BOF:
            depth += 1
        elif kind == EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth <= 1:
            yield kind, body


def _special_cells(
    stream: bytes, place: int
) -> Iterator[tuple[tuple[int, int], tuple[str | None, str | None]]]:
    for kind, body in _records(stream, place):
        if kind not in (FORMULA, BOOL_ERROR) or len(body) < 8:
            continue
        row, column = struct.unpack_from("<HH", body)
        if kind == BOOL_ERROR:
            if body[7]:
                yield (row + 1, column + 1), (None, ERRORS.get(body[6], "#ERROR!"))
        elif len(body) >= 14:
            # a result that is no number ends in FFFF; its first byte tells: 2 is an error
            is_error = body[12:14] == b"\xff\xff" and body[6] == 2
            error = ERRORS.get(body[8], "#ERROR!") if is_error else None
            yield (row + 1, column + 1), ("=", error)
