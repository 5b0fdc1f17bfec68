"""Erase a person: from raw tables and history, then all that is made of them, and files.

The warehouse is written afresh without the person's rows, since a deleted row's bytes stay in a
database file until they are needed. Only what cannot be made again is taken over (raw tables and
history); the rest is built, and published, anew. See `docs/decisions/keeping.md`.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field

import duckdb

from carehouse.contract import RawTable
from carehouse.database import SPILL, WAREHOUSE_PART, attach, in_memory
from carehouse.erasure.forget import (
    Erased,
    forget_blocks,
    forget_cells,
    give_marks,
    learn,
    place_text,
    theirs,
)
from carehouse.erasure.load_log import add_load, count_again
from carehouse.erasure.names import Names, is_telling, name_word
from carehouse.erasure.rules import PERSON, Rule, emptied, history, member_text, rules, tables_of
from carehouse.erasure.tombstones import Marks, add_marks, mark, read_key, read_marks
from carehouse.errors import CannotErase
from carehouse.landing.frame import ERASED, local_now
from carehouse.reminder_ledger import known
from carehouse.settings import Settings
from carehouse.sql import literal, literals, quote
from carehouse.sql_macros import macro
from carehouse.store import swapped_in
from carehouse.warehouse import open_warehouse

CARE = ("workbooks", "notes")  # a participant is in both: either name erases from both
LOGS = ("load_log", "drift_log")
NEW = "new."  # the catalog of the file that is written afresh
# The logs are set right in memory and written last: a deleted row leaves its bytes in a file.
IN_MEMORY = "memory."
KEPT_SCHEMAS = ("raw", "history")  # and raw_*
MADE_AGAIN = (
    "exports",
    "tmp",
    "logs/status.json",
    "dbt/run",
    "dbt/compiled",
    "dbt/run_results.json",
)
LEFT = {
    "inbox": "your own files: take the person out of them, else they stay there",
    "demo": "made-up inputs",
    "backups": "backups: delete those from before today, or keep them closed",
}


@dataclass(frozen=True)
class Person:
    """Whom to erase: the source's own id; of claims also whose ids these are."""

    source: str
    person_id: str
    system: str | None = None


@dataclass
class Erasure:
    """What was, or would be, removed: rows by table, files below the home; and what stays."""

    rows: dict[str, int] = field(default_factory=dict)
    texts: int = 0  # of others, out of which a name was taken
    files: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)

    @property
    def row_count(self) -> int:
        """Rows of raw tables and history."""
        return sum(self.rows.values())


def erase(settings: Settings, persons: Sequence[Person], *, dry_run: bool = False) -> Erasure:
    """Remove persons' rows from raw tables and history, and the files that may hold them.

    Call it while the home is held, and build and publish all afterwards: what was made of the raw
    tables is gone with the old file. Asked for again after it was cut off, it goes on. Raises
    CannotErase where nothing of a person is there; then nothing was changed.
    """
    if settings.target != "duckdb":
        raise CannotErase(
            f"CAREHOUSE_TARGET is {settings.target}: its server keeps a history that would still "
            "name the person, and erasing there is not built. Nothing was changed"
        )
    if not settings.warehouse.exists():
        raise CannotErase(f"{settings.warehouse} does not exist: nothing has landed yet")
    key = read_key(settings, make=not dry_run) or os.urandom(32)
    marks: dict[str, Marks] = {}
    visits: set[str] = set()
    with open_warehouse(settings) as connection:
        connection.execute("force checkpoint")
        for person in persons:
            told = _marks(connection, settings, key, person)
            if person.source == "clinic":
                visits |= _visits(connection, settings, key, told)
            for source in CARE if person.source in CARE else (person.source,):
                for kind, some in told.items():
                    marks.setdefault(source, {}).setdefault(kind, set()).update(some)
    done = Erasure()
    _write_afresh(settings, key, marks, done, dry_run)
    _clear_files(settings, visits, done, dry_run)
    done.left = dict(_left(settings))
    return done


