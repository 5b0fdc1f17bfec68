"""Clinic drops: the bulk folder `raw/` and one folder a day, `daily/YYYY-MM-DD/`, of CSV or Excel
files, a table each.

A drop is landed whole or refused whole. Every cell stays text; which copy of a row counts when
several drops hold it is for the models to say. `_source_file` names a file after its table.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path

import duckdb

from carehouse.contract import RawTable, raw_table
from carehouse.erasure.forget import forget_rows
from carehouse.errors import NothingToLand, Refused
from carehouse.landing.csv_files import (
    CsvFile,
    check_last_line,
    open_csv,
    readable,
    time_limit,
)
from carehouse.landing.frame import Landing, Look, delete_rows, open_look
from carehouse.landing.headers import PLACES, Matched, belongs, check, match, table_by_columns
from carehouse.landing.insert import plan_insert
from carehouse.landing.sandbox import Reader, reader
from carehouse.landing.sheet_files import SUFFIXES as SHEETS
from carehouse.landing.sheet_files import SheetFile, open_sheet
from carehouse.landing.sources import WORKBOOKS
from carehouse.landing.values import check_values, columns_read, writing
from carehouse.progress import track
from carehouse.scratch import scratch
from carehouse.settings import PROJECT_DIR, Settings
from carehouse.sql import literal, quote
from carehouse.store import file_name, last_byte, problem

SOURCE = "clinic"
TABLES = ("physios", "patients", "appointments", "payments", "availability")
TEXTS = frozenset({".csv", ".tsv", ".txt"})
BULK = "raw"
DAY_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX_FILE_BYTES = 512 * 2**20
RESEND = "export the drop again and copy it here whole"


@dataclass(frozen=True)
class Drop:
    """One folder that is landed whole. `day` is None for the bulk."""

    name: str
    folder: Path
    day: date | None
    problem: str | None = None

    def files(self) -> dict[str, Path]:
        """Its files by raw table, in the order they are read."""
        found = self.all_files()
        return {table: found[table][0] for table in TABLES if table in found}

    def all_files(self) -> dict[str, list[Path]]:
        """Every file of each table; a drop with two of one is refused."""
        found: dict[str, list[Path]] = {}
        for path in sorted(self.folder.iterdir()):
            is_file = path.is_symlink() or not path.is_dir()
            table = table_by_name(path.name)
            if is_file and table and not path.name.startswith((".", "~")):
                found.setdefault(table, []).append(path)
        return found

    def hash(self) -> str | None:
        """SHA-256 of its files; None when one cannot be opened, which reading will explain."""
        digest = sha256()
        try:
            for table, path in self.files().items():
                if problem(path, self.folder) or path.stat().st_size > MAX_FILE_BYTES:
                    return None
                with path.open("rb") as file:
                    digest.update(f"{table}\0{path.stat().st_size}\0".encode())
                    while block := file.read(2**20):
                        digest.update(block)
        except OSError:
            return None
        return digest.hexdigest()


@cache
def _words() -> dict[str, str]:
    with (PROJECT_DIR / "seeds/clinic/clinic_file_names.csv").open(encoding="utf-8-sig") as file:
        return {row["word"]: row["table_name"] for row in csv.DictReader(file)}


def table_by_name(name: str) -> str | None:
    """The table that a file's name speaks of: its last word that `clinic_file_names` knows."""
    path = Path(name.lower())
    if path.suffix not in TEXTS | SHEETS:
        return None
    known = [_words()[word] for word in re.findall(r"[^\W\d_]+", path.stem) if word in _words()]
    return known[-1] if known else None


def land_clinic(settings: Settings, path: Path, force: bool = False) -> Landing:
    """Make the raw tables equal the drops below `path`: the clinic folder, `daily/`, or one drop.

    A known drop is left alone, a changed one replaces its own rows, one that is gone is retired, a
    refused one keeps what it last landed. Raises NothingToLand when there is no drop at all.
    """
    if not path.is_dir():
        raise NothingToLand(f"{path} is not a folder: give the one that holds raw/ and daily/")
    landing = Landing(SOURCE, file_name(str(path.resolve())))
    drops = {drop.name: drop for drop in _drops(settings, path, landing)}
    limits = (settings.read_memory_mb, settings.read_seconds)
    with (
        open_look(landing, settings, path, force=force, memory_limit="512MB") as look,
        reader(WORKBOOKS.read, *limits) as child,
    ):
        gone = sorted(name for name in look.known if name not in drops and _in_scope(name, path))
        if not drops and (len(gone) > 1 or not look.known):
            raise NothingToLand(
                f"{path} has no clinic files: put the bulk into raw/ and each day's files into "
                "daily/YYYY-MM-DD/. Nothing was retired"
            )
        for drop in track(drops.values(), len(drops), "landing clinic drops"):
            _land_drop(look, drop, child)
        look.retire(gone, lambda name: _delete(look.connection, name))
    return landing


