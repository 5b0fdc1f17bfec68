"""Mirror an OpenDental database, table by table: whole the first time, then what changed.

A table is told by checksums of key ranges: of whole rows where it is small or has no stamp that
the server keeps, else of key and stamp. Each table is one transaction, and what is kept of it
describes the very rows that were landed, so a run that is cut off anywhere leaves no gap.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

import duckdb

from carehouse.contract import RawTable, raw_tables
from carehouse.erasure.forget import forget_rows
from carehouse.errors import (
    BadText,
    CannotConnect,
    ConnectionLost,
    NothingToLand,
    QueryFailed,
    Refused,
)
from carehouse.landing.frame import Landing, Look, local_now, open_look
from carehouse.landing.opendental.chunks import (
    CHUNK_ROWS,
    HASHES,
    SKEW,
    Layout,
    State,
    Sums,
    in_mirror,
    load_states,
    merged_ranges,
    ranges_sql,
    row_hash,
    save_part,
    save_whole,
    server_sums,
    stamp_hash,
)
from carehouse.landing.opendental.mirror import (
    FETCHED,
    Changes,
    apply_fetched,
    data_columns,
    differences,
    drift_lines,
    is_empty,
    live_count,
    never_extracted,
    primary_key,
)
from carehouse.landing.opendental.mysql import (
    Address,
    Session,
    parse_address,
    read_only_session,
    with_retries,
)
from carehouse.settings import PROJECT_DIR, Settings
from carehouse.sql import literal, literals, quote
from carehouse.warehouse import transaction

SOURCE = "opendental"
SCHEMA = "raw_opendental"
PREFERENCES = PROJECT_DIR / "seeds" / "opendental" / "opendental_preferences.csv"
PAGE_ROWS = 122_880  # a row group of DuckDB, which it can write out at once
PAGE_RANGES = 200
WHOLE_ROW_LIMIT = 200_000  # tables up to this size are told by whole rows, stamped or not
PARALLEL_ROWS = 200_000
HOT_SECONDS = 2
MEMORY_LIMIT = "512MB"
WIDENS = {  # what the server may call a column that the contract has as this type
    "bigint": {"bigint", "int", "mediumint", "smallint", "tinyint"},
    "integer": {"int", "mediumint", "smallint", "tinyint"},
    "smallint": {"smallint", "tinyint"},
    "double": {"double", "float"},
    "varchar": {"varchar", "char", "text", "mediumtext", "longtext", "tinytext", "time", "enum"},
    "date": {"date"},
    "timestamp": {"datetime", "timestamp"},
}


@dataclass(frozen=True)
class Column:
    """A column of the server's table."""

    name: str
    data_type: str
    column_type: str
    is_nullable: bool
    is_stamp: bool  # the server sets it at every change of its row
    charset: str | None


@dataclass(frozen=True)
class ServerTable:
    """A table as the server has it."""

    engine: str | None
    row_estimate: int
    columns: dict[str, Column]  # by lower-case name
    has_key: bool


@dataclass(frozen=True)
class Reading:
    """How one table is read: what is asked of the server and how it becomes the contract's."""

    table: RawTable
    server: ServerTable
    by_stamp: bool
    mend: bool
    select: dict[str, str]  # the contract's column to MySQL's SQL
    casts: dict[str, str]  # the contract's column to DuckDB's SQL
    hash_sql: str
    hot_sql: str
    retyped: tuple[str, ...]
    drifts: tuple[tuple[str, str, str], ...]

    @property
    def key(self) -> str:
        """The primary key, quoted for MySQL."""
        return f"`{primary_key(self.table)}`"

    @property
    def fingerprint(self) -> str:
        """Changes when the checksums would be of something else."""
        described = f"{self.hash_sql}|{self.select}|{self.casts}|{self.drifts}"
        how = f"{'stamps' if self.by_stamp else 'rows'}{' mended' if self.mend else ''}"
        return f"{how} {sha256(described.encode()).hexdigest()}"

    def fetch(self, condition: str, limit: int | None = None) -> str:
        """MySQL's SQL for the rows that meet a condition, by key where limited."""
        listed = [f"{sql} as `{name}`" for name, sql in self.select.items()]
        listed += [f"{self.hash_sql} as _hash", f"{self.hot_sql} as _hot"]
        order = f" order by {self.key} limit {limit}" if limit else ""
        hint = " force index (primary)" if limit else ""
        where = f" where {condition}" if condition else ""
        return f"select {', '.join(listed)} from `{self.table.name}`{hint}{where}{order}"