def erasure_lines(done: Erasure, dry_run: bool) -> Iterator[str]:
    """What was done, as lines for a person."""
    verb = "would leave" if dry_run else "left"
    yield f"{done.row_count:,} rows {verb} the warehouse:"
    for table, count in done.rows.items():
        yield f"  {table}: {count:,}"
    if done.texts:
        yield f"{done.texts:,} texts about others named the person: the name was taken out"
    for name in done.files:
        yield f"{'would be removed' if dry_run else 'removed'}: {name}"
    for name, why in done.left.items():
        yield f"not erased: {name} ({why})"


def _nobody(source: str) -> str:
    what = {
        "clinic": "patient_id of the appointment book",
        "claims": "member_id",
        "opendental": "PatNum",
    }.get(source, "participant's code, as in care.dim_participants")
    return f"nothing of {source} has this id: give the {what}. Nothing was changed"


def _marks(
    connection: duckdb.DuckDBPyConnection, settings: Settings, key: bytes, person: Person
) -> Marks:
    """The marks of a person's id, names and places, as the last build knows them."""
    match person.source:
        case "clinic":
            text = _value(connection, macro("book_id", settings)(literal(person.person_id)))
            return {PERSON: {mark(key, text or "")}}
        case "opendental":
            if not person.person_id.isdigit() or not int(person.person_id):
                raise CannotErase(_nobody(person.source))
            return {PERSON: {mark(key, str(int(person.person_id)))}}
        case "claims":
            return {PERSON: set(_member_marks(connection, settings, key, person))}
    return _participant_marks(connection, key, person)


def _value(connection: duckdb.DuckDBPyConnection, expression: str) -> str | None:
    return connection.execute(f"select {expression}").fetchone()[0]


def _member_marks(
    connection: duckdb.DuckDBPyConnection, settings: Settings, key: bytes, person: Person
) -> Iterator[str]:
    """A member's id in each feed of the system whose member it is."""
    feeds: dict[str, list[str]] = {}
    for feed, system in _built(
        connection, "select feed, member_system from intermediate.int_claims__systems"
    ):
        feeds.setdefault(system, []).append(feed)
    member_id = _value(connection, macro("claims_id", settings)(literal(person.person_id))) or ""
    files = connection.execute(
        "select distinct _source_file from raw_claims.members where "
        f"{macro('claims_id', settings)('member_id')} = {literal(member_id)} union select distinct "
        f"_source_file from raw_claims.claims where {macro('claims_id', settings)('member_id')} = "
        f"{literal(member_id)}"
    ).fetchall()
    met = {_value(connection, macro("claims_feed", settings)(literal(file))) for (file,) in files}
    systems = sorted(system for system, some in feeds.items() if met & set(some))
    if person.system:
        systems = [system for system in systems if system == person.system]
    if len(systems) > 1:
        raise CannotErase(
            f"members of {len(systems)} systems have this id ({', '.join(systems)}): say "
            "which with --system. Nothing was changed"
        )
    for feed in feeds.get(systems[0], []) if systems else []:
        file = f"{feed}/x" if feed != "main" else "x"
        text = _value(connection, member_text(literal(member_id), literal(file), settings))
        yield mark(key, text or "")
    if not systems:
        yield mark(key, f"|{member_id}")


def _participant_marks(connection: duckdb.DuckDBPyConnection, key: bytes, person: Person) -> Marks:
    """A participant's code, names, files, sheets and rows."""
    code = person.person_id.strip().upper()
    same = f"participant_id = {literal(code)}"
    sheets = _built(
        connection,
        "select _source_file, _source_sheet, participant_id from "
        "intermediate.int_care__sheet_participants",
    )
    notes = _built(
        connection, f"select _source_file from intermediate.int_notes__documents where {same}"
    )
    rows = _built(
        connection,
        "select distinct _source_file, _source_sheet, _source_row from "
        f"intermediate.int_care__entries where {same} and participant_text is not null",
    )
    names = {
        name
        for (name,) in _built(
            connection,
            f"select name_label from intermediate.int_care__participant_names where {same}",
        )
    }
    hashes = dict(
        connection.execute(
            "select object, arg_max(content_hash, load_id) from raw.load_log "
            "where outcome = 'landed' group by object"
        ).fetchall()
    )
    whose: dict[str, set[str | None]] = {}
    for file, _, participant in sheets:
        whose.setdefault(file, set()).add(participant)
    own_files = [file for file, some in whose.items() if some - {None} == {code}]
    own_files += [file for (file,) in notes]
    told: dict[str, set[str]] = {PERSON: {code}, "label": set(), "mention": set()}
    told["file"] = {one for file in own_files for one in (file, hashes.get(file)) if one}
    told["sheet"] = {
        place_text(one, sheet)
        for file, sheet, participant in sheets
        if participant == code
        for one in (file, hashes.get(file))
        if one
    }
    told["row"] = {
        place_text(hashes[file], sheet, row) for file, sheet, row in rows if hashes.get(file)
    }
    for name in (code, *names):
        told["label"].add(name_word(name))
        if is_telling(name):
            told["mention"].add(name_word(name))
    return {kind: {mark(key, text) for text in texts} for kind, texts in told.items()}


