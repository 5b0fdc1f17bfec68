"""The frame that every source plugs its reading into.

A `Look` is one look at a source: it knows what was landed before, gives the extract its moment,
lands one object at a time in one transaction, logs what was refused and why, retires what is gone,
and records at the end that the source was looked at.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import duckdb

from carehouse.contract import RawTable
from carehouse.erasure.forget import Erased, finish, prepare
from carehouse.errors import Refused, is_full
from carehouse.settings import Settings
from carehouse.sql import literal, literals
from carehouse.warehouse import open_warehouse, transaction

ERASED = "erased persons"  # as an object of the load log
STILL_THERE = ("landed", "refused")  # the outcomes of what has not left its place


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
    moved: dict[str, str] = field(default_factory=dict)  # name to the name it has now
    forgotten: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)  # left out, since withdrawn before
    erased_files: int = 0  # left alone: they are of persons who were erased
    erased_rows: int = 0


@dataclass
class Look:
    """One look at a source, with the warehouse open for writing."""

    connection: duckdb.DuckDBPyConnection
    settings: Settings
    landing: Landing
    force: bool = False
    erased: Erased | None = None  # whom to keep out

    @cached_property
    def known(self) -> dict[str, tuple[str, str, str | None]]:
        """Newest outcome of each object still there: name to (content hash, outcome, reason)."""
        rows = self.connection.execute(
            "select object, content_hash, outcome, reason from raw.load_log "
            f"where source = {literal(self.landing.source)} order by load_id"
        ).fetchall()
        newest = {name: known for name, *known in rows}
        return {name: tuple(known) for name, known in newest.items() if known[1] in STILL_THERE}

    @cached_property
    def moment(self) -> datetime:
        """The clinic-local moment of this extract: strictly later than any before, so that history
        has an order even when a past day is replayed or two runs share a day."""
        moment = local_now(self.settings)
        if self.settings.as_of:
            moment = datetime.combine(self.settings.as_of, datetime.min.time())
        (last,) = self.connection.execute("select max(scanned_at) from raw.scan_log").fetchone()
        return max(moment, last + timedelta(microseconds=1)) if last else moment

    @cached_property
    def locations(self) -> dict[str, str]:
        """Where each object's rows were read from, by its newest landing."""
        rows = self.connection.execute(
            "select object, location from raw.load_log where outcome = 'landed' and location is "
            f"not null and source = {literal(self.landing.source)} order by load_id"
        ).fetchall()
        return dict(rows)

    def is_known(self, name: str, content_hash: str | None, shown: str | None = None) -> bool:
        """Whether an object's content was looked at before, and need not be read again.

        It is then listed as unchanged, or as refused for the same reason, under the name `shown`.
        What a line of a seed may mend is read again each time.
        """
        known_hash, outcome, reason = self.known.get(name, (None, None, None))
        if self.force or content_hash is None or content_hash != known_hash:
            return False
        if outcome == "refused":
            if "seeds/" in (reason or ""):  # a line there may have been added since
                return False
            self.landing.refused[shown or name] = reason
        else:
            self.landing.unchanged.append(shown or name)
        return True

    @contextmanager
    def arrival(
        self,
        name: str,
        content_hash: str | None,
        *,
        shown: str | None = None,
        started_at: datetime | None = None,
    ) -> Iterator["Arrival"]:
        """Land one object: what is Refused inside is logged and named, and the next one can come.

        An object for which no transaction was begun is neither landed nor refused.
        """
        arrival = Arrival(self, name, content_hash, started_at or local_now(self.settings))
        landing = self.landing
        try:
            yield arrival
        except Refused as refusal:
            reason = str(refusal)
        except OSError as error:
            if error is arrival.write_error or is_full(error):  # not the object is at fault
                raise
            cause = error.strerror or "input error"
            reason = f"cannot be read ({cause}): check that you may open it"
            content_hash = None  # so that the next look tries again
        except (duckdb.OutOfMemoryException, duckdb.TransactionException) as error:
            # the transaction was undone, so the warehouse is whole
            if is_full(error):  # not the object is at fault, the disk is
                raise
            reason = (
                "needs more memory than one file may: leave out columns that are not needed, or "
                "split it"
                if "emory" in str(error)
                else f"cannot be stored, for a reason of the database ({type(error).__name__}): "
                "try again, and split it if that does not help"
            )
            content_hash = None
        else:
            if arrival.load_id is not None:
                landing.landed.append(shown or name)
                landing.row_count += arrival.row_count
                landing.gone_count += arrival.gone_count
                landing.drift += arrival.drift
            return
        landing.refused[shown or name] = reason
        self.log(
            name,
            "refused",
            content_hash=content_hash,
            started_at=arrival.started_at,
            reason=reason,
        )

    def retire(self, names: Iterable[str], change: Callable[[str], None]) -> None:
        """Remove or mark the rows of objects that are gone, one name at a time."""
        for name in names:
            self.leave(name, "retired", change)
            self.landing.retired.append(name)

    def leave(
        self,
        name: str,
        outcome: str,
        change: Callable[[str], None],
        *,
        content_hash: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Change the rows of an object that leaves, and log how, in one transaction."""
        with transaction(self.connection):
            change(name)
            self.log(name, outcome, content_hash=content_hash, reason=reason)

    def next_load_id(self) -> int:
        """The id that the next line of the load log gets."""
        return self.connection.execute(
            "select coalesce(max(load_id), 0) + 1 from raw.load_log"
        ).fetchone()[0]

    def log(
        self,
        name: str,
        outcome: str,
        *,
        content_hash: str | None = None,
        rows: int = 0,
        started_at: datetime | None = None,
        reason: str | None = None,
    ) -> int:
        """Add a line to the load log; give its id."""
        now = local_now(self.settings)
        source = self.landing.source
        values = [source, name, content_hash, rows, started_at or now, now, outcome, reason]
        values += [self.landing.location, self.moment]
        (load_id,) = self.connection.execute(
            "insert into raw.load_log "
            f"select coalesce(max(load_id), 0) + 1, {literals(values)} "
            "from raw.load_log returning load_id"
        ).fetchone()
        return load_id

    def log_drift(
        self, load_id: int, name: str, table: RawTable, drift: Iterable[tuple[str, str, str]]
    ) -> None:
        """Log (column, drift, detail) where an input and the raw contract differ."""
        for one in drift:
            values = [load_id, self.landing.source, name, table.name, *one]
            self.connection.execute(f"insert into raw.drift_log values ({literals(values)})")


@dataclass
class Arrival:
    """One object on its way into the raw tables; the counts are the reader's to set."""

    look: Look
    name: str
    content_hash: str | None
    started_at: datetime
    load_id: int | None = None
    write_error: OSError | None = None
    row_count: int = 0
    gone_count: int = 0
    drift: list[str] = field(default_factory=list)

    @contextmanager
    def replacing(self) -> Iterator[int]:
        """One transaction in which the object's rows are replaced; gives the load's id."""
        look, known_count = self.look, self.row_count
        self.drift.clear()
        try:
            with transaction(look.connection):
                load_id = look.log(
                    self.name,
                    "landed",
                    content_hash=self.content_hash,
                    rows=known_count,
                    started_at=self.started_at,
                )
                yield load_id
                if self.row_count != known_count:
                    now = literal(local_now(look.settings))
                    look.connection.execute(
                        f"update raw.load_log set row_count = {self.row_count}, "
                        f"finished_at = {now} where load_id = {load_id}"
                    )
        except OSError as error:
            self.write_error = error
            raise
        self.load_id = load_id


@contextmanager
def open_look(
    landing: Landing,
    settings: Settings,
    place: Path | str,
    *,
    force: bool = False,
    memory_limit: str = "160MB",
) -> Iterator[Look]:
    """A look at a source; when nothing was raised, it is recorded that the source was looked at."""
    made_up = settings.demo_inputs.resolve()
    is_demo = isinstance(place, Path) and place.resolve().is_relative_to(made_up)
    with open_warehouse(settings, memory_limit) as connection:
        erased = prepare(connection, settings, landing.source)
        look = Look(connection, settings, landing, force, erased)
        yield look
        if erased and (count := finish(erased)):
            landing.erased_rows = count
            look.log(ERASED, "forgotten", rows=count, reason="rows of persons who were erased")
        values = [
            landing.source,
            landing.location,
            is_demo,
            look.moment,
            len(landing.landed),
            len(landing.unchanged),
            len(landing.refused),
            len(landing.retired),
        ]
        connection.execute(f"insert into raw.scan_log values ({literals(values)})")


def local_now(settings: Settings) -> datetime:
    """The clinic's wall clock."""
    return datetime.now(settings.zone).replace(tzinfo=None)


def delete_rows(
    connection: duckdb.DuckDBPyConnection, tables: Iterable[RawTable], source_file: str
) -> None:
    """Remove every row that a file has in some raw tables."""
    for table in tables:
        connection.execute(
            f"delete from {table.full_name} where _source_file = {literal(source_file)}"
        )
