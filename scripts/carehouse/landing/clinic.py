"""Clinic drops: the bulk folder `raw/` and one folder a day, `daily/YYYY-MM-DD/`, of CSV files.

A drop is landed whole or refused whole. Every cell stays text; which copy of a row counts when
several drops hold it is for the models to say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

import duckdb

from carehouse.contract import RawTable, raw_table
from carehouse.errors import NothingToLand, Refused
from carehouse.landing.csv_files import check_columns, check_last_line, open_csv
from carehouse.landing.frame import Landing, Look, delete_rows, open_look
from carehouse.landing.insert import plan_insert
from carehouse.progress import track
from carehouse.scratch import scratch
from carehouse.settings import Settings
from carehouse.sql import literal, quote
from carehouse.store import last_byte

SOURCE = "clinic"
TABLES = ("physios", "patients", "appointments", "payments", "availability")
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
        found = {path.name.lower(): path for path in self.folder.iterdir() if path.is_file()}
        return {table: found[f"{table}.csv"] for table in TABLES if f"{table}.csv" in found}

    def hash(self) -> str | None:
        """SHA-256 of its files; None when one cannot be opened, which reading will explain."""
        digest = sha256()
        try:
            for table, path in self.files().items():
                with path.open("rb") as file:
                    digest.update(f"{table}\0{path.stat().st_size}\0".encode())
                    while block := file.read(2**20):
                        digest.update(block)
        except OSError:
            return None
        return digest.hexdigest()


def land_clinic(settings: Settings, path: Path, force: bool = False) -> Landing:
    """Make the raw tables equal the drops below `path`: the clinic folder, `daily/`, or one drop.

    A known drop is left alone, a changed one replaces its own rows, one that is gone is retired, a
    refused one keeps what it last landed. Raises NothingToLand when there is no drop at all.
    """
    if not path.is_dir():
        raise NothingToLand(f"{path} is not a folder: give the one that holds raw/ and daily/")
    landing = Landing(SOURCE, str(path.resolve()))
    drops = {drop.name: drop for drop in _drops(path, landing)}
    with open_look(landing, settings, path, force=force, memory_limit="512MB") as look:
        gone = sorted(name for name in look.known if name not in drops and _in_scope(name, path))
        if not drops and (len(gone) > 1 or not look.known):
            raise NothingToLand(
                f"{path} has no clinic files: put the bulk into raw/ and each day's files into "
                "daily/YYYY-MM-DD/. Nothing was retired"
            )
        for drop in track(drops.values(), len(drops), "landing clinic drops"):
            _land_drop(look, drop)
        look.retire(gone, lambda name: _delete(look.connection, name))
    return landing


def _drops(path: Path, landing: Landing) -> Iterator[Drop]:
    """The drops below `path`, the bulk first, then by day; other files are named as ignored."""
    if DAY_NAME.fullmatch(path.resolve().name):
        yield _daily(path.resolve())
        return
    if any(child.name.lower() == f"{table}.csv" for child in path.iterdir() for table in TABLES):
        yield Drop(BULK, path, None)
        _ignore(path, path, landing)
        return
    if (path / BULK).is_dir():
        if Drop(BULK, path / BULK, None).files():
            yield Drop(BULK, path / BULK, None)
        _ignore(path / BULK, path, landing)
    daily = path / "daily"
    has_days = any(DAY_NAME.fullmatch(child.name) for child in path.iterdir())
    folder = path if has_days and not daily.is_dir() else daily
    for child in sorted(folder.iterdir()) if folder.is_dir() else ():
        if child.name.startswith((".", "~")):
            continue
        if child.is_file():
            landing.ignored.append(child.relative_to(path).as_posix())
            continue
        if any(not file.name.startswith((".", "~")) for file in child.iterdir()):
            yield _daily(child)
        _ignore(child, path, landing)


def _daily(folder: Path) -> Drop:
    name = f"daily/{folder.name}"
    try:
        if not DAY_NAME.fullmatch(folder.name):
            raise ValueError
        return Drop(name, folder, date.fromisoformat(folder.name))
    except ValueError:
        return Drop(
            name, folder, None, "is not named after its day: rename the folder to YYYY-MM-DD"
        )


def _ignore(folder: Path, root: Path, landing: Landing) -> None:
    for file in sorted(folder.iterdir()):
        is_ours = file.is_file() and file.name.lower() in {f"{table}.csv" for table in TABLES}
        if not is_ours and not file.name.startswith((".", "~")):
            landing.ignored.append(file.relative_to(root).as_posix())


def _in_scope(name: str, path: Path) -> bool:
    """Whether a drop that is not there would have been seen: only below a folder of drops."""
    if (path / BULK).is_dir() or (path / "daily").is_dir():
        return True
    return name != BULK and any(DAY_NAME.fullmatch(child.name) for child in path.iterdir())


def _land_drop(look: Look, drop: Drop) -> None:
    content_hash = drop.hash()
    if look.is_known(drop.name, content_hash):
        return
    connection = look.connection
    with (
        look.arrival(drop.name, content_hash) as arrival,
        scratch(look.settings) as folder,
    ):
        relations = _read(connection, drop, folder)
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


def _read(
    connection: duckdb.DuckDBPyConnection, drop: Drop, folder: Path
) -> list[tuple[RawTable, str]]:
    """Read every file of a drop into a temporary table; give raw and temporary tables.

    Raises Refused.
    """
    if drop.problem:
        raise Refused(drop.problem)
    files = drop.files()
    if not files:
        raise Refused("has none of the files that a drop consists of: " + RESEND)
    relations = []
    for name, path in files.items():
        table = raw_table("raw_clinic", name)
        try:
            relations.append((table, _read_file(connection, drop, table, path, folder)))
        except Refused as refusal:
            comma = "," if str(refusal).startswith("row ") else ""
            raise Refused(f"{name}.csv{comma} {refusal}") from None
    return relations


def _read_file(
    connection: duckdb.DuckDBPyConnection, drop: Drop, table: RawTable, path: Path, folder: Path
) -> str:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Refused(f"is larger than {MAX_FILE_BYTES // 2**20} MB: split the drop")
    file = open_csv(path)
    header = [name.strip() for name in file.header]
    check_columns(table, header)
    _check_names(header)
    check_last_line(file, _other_last_bytes(drop, path))
    columns = {name: f"c{i}" for i, name in enumerate(header)}
    columns |= dict.fromkeys(table.optional - columns.keys(), "cast(null as varchar)")
    listed = ", ".join(f"{value} as {quote(name)}" for name, value in columns.items())
    relation = f"temp.clinic_{table.name}"

    def fill(rows: str) -> None:
        connection.execute(
            f"create or replace temp table clinic_{table.name} as "
            f"select cast(_source_row as integer) as _source_row, {listed} from {rows}"
        )

    file.read(fill, folder / f"{table.name}.json", keep_blanks=True)
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


def _other_last_bytes(drop: Drop, path: Path) -> Iterator[bytes]:
    """The last bytes of the drop's other files, then of the files of the other days."""
    yield from (last_byte(other) for other in drop.files().values() if other != path)
    for sibling in drop.folder.parent.iterdir() if drop.day else ():
        if DAY_NAME.fullmatch(sibling.name) and sibling != drop.folder and sibling.is_dir():
            yield from map(last_byte, Drop(sibling.name, sibling, None).files().values())


def _check_names(names: list[str]) -> None:
    seen = set()
    for position, column in enumerate(names, start=1):
        if not column:
            raise Refused(f"row 1: column {position} has no name: name it or remove it")
        if column.startswith("_"):
            raise Refused(f"row 1: column {position} begins with an underscore: rename it")
        if column.lower() in seen:
            raise Refused(f"row 1: column {position} has the name of another: rename it")
        seen.add(column.lower())


def _has_visits(connection: duckdb.DuckDBPyConnection, day: date, name: str) -> bool:
    """Whether any other drop has a visit that begins on this day, going by its text."""
    (count,) = connection.execute(
        "select count(*) from raw_clinic.appointments "
        f"where starts_with(appt_start, {literal(day.isoformat())}) "
        f"and _source_file <> {literal(f'{name}/appointments.csv')}"
    ).fetchone()
    return count > 0