@dataclass
class _Run:
    """What every table of one look at the database needs."""

    look: Look
    session: Session
    states: dict[str, State]
    verify: bool
    notice: Callable[[str], None] = field(repr=False, default=lambda text: None)

    @property
    def landing(self) -> Landing:
        return self.look.landing

    @property
    def moment(self) -> datetime:
        return self.look.moment


def mirrored_tables() -> tuple[RawTable, ...]:
    """The tables of the raw contract that are mirrored."""
    return tuple(table for table in raw_tables() if table.schema == SCHEMA)


def land_database(
    settings: Settings, url: str | None = None, force: bool = False, verify: bool = False
) -> Landing:
    """Make the mirror equal a database: `url`, or the replica, or the practice database.

    `force` compares every row anew; `verify` compares the mirror, when synchronized, with every
    row of the source and refuses what differs. Raises CannotConnect and NothingToLand.
    """
    addresses = _addresses(settings, url)
    landing = Landing(SOURCE, "")
    with open_look(landing, settings, url or "", force=force, memory_limit=MEMORY_LIMIT) as look:
        look.connection.execute("set preserve_insertion_order = false")
        with _first_that_opens(look.connection, addresses, landing) as session:
            landing.location = str(session.address)
            found = with_retries(lambda: server_tables(session), landing.notices.append)
            if not found:
                raise NothingToLand(f"{session.address} holds no table of OpenDental")
            states = load_states(look.connection, SOURCE)
            run = _Run(look, session, states, verify, landing.notices.append)
            _sync_all(run, found)
    return landing


def _addresses(settings: Settings, url: str | None) -> list[Address]:
    if url:
        return [parse_address(url, "the address")]
    urls = {
        "OPENDENTAL_REPLICA_URL": settings.opendental_replica_url,
        "OPENDENTAL_URL": settings.opendental_url,
    }
    found = [parse_address(url.get_secret_value(), name) for name, url in urls.items() if url]
    if not found:
        raise NothingToLand("no database is set: give its address in OPENDENTAL_URL")
    return found


class _first_that_opens:
    """A session on the first address that lets us in; a later one with a notice."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, addresses: list[Address], landing: Landing
    ):
        self._connection, self._addresses, self._landing = connection, addresses, landing

    def __enter__(self) -> Session:
        for position, address in enumerate(self._addresses):
            self._context = read_only_session(self._connection, address)
            try:
                return self._context.__enter__()
            except CannotConnect as error:
                if position + 1 == len(self._addresses):
                    raise
                self._landing.notices.append(
                    f"the replica cannot be used, reading the practice database: {error}"
                )
        raise AssertionError("no address")

    def __exit__(self, *error: object) -> None:
        self._context.__exit__(*error)


def server_tables(session: Session) -> dict[str, ServerTable]:
    """The mirrored tables that the database has, by the contract's name."""
    names = {table.name.lower(): table.name for table in mirrored_tables()}
    listed = ", ".join(f"'{name}'" for name in names)
    tables = session.rows(
        "select lower(table_name), engine, cast(ifnull(table_rows, 0) as signed) "
        "from information_schema.tables "
        f"where table_schema = database() and lower(table_name) in ({listed})"
    )
    columns: dict[str, dict[str, Column]] = {}
    keys: set[tuple[str, str]] = set()
    for table, name, kind, whole_kind, nullable, extra, charset, key in session.rows(
        "select lower(table_name), column_name, lower(data_type), lower(column_type), "
        "is_nullable, lower(extra), lower(character_set_name), column_key "
        "from information_schema.columns "
        f"where table_schema = database() and lower(table_name) in ({listed}) "
        "order by ordinal_position"
    ):
        is_stamp = kind == "timestamp" and "on update" in extra
        column = Column(name, kind, whole_kind, nullable == "YES", is_stamp, charset)
        columns.setdefault(table, {})[name.lower()] = column
        if key == "PRI":
            keys.add((table, name.lower()))
    of_table = {table.name: primary_key(table).lower() for table in mirrored_tables()}
    return {
        names[table]: ServerTable(
            engine, rows, columns[table], (table, of_table[names[table]]) in keys
        )
        for table, engine, rows in tables
    }


