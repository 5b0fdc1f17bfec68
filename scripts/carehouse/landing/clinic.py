"""Clinic drops: the bulk folder `raw/` and one folder a day, `daily/YYYY-MM-DD/`, of CSV files.

A drop is landed whole or refused whole. Every cell stays text; which copy of a row counts when
several drops hold it is for the models to say.
"""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from carehouse.contract import raw_table
from carehouse.errors import NothingToLand, Refused
from carehouse.landing.core import (
    Landing,
    known_objects,
    local_now,
    log_drift,
    log_load,
    log_scan,
    next_moment,
    plan_insert,
)
from carehouse.landing.row_writer import RowWriter
from carehouse.progress import track
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse, transaction

SOURCE = "clinic"
TABLES = ("physios", "patients", "appointments", "payments", "availability")
OPTIONAL = {"appointments": ("canceled_at",), "patients": ("email",)}
LINEAGE = ("_source_file", "_source_row", "_drop_day", "_load_id", "_extracted_at")
BULK = "raw"
DAY_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DELIMITERS = ",;\t|"
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


@dataclass
class _Content:
    """The bytes of a drop, read once, so that what is hashed is what is landed."""

    files: dict[str, bytes] = field(default_factory=dict)
    refusal: str | None = None

    def hash(self) -> str:
        digest = sha256()
        for table, data in self.files.items():
            digest.update(f"{table}\0{len(data)}\0".encode())
            digest.update(data)
        return digest.hexdigest()


def land_clinic(settings: Settings, path: Path, again: bool = False) -> Landing:
    """Make the raw tables equal the drops below `path`: the clinic folder, `daily/`, or one drop.

    A known drop is left alone, a changed one replaces its own rows, one that is gone is retired, a
    refused one keeps what it last landed. Raises NothingToLand when there is no drop at all.
    """
    if not path.is_dir():
        raise NothingToLand(f"{path} is no folder: give the one that holds raw/ and daily/")
    landing = Landing(SOURCE, str(path.resolve()))
    drops = {drop.name: drop for drop in _drops(path, landing)}
    is_demo = path.resolve().is_relative_to(settings.demo_inputs.resolve())
    with open_warehouse(settings, memory_limit="512MB") as connection:
        known = known_objects(connection, SOURCE)
        gone = sorted(name for name in known if name not in drops and _in_scope(name, path))
        if not drops and (len(gone) > 1 or not known):
            raise NothingToLand(
                f"{path} holds no drop: put the bulk into raw/ and each day's files into "
                "daily/YYYY-MM-DD/. Nothing was retired"
            )
        moment = next_moment(connection, settings)
        for drop in track(drops.values(), len(drops), "landing clinic drops"):
            _land_drop(connection, drop, landing, known, settings, moment, again)
        for name in gone:
            with transaction(connection):
                _delete(connection, name)
                log_load(connection, settings, SOURCE, name, "retired")
            landing.retired.append(name)
        log_scan(connection, landing, moment, is_demo)
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
        return Drop(name, folder, None, "is not named by its day: call the folder YYYY-MM-DD")


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


def _land_drop(
    connection: duckdb.DuckDBPyConnection,
    drop: Drop,
    landing: Landing,
    known: dict,
    settings: Settings,
    moment,
    again: bool,
) -> None:
    started_at = local_now(settings)
    content = _read(drop)
    content_hash = content.hash()
    known_hash, outcome, known_reason = known.get(drop.name, (None, None, None))
    if not again and not content.refusal and known_hash == content_hash:
        if outcome == "refused":
            landing.refused[drop.name] = known_reason
        else:
            landing.unchanged.append(drop.name)
        return
    with ExitStack() as stack:
        temporary = Path(stack.enter_context(TemporaryDirectory(prefix="carehouse-")))
        try:
            if content.refusal:
                raise Refused(content.refusal)
            rows = _parse(connection, drop, content, temporary)
        except Refused as refusal:
            reason = str(refusal)
            log_load(
                connection,
                settings,
                SOURCE,
                drop.name,
                "refused",
                content_hash=content_hash,
                started_at=started_at,
                reason=reason,
            )
            landing.refused[drop.name] = reason
            return
        with transaction(connection):
            load_id = log_load(
                connection,
                settings,
                SOURCE,
                drop.name,
                "landed",
                content_hash=content_hash,
                rows=sum(rows.values()),
                started_at=started_at,
            )
            _replace(connection, drop, list(rows), temporary, landing, load_id, moment)
    landing.landed.append(drop.name)
    landing.row_count += sum(rows.values())


