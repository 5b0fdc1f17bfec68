"""Sources whose files strangers made: each file is read in a child process, into Parquet."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from carehouse.contract import RawTable, raw_table
from carehouse.errors import NothingToLand, Refused
from carehouse.landing.frame import Landing, Look, delete_rows, local_now, open_look
from carehouse.landing.insert import InsertPlan, plan_insert
from carehouse.landing.sandbox import Answer, Reader, reader
from carehouse.progress import track
from carehouse.scratch import scratch
from carehouse.settings import Settings
from carehouse.sql import one_file
from carehouse.store import file_hash

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

    def contracts(self) -> list[RawTable]:
        """The raw contracts of its tables."""
        return [raw_table(self.schema, table) for table in self.tables]


def land_files(
    source: FileSource,
    settings: Settings,
    path: Path,
    force: bool = False,
    replace: bool = False,
) -> Landing:
    """Make the raw tables of `source` equal the files in `path` (a folder, or one file).

    Known bytes are not read again, a changed file replaces its own rows, a file gone from the
    folder has its rows retired, a refused one keeps the rows it last landed. `force` reads all.
    What was landed from another folder stays, but for made-up inputs: `replace` retires it too.
    Raises NothingToLand when `path` does not exist, or is empty though files were landed from it.
    """
    if not path.exists():
        raise NothingToLand(f"{path} does not exist: give the folder that holds the files")
    landing = Landing(source.name, str(path.resolve()))
    paths = dict(_files(source, path, landing))
    with open_look(landing, settings, path, force=force) as look:
        gone = [] if path.is_file() else sorted(set(look.known) - set(paths))
        if not replace:
            elsewhere = [name for name in gone if _is_elsewhere(look, name)]
            gone = sorted(set(gone) - set(elsewhere))
            if elsewhere:
                landing.notices.append(
                    f"{len(elsewhere)} {source.noun}s landed from {look.locations[elsewhere[0]]} "
                    f"stay: to have those of this folder only, run "
                    f"carehouse land {source.name} {path} --replace"
                )
        if len(gone) > 1 and not paths:
            raise NothingToLand(
                f"{path} is empty, though {len(gone)} files were landed before: is the drive "
                "connected? Nothing was retired. If they are really gone, delete the warehouse"
            )
        hashed = ((name, file, file_hash(file)) for name, file in paths.items())
        to_read = [one for one in hashed if not look.is_known(one[0], one[2])]
        plans: dict[str, InsertPlan] = {}
        for reading in _read_all(source, settings, to_read):
            _land_one(look, source, reading, plans)
        look.retire(gone, lambda name: delete_rows(look.connection, source.contracts(), name))
    return landing


def _is_elsewhere(look: Look, name: str) -> bool:
    """Whether an object came from another place, which still has it or cannot be looked at."""
    location = look.locations.get(name)
    if location in (None, look.landing.location):
        return False
    place = Path(location)
    if place.is_relative_to(look.settings.demo_inputs.resolve()):
        return False
    return not place.is_dir() or (place / name).exists()


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
        temporary = stack.enter_context(scratch(settings))
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
    look: Look, source: FileSource, reading: _Reading, plans: dict[str, InsertPlan]
) -> None:
    """Replace one file's rows, all or nothing; or refuse it and keep the rows it had.

    A reader gives every file the same columns, so `plans` keeps how they are inserted.
    """
    name, answer, connection = reading.name, reading.answer, look.connection
    content_hash = answer.content_hash or reading.content_hash
    with look.arrival(name, content_hash, started_at=reading.started_at) as arrival:
        if answer.refusal:
            raise Refused(answer.refusal)
        arrival.row_count = sum(answer.rows.values())
        look.landing.notices += [f"{name} {warning}" for warning in answer.warnings]
        with arrival.replacing() as load_id:
            lineage = {"_source_file": name, "_load_id": load_id, "_extracted_at": look.moment}
            for table in source.contracts():
                relation = f"read_parquet({one_file(reading.out_dir / f'{table.name}.parquet')})"
                if table.name not in plans:
                    plans[table.name] = plan_insert(connection, table, relation, lineage)
                plan = plans[table.name]
                if name in look.known:
                    delete_rows(connection, [table], name)
                plan.insert(connection, relation, lineage)
                look.log_drift(load_id, name, table, plan.drift)
                arrival.drift += plan.drift_lines(name)
    rmtree(reading.out_dir)
