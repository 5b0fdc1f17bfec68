"""CSV files: DuckDB reads them, Python's csv module says which row is broken and why.

A file is bounded before it is read: so many columns, so long a row, so long a reading.

Where the two might read a file differently (null bytes, blank lines between rows) the slow one
decides alone, so that every row keeps the number that a spreadsheet shows.
"""

import csv
import io
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from carehouse.errors import Refused
from carehouse.landing.encodings import find_encoding, written_as_utf8
from carehouse.settings import Settings
from carehouse.sql import literal, literals, one_file
from carehouse.store import last_byte

DELIMITERS = ",;\t|"
BLOCK_BYTES = 4 * 2**20
LINE_ENDS = (b"\n", b"\r")
LONGEST_OBJECT = 2**26  # bytes of one row as JSON
LONGEST_ROW = 2**21  # DuckDB's own limit; a longer one has an open quote
LONGEST_HEADER = 2**20  # bytes
MAX_COLUMNS = 400  # the widest claim files of CMS have half as many; a raw table holds them all
BYTES_A_SECOND = 2**20  # the slowest reading that is waited for, beside CAREHOUSE_READ_SECONDS
ODD = (b"\0", b"\n\n", b"\n\r", b"\r\r", b' "')  # where DuckDB and the csv module differ
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
            except (
                duckdb.OutOfMemoryException,
                duckdb.FatalException,
                duckdb.InterruptException,
            ):
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
        csv.field_size_limit(LONGEST_ROW)
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            records = csv.reader(_lines(file), delimiter=self.delimiter, strict=True)
            while True:
                number += 1
                try:
                    row = next(records, None)
                except _TooLong:
                    raise Refused(_too_long(number)) from None
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


class _TooLong(Exception):
    """A line longer than LONGEST_ROW."""


def _lines(file: Iterable[str]) -> Iterator[str]:
    """The lines of an open file, none of them read whole when it has no end."""
    while line := file.readline(LONGEST_ROW):
        if len(line) == LONGEST_ROW and line[-1] not in "\r\n":
            raise _TooLong
        yield line


def _too_long(number: int) -> str:
    return f"row {number} is longer than {LONGEST_ROW:,} characters, as in no table: {RESEND}"


def _why(number: int, error: csv.Error) -> str:
    if "field larger" in str(error):
        return _too_long(number)
    if "NUL" in str(error):
        return _nulls(number)
    return (
        f"row {number}: a quoted cell is not closed or not followed by a delimiter, as in a file "
        f"that was cut off: {RESEND}"
    )


def _nulls(number: int) -> str:
    return f"row {number} contains null bytes, as a damaged or cut-off file does: {RESEND}"


def open_csv(path: Path, folder: Path, encoding: str | None = None) -> CsvFile:
    """Read a file's header; another character set than UTF-8 is written to `folder` as UTF-8 first.

    `encoding` is what a seed says of the feed. Raises Refused where there is no header, where the
    character set or the delimiter cannot be told, or where there are too many columns.
    """
    with path.open("rb") as file:
        start = file.read(LONGEST_HEADER)
    if start[:4] == b"PK\3\4" or start[:4] == b"\xd0\xcf\x11\xe0":
        raise Refused("is a workbook, not a CSV file: give its name the ending .xlsx (or .xls)")
    told = find_encoding(path, encoding)
    if told != "utf-8":
        path = written_as_utf8(path, told, folder)
        with path.open("rb") as file:
            start = file.read(LONGEST_HEADER)
    text = start.decode("utf-8-sig", errors="replace")
    if len(start) == LONGEST_HEADER and not any(end in text for end in "\r\n"):
        raise Refused(
            f"row 1 is longer than {LONGEST_HEADER:,} bytes, as in no table: is this a CSV file?"
        )
    csv.field_size_limit(LONGEST_ROW)
    best: list[CsvFile] = []
    for delimiter in DELIMITERS:
        try:
            row = next(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), ())
        except csv.Error:
            continue
        one = CsvFile(path, tuple(row), delimiter)
        if not best or len(row) > len(best[0].header):
            best = [one]
        elif len(row) == len(best[0].header) and len(row) > 1:
            best.append(one)
    if not best or "\0" in "".join(best[0].header):
        raise Refused(
            f"row 1 is not a header: a quoted cell is not closed, or there are null bytes: {RESEND}"
        )
    if len(best) > 1:
        marks = " and ".join(repr(one.delimiter) for one in best)
        raise Refused(
            f"row 1 can be read with {marks} between its cells: save it with commas, cells quoted"
        )
    file = best[0]
    if "\ufffd" in "".join(file.header):
        raise Refused("row 1 is not UTF-8: save the file as CSV UTF-8")
    if not any(name.strip() for name in file.header):
        raise Refused(f"is empty, or its first row is: {RESEND}")
    check_width(len(file.header))
    return file


def check_width(columns: int) -> None:
    """Raises Refused where a file has more columns than any table that is meant."""
    if columns > MAX_COLUMNS:
        raise Refused(
            f"has {columns:,} columns, more than {MAX_COLUMNS}: leave out those that are not "
            "needed, or give each kind of row its own file"
        )


@contextmanager
def time_limit(
    connection: duckdb.DuckDBPyConnection, path: Path, settings: Settings
) -> Iterator[None]:
    """End what DuckDB does when it takes longer than such a file may. Raises Refused."""
    seconds = settings.read_seconds + path.stat().st_size // BYTES_A_SECOND
    watch = threading.Timer(seconds, connection.interrupt)
    watch.daemon = True
    watch.start()
    try:
        yield
    except duckdb.InterruptException:
        raise Refused(
            f"takes longer than {seconds} seconds to read: split it, or raise "
            "CAREHOUSE_READ_SECONDS"
        ) from None
    finally:
        watch.cancel()


def readable(path: Path, folder: Path) -> Path:
    """A path that DuckDB can be told: a link in `folder` where a name's bytes are not UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        link = folder / f"file{path.suffix if path.suffix.isascii() else ''}"
        link.symlink_to(path)
        return link
    return path


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
