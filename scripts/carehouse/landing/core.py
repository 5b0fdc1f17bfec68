"""What every loader shares: what is known already, one transaction a file, the logs, the drift."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, mkdtemp

import duckdb

from carehouse.contract import RawTable, raw_table
from carehouse.errors import NothingToLand
from carehouse.landing.sandbox import Answer, Reader, reader
from carehouse.progress import track
from carehouse.settings import Settings
from carehouse.sql import literals, quote
from carehouse.warehouse import open_warehouse, transaction

READERS = 2  # children that read side by side; each may use the memory limit


@dataclass(frozen=True)
class FileSource:
    """A source of files that a reader turns into raw tables, one file at a time."""

    name: str
    schema: str
    tables: tuple[str, ...]
    suffixes: frozenset[str]
    read: str  # module:function, called in a child process
    noun: str  # what a user calls one of its files

    def contract(self, table: str) -> RawTable:
        """The raw contract of one of its tables."""
        return raw_table(self.schema, table)


@dataclass
class Landing:
    """What a look at one source did. Files are named by their path below the landed folder."""

    source: str
    location: str
    landed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    drift: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    row_count: int = 0
    gone_count: int = 0


def land_files(source: FileSource, settings: Settings, path: Path, again: bool = False) -> Landing:
    """Make the raw tables of `source` equal the files in `path` (a folder, or one file).

    Known bytes are not read again, a changed file replaces its own rows, a file gone from the
    folder has its rows retired, a refused one keeps the rows it last landed. `again` reads all.
    Raises NothingToLand when `path` does not exist, or is empty though files were landed from it.
    """
    if not path.exists():
        raise NothingToLand(f"{path} does not exist: give the folder that holds the files")
    root = path if path.is_dir() else path.parent
    landing = Landing(source.name, str(path.resolve()))
    paths = dict(_files(source, path, landing))
    is_demo = root.resolve().is_relative_to(settings.demo_inputs.resolve())
    with open_warehouse(settings) as connection:
        known = known_objects(connection, source.name)
        gone = [] if path.is_file() else sorted(set(known) - set(paths))
        if len(gone) > 1 and not paths:
            raise NothingToLand(
                f"{path} is empty, though {len(gone)} files were landed before: is the drive "
                "connected? Nothing was retired. If they are really gone, delete the warehouse"
            )
        moment = next_moment(connection, settings)
        to_read = list(_to_read(paths, known, landing, again))
        plans: dict[str, InsertPlan] = {}
        for reading in _read_all(source, settings, to_read):
            has_rows = reading.name in known
            _land_one(connection, source, landing, reading, settings, moment, plans, has_rows)
        for name in gone:
            _retire(connection, source, name, settings)
            landing.retired.append(name)
        log_scan(connection, landing, moment, is_demo)
    return landing


def known_objects(
    connection: duckdb.DuckDBPyConnection, source: str
) -> dict[str, tuple[str, str, str | None]]:
    """Newest outcome of each object not retired: name to (content hash, outcome, reason)."""
    rows = connection.execute(
        """
        select object, content_hash, outcome, reason from raw.load_log
        where source = ?
        order by load_id
        """,
        [source],
    ).fetchall()
    newest = {name: (content_hash, outcome, reason) for name, content_hash, outcome, reason in rows}
    return {name: known for name, known in newest.items() if known[1] != "retired"}


def next_moment(connection: duckdb.DuckDBPyConnection, settings: Settings) -> datetime:
    """The clinic-local moment of this extract: strictly later than any before, so that history
    has an order even when a past day is replayed or two runs share a day."""
    moment = local_now(settings)
    if settings.as_of:
        moment = datetime.combine(settings.as_of, datetime.min.time())
    (last,) = connection.execute("select max(scanned_at) from raw.scan_log").fetchone()
    return max(moment, last + timedelta(microseconds=1)) if last else moment


def local_now(settings: Settings) -> datetime:
    """The clinic's wall clock."""
    return datetime.now(settings.zone).replace(tzinfo=None)