def _built(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    try:
        return connection.execute(query).fetchall()
    except duckdb.CatalogException as error:
        raise CannotErase(
            "who is meant is told by what the last build made, and there is none: run "
            "`carehouse run` first. Nothing was changed"
        ) from error


def _visits(
    connection: duckdb.DuckDBPyConnection, settings: Settings, key: bytes, marks: Marks
) -> set[str]:
    """The ids of a patient's appointments, by which the outbox goes."""
    give_marks(connection, key, marks)
    book_id = macro("book_id", settings)
    rows = connection.execute(
        f"select distinct {book_id('appointment_id')} from raw_clinic.appointments where "
        f"{theirs(rules(_table('clinic', 'appointments'), settings))}"
    ).fetchall()
    return {one for (one,) in rows if one}


def _table(source: str, name: str) -> RawTable:
    return next(table for table in tables_of(source) if table.name == name)


def _write_afresh(
    settings: Settings, key: bytes, marks: dict[str, Marks], done: Erasure, dry_run: bool
) -> None:
    """Write the raw tables and history that stay into a new file, and swap it in."""
    beside = settings.warehouse.with_name(f".{settings.warehouse.name}.{os.getpid()}")
    config = {"memory_limit": settings.memory_limit} if settings.memory_limit else {}
    swapping = nullcontext() if dry_run else swapped_in(beside, settings.warehouse)
    with swapping, in_memory(settings, **config) as connection:
        attach(connection, settings, settings.warehouse, "old", WAREHOUSE_PART, read_only=True)
        connection.execute("use old")
        if not dry_run:
            attach(connection, settings, beside, "new", WAREHOUSE_PART)
        written: set[str] = set()
        for source, some in marks.items():
            names = _give(connection, settings, source, key, some)
            erased = Erased(connection, settings, source, names, some)
            before = done.row_count
            for name, select in _kept(erased, done):
                if select and not dry_run:
                    _create(connection, name, select)
                    written.add(name)
            if done.row_count == before and not _is_known(settings, source, some):
                raise CannotErase(_nobody(source))
            new = connection.execute("select kind, mark from temp.erased_new").fetchall()
            for kind, one in new:
                some.setdefault(kind, set()).add(one)
        if dry_run:
            return
        _copy_rest(connection, written)
        connection.execute(f"create schema {IN_MEMORY}raw")
        for name in LOGS:
            connection.execute(f"create table {IN_MEMORY}raw.{name} as from old.raw.{name}")
        for source, some in marks.items():
            names = _give(connection, settings, source, key, some)
            _log(connection, settings, source, names, done)
            add_marks(settings, source, some)
        for name in LOGS:
            _create(connection, f"raw.{name}", f"from {IN_MEMORY}raw.{name}")
        connection.execute("checkpoint new")


def _is_known(settings: Settings, source: str, marks: Marks) -> bool:
    """Whether they were erased before: what was cut off after the rows had gone can go on."""
    return bool(marks[PERSON] & read_marks(settings, source).get(PERSON, set()))


def _give(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: str,
    key: bytes,
    marks: Marks,
) -> Names:
    give_marks(connection, key, marks)
    for table in tables_of(source):
        if found := rules(table, settings):
            learn(connection, settings, table, f"old.{table.full_name}", found)
    return Names(key, *(frozenset(marks.get(kind, ())) for kind in ("label", "mention")))


def _kept(erased: Erased, done: Erasure) -> Iterator[tuple[str, str]]:
    """Table and the SQL that selects what stays of it."""
    connection, source = erased.connection, erased.source
    if source == "workbooks":
        yield from _kept_cells(connection, erased, done)
    elif source == "notes":
        yield from _kept_blocks(connection, erased, done)
    else:
        for table in tables_of(source):
            if found := rules(table, erased.settings):
                name = f"{table.schema}.{table.name}"
                yield name, _counted(connection, done, name, found)
    for table, found in history(source).items():
        name = f"history.{table}"
        select = _counted(connection, done, name, found)
        if select and table in emptied(source):
            rule, columns = emptied(source)[table]
            listed = ", ".join(
                f"case when not {theirs([rule])} then {column} end as {column}"
                for column in columns
            )
            select = f"select * replace ({listed}) from ({select}) as kept"
        yield name, select


def _counted(
    connection: duckdb.DuckDBPyConnection, done: Erasure, name: str, found: list[Rule]
) -> str:
    schema, table = name.split(".")
    try:
        (count,) = connection.execute(
            f"select count(*) from old.{quote(schema)}.{quote(table)} where {theirs(found)}"
        ).fetchone()
    except duckdb.CatalogException:  # a snapshot that was never taken
        return ""
    if count:
        done.rows[name] = count
    return f"select * from old.{quote(schema)}.{quote(table)} where not {theirs(found)}"


HASHED = (
    "(select object, arg_max(content_hash, load_id) as content_hash from old.raw.load_log where "
    "outcome = 'landed' and source = {} group by object)"
)


def _kept_cells(
    connection: duckdb.DuckDBPyConnection, erased: Erased, done: Erasure
) -> Iterator[tuple[str, str]]:
    hashed = HASHED.format("'workbooks'")
    told = [
        f"select told.*, hashed.content_hash from old.raw_workbooks.{table} as told "
        f"left join {hashed} as hashed on told._source_file = hashed.object"
        for table in ("cells", "sheets")
    ]
    cells, sheets = forget_cells(erased, *told)
    for table, kept in (("cells", cells), ("sheets", sheets)):
        _note_kept(connection, done, f"raw_workbooks.{table}", kept)
        yield f"raw_workbooks.{table}", f"select * from {kept}"
    done.texts += _changed(
        connection,
        cells,
        "old.raw_workbooks.cells",
        "value_text",
        ("_source_file", "_source_sheet", "_source_row", "column_number"),
    )


def _kept_blocks(
    connection: duckdb.DuckDBPyConnection, erased: Erased, done: Erasure
) -> Iterator[tuple[str, str]]:
    kept = forget_blocks(
        erased,
        "select told.*, hashed.content_hash from old.raw_notes.blocks as told "
        f"left join {HASHED.format(literal('notes'))} as hashed "
        "on told._source_file = hashed.object",
    )
    _note_kept(connection, done, "raw_notes.blocks", kept)
    done.texts += _changed(
        connection, kept, "old.raw_notes.blocks", "text", ("_source_file", "block_number")
    )
    yield "raw_notes.blocks", f"select * from {kept}"


def _changed(
    connection: duckdb.DuckDBPyConnection,
    kept: str,
    before: str,
    column: str,
    keys: tuple[str, ...],
) -> int:
    return connection.execute(
        f"select count(*) from {kept} as kept join {before} as before using ({', '.join(keys)}) "
        f"where kept.{column} is distinct from before.{column}"
    ).fetchone()[0]


def _note_kept(connection: duckdb.DuckDBPyConnection, done: Erasure, name: str, kept: str) -> None:
    (count,) = connection.execute(
        f"select (select count(*) from old.{name}) - (select count(*) from {kept})"
    ).fetchone()
    if count:
        done.rows[name] = count


def _create(connection: duckdb.DuckDBPyConnection, name: str, select: str) -> None:
    schema, _, table = name.partition(".")
    connection.execute(f"create schema if not exists new.{quote(schema)}")
    connection.execute(f"create table new.{quote(schema)}.{quote(table)} as {select}")


def _copy_rest(connection: duckdb.DuckDBPyConnection, written: set[str]) -> None:
    """Take over the other raw tables and histories as they are."""
    for schema, table in connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'old' and "
        f"(schema_name in ({literals(KEPT_SCHEMAS)}) or starts_with(schema_name, 'raw_')) "
        "order by all"
    ).fetchall():
        if f"{schema}.{table}" in written or (schema == "raw" and table in LOGS):
            continue
        select = f"select * from old.{quote(schema)}.{quote(table)}"
        if (schema, table) in (("raw", "build_log"), ("raw", "build_state")):
            select += " limit 0"  # nothing is built any more
        _create(connection, f"{schema}.{table}", select)


