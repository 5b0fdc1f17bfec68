"""CSV by column name: DuckDB reads it, Python's csv module says which row is broken and why.

Where the two might read a file differently (null bytes, blank lines between rows) the slow one
decides alone, so that every row keeps the number that a spreadsheet shows.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from carehouse.errors import Refused
from carehouse.landing.row_writer import RowWriter
from carehouse.sql import literal, one_file

DELIMITERS = ",;\t|"
BLOCK_BYTES = 4 * 2**20
LONGEST_ROW = 2**21  # DuckDB's own limit; a longer one has an open quote
ODD = (b"\0", b"\n\n", b"\n\r", b"\r\r")  # where DuckDB and the csv module differ
RESEND = "export the file again and copy it here whole"


@dataclass(frozen=True)
class CsvFile:
    """A CSV file whose header has been read: its column names as they stand, and its delimiter."""

    path: Path
    header: tuple[str, ...]
    delimiter: str

    def fast(self) -> str:
        """SQL text of a relation of `_source_row` and one text column per position: c0, c1, …"""
        columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(self.header)))
        return (
            "(select row_number() over () + 1 as _source_row, * "
            f"from read_csv({one_file(self.path)}, auto_detect = false, header = true"
            f", columns = {{{columns}}}, delim = {literal(self.delimiter)}"
            f", quote = '\"', escape = '\"', max_line_size = {LONGEST_ROW}))"
        )

    def slow(self, out: Path) -> str:
        """The same relation, read by Python. Raises Refused naming the first broken row."""
        width = len(self.header)
        kinds = {f"c{i}": pa.string() for i in range(width)}
        with RowWriter(out, {"_source_row": pa.int64(), **kinds}) as writer:
            for number, row in self._rows():
                if len(row) != width:
                    raise Refused(
                        f"row {number}: {len(row)} cells where the header has {width}, as in a "
                        f"file that was cut off: {RESEND}"
                    )
                writer.write((number, *(cell or None for cell in row)))
        return f"read_parquet({one_file(out)})"

    def is_odd(self) -> bool:
        """Whether it holds bytes that only the slow reader understands as a spreadsheet does."""
        last = b""
        with self.path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                piece = last + block
                if any(odd in piece for odd in ODD):
                    return True
                last = block[-1:]
        return False

    def ends_its_last_line(self) -> bool:
        """Whether the last byte is a line end."""
        return ends_its_last_line(self.path)

    def last_row(self) -> int:
        """The number of its last row."""
        return max((number for number, _ in self._rows()), default=1)

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the number and the cells of each row below the header, without blank lines."""
        number = 0
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            records = csv.reader(file, delimiter=self.delimiter, strict=True)
            while True:
                number += 1
                try:
                    row = next(records, None)
                except csv.Error as error:
                    raise Refused(_why(number, error)) from None
                except UnicodeDecodeError:
                    raise Refused(self._not_utf8()) from None
                if row is None:
                    return
                if any("\0" in cell for cell in row):
                    raise Refused(_nulls(number))
                if row and number > 1:
                    yield number, row

    def _not_utf8(self) -> str:
        """Which row is not UTF-8; the text layer decodes ahead, so the rows are counted again."""
        number = 0
        with self.path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            for row in csv.reader(file, delimiter=self.delimiter):
                number += 1
                if any("\ufffd" in cell for cell in row):
                    break
        return f"row {number} is not UTF-8 (or is cut off there): save the file as CSV UTF-8"


def _why(number: int, error: csv.Error) -> str:
    if "NUL" in str(error):
        return _nulls(number)
    return (
        f"row {number}: a quoted cell is not closed or not followed by a delimiter, as in a file "
        f"that was cut off: {RESEND}"
    )


def _nulls(number: int) -> str:
    return f"row {number}: holds null bytes, as a file does that was cut off: {RESEND}"


def open_csv(path: Path) -> CsvFile:
    """Read a file's header. Raises Refused where there is none."""
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Refused("is UTF-16: save it as CSV UTF-8")
    if start[:4] == b"PK\3\4":
        raise Refused("is a workbook, not a CSV file: save it as CSV UTF-8")
    best: CsvFile | None = None
    for delimiter in DELIMITERS:
        try:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                names = tuple(next(csv.reader(file, delimiter=delimiter, strict=True), ()))
        except csv.Error:
            continue
        if best is None or len(names) > len(best.header):
            best = CsvFile(path, names, delimiter)
    if best is None or "\0" in "".join(best.header):
        raise Refused(f"row 1 is no header: a quoted cell is not closed, or null bytes: {RESEND}")
    if "\ufffd" in "".join(best.header):
        raise Refused("row 1 is not UTF-8: save the file as CSV UTF-8")
    if not any(name.strip() for name in best.header):
        raise Refused(f"is empty, or its first row is: {RESEND}")
    return best


def ends_its_last_line(path: Path) -> bool:
    """Whether a file's last byte is a line end."""
    with path.open("rb") as file:
        file.seek(0, 2)
        if not file.tell():
            return False
        file.seek(-1, 2)
        return file.read(1) in b"\r\n"