def plan_reading(
    table: RawTable, server: ServerTable, known: State | None, mend: bool = False
) -> Reading:
    """Decide how a table is read. `mend` replaces characters that the column cannot hold by
    question marks.

    Raises Refused when the server's table lacks the primary key.
    """
    key = primary_key(table)
    if key.lower() not in server.columns:
        raise Refused(
            f"has no column {key}, the primary key that OpenDental gives it: is this an "
            "OpenDental database?"
        )
    if not server.has_key:
        raise Refused(
            f"has a primary key other than {key}, which OpenDental gives it: is this an "
            "OpenDental database?"
        )
    mend = mend or bool(known and " mended" in known.fingerprint)
    was_by_stamp = bool(known and known.fingerprint.startswith("stamps"))
    select, casts, hashed, retyped, drifts = {}, {}, {}, [], []
    stamps = []
    for name, kind in data_columns(table).items():
        column = server.columns.get(name.lower())
        if column is None:
            drifts.append((name, "missing", f"expected {kind}"))
            continue
        plain = select[name] = f"`{column.name}`"
        if (table.name, name) == ("preference", "ValueString"):
            allowed = ", ".join(f"'{preference}'" for preference in allowed_preferences())
            plain = select[name] = f"case when `PrefName` in ({allowed}) then {plain} end"
        hashed[plain] = column.is_nullable or plain.startswith("case")
        if mend and column.charset and column.charset.startswith("utf8"):
            select[name] = f"convert(cast({plain} as binary) using utf8mb4)"
        casts[name] = _cast(name, kind, column)
        if column.data_type not in WIDENS[kind]:
            retyped.append(name)
            drifts.append((name, "retyped", f"came as {column.column_type}, expected {kind}"))
        if column.is_stamp:
            stamps.append(plain)
    wanted = {name.lower() for name in table.columns} | never_extracted(table)
    drifts += [
        (column.name, "new", f"came as {column.column_type} and not extracted")
        for name, column in server.columns.items()
        if name not in wanted
    ]
    limit = WHOLE_ROW_LIMIT // 2 if was_by_stamp else WHOLE_ROW_LIMIT
    by_stamp = len(stamps) == 1 and server.row_estimate > limit
    hot = f"{stamps[0]} >= now() - interval {HOT_SECONDS} second" if by_stamp else "0"
    hash_sql = stamp_hash(f"`{server.columns[key.lower()].name}`", stamps[0]) if by_stamp else ""
    return Reading(
        table,
        server,
        by_stamp,
        mend,
        select,
        casts,
        hash_sql or row_hash(hashed),
        hot,
        tuple(retyped),
        tuple(drifts),
    )


def _cast(name: str, kind: str, column: Column) -> str:
    if column.data_type == "float":  # the shortest text, as the server shows it
        return f"try_cast(cast({quote(name)} as varchar) as {kind})"
    return f"try_cast({quote(name)} as {kind})"


@cache
def allowed_preferences() -> tuple[str, ...]:
    """Names of the preferences whose values are read; the others may hold secrets."""
    with PREFERENCES.open(encoding="utf-8", newline="") as file:
        names = [row["preference_name"] for row in csv.DictReader(file)]
    if bad := [name for name in names if not name.isidentifier()]:
        raise NothingToLand(
            f"{PREFERENCES.name}: {len(bad)} lines are not the name of a preference "
            "(letters, digits and _): correct them"
        )
    return tuple(names)


def _sync_all(run: _Run, found: dict[str, ServerTable]) -> None:
    from carehouse.progress import track

    connection = run.session.connection
    missing = [table for table in mirrored_tables() if table.name not in found]
    missing = [table for table in missing if not live_count(connection, table)]
    _note_missing(run, missing)
    tables = [table for table in mirrored_tables() if table not in missing]
    for number, table in enumerate(track(tables, len(tables), "mirroring opendental")):
        try:
            _sync_or_refuse(run, table, found.get(table.name))
        except ConnectionLost as error:
            rest = len(tables) - number - 1
            run.landing.refused[table.name] = f"was not read: {error}" + (
                f", and so were {rest} more" if rest else ""
            )
            return