def _log(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: str,
    names: Names,
    done: Erasure,
) -> None:
    """Set the load log right: no file that went by the person's name, and the rows that stay."""
    if source in CARE:
        _forget_file_names(connection, source, names)
    if source != "opendental":  # where a row keeps the load that last changed it
        landed = f"source = {literal(source)} and outcome = 'landed'"
        count_again(connection, source, landed, NEW, IN_MEMORY)
    count = sum(n for name, n in done.rows.items() if name.startswith(f"raw_{source}."))
    now = local_now(settings)
    values = [source, ERASED, None, count, now, now, "forgotten"]
    values += ["rows of persons who were erased", None, None]
    add_load(connection, values, IN_MEMORY)


def _forget_file_names(connection: duckdb.DuckDBPyConnection, source: str, names: Names) -> None:
    """Delete what the logs say of files that were the person's alone."""
    table = {"workbooks": "sheets", "notes": "blocks"}[source]
    here = f"select _source_file from new.raw_{source}.{table}"
    before = f"select _source_file from old.raw_{source}.{table}"
    gone = {file for (file,) in connection.execute(f"({before}) except ({here})").fetchall()}
    objects = connection.execute(
        f"select distinct object from old.raw.load_log where source = {literal(source)}"
    ).fetchall()
    gone |= {name for (name,) in objects if names.is_file(name)}
    for file in gone:
        for log in LOGS:
            connection.execute(
                f"delete from {IN_MEMORY}raw.{log} "
                f"where source = {literal(source)} and object = {literal(file)}"
            )
        connection.execute(
            f"update {IN_MEMORY}raw.load_log set reason = null "
            f"where contains(reason, {literal(file)})"
        )


