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
from carehouse.erasure.forget import forget_blocks, forget_cells
from carehouse.errors import NothingToLand, Refused
from carehouse.landing.frame import Landing, Look, delete_rows, local_now, open_look
from carehouse.landing.insert import InsertPlan, plan_insert
from carehouse.landing.sandbox import Answer, Reader, reader
from carehouse.progress import track
from carehouse.scratch import scratch
from carehouse.settings import Settings
from carehouse.sql import literal, literals, one_file
from carehouse.store import file_hash, file_name, files_below, problem

RETIRED = "_retired_at"  # the raw column that says when a look first found the file gone
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

    Known bytes are not read again, a changed file replaces its own rows, a refused one keeps the
    rows it last landed. `force` reads all. A file gone from the folder keeps its rows, marked as
    retired; where another file has the same bytes it was moved, and its rows go. What was landed
    from another folder stays, but for made-up inputs: `replace` removes it.
    Raises NothingToLand when `path` does not exist, or is empty though files were landed from it.
    """
    if not path.exists():
        raise NothingToLand(f"{path} does not exist: give the folder that holds the files")
    landing = Landing(source.name, file_name(str(path.resolve())))
    paths = dict(_files(source, path, landing))
    with open_look(landing, settings, path, force=force) as look:
        gone = [] if path.is_file() else sorted(set(look.known) - set(paths))
        from_others = [name for name in gone if _has_other_place(look, name)]
        stay = [] if replace else [name for name in from_others if not _is_made_up(look, name)]
        # a folder that is a new place for the same files
        stay = [name for name in stay if _is_still_there(look, name)]
        if stay:
            landing.notices.append(
                f"{len(stay)} {source.noun}s landed from {look.locations[stay[0]]} "
                f"stay: to have those of this folder only, run "
                f"carehouse land {source.name} {path} --replace"
            )
        gone = sorted(set(gone) - set(stay))
        if len(gone) > 1 and not paths:
            raise NothingToLand(
                f"{path} is empty, though {len(gone)} files were landed before: is the drive "
                "connected? Nothing was retired. If they are really gone, delete the warehouse"
            )
        root = path if path.is_dir() else path.parent
        hashed = []
        for name, file in paths.items():
            reason = problem(file, root)
            if reason is None:
                hashed.append((name, file, file_hash(file)))
                continue
            with look.arrival(name, None):
                raise Refused(reason)
        hashed = list(_not_withdrawn(look, hashed, is_asked_for=path.is_file()))
        hashed = list(_not_erased(look, hashed))
        to_read = [one for one in hashed if not look.is_known(one[0], one[2])]
        plans: dict[str, InsertPlan] = {}
        for reading in _read_all(source, settings, to_read):
            _land_one(look, source, reading, plans)
        _see_off(look, source, gone, stay, replace, {name: one for name, _, one in hashed})
    return landing


def _not_withdrawn(
    look: Look, files: list[tuple[str, Path, str | None]], is_asked_for: bool
) -> Iterator[tuple[str, Path, str | None]]:
    """The files without those whose very bytes were withdrawn; one asked for by its path lands."""
    withdrawn = withdrawn_hashes(look)
    for file in files:
        if file[2] in withdrawn and not is_asked_for:
            look.landing.withdrawn.append(file[0])
        else:
            yield file


def _not_erased(
    look: Look, files: list[tuple[str, Path, str | None]]
) -> Iterator[tuple[str, Path, str | None]]:
    """The files that are not of persons who were erased; the others are counted, never named."""
    for file in files:
        if look.erased and look.erased.is_file(file[0], file[2]):
            look.landing.erased_files += 1
        else:
            yield file


def withdrawn_hashes(look: Look) -> set[str]:
    """The contents that were withdrawn and have not been landed again since."""
    rows = look.connection.execute(
        "select content_hash from raw.load_log "
        f"where source = {literal(look.landing.source)} and content_hash is not null "
        "group by content_hash having arg_max(outcome, load_id) = 'withdrawn'"
    ).fetchall()
    return {content_hash for (content_hash,) in rows}


def _see_off(
    look: Look,
    source: FileSource,
    gone: list[str],
    stay: list[str],
    replace: bool,
    present: dict[str, str | None],
) -> None:
    """What is gone keeps its rows, marked with this look, unless its bytes stand in a file that is
    there, now or since it was retired, or stays from another folder. What is to be forgotten keeps
    none."""

    def delete(name: str) -> None:
        delete_rows(look.connection, source.contracts(), name)

    def mark(name: str) -> None:
        for table in source.contracts():
            if RETIRED in table.columns:
                look.connection.execute(
                    f"update {table.full_name} set {RETIRED} = {literal(look.moment)} "
                    f"where _source_file = {literal(name)}"
                )

    done = {*look.landing.landed, *look.landing.unchanged}
    now_at = {one: name for name, one in present.items() if one and name in done}
    for name, content_hash in _retired(look, [*gone, *stay]).items():
        if new_name := now_at.get(content_hash):
            look.leave(name, "moved", delete, reason=f"its content is in {new_name}")
            look.landing.moved[name] = new_name
    for name in gone:
        if name in look.landing.moved:
            continue
        if _has_other_place(look, name) and (replace or _is_made_up(look, name)):
            look.leave(name, "forgotten", delete)
            look.landing.forgotten.append(name)
        else:
            look.retire([name], mark)


def _retired(look: Look, gone: list[str]) -> dict[str, str | None]:
    """What is gone, now or before, and the content that it last landed."""
    rows = look.connection.execute(
        "select object, arg_max(content_hash, load_id) filter (where outcome = 'landed') "
        f"from raw.load_log where source = {literal(look.landing.source)} group by object "
        f"having arg_max(outcome, load_id) = 'retired' or object in ({literals(gone or [''])})"
    ).fetchall()
    return dict(rows)


def _has_other_place(look: Look, name: str) -> bool:
    """Whether an object came from another place than the one that is looked at."""
    return look.locations.get(name) not in (None, look.landing.location)


def _is_made_up(look: Look, name: str) -> bool:
    return Path(look.locations[name]).is_relative_to(look.settings.demo_inputs.resolve())


def _is_still_there(look: Look, name: str) -> bool:
    """Whether the place an object came from still has it or cannot be looked at."""
    place = Path(look.locations[name])
    return not place.is_dir() or (place / name).exists()


def _files(source: FileSource, path: Path, landing: Landing) -> Iterator[tuple[str, Path]]:
    """Yield name and path of each file of this source; name those that are not in `ignored`."""
    if path.is_file():
        yield file_name(path.name), path
        return
    for name, file in files_below(path):
        if any(part.startswith((".", "~$")) for part in file.relative_to(path).parts):
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


def _without_erased(
    look: Look, name: str, content_hash: str | None, relations: dict[str, str]
) -> dict[str, str]:
    """The relations of a file without what is of persons who were erased."""
    place = f"{literal(name)} as _source_file, {literal(content_hash)} as content_hash"
    told = {table: f"select {place}, * from {rows}" for table, rows in relations.items()}
    if "blocks" in told:
        kept = {"blocks": forget_blocks(look.erased, told["blocks"])}
    else:
        cells, sheets = forget_cells(look.erased, told["cells"], told["sheets"])
        kept = {"cells": cells, "sheets": sheets}
    return {table: f"(select * exclude (_source_file) from {rows})" for table, rows in kept.items()}


def _count(look: Look, relation: str) -> int:
    return look.connection.execute(f"select count(*) from {relation}").fetchone()[0]


def _land_one(
    look: Look, source: FileSource, reading: _Reading, plans: dict[str, InsertPlan]
) -> None:
    """Replace one file's rows, all or nothing; or refuse it and keep the rows it had.

    A reader gives every file the same columns, so `plans` keeps how they are inserted.
    """
    name, answer, connection = reading.name, reading.answer, look.connection
    content_hash = answer.content_hash or reading.content_hash
    with look.arrival(name, content_hash, started_at=reading.started_at) as arrival:
        answer.check()
        arrival.row_count = sum(answer.rows.values())
        relations = {
            table.name: f"read_parquet({one_file(reading.out_dir / f'{table.name}.parquet')})"
            for table in source.contracts()
        }
        if look.erased:
            relations = _without_erased(look, name, content_hash, relations)
            arrival.row_count = sum(_count(look, one) for one in relations.values())
        look.landing.notices += [f"{name} {warning}" for warning in answer.warnings]
        with arrival.replacing() as load_id:
            told = {"_source_file": name, "_load_id": load_id, "_extracted_at": look.moment}
            told[RETIRED] = None
            for table in source.contracts():
                lineage = {key: value for key, value in told.items() if key in table.columns}
                relation = relations[table.name]
                if table.name not in plans:
                    plans[table.name] = plan_insert(connection, table, relation, lineage)
                plan = plans[table.name]
                if name in look.locations:
                    delete_rows(connection, [table], name)
                plan.insert(connection, relation, lineage)
                look.log_drift(load_id, name, table, plan.drift)
                arrival.drift += plan.drift_lines(name)
    rmtree(reading.out_dir)
