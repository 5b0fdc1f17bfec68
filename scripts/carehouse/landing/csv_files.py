"""CSV by column name: DuckDB reads it, Python's csv module says which row is broken and why.

Where the two might read a file differently (null bytes, blank lines between rows) the slow one
decides alone, so that every row keeps the number that a spreadsheet shows.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from carehouse.contract import RawTable
from carehouse.errors import Refused
from carehouse.sql import literal, literals, one_file
from carehouse.store import last_byte

DELIMITERS = ",;\t|"
BLOCK_BYTES = 4 * 2**20
LINE_ENDS = (b"\n", b"\r")
LONGEST_OBJECT = 2**26  # bytes of one row as JSON
LONGEST_ROW = 2**21  # DuckDB's own limit; a longer one has an open quote
ODD = (b"\0", b"\n\n", b"\n\r", b"\r\r")  # where DuckDB and the csv module differ
RESEND = "export the file again and copy it here whole"


@dataclass(frozen=True)
class CsvFile:
    """A CSV file whose header has been read: its column names as they stand, and its delimiter."""

    path: Path
    header: tuple[str, ...]
    delimiter: str

    def read(self, use: Callable[[str], None], out: Path, keep_blanks: bool = False) -> None:
        """Give `use` the relation as DuckDB reads it; where that fails, as Python does.

        `use` must be able to run twice. Raises Refused naming the first broken row.
        """
        if not self.is_odd():
            try:
                return use(self.fast(keep_blanks))
            except (duckdb.OutOfMemoryException, duckdb.FatalException):
                raise
            except duckdb.Error:
                pass  # the slow reader says which row is broken
        return use(self.slow(out, keep_blanks))

    def fast(self, keep_blanks: bool = False) -> str:
        """SQL text of a relation of `_source_row` and one text column per position: c0, c1, …

        A cell without a character is null, or an empty text with `keep_blanks`.
        """
        names = [f"c{i}" for i in range(len(self.header))]
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
        blanks = f", force_not_null = [{literals(names)}]" if keep_blanks else ""
        return (
            "(select row_number() over () + 1 as _source_row, * "
            f"from read_csv({one_file(self.path)}, auto_detect = false, header = true"
            f", columns = {{{columns}}}, delim = {literal(self.delimiter)}{blanks}"
            f", quote = '\"', escape = '\"', max_line_size = {LONGEST_ROW}))"
        )

    def slow(self, out: Path, keep_blanks: bool = False) -> str:
        """The same relation, read by Python and written to `out` as JSON, whose lines DuckDB
        cannot take for others. Raises Refused naming the first broken row."""
        width = len(self.header)
        names = ["_source_row", *(f"c{i}" for i in range(width))]
        with out.open("w", encoding="utf-8") as file:
            for number, row in self._rows():
                if len(row) != width:
                    raise Refused(
                        f"row {number}: {len(row)} cells where the header has {width}, as in a "
                        f"file that was cut off: {RESEND}"
                    )
                cells = row if keep_blanks else [cell or None for cell in row]
                file.write(json.dumps(dict(zip(names, [number, *cells], strict=True))) + "\n")
        columns = ", ".join(f"{name}: 'VARCHAR'" for name in names[1:])
        return (
            f"read_json({one_file(out)}, format = 'newline_delimited', "
            f"maximum_object_size = {LONGEST_OBJECT}, "
            f"columns = {{_source_row: 'BIGINT', {columns}}})"
        )

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
    return f"row {number} contains null bytes, as a damaged or cut-off file does: {RESEND}"


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
        raise Refused(
            f"row 1 is not a header: a quoted cell is not closed, or there are null bytes: {RESEND}"
        )
    if "\ufffd" in "".join(best.header):
        raise Refused("row 1 is not UTF-8: save the file as CSV UTF-8")
    if not any(name.strip() for name in best.header):
        raise Refused(f"is empty, or its first row is: {RESEND}")
    return best


def check_last_line(file: CsvFile, other_last_bytes: Iterable[bytes]) -> None:
    """Raises Refused where a file breaks off in a row.

    That is told by its last line, which has no end, where this exporter ends those of other files.
    """
    if last_byte(file.path) in LINE_ENDS or not any(one in LINE_ENDS for one in other_last_bytes):
        return
    raise Refused(
        f"breaks off in row {file.last_row()}: its last line has no line end, unlike the "
        "other files: "
        f"{RESEND}"
    )


def required_columns(table: RawTable) -> list[str]:
    """The columns that an input must have: those of the contract, but lineage and optional ones."""
    return [name for name in table.columns if name[0] != "_" and name not in table.optional]


def check_columns(table: RawTable, found: Iterable[str]) -> None:
    """Raises Refused where a required column is missing."""
    found, required = list(found), required_columns(table)
    missing = ", ".join(name for name in required if name not in found)
    if not missing:
        return
    # a row of data in place of the header may hold a person's name: say nothing of it
    is_header = len(set(found) & table.columns.keys()) * 2 >= len(required)
    unknown = ", ".join(name for name in found if name not in table.columns)
    instead = f" (there is {unknown} instead)" if is_header and 0 < len(unknown) < 200 else ""
    raise Refused(
        f"row 1: no column {missing}{instead}: was it renamed, or is the file cut off? Give the "
        "columns their usual names"
    )