def _clear_files(settings: Settings, visits: set[str], done: Erasure, dry_run: bool) -> None:
    """Remove the files below the home that may hold the person and are made again."""
    paths = [settings.home / name for name in MADE_AGAIN]
    paths += sorted((settings.home / "logs").glob("dbt.log*"))
    paths += sorted(settings.warehouse.parent.glob(f"{settings.warehouse.name}?*"))
    paths += sorted(settings.home.glob(f"{SPILL}*"))
    for path in paths:
        if not path.exists() or (path.is_dir() and not any(path.iterdir())):
            continue
        done.files.append(path.relative_to(settings.home).as_posix())
        if dry_run:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    done.files += [
        path.relative_to(settings.home).as_posix()
        for path in sorted(settings.published.parent.glob("*.duckdb"))
    ]
    if visits and settings.outbox.is_dir():
        _clear_outbox(settings, visits, done, dry_run)


def _clear_outbox(settings: Settings, visits: set[str], done: Erasure, dry_run: bool) -> None:
    from carehouse.reminders import file_of

    keys = [key for key in known(settings.outbox) if key[0] in visits]
    for key in keys:
        path = settings.outbox / file_of(key)
        if path.exists():
            done.files.append(path.relative_to(settings.home).as_posix())
            if not dry_run:
                path.unlink()
    if keys:
        done.rows["outbox/ledger.sqlite"] = len(keys)
    if not keys or dry_run:
        return
    with closing(
        sqlite3.connect(settings.outbox / "ledger.sqlite", isolation_level=None)
    ) as ledger:
        ledger.execute("pragma secure_delete = on")
        ledger.executemany("delete from reminders where appointment_id = ? and starts_at = ?", keys)
        ledger.execute("vacuum")


def _left(settings: Settings) -> Iterator[tuple[str, str]]:
    for name, why in LEFT.items():
        path = settings.home / name
        if path.is_dir() and any(path.iterdir()):
            yield name, why
    for path in sorted(settings.home.glob("before-restore-*")):
        yield path.name, "what a restore moved aside: delete it"
    yield "backups elsewhere", "they hold the person until they are deleted"
