"""Land claims with Spark: each file is read, judged and written where a worker runs.

The driver lists the place and keeps the log; no row and no file passes through it. A worker reads
a file by the code that lands it into DuckDB on one machine, so that contract, refusals and log are
the same, and writes the rows that were accepted as Parquet. A file becomes visible by one rename,
into a folder that carries the id of its load, after it was accepted.

The unit of work is a file: one that is larger than a worker's disk cannot be landed.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

from carehouse.contract import RawTable, raw_table
from carehouse.engines.spark_raw import LOAD
from carehouse.erasure.tombstones import read_marks
from carehouse.errors import CannotReach, NothingToLand
from carehouse.landing.claims import (
    SCHEMA,
    SOURCE,
    SUFFIXES,
    TABLES,
    gone_files,
    land_file,
    no_rows_left,
    our_files,
)
from carehouse.landing.frame import Landing, Look, delete_rows, open_look
from carehouse.landing.sandbox import reader
from carehouse.landing.sources import WORKBOOKS
from carehouse.settings import Settings
from carehouse.sql import literal
from carehouse.store import Folder, Store, open_store

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

WORKER_MEMORY = "400MB"  # of DuckDB in a worker's Python, beside an executor of a gigabyte
RESULT = "name string, result string"


@dataclass
class Outcome:
    """What a worker did with one file; `table` is None where nothing was landed."""

    content_hash: str | None = None
    table: str | None = None
    staged: str | None = None
    row_count: int = 0
    reason: str | None = None
    ignored: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    drift: list[tuple[str, str, str]] = field(default_factory=list)
    drift_lines: list[str] = field(default_factory=list)
    is_known: bool = False  # and was not read


@dataclass(frozen=True)
class Job:
    """What each task is told: where the files are, what is known of them, where to write."""

    place: str
    names: tuple[str, ...]
    known: dict[str, str | None]  # name to the content hash that need not be read again
    moment: datetime
    staging: str
    settings: dict[str, object]


def land_claims_on_spark(
    spark: "SparkSession",
    settings: Settings,
    place: Path | str,
    folder: Path,
    force: bool = False,
) -> Landing:
    """Make the Parquet below `folder` equal the files in `place`: a folder or an `s3://` URL.

    `folder` is one that driver and workers all see; claims, members and providers stand there as
    `raw_claims/<table>/_load_id=<id>/part.parquet`. The log is written into the warehouse. Raises
    NothingToLand when there is nothing to land or S3 cannot be reached; then nothing has changed.
    """
    if read_marks(settings, SOURCE):
        raise NothingToLand(
            "persons were erased, and only landing without Spark keeps them out: unset "
            "CAREHOUSE_TARGET and land again"
        )
    try:
        store = open_store(place, SUFFIXES)
        all_names = store.names()
    except CannotReach as error:
        raise NothingToLand(str(error)) from None
    landing = Landing(SOURCE, store.location)
    names = list(our_files(all_names, landing))
    look_at = Path(place) if isinstance(store, Folder) else str(place)
    staging = folder / "staging"
    shutil.rmtree(staging, ignore_errors=True)  # of a landing that was killed
    with open_look(landing, settings, look_at, force=force) as look:
        for table in TABLES:
            _refuse_two_places(look, raw_table(SCHEMA, table))
        gone = gone_files(look, store, names)
        if not names and (len(look.known) > 1 or not look.known):
            raise NothingToLand(f"{place} holds no file of claims, members or providers")
        job = Job(
            str(place),
            tuple(names),
            {} if force else _unchanged(look),
            look.moment,
            str(staging),
            {
                "timezone": settings.timezone,
                "date_order": settings.date_order,
                "read_memory_mb": settings.read_memory_mb,
                "read_seconds": settings.read_seconds,
            },
        )
        for name, outcome in _outcomes(spark, job):
            _log(look, folder, name, outcome)
        look.retire(gone, lambda name: _remove(look, folder, name))
    shutil.rmtree(staging, ignore_errors=True)
    return landing


def _refuse_two_places(look: Look, table: RawTable) -> None:
    """Files that are in the warehouse would be known, and on Spark nobody would find them."""
    if look.connection.execute(f"select 1 from {table.full_name} limit 1").fetchone():
        raise NothingToLand(
            "claims of this home were landed without Spark: set CAREHOUSE_HOME to a new folder, "
            "or unset CAREHOUSE_TARGET"
        )


def _unchanged(look: Look) -> dict[str, str | None]:
    """Files whose content need not be read again; what a seed's line may mend is read again."""
    return {
        name: known_hash
        for name, (known_hash, outcome, reason) in look.known.items()
        if outcome == "landed" or "seeds/" not in (reason or "")
    }


def _outcomes(spark: "SparkSession", job: Job) -> Iterator[tuple[str, Outcome]]:
    """Each file's outcome, by name; a task holds few files, so that none waits for a large one."""
    numbered = spark.createDataFrame([(name,) for name in job.names], "name string")
    tasks = numbered.repartition(max(1, min(len(job.names), 200)))
    told = tasks.mapInArrow(partial(_land_batches, job), RESULT).collect()
    # sorted here: to sort, Spark would look at a sample first, and land every file twice for it
    for row in sorted(told, key=lambda row: row.name):
        yield row.name, Outcome(**json.loads(row.result))


