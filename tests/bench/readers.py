"""Compare how carehouse reads workbooks with a second reader: `readers.py FOLDER [--show N]`.

Every .xlsx and .xlsm below the folder is read by openpyxl too, .xls by xlrd without its formats,
.xlsb by pyxlsb (`pip install pyxlsb`; left out where it is not there). Dates, times and durations
are compared as the serial numbers that they are in the file. Prints files, cells and differences
by kind; places, not values, of the first N of each kind. Meant for public suites of files: those
that packages on PyPI and npm ship. The cases that differ by intent are in docs/decisions/care.md.
"""

import argparse
import math
import sys
import tempfile
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from carehouse.errors import Refused
from carehouse.landing.sandbox import Reader, reader
from carehouse.settings import Settings

READ = "carehouse.landing.workbooks.cells:read"
SECOND_BYTES = 3 * 2**30  # the second reader has no sandbox of its own
SUFFIXES = {".xlsx", ".xlsm", ".xls", ".xlsb"}
DATES = ("date", "datetime", "time", "duration")
Place = tuple[str, int, int]
Value = float | str | bool


def main() -> None:
    """Read every workbook twice and print where the readings differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", type=int, default=5)
    options = parser.parse_args()
    settings = Settings()
    with reader(READ, settings.read_memory_mb, settings.read_seconds) as child:
        _compare(options.folder, options.show, child)


def _compare(folder: Path, show: int, child: Reader) -> None:
    with suppress(ImportError):
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (SECOND_BYTES, SECOND_BYTES))
    warnings.simplefilter("ignore")
    files, cells, kinds = Counter(), Counter(), defaultdict(list)
    for path in sorted(folder.rglob("*")):
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES or not path.is_file():
            continue
        name = str(path.relative_to(folder))
        theirs = _second(path)
        try:
            ours = _first(path, child)
        except Refused as refusal:
            how = "refused by both" if isinstance(theirs, str) else "refused here only"
            kinds[suffix, how].append(f"{name}: {refusal}")
            files[suffix, "refused"] += 1
            continue
        if isinstance(theirs, str):
            kinds[suffix, "read here only"].append(f"{name}: {theirs}")
            files[suffix, "read here only"] += 1
            continue
        files[suffix, "compared"] += 1
        cells[suffix] += len(ours.keys() | theirs.keys())
        for place, kind in _differences(ours, theirs):
            kinds[suffix, kind].append(f"{name} {place[0]!r} row {place[1]} column {place[2]}")
    for suffix in sorted({suffix for suffix, _ in files}):
        told = ", ".join(f"{n} {how}" for (one, how), n in sorted(files.items()) if one == suffix)
        print(f"{suffix}: {told}; {cells[suffix]:,} cells")
    for (suffix, kind), places in sorted(kinds.items()):
        print(f"{suffix} {kind}: {len(places):,} in {len({p.split(' ')[0] for p in places})} files")
        for place in places[:show]:
            print(f"    {place}")


def _first(path: Path, child: Reader) -> dict[Place, Value]:
    """As carehouse reads it: what stands in each cell; a date as its serial number."""
    with tempfile.TemporaryDirectory() as folder:
        child.read(path, Path(folder)).check()
        sheets = pq.read_table(Path(folder) / "sheets.parquet").to_pylist()
        rows = pq.read_table(Path(folder) / "cells.parquet").to_pylist()
    epoch = sheets[0]["date_epoch"] if sheets else 1900
    found = {}
    for row in rows:
        place = (row["_source_sheet"], row["_source_row"], row["column_number"])
        value, kind = row["value_text"], row["value_type"]
        if kind == "empty" or value is None:
            continue
        if kind == "number":
            found[place] = float(value)
        elif kind in DATES:
            found[place] = _serial(_moment(value, kind), epoch)
        elif kind == "boolean":
            found[place] = value == "true"
        else:
            found[place] = value
    return found


def _moment(text: str, kind: str) -> datetime | time | timedelta:
    match kind:
        case "time":
            return time.fromisoformat(text)
        case "duration":
            return timedelta(seconds=float(text))
        case _:
            return datetime.fromisoformat(text)


def _serial(moment: datetime | date | time | timedelta, epoch: int) -> float:
    """The number that a spreadsheet has for a moment."""
    if isinstance(moment, timedelta):
        return moment / timedelta(days=1)
    if isinstance(moment, time):
        midnight = datetime.combine(date.min, time.min)
        return (datetime.combine(date.min, moment) - midnight) / timedelta(days=1)
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min)
    start = datetime(1904, 1, 1) if epoch == 1904 else datetime(1899, 12, 30)
    days = (moment.replace(tzinfo=None) - start) / timedelta(days=1)
    return days - 1 if epoch == 1900 and 1 <= days < 61 else days  # the 29th of February 1900


def _second(path: Path) -> dict[Place, Value] | str:
    """As the second reader reads it, or why it does not."""
    try:
        match path.suffix.lower():
            case ".xls":
                return dict(_by_xlrd(path))
            case ".xlsb":
                return dict(_by_pyxlsb(path))
            case _:
                return dict(_by_openpyxl(path))
    except Exception as error:  # a reader of others promises no kind of error
        return type(error).__name__


def _by_openpyxl(path: Path) -> Iterator[tuple[Place, Value]]:
    from openpyxl import load_workbook

    book = load_workbook(path, data_only=True)
    epoch = 1904 if book.epoch.year == 1904 else 1900
    for sheet in book.worksheets:
        for cell in sheet._cells.values():  # a row at a time would visit millions of empty ones
            value = cell.value
            if value is None or value == "":
                continue
            if isinstance(value, datetime | date | time | timedelta):
                value = _serial(value, epoch)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                value = float(value)
            yield (sheet.title, cell.row, cell.column), value


def _by_xlrd(path: Path) -> Iterator[tuple[Place, Value]]:
    import xlrd

    book = xlrd.open_workbook(path, logfile=sys.stderr)
    for sheet in book.sheets():
        for row in range(sheet.nrows):
            for column, cell in enumerate(sheet.row(row)):
                place = (sheet.name, row + 1, column + 1)
                match cell.ctype:
                    case xlrd.XL_CELL_EMPTY | xlrd.XL_CELL_BLANK:
                        continue
                    case xlrd.XL_CELL_BOOLEAN:
                        yield place, bool(cell.value)
                    case xlrd.XL_CELL_ERROR:
                        yield place, xlrd.error_text_from_code.get(cell.value, "#ERR")
                    case xlrd.XL_CELL_TEXT:
                        if cell.value:
                            yield place, cell.value
                    case _:
                        yield place, float(cell.value)


def _by_pyxlsb(path: Path) -> Iterator[tuple[Place, Value]]:
    from pyxlsb import open_workbook

    with open_workbook(str(path)) as book:
        for name in book.sheets:
            with book.get_sheet(name) as sheet:
                for row in sheet.rows(sparse=True):
                    for cell in row:
                        if cell.v is not None and cell.v != "":
                            is_number = isinstance(cell.v, int | float)
                            value = cell.v if isinstance(cell.v, bool) or not is_number else None
                            yield (
                                (name, cell.r + 1, cell.c + 1),
                                float(cell.v) if value is None else value,
                            )


def _differences(
    ours: dict[Place, Value], theirs: dict[Place, Value]
) -> Iterator[tuple[Place, str]]:
    for place in sorted(ours.keys() | theirs.keys()):
        if place not in ours:
            yield place, "missing here"
        elif place not in theirs:
            yield place, "missing there"
        elif kind := _difference(ours[place], theirs[place]):
            yield place, kind


def _difference(here: Value, there: Value) -> str | None:
    if type(here) is not type(there):
        return f"{type(here).__name__} here, {type(there).__name__} there"
    if isinstance(here, float):
        # a date keeps microseconds, and so about eleven digits of its serial number
        is_close = math.isclose(here, there, rel_tol=1e-9, abs_tol=1e-9)
        return None if is_close or math.isnan(here) and math.isnan(there) else "another number"
    if here == there:
        return None
    if isinstance(here, str) and here.split() == there.split():
        return "white space"
    return "another text" if isinstance(here, str) else "another boolean"


if __name__ == "__main__":
    main()