def log_load(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: str,
    name: str,
    outcome: str,
    *,
    content_hash: str | None = None,
    rows: int = 0,
    started_at: datetime | None = None,
    reason: str | None = None,
) -> int:
    """Add a line to the load log; give its id."""
    now = local_now(settings)
    values = [source, name, content_hash, rows, started_at or now, now, outcome, reason]
    (load_id,) = connection.execute(
        "insert into raw.load_log "
        f"select coalesce(max(load_id), 0) + 1, {literals(values)} "
        "from raw.load_log returning load_id"
    ).fetchone()
    return load_id


def log_scan(
    connection: duckdb.DuckDBPyConnection, landing: Landing, moment: datetime, is_demo: bool
) -> None:
    """Record that the source was looked at, whether or not anything had changed."""
    values = [
        landing.source,
        landing.location,
        is_demo,
        moment,
        len(landing.landed),
        len(landing.unchanged),
        len(landing.refused),
        len(landing.retired),
    ]
    connection.execute(f"insert into raw.scan_log values ({literals(values)})")


@dataclass(frozen=True)
class InsertPlan:
    """How a relation's columns become a raw table's, and where the two differ."""

    table: RawTable
    names: str
    values: str
    drift: list[tuple[str, str, str]]  # column, drift, detail

    def insert(
        self, connection: duckdb.DuckDBPyConnection, relation: str, lineage: dict[str, object]
    ) -> None:
        """Insert every row of `relation`, with the lineage columns' values."""
        connection.execute(
            f"insert into {self.table.full_name} ({self.names}) "
            f"select {self.values} from {relation}",
            list(lineage.values()),
        )


def log_drift(
    connection: duckdb.DuckDBPyConnection, load_id: int, source: str, name: str, plan: InsertPlan
) -> list[str]:
    """Log where an input and the raw contract differ; give the same as lines for a person."""
    for column, drift, detail in plan.drift:
        connection.execute(
            "insert into raw.drift_log values (?, ?, ?, ?, ?, ?, ?)",
            [load_id, source, name, plan.table.name, column, drift, detail],
        )
    return [f"{name}: column {c} of {plan.table.name} is {drift}" for c, drift, _ in plan.drift]


def plan_insert(
    connection: duckdb.DuckDBPyConnection, table: RawTable, relation: str, lineage: Iterable[str]
) -> InsertPlan:
    """Plan to insert a relation (SQL text) by column name, so that nothing is lost.

    What the contract lacks is added to the raw table as text, what the input lacks becomes null,
    and what does not cast is kept beside its column as `<column>__as_read`.
    """
    found = {
        name: kind
        for name, kind, *_ in connection.execute(f"describe select * from {relation}").fetchall()
    }
    expected = {name: kind for name, kind in table.columns.items() if name not in set(lineage)}
    drift = [(name, "missing", f"expected {expected[name]}") for name in expected.keys() - found]
    columns = [(name, "?") for name in lineage]
    for name, kind in found.items():
        wanted = expected.get(name)
        if wanted is None:
            _add_column(connection, table, name)
            columns.append((name, f"cast({quote(name)} as varchar)"))
            drift.append((name, "new", f"met as {kind}"))
            continue
        columns.append((name, f"try_cast({quote(name)} as {wanted})"))
        if kind.lower() != wanted.lower() and wanted.lower() != "varchar":
            lost = f"{quote(name)} is not null and try_cast({quote(name)} as {wanted}) is null"
            if connection.execute(f"select bool_or({lost}) from {relation}").fetchone()[0]:
                as_read = f"{name}__as_read"
                _add_column(connection, table, as_read)
                columns.append(
                    (as_read, f"case when {lost} then cast({quote(name)} as varchar) end")
                )
                drift.append((name, "retyped", f"met as {kind}, expected {wanted}"))
    names = ", ".join(quote(name) for name, _ in columns)
    return InsertPlan(table, names, ", ".join(value for _, value in columns), drift)


def _add_column(connection: duckdb.DuckDBPyConnection, table: RawTable, name: str) -> None:
    connection.execute(
        f"alter table {table.full_name} add column if not exists {quote(name)} varchar"
    )


def _files(source: FileSource, path: Path, landing: Landing) -> Iterator[tuple[str, Path]]:
    """Yield name and path of each file of this source; name those that are not in `ignored`."""
    if path.is_file():
        yield path.name, path
        return
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        hidden = any(part.startswith((".", "~$")) for part in file.relative_to(path).parts)
        if hidden or not file.is_file():
            continue
        if file.suffix.lower() in source.suffixes:
            yield name, file
        else:
            landing.ignored.append(name)