def _drops(settings: Settings, path: Path, landing: Landing) -> Iterator[Drop]:
    """The drops below `path`, the bulk first, then by day; other files are named as ignored."""
    if DAY_NAME.fullmatch(path.resolve().name):
        yield _daily(path.resolve())
        return
    if any(table_by_name(child.name) for child in path.iterdir() if not child.is_dir()):
        yield Drop(BULK, path, None)
        _ignore(settings, path, path, landing)
        return
    if (path / BULK).is_dir():
        if Drop(BULK, path / BULK, None).all_files():
            yield Drop(BULK, path / BULK, None)
        _ignore(settings, path / BULK, path, landing)
    daily = path / "daily"
    has_days = any(DAY_NAME.fullmatch(child.name) for child in path.iterdir())
    folder = path if has_days and not daily.is_dir() else daily
    for child in sorted(folder.iterdir()) if folder.is_dir() else ():
        if child.name.startswith((".", "~")):
            continue
        if child.is_file():
            landing.ignored.append(file_name(child.relative_to(path).as_posix()))
            continue
        if any(not file.name.startswith((".", "~")) for file in child.iterdir()):
            yield _daily(child)
        _ignore(settings, child, path, landing)


def _daily(folder: Path) -> Drop:
    name = file_name(f"daily/{folder.name}")
    try:
        if not DAY_NAME.fullmatch(folder.name):
            raise ValueError
        return Drop(name, folder, date.fromisoformat(folder.name))
    except ValueError:
        return Drop(
            name, folder, None, "is not named after its day: rename the folder to YYYY-MM-DD"
        )


def _ignore(settings: Settings, folder: Path, root: Path, landing: Landing) -> None:
    for file in sorted(folder.iterdir()):
        if file.name.startswith((".", "~")) or (not file.is_dir() and table_by_name(file.name)):
            continue
        name = file_name(file.relative_to(root).as_posix())
        landing.ignored.append(name)
        is_text = file.suffix.lower() in TEXTS and not problem(file, root)
        if is_text and (where := _where_it_belongs(settings, file)):
            landing.notices.append(f"{name} {where}")


def _where_it_belongs(settings: Settings, file: Path) -> str | None:
    with scratch(settings) as folder:
        try:
            headers = open_csv(file, folder).header
        except (Refused, OSError):
            return None
    if table := table_by_columns(SOURCE, headers):
        return f"has the columns of {table}: name it {table}.csv"
    elsewhere = belongs(headers, besides=(SOURCE, ""))
    return elsewhere and f"has the columns of {elsewhere[1]}: put it into {PLACES[elsewhere[0]]}"


def _in_scope(name: str, path: Path) -> bool:
    """Whether a drop that is not there would have been seen: only below a folder of drops."""
    if (path / BULK).is_dir() or (path / "daily").is_dir():
        return True
    return name != BULK and any(DAY_NAME.fullmatch(child.name) for child in path.iterdir())


def _land_drop(look: Look, drop: Drop, child: Reader) -> None:
    content_hash = drop.hash()
    if look.is_known(drop.name, content_hash):
        return
    connection = look.connection
    with (
        look.arrival(drop.name, content_hash) as arrival,
        scratch(look.settings) as folder,
    ):
        relations = _read(look, drop, folder, child)
        with arrival.replacing() as load_id:
            inserts = []
            # planning may add a column, which DuckDB refuses once the transaction has changed
            # the table
            for table, relation in relations:
                lineage = {
                    "_source_file": f"{drop.name}/{table.name}.csv",
                    "_drop_day": drop.day,
                    "_load_id": load_id,
                    "_extracted_at": look.moment,
                }
                inserts.append(
                    (plan_insert(connection, table, relation, lineage), relation, lineage)
                )
            _delete(connection, drop.name)
            for plan, relation, lineage in inserts:
                arrival.row_count += plan.insert(connection, relation, lineage)
                look.log_drift(load_id, drop.name, plan.table, plan.drift)
                arrival.drift += plan.drift_lines(drop.name)