def _sync_or_refuse(run: _Run, table: RawTable, server: ServerTable | None) -> None:
    started_at = local_now(run.look.settings)
    try:
        if server is None:
            raise Refused(
                "is no longer in the database; the rows landed before stay as they were. Is this "
                "the right database?"
            )
        with_retries(lambda: _sync_and_verify(run, table, server, started_at), run.notice)
    except (Refused, QueryFailed, BadText) as error:
        reason = str(error)
    except duckdb.Error as error:  # its text may hold values
        reason = (
            f"could not be written to the warehouse ({type(error).__name__}): is the disk full?"
        )
    else:
        return
    run.landing.refused[table.name] = reason
    run.look.log(table.name, "refused", started_at=started_at, reason=reason)


def _note_missing(run: _Run, tables: list[RawTable]) -> None:
    """Tables that this version lacks stay empty; it is reported once."""
    connection = run.session.connection
    with transaction(connection):
        for table in tables:
            if table.name in run.states:
                continue
            load_id = run.look.log(table.name, "landed")
            drifts = [("the table", "missing", "the database has no table of this name")]
            run.look.log_drift(load_id, table.name, table, drifts)
            run.landing.drift += drift_lines(table, drifts)
            values = [SOURCE, table.name, "missing", Layout().to_json(), run.moment]
            connection.execute(f"insert into raw.sync_tables values ({literals(values)})")
    run.landing.unchanged += [table.name for table in tables]


def _sync_and_verify(run: _Run, table: RawTable, server: ServerTable, started_at: datetime) -> None:
    reading = plan_reading(table, server, run.states.get(table.name))
    try:
        _sync(run, reading, started_at)
    except BadText:
        reading = plan_reading(table, server, run.states.get(table.name), mend=True)
        _sync(run, reading, started_at)
        run.notice(
            f"{table.name}: some characters are damaged in the database; each was read as a "
            "question mark"
        )
    if run.verify:
        _verify(run, reading, started_at)


def _sync(run: _Run, reading: Reading, started_at: datetime) -> None:
    """Make one table equal the server's, in one transaction, if anything differs."""
    connection, table = run.session.connection, reading.table
    known = run.states.get(table.name)
    sums: Sums | None = None
    changed: list[int] = []
    if known and not _must_be_whole(run, reading, known):
        sums = _server_sums(run.session, reading, known)
        changed = sorted(
            chunk for chunk in sums if sums[chunk] != known.sums.get(chunk) or chunk in known.hot
        )
        if not changed and sums.keys() == known.sums.keys():
            run.landing.unchanged.append(table.name)
            return
        if _is_worn(known.layout, sums, changed):
            sums = None
    with transaction(connection):
        load_id = run.look.next_load_id()
        if sums is None:
            changes = _sync_whole(run, reading, load_id)
        else:
            changes = _sync_part(run, reading, known, sums, changed, load_id)
        is_news = known is None or known.fingerprint != reading.fingerprint
        if changes or is_news:
            run.look.log(table.name, "landed", rows=changes.written, started_at=started_at)
        if is_news:
            run.look.log_drift(load_id, table.name, table, reading.drifts)
            run.landing.drift += drift_lines(table, reading.drifts)
    if changes or known is None:
        run.landing.landed.append(table.name)
        run.landing.row_count += changes.written
        run.landing.gone_count += changes.gone
    else:
        run.landing.unchanged.append(table.name)


def _must_be_whole(run: _Run, reading: Reading, known: State) -> bool:
    """Whether checksums cannot tell: nothing comparable is kept, or it is time to look closer.

    A stamp does not tell an edit that set the stamp to what it was.
    """
    due = run.moment - timedelta(days=run.look.settings.opendental_recheck_days) >= known.whole_at
    return run.look.force or known.fingerprint != reading.fingerprint or (reading.by_stamp and due)