def _to_read(
    paths: dict[str, Path], known: dict, landing: Landing, again: bool
) -> Iterator[tuple[str, Path, str | None]]:
    for name, path in paths.items():
        known_hash, outcome, reason = known.get(name, (None, None, None))
        content_hash = file_hash(path)
        if again or known_hash != content_hash or content_hash is None:
            yield name, path, content_hash
        elif outcome == "refused":
            landing.refused[name] = reason
        else:
            landing.unchanged.append(name)


def file_hash(path: Path) -> str | None:
    """SHA-256 of a file's bytes; None when it cannot be opened, which its reader will explain."""
    try:
        with path.open("rb") as file:
            digest = sha256()
            while block := file.read(2**20):
                digest.update(block)
            return digest.hexdigest()
    except OSError:
        return None


@dataclass
class _Reading:
    """One file on its way through a child process."""

    name: str
    content_hash: str | None
    out_dir: Path
    started_at: datetime
    answer: Answer | None = None


def _read_all(
    source: FileSource, settings: Settings, files: list[tuple[str, Path, str | None]]
) -> Iterator[_Reading]:
    """Read files in children, a few side by side; give them in the files' order."""
    count = min(READERS, len(files))
    if not count:
        return
    with ExitStack() as stack:
        temporary = Path(stack.enter_context(TemporaryDirectory(prefix="carehouse-")))
        limits = (settings.read_memory_mb, settings.read_seconds)
        idle = [stack.enter_context(reader(source.read, *limits)) for _ in range(count)]
        pool = stack.enter_context(ThreadPoolExecutor(count))

        def read(name: str, path: Path, content_hash: str | None) -> _Reading:
            out_dir = Path(mkdtemp(dir=temporary))
            reading = _Reading(name, content_hash, out_dir, local_now(settings))
            child: Reader = idle.pop()
            reading.answer = child.read(path, out_dir)
            idle.append(child)
            return reading

        waiting: deque[Future[_Reading]] = deque()
        for file in track(files, len(files), f"reading {source.name}"):
            waiting.append(pool.submit(read, *file))
            if len(waiting) > count * 4:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _land_one(
    connection: duckdb.DuckDBPyConnection,
    source: FileSource,
    landing: Landing,
    reading: _Reading,
    settings: Settings,
    moment: datetime,
    plans: dict[str, InsertPlan],
    has_rows: bool,
) -> None:
    """Replace one file's rows, all or nothing; or log why it was refused and keep what it had.

    A reader gives every file the same columns, so `plans` keeps how they are inserted.
    """
    name, answer = reading.name, reading.answer
    rows = sum(answer.rows.values())
    with transaction(connection):
        load_id = log_load(
            connection,
            settings,
            source.name,
            name,
            "refused" if answer.refusal else "landed",
            content_hash=answer.content_hash or reading.content_hash,
            rows=rows,
            started_at=reading.started_at,
            reason=answer.refusal,
        )
        lineage = {"_source_file": name, "_load_id": load_id, "_extracted_at": moment}
        for table in map(source.contract, source.tables if not answer.refusal else ()):
            relation = f"read_parquet('{(reading.out_dir / table.name).as_posix()}.parquet')"
            if table.name not in plans:
                plans[table.name] = plan_insert(connection, table, relation, lineage)
            if has_rows:
                _delete(connection, table, name)
            plans[table.name].insert(connection, relation, lineage)
            landing.drift += log_drift(connection, load_id, source.name, name, plans[table.name])
    rmtree(reading.out_dir)
    if answer.refusal:
        landing.refused[name] = answer.refusal
    else:
        landing.landed.append(name)
        landing.row_count += rows


def _retire(
    connection: duckdb.DuckDBPyConnection, source: FileSource, name: str, settings: Settings
) -> None:
    with transaction(connection):
        for table in map(source.contract, source.tables):
            _delete(connection, table, name)
        log_load(connection, settings, source.name, name, "retired")


def _delete(connection: duckdb.DuckDBPyConnection, table: RawTable, name: str) -> None:
    connection.execute(f"delete from {table.full_name} where _source_file = ?", [name])