def _replace(
    connection: duckdb.DuckDBPyConnection,
    drop: Drop,
    tables: list[str],
    temporary: Path,
    landing: Landing,
    load_id: int,
    moment,
) -> None:
    inserts = []
    # planning may add a column, which DuckDB refuses once the transaction has changed the table
    for name in tables:
        lineage = {
            "_source_file": f"{drop.name}/{name}.csv",
            "_drop_day": drop.day,
            "_load_id": load_id,
            "_extracted_at": moment,
        }
        relation = f"read_parquet('{(temporary / name).as_posix()}.parquet')"
        plan = plan_insert(connection, raw_table("raw_clinic", name), relation, lineage)
        inserts.append((plan, relation, lineage))
    _delete(connection, drop.name)
    for plan, relation, lineage in inserts:
        plan.insert(connection, relation, lineage)
        landing.drift += log_drift(connection, load_id, SOURCE, drop.name, plan)


def _delete(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    for table in TABLES:
        full_name = raw_table("raw_clinic", table).full_name
        connection.execute(
            f"delete from {full_name} where _source_file = ?", [f"{name}/{table}.csv"]
        )


def _read(drop: Drop) -> _Content:
    content = _Content()
    try:
        files = drop.files()
        for table, path in files.items():
            if path.stat().st_size > MAX_FILE_BYTES:
                content.refusal = (
                    f"{path.name} is larger than {MAX_FILE_BYTES // 2**20} MB: split the drop"
                )
                return content
            content.files[table] = path.read_bytes()
    except OSError as error:
        content.refusal = f"cannot be read ({error.strerror or 'input error'}): check its rights"
        return content
    if drop.problem:
        content.refusal = drop.problem
    elif not files:
        content.refusal = "holds none of the drop's files: " + RESEND
    return content


def _parse(
    connection: duckdb.DuckDBPyConnection, drop: Drop, content: _Content, out_dir: Path
) -> dict[str, int]:
    """Write one Parquet file per table of the drop; give rows per table. Raises Refused."""
    rows = {}
    for table, data in content.files.items():
        name = f"{table}.csv"
        _check_bytes(drop, content, name, data)
        contract = raw_table("raw_clinic", table)
        known = [column for column in contract.columns if column not in LINEAGE]
        required = [column for column in known if column not in OPTIONAL.get(table, ())]
        header, delimiter = _header(name, data, required)
        absent = [column for column in known if column not in header]
        columns = {
            "_source_row": pa.int32(),
            **dict.fromkeys(header, pa.string()),
            **dict.fromkeys(absent, pa.string()),
        }
        nothing = (None,) * len(absent)
        with RowWriter(out_dir / f"{table}.parquet", columns) as writer:
            for number, row in _rows(name, data, delimiter, len(header)):
                writer.write((number, *row, *nothing))
        rows[table] = writer.row_count
    if drop.day and rows.get("appointments") == 0 and _has_visits(connection, drop.day, drop.name):
        raise Refused(
            "appointments.csv has a header and no rows, though visits of that day are known: if "
            "the day was called off, list them as canceled; else " + RESEND
        )
    return rows


def _check_bytes(drop: Drop, content: _Content, name: str, data: bytes) -> None:
    if not data.strip():
        raise Refused(f"{name} is empty: {RESEND}")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Refused(f"{name} is UTF-16: save it as CSV UTF-8")
    if b"\0" in data:
        raise Refused(f"{name} holds null bytes, as a file does that was cut off: {RESEND}")
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise Refused(
            f"{name} is not UTF-8 at row {row} (or is cut off there): save it as CSV UTF-8"
        ) from None
    if not data.endswith((b"\n", b"\r")) and _others_end_lines(drop, content, data):
        row = data.count(b"\n") + 1
        raise Refused(
            f"{name} breaks off in row {row}, which has no line end as the other files have: "
            + RESEND
        )


def _others_end_lines(drop: Drop, content: _Content, data: bytes) -> bool:
    """Whether this exporter ends its last lines: then a file that does not was cut off.

    Looked up in the drop's other files and in the files of the other days.
    """
    if any(other.endswith(b"\n") for other in content.files.values() if other is not data):
        return True
    if not drop.day:
        return False
    for sibling in drop.folder.parent.iterdir():
        if DAY_NAME.fullmatch(sibling.name) and sibling != drop.folder and sibling.is_dir():
            for path in Drop(sibling.name, sibling, None).files().values():
                with path.open("rb") as file:
                    file.seek(0, io.SEEK_END)
                    if file.tell():
                        file.seek(-1, io.SEEK_END)
                        if file.read(1) == b"\n":
                            return True
    return False


def _records(data: bytes, delimiter: str) -> Iterator[list[str]]:
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")
    return csv.reader(text, delimiter=delimiter, strict=True)


def _header(name: str, data: bytes, required: list[str]) -> tuple[list[str], str]:
    """The column names and the delimiter. Raises Refused when a required column is missing."""
    best: list[str] = []
    for delimiter in DELIMITERS:
        try:
            names = [cell.strip() for cell in next(_records(data, delimiter))]
        except (csv.Error, StopIteration):
            continue
        if set(required) <= set(names):
            _check_names(name, names)
            return names, delimiter
        if not best or len(set(names) & set(required)) > len(set(best) & set(required)):
            best = names
    missing = ", ".join(column for column in required if column not in best)
    is_header = len(set(best) & set(required)) * 2 >= len(required)  # else it may be a patient
    unknown = ", ".join(column for column in best if column not in required) if is_header else ""
    instead = f" (there is {unknown} instead)" if unknown and len(unknown) < 200 else ""
    raise Refused(
        f"{name}, row 1: no column {missing}{instead}: was it renamed, or is the file cut off? "
        "Give the columns their usual names"
    )


def _check_names(name: str, names: list[str]) -> None:
    seen = set()
    for position, column in enumerate(names, start=1):
        if not column:
            raise Refused(f"{name}, row 1: column {position} has no name: name it or remove it")
        if column.startswith("_"):
            raise Refused(f"{name}, row 1: column {position} begins with an underscore: rename it")
        if column.lower() in seen:
            raise Refused(f"{name}, row 1: column {position} has the name of another: rename it")
        seen.add(column.lower())


def _rows(name: str, data: bytes, delimiter: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """Yield row number (the header is 1) and cells. Raises Refused at the first broken row."""
    number = 0
    records = _records(data, delimiter)
    while True:
        number += 1
        try:
            row = next(records, None)
        except csv.Error:
            raise Refused(
                f"{name}, row {number}: a quoted cell is not closed or not followed by a "
                f"delimiter, as in a file that was cut off: {RESEND}"
            ) from None
        if row is None:
            return
        if not row or number == 1:
            continue
        if len(row) != width:
            raise Refused(
                f"{name}, row {number}: {len(row)} cells where the header has {width}, as in a "
                f"file that was cut off: {RESEND}"
            )
        yield number, row


def _has_visits(connection: duckdb.DuckDBPyConnection, day: date, name: str) -> bool:
    """Whether any other drop has a visit that begins on this day, going by its text."""
    (count,) = connection.execute(
        "select count(*) from raw_clinic.appointments "
        "where starts_with(appt_start, ?) and _source_file <> ?",
        [day.isoformat(), f"{name}/appointments.csv"],
    ).fetchone()
    return count > 0