def _server_sums(session: Session, reading: Reading, known: State) -> Sums:
    """Each chunk's row count and checksum; a large table's halves are summed side by side.

    Not on MyISAM, where a scan is much faster than the same rows by ranges of the key.
    """
    halves = [""]
    chunks = sorted(known.sums)
    if reading.server.engine == "InnoDB" and reading.server.row_estimate > PARALLEL_ROWS:
        middle, _ = known.layout.range(chunks[len(chunks) // 2]) if len(chunks) > 1 else (None, 0)
        if middle is not None:
            halves = [f"{reading.key} < {middle}", f"{reading.key} >= {middle}"]
    table = f"`{reading.table.name}`"
    queries = [
        server_sums(reading.hash_sql, reading.key, table, known.layout, half) for half in halves
    ]
    if len(queries) == 1:
        found = [_read_sums(session, queries[0])]
    else:
        from concurrent.futures import ThreadPoolExecutor

        sessions = [replace(session, connection=session.connection.cursor()) for _ in queries]
        with ThreadPoolExecutor(len(queries)) as pool:
            found = list(pool.map(_read_sums, sessions, queries))
    return {chunk: (count, checksum) for part in found for chunk, count, checksum in part}


def _read_sums(session: Session, query: str) -> list[tuple]:
    return session.run(
        f"select chunk, row_count, cast(checksum as decimal(20, 0)) from {session.relation(query)}"
    )


def _is_worn(layout: Layout, sums: Sums, changed: list[int]) -> bool:
    """Whether reading the table whole, which lays it out anew, is better than in parts."""
    beyond = layout.shift is not None and any(
        chunk < 0 or (chunk + 1) << layout.shift > 2**63 for chunk in sums
    )
    rows = sum(count for count, _ in sums.values())
    to_read = sum(sums[chunk][0] for chunk in changed)
    largest = max((count for count, _ in sums.values()), default=0)
    return beyond or to_read * 2 > rows or largest > 2 * SKEW * CHUNK_ROWS


def _sync_whole(run: _Run, reading: Reading, load_id: int) -> Changes:
    connection, table = run.session.connection, reading.table
    total = Changes()
    _forget_hashes(connection)
    if is_empty(connection, table) and not reading.retyped and not run.look.erased:
        total.add(_stream_whole(run, reading, load_id))
    else:
        for scope in _pages(run.session, reading):
            _keep_hashes(connection, table)  # of all rows: the server's sums are compared with it
            forget_rows(connection, run.look.settings, table, FETCHED)
            total.add(apply_fetched(connection, table, scope, load_id, run.moment))
    save_whole(connection, SOURCE, table.name, reading.fingerprint, run.moment)
    return total


def _stream_whole(run: _Run, reading: Reading, load_id: int) -> Changes:
    """Read an empty table's rows straight into it; their hashes lie beside them until the end."""
    connection, table = run.session.connection, reading.table
    key = quote(primary_key(table))
    connection.execute(f"alter table {table.full_name} add column _hash ubigint")
    connection.execute(f"alter table {table.full_name} add column _hot boolean")
    names = ", ".join(map(quote, reading.casts))
    lineage = f"{load_id}, {literal(run.moment)}, cast(_hash as ubigint), cast(_hot as boolean)"
    last, total = None, 0
    while True:
        condition = f"{reading.key} > {last}" if last is not None else ""
        relation = run.session.relation(reading.fetch(condition, PAGE_ROWS))
        ((count,),) = run.session.run(
            f"insert into {table.full_name} "
            f"({names}, _load_id, _extracted_at, _hash, _hot) "
            f"select {', '.join(reading.casts.values())}, {lineage} from {relation}"
        )
        total += count
        if count < PAGE_ROWS:
            break
        (last,) = connection.execute(f"select max({key}) from {table.full_name}").fetchone()
    connection.execute(f"insert into {HASHES} select {key}, _hash, _hot from {table.full_name}")
    connection.execute(f"alter table {table.full_name} drop column _hash")
    connection.execute(f"alter table {table.full_name} drop column _hot")
    return Changes(written=total)


def _sync_part(
    run: _Run, reading: Reading, known: State, sums: Sums, changed: list[int], load_id: int
) -> Changes:
    connection, table, layout = run.session.connection, reading.table, known.layout
    key = quote(primary_key(table))
    total = Changes()
    for chunks in _batches(layout, changed, sums):
        condition = ranges_sql(reading.key, merged_ranges(layout, chunks))
        _fetch(run.session, reading, reading.fetch(condition))
        scope = in_mirror(layout, key, chunks)
        _forget_hashes(connection)
        _keep_hashes(connection, table)
        forget_rows(connection, run.look.settings, table, FETCHED)
        total.add(apply_fetched(connection, table, scope, load_id, run.moment))
        save_part(connection, SOURCE, table.name, layout, set(chunks))
    if vanished := sorted(known.sums.keys() - sums.keys()):
        _fetch(run.session, reading, reading.fetch("false"))
        scope = in_mirror(layout, key, vanished)
        total.add(apply_fetched(connection, table, scope, load_id, run.moment))
        _forget_hashes(connection)
        save_part(connection, SOURCE, table.name, layout, set(vanished))
    return total


def _pages(session: Session, reading: Reading) -> Iterator[str]:
    """Fetch a table by key, a page after the other; give each page's condition on the mirror."""
    key = quote(primary_key(reading.table))
    last = None
    while True:
        condition = f"{reading.key} > {last}" if last is not None else ""
        count, newest = _fetch(session, reading, reading.fetch(condition, PAGE_ROWS))
        begins = f"{key} > {last}" if last is not None else "true"
        if count < PAGE_ROWS:
            yield begins
            return
        yield f"{begins} and {key} <= {newest}"
        last = newest


def _fetch(session: Session, reading: Reading, sql: str) -> tuple[int, int | None]:
    """Put rows into temp.fetched; give their number and the highest key. Raises Refused."""
    listed = ", ".join(f"{cast} as {quote(name)}" for name, cast in reading.casts.items())
    lost = " ".join(
        f"when {quote(name)} is not null and {reading.casts[name]} is null then '{name}'"
        for name in reading.retyped
    )
    session.run(
        f"create or replace temp table fetched as select {listed}, "
        "cast(_hash as ubigint) as _hash, cast(_hot as boolean) as _hot, "
        f"{f'case {lost} end' if lost else 'null'} as _lost from {session.relation(sql)}"
    )
    key = quote(primary_key(reading.table))
    count, newest, column = session.connection.execute(
        f"select count(*), max({key}), max(_lost) from {FETCHED}"
    ).fetchone()
    if column:
        kind = reading.table.columns[column]
        raise Refused(
            f"has values in column {column} that cannot be read as {kind}: the rows landed "
            "before stay as they were; ask who keeps the database to correct them"
        )
    return count, newest


def _forget_hashes(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create or replace temp table hashes (key bigint, hash ubigint, is_hot boolean)"
    )


def _keep_hashes(connection: duckdb.DuckDBPyConnection, table: RawTable) -> None:
    connection.execute(
        f"insert into {HASHES} select {quote(primary_key(table))}, _hash, _hot from {FETCHED}"
    )


def _batches(layout: Layout, chunks: list[int], sums: Sums) -> Iterator[list[int]]:
    """Chunks in order, as many at a time as can be read at once."""
    batch: list[int] = []
    rows = 0
    for chunk in chunks:
        count = sums[chunk][0]
        if batch and (rows + count > PAGE_ROWS or len(batch) >= PAGE_RANGES):
            yield batch
            batch, rows = [], 0
        batch.append(chunk)
        rows += count
    if batch:
        yield batch


def _verify(run: _Run, reading: Reading, started_at: datetime) -> None:
    """Compare a table with the source, row for row. Raises Refused when they differ.

    The source may have changed since it was synchronized: then that is done once more.
    """
    connection, table = run.session.connection, reading.table
    for is_second in (False, True):
        total = Changes()
        for scope in _pages(run.session, reading):
            forget_rows(connection, run.look.settings, table, FETCHED)
            total.add(differences(connection, table, scope))
        if not total:
            return
        if not is_second:
            run.states = load_states(connection, SOURCE)
            _sync(run, reading, started_at)
    raise Refused(
        f"differs from the source: {total.written} rows are not as in the source, {total.gone} "
        "are not in the source. Land it again with --force"
    )