def _delete(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    for table in TABLES:
        delete_rows(connection, [raw_table("raw_clinic", table)], f"{name}/{table}.csv")


def _read(look: Look, drop: Drop, folder: Path, child: Reader) -> list[tuple[RawTable, str]]:
    """Read every file of a drop into a temporary table; give raw and temporary tables.

    Raises Refused.
    """
    if drop.problem:
        raise Refused(drop.problem)
    for table, paths in drop.all_files().items():
        if len(paths) > 1:
            names = " and ".join(file_name(path.name) for path in paths)
            raise Refused(f"has {len(paths)} files of {table} ({names}): keep one")
    files = drop.files()
    if not files:
        raise Refused("has none of the files that a drop consists of: " + RESEND)
    relations = []
    for name, path in files.items():
        table = raw_table("raw_clinic", name)
        try:
            with time_limit(look.connection, path, look.settings):
                relations.append((table, _read_file(look, drop, table, path, folder, child)))
        except Refused as refusal:
            comma = "," if str(refusal).startswith("row ") else ""
            raise Refused(f"{file_name(path.name)}{comma} {refusal}") from None
    return relations


def open_clinic_file(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    path: Path,
    root: Path,
    folder: Path,
    child: Reader,
) -> tuple[CsvFile | SheetFile, Matched]:
    """Read a file's header and say which column each is. Raises Refused."""
    if reason := problem(path, root):
        raise Refused(reason)
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Refused(f"is larger than {MAX_FILE_BYTES // 2**20} MB: split the drop")
    tabular: CsvFile | SheetFile
    if path.suffix.lower() in SHEETS:
        tabular = open_sheet(connection, child, path, folder)
    else:
        told = writing(SOURCE, table.name)
        tabular = open_csv(readable(path, folder), folder, told.encoding)
    matched = match(SOURCE, table, tabular.header, SOURCE)
    check(SOURCE, table, tabular.header, matched)
    _check_names([name.strip() for name in tabular.header])
    return tabular, matched


def _read_file(
    look: Look, drop: Drop, table: RawTable, path: Path, folder: Path, child: Reader
) -> str:
    connection = look.connection
    folder = folder / table.name
    folder.mkdir()
    file, matched = open_clinic_file(connection, table, path, drop.folder, folder, child)
    if isinstance(file, CsvFile):
        check_last_line(file, _other_last_bytes(drop, path))
    columns = {name: f"c{place}" for name, place in {**matched.columns, **matched.others}.items()}
    columns |= dict.fromkeys(table.optional - columns.keys(), "cast(null as varchar)")
    listed = ", ".join(f"{value} as {quote(name)}" for name, value in columns.items())
    relation = f"temp.clinic_{table.name}"

    def fill(rows: str) -> None:
        connection.execute(
            f"create or replace temp table clinic_{table.name} as "
            f"select cast(_source_row as integer) as _source_row, {listed} from {rows}"
        )

    file.read(fill, folder / "rows.json", keep_blanks=True)
    forget_rows(connection, look.settings, table, relation)
    told = writing(SOURCE, table.name)
    given = {column: file.header[place] for column, place in matched.columns.items()}
    found = columns_read(connection, relation, table.name, set(given), told, look.settings)
    check_values(found, told, look.settings, given)
    for column, header in matched.stand_ins.items():
        look.landing.notices.append(
            f"{drop.name}/{file_name(path.name)}: {column} is read from {header!r} too, for no "
            "other column says it"
        )
    if table.name == "payments" and (repeated := _repeated(connection, relation)):
        look.landing.notices.append(
            f"{drop.name}/{file_name(path.name)}: {repeated:,} numbers of a payment stand on rows "
            "with other amounts, of which the last counts: if they are lines of a receipt, give "
            "payment_id a column that numbers the lines"
        )
    (count,) = connection.execute(f"select count(*) from {relation}").fetchone()
    if (
        drop.day
        and table.name == "appointments"
        and not count
        and _has_visits(connection, drop.day, drop.name)
    ):
        raise Refused(
            "has a header but no rows, though visits on that day are known: if the day was called "
            "off, list them as canceled; otherwise " + RESEND
        )
    return relation


def _repeated(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return connection.execute(
        f"select count(*) from (select 1 from {relation} where trim(payment_id) <> '' "
        "group by trim(payment_id) having count(distinct amount) > 1)"
    ).fetchone()[0]


def _other_last_bytes(drop: Drop, path: Path) -> Iterator[bytes]:
    """The last bytes of the drop's other files, then of the files of the other days."""
    for other in drop.files().values():
        if other != path and other.suffix.lower() in TEXTS and not problem(other, drop.folder):
            yield last_byte(other)
    for sibling in drop.folder.parent.iterdir() if drop.day else ():
        if DAY_NAME.fullmatch(sibling.name) and sibling != drop.folder and sibling.is_dir():
            for other in Drop(sibling.name, sibling, None).files().values():
                if other.suffix.lower() in TEXTS and not problem(other, sibling):
                    yield last_byte(other)


def _check_names(names: list[str]) -> None:
    for position, column in enumerate(names, start=1):
        if not column:
            raise Refused(f"row 1: column {position} has no name: name it or remove it")
        if column.startswith("_"):
            raise Refused(f"row 1: column {position} begins with an underscore: rename it")


def _has_visits(connection: duckdb.DuckDBPyConnection, day: date, name: str) -> bool:
    """Whether any other drop has a visit that begins on this day, going by its text."""
    (count,) = connection.execute(
        "select count(*) from raw_clinic.appointments "
        f"where starts_with(appt_start, {literal(day.isoformat())}) "
        f"and _source_file <> {literal(f'{name}/appointments.csv')}"
    ).fetchone()
    return count > 0