def _land_batches(job: Job, batches: Iterable["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
    """In a worker: land the files that the batches name; give one small row for each."""
    import pyarrow as pa

    names = [name for batch in batches for name in batch.column(0).to_pylist()]
    if not names:
        return
    store = open_store(job.place, SUFFIXES)
    store.names()  # a bucket's objects are known by its list
    with TemporaryDirectory(prefix="carehouse-worker-") as home:
        settings = Settings(home=Path(home), **job.settings)
        for name in names:
            outcome = _land_one(job, settings, store, name)
            yield pa.RecordBatch.from_pylist(
                [{"name": name, "result": json.dumps(asdict(outcome))}],
                schema=pa.schema([("name", pa.string()), ("result", pa.string())]),
            )


def _land_one(job: Job, settings: Settings, store: Store, name: str) -> Outcome:
    content_hash = store.content_hash(name)
    if content_hash is not None and job.known.get(name) == content_hash:
        return Outcome(content_hash, is_known=True)
    landing = Landing(SOURCE, store.location)
    limits = (settings.read_memory_mb, settings.read_seconds)
    with (
        open_look(landing, settings, job.place, memory_limit=WORKER_MEMORY) as look,
        reader(WORKBOOKS.read, *limits) as child,
    ):
        look.moment = job.moment
        table = land_file(look, store, list(job.names), name, content_hash, child)
        outcome = Outcome(content_hash, ignored=landing.ignored, notices=landing.notices)
        if name in landing.refused:
            outcome.reason = landing.refused[name]
            outcome.content_hash = look.known[name][0]
        elif table is not None:
            _stage(job, look, name, table, outcome)
    return outcome


def _stage(job: Job, look: Look, name: str, table: RawTable, outcome: Outcome) -> None:
    """Write the file's rows beside what is visible, without the load's id, which is not known.

    Columns that the contract lacks are written too, though no model reads them.
    """
    outcome.table, outcome.row_count = table.name, look.landing.row_count
    outcome.drift = look.connection.execute(
        f"select column_name, drift, detail from raw.drift_log where object = {literal(name)}"
    ).fetchall()
    outcome.drift_lines = look.landing.drift
    place = Path(job.staging) / table.name / f"{sha256(name.encode()).hexdigest()}.parquet"
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_suffix(f".{uuid4().hex}")  # a task may run twice at the same moment
    look.connection.execute(
        f"copy (select * exclude ({LOAD}) from {table.full_name} "
        f"where _source_file = {literal(name)} order by _source_row) "
        f"to {literal(beside)} (format parquet, compression zstd)"
    )
    delete_rows(look.connection, [table], name)
    beside.replace(place)
    outcome.staged = str(place)


def _log(look: Look, folder: Path, name: str, outcome: Outcome) -> None:
    """Log what a worker did with a file, and make its rows visible."""
    landing = look.landing
    landing.ignored += outcome.ignored
    landing.notices += outcome.notices
    if outcome.is_known:
        _, was, reason = look.known[name]
        if was == "refused":
            landing.refused[name] = reason
        else:
            landing.unchanged.append(name)
        return
    if outcome.reason is not None:
        landing.refused[name] = outcome.reason
        look.log(name, "refused", content_hash=outcome.content_hash, reason=outcome.reason)
        return
    if outcome.table is None:
        return
    had = _folders(look, folder, name)
    if had and not outcome.row_count:
        rows = sum(_row_count(place) for place in had)
        if rows:
            reason = no_rows_left(rows)
            landing.refused[name] = reason
            look.log(name, "refused", content_hash=outcome.content_hash, reason=reason)
            return
    load_id = look.next_load_id()
    place = folder / SCHEMA / outcome.table / f"{LOAD}={load_id}"
    place.mkdir(parents=True, exist_ok=True)
    Path(outcome.staged).rename(place / "part.parquet")
    # logged last: a folder whose load nobody has logged is taken away by the next landing
    look.log(name, "landed", content_hash=outcome.content_hash, rows=outcome.row_count)
    for one in had:
        shutil.rmtree(one)
    look.log_drift(load_id, name, raw_table(SCHEMA, outcome.table), map(tuple, outcome.drift))
    landing.landed.append(name)
    landing.row_count += outcome.row_count
    landing.drift += outcome.drift_lines


def _folders(look: Look, folder: Path, name: str) -> list[Path]:
    """The folders that hold the rows a file landed before."""
    ids = look.connection.execute(
        "select load_id from raw.load_log where outcome = 'landed' "
        f"and source = {literal(SOURCE)} and object = {literal(name)}"
    ).fetchall()
    places = [folder / SCHEMA / table / f"{LOAD}={one}" for (one,) in ids for table in TABLES]
    return [place for place in places if place.exists()]


def _row_count(place: Path) -> int:
    import pyarrow.parquet as pq

    return pq.read_metadata(place / "part.parquet").num_rows


def _remove(look: Look, folder: Path, name: str) -> None:
    for place in _folders(look, folder, name):
        shutil.rmtree(place)
