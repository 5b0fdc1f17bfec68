"""Claims, members and providers: CSV, Parquet or workbooks, from a folder or S3.

DuckDB reads the files straight into the raw tables, every column as text, one transaction a file.
Headers are told by name or alias. A file whose dates or amounts cannot be read as such at all is
refused whole: its rows are inserted, looked at, and rolled back, so that good files (nearly all)
are read once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import duckdb

from carehouse.contract import RawTable, raw_table
from carehouse.erasure.forget import add_count, theirs
from carehouse.erasure.rules import rules
from carehouse.errors import CannotReach, NothingToLand, Refused, is_full
from carehouse.landing.csv_files import (
    RESEND,
    CsvFile,
    check_last_line,
    check_width,
    open_csv,
    readable,
    time_limit,
)
from carehouse.landing.frame import Arrival, Landing, Look, delete_rows, open_look
from carehouse.landing.headers import PLACES, Matched, belongs, check, match, table_by_columns
from carehouse.landing.insert import plan_insert
from carehouse.landing.sandbox import Reader, reader
from carehouse.landing.sheet_files import SUFFIXES as SHEETS
from carehouse.landing.sheet_files import SheetFile, open_sheet
from carehouse.landing.sources import WORKBOOKS
from carehouse.landing.values import Writing, check_values, columns_read, writing
from carehouse.progress import track
from carehouse.scratch import scratch
from carehouse.settings import Settings
from carehouse.sql import literal, one_file, quote
from carehouse.sql_macros import macro
from carehouse.store import Folder, Store, open_store

SOURCE = "claims"
SCHEMA = "raw_claims"
TABLES = ("claims", "members", "providers")
TEXTS = frozenset({".csv", ".txt", ".tsv"})
SUFFIXES = TEXTS | SHEETS | {".parquet"}
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
PARTITION = re.compile(r"(\w+)=(.*)")
WORD = re.compile(r"(?<![a-z])(claim|member|provider)s?(?![a-z])")
MEMORY = "640MB"  # of DuckDB; the process as a whole stays below 1 GiB


def land_claims(settings: Settings, place: Path | str, force: bool = False) -> Landing:
    """Make the raw tables equal the files in `place`: a folder, a file, or an `s3://` URL.

    Known content is not read again, a changed file replaces its rows, a refused one keeps the rows
    it last landed. A file is retired when it is gone from the place that was looked at last; from
    another place only when that place has files of the same table, so that a folder of claims
    does not retire the members of another. Raises NothingToLand when there is nothing to land or
    S3 cannot be reached; then nothing has changed.
    """
    try:
        store = open_store(place, SUFFIXES)
        names = store.names()
    except CannotReach as error:
        raise NothingToLand(str(error)) from None
    if isinstance(store, Folder) and not Path(store.location).exists():
        raise NothingToLand(f"{place} does not exist: give the folder that holds the files")
    landing = Landing(SOURCE, store.location)
    names = list(our_files(names, landing))
    contracts = [raw_table(SCHEMA, table) for table in TABLES]
    folder = Path(place) if isinstance(store, Folder) else str(place)
    limits = (settings.read_memory_mb, settings.read_seconds)
    with (
        open_look(landing, settings, folder, force=force, memory_limit=MEMORY) as look,
        reader(WORKBOOKS.read, *limits) as child,
    ):
        gone = gone_files(look, store, names)
        if not names and (len(look.known) > 1 or not look.known):
            raise NothingToLand(
                f"{place} holds no CSV, Parquet or Excel file of claims, members or providers. "
                "Nothing was retired. If they are really gone, delete the warehouse"
            )
        for name in track(names, len(names), "landing claims"):
            content_hash = store.content_hash(name)
            if not look.is_known(name, content_hash):
                land_file(look, store, names, name, content_hash, child)
        look.retire(gone, lambda name: delete_rows(look.connection, contracts, name))
    return landing


def our_files(names: list[str], landing: Landing) -> Iterator[str]:
    """Those that may be ours; the rest are named, but for hidden files and Spark's markers."""
    for name in names:
        parts = PurePosixPath(name).parts
        if any(part.startswith((".", "~")) for part in parts) or parts[-1].startswith("_"):
            continue
        if PurePosixPath(name).suffix.lower() in SUFFIXES:
            yield name
        else:
            landing.ignored.append(name)


def gone_files(look: Look, store: Store, names: list[str]) -> list[str]:
    """Files landed before that are gone from the place, as far as it tells."""
    if not store.is_whole:
        return []
    missing = sorted(set(look.known) - set(names))
    last = look.connection.execute(
        f"select location from raw.scan_log where source = {literal(SOURCE)} "
        "order by scanned_at desc limit 1"
    ).fetchone()
    if not missing or last == (store.location,):
        return missing
    here = {_table_by_name(name) for name in names} - {None}
    return [name for name in missing if _tables_of(look.connection, name) & here]


def _tables_of(connection: duckdb.DuckDBPyConnection, name: str) -> set[str | None]:
    """The tables that hold a file's rows; for a refused one what its name says."""
    found: set[str | None] = {
        table
        for table in TABLES
        if connection.execute(
            f"select 1 from {raw_table(SCHEMA, table).full_name} "
            f"where _source_file = {literal(name)} limit 1"
        ).fetchone()
    }
    return found or {_table_by_name(name)}


def _table_by_name(name: str) -> str | None:
    """The table that a path speaks of, its last part first; None where it names none or two."""
    for part in reversed(PurePosixPath(name.lower()).parts):
        words = {f"{word}s" for word in WORD.findall(part)}
        if words:
            return words.pop() if len(words) == 1 else None
    return None


@dataclass(frozen=True)
class ClaimsFile:
    """A file that has been opened: which table it is for, and how to select its columns by name."""

    name: str
    table: RawTable
    tabular: CsvFile | SheetFile | None
    parquet: Path | None
    headers: tuple[str, ...]
    matched: Matched
    columns: dict[str, str]  # contract's or new name to SQL expression
    told: Writing

    @cached_property
    def select(self) -> str:
        """Its columns under the contract's names, as SQL text."""
        return ", ".join(f"{value} as {quote(name)}" for name, value in self.columns.items())

    def parquet_relation(self) -> str:
        """SQL text of a Parquet file's rows."""
        return (
            f"(select file_row_number + 1 as _source_row, {self.select} from read_parquet("
            f"{one_file(self.parquet)}, file_row_number = true, hive_partitioning = false, "
            "binary_as_string = true))"
        )

    def given(self) -> dict[str, str]:
        """Column to the header it has in the file."""
        return {column: self.headers[place] for column, place in self.matched.columns.items()}


def land_file(
    look: Look, store: Store, names: list[str], name: str, content_hash: str | None, child: Reader
) -> RawTable | None:
    """Land one file whole, or log why it was refused; a file of another kind is named.

    Gives the table that it was landed into.
    """
    with (
        look.arrival(name, content_hash) as arrival,
        store.local(name) as path,
        scratch(look.settings) as folder,
        time_limit(look.connection, path, look.settings),
    ):
        file = open_claims_file(look.connection, look.settings, name, path, folder, child)
        if isinstance(file, str):
            look.landing.ignored.append(name)
            look.landing.notices += [f"{name} {file}"] if file else []
            return None
        if isinstance(file.tabular, CsvFile):
            suffix = PurePosixPath(name).suffix
            others = (other for other in names if other != name and other.endswith(suffix))
            check_last_line(file.tabular, (store.last_byte(other) for other in others))
        _insert(arrival, file, folder)
        for column, header in file.matched.stand_ins.items():
            look.landing.notices.append(
                f"{name}: {column} is read from {header!r} too, for no other column says it"
            )
        return file.table
    return None


def feed_of(connection: duckdb.DuckDBPyConnection, settings: Settings, name: str) -> str:
    """The feed of a file, by the macro that the models use."""
    expression = macro("claims_feed", settings)(literal(name))
    return connection.execute(f"select {expression}").fetchone()[0]


def open_claims_file(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    name: str,
    path: Path,
    folder: Path,
    child: Reader,
) -> ClaimsFile | str:
    """Read the header; where neither name nor columns speak of a table, where the file belongs.

    Raises Refused.
    """
    suffix = PurePosixPath(name).suffix.lower()
    feed = feed_of(connection, settings, name)
    told = writing(SOURCE, feed)
    tabular: CsvFile | SheetFile | None = None
    parquet = None
    if suffix == ".parquet":
        parquet = readable(path, folder)
        met = _parquet_columns(connection, parquet)
    else:
        if suffix in SHEETS:
            tabular = open_sheet(connection, child, path, folder)
        else:
            tabular = open_csv(readable(path, folder), folder, told.encoding)
        met = [(header, f"c{i}") for i, header in enumerate(tabular.header)]
    headers = tuple(header for header, _ in met)
    table = None if suffix in (".txt", ".tsv") else _table_by_name(name)
    table = table or table_by_columns(SOURCE, headers, feed)
    if table is None:
        elsewhere = belongs(headers, besides=(SOURCE, ""))
        if elsewhere is None:
            return ""
        return f"has the columns of {elsewhere[1]}: put it into {PLACES[elsewhere[0]]}"
    contract = raw_table(SCHEMA, table)
    matched = match(SOURCE, contract, headers, feed)
    places = {**matched.columns, **matched.others}
    columns = {column: met[place][1] for column, place in places.items()}
    for key, value in _partition(name):
        if key in contract.columns and key not in columns:
            columns[key] = literal(value)
    check(SOURCE, contract, headers, matched)
    for column in contract.optional - columns.keys():
        columns[column] = "cast(null as varchar)"
    return ClaimsFile(name, contract, tabular, parquet, headers, matched, columns, told)


def _parquet_columns(connection: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, str]]:
    try:
        described = connection.execute(
            f"describe select * from read_parquet({one_file(path)}, hive_partitioning = false, "
            "binary_as_string = true)"
        ).fetchall()
    except duckdb.Error:
        raise Refused(
            f"is not a whole Parquet file, its end is missing or damaged: {RESEND}"
        ) from None
    check_width(len(described))
    return [(column, _as_text(quote(column), kind)) for column, kind, *_ in described]


def _insert(arrival: Arrival, file: ClaimsFile, folder: Path) -> None:
    if file.tabular:
        relation = f"(select _source_row, {file.select} from "
        file.tabular.read(
            lambda rows: _replace(arrival, file, f"{relation}{rows})"), folder / "rows.json"
        )
        return
    try:
        _replace(arrival, file, file.parquet_relation())
    except (duckdb.OutOfMemoryException, duckdb.FatalException, duckdb.InterruptException):
        raise
    except duckdb.Error as error:
        if is_full(error):
            raise
        raise Refused(f"is damaged inside: {RESEND}") from None


def _replace(arrival: Arrival, file: ClaimsFile, relation: str) -> None:
    """Replace the file's rows by those of the relation, in one transaction."""
    look, table = arrival.look, file.table
    connection = look.connection
    if look.erased:
        relation = _without_erased(look, file, relation)
    with arrival.replacing() as load_id:
        (had,) = connection.execute(
            f"select count(*) from {table.full_name} where _source_file = {literal(file.name)}"
        ).fetchone()
        lineage = {"_source_file": file.name, "_load_id": load_id, "_extracted_at": look.moment}
        # DuckDB cannot add a column to a table that the transaction has changed already
        plan = plan_insert(connection, table, relation, lineage)
        delete_rows(connection, [raw_table(SCHEMA, other) for other in TABLES], file.name)
        arrival.row_count = plan.insert(connection, relation, lineage)
        loaded = f"{table.full_name} where _load_id = {load_id}"
        given = file.given()
        found = columns_read(connection, loaded, table.name, set(given), file.told, look.settings)
        check_values(found, file.told, look.settings, given)
        if had and not arrival.row_count:
            raise Refused(no_rows_left(had))
        look.log_drift(load_id, file.name, table, plan.drift)
        arrival.drift += plan.drift_lines(file.name)


def no_rows_left(had: int) -> str:
    """Why a file that had rows before is refused when it has none."""
    return f"has a header but no rows, though it had {had:,} rows before: {RESEND}"


def _without_erased(look: Look, file: ClaimsFile, relation: str) -> str:
    """The relation without rows of members who were erased."""
    found = rules(file.table, look.settings, literal(file.name))
    if not found:
        return relation
    (count,) = look.connection.execute(
        f"select count(*) from {relation} where {theirs(found)}"
    ).fetchone()
    add_count(look.connection, count)
    return f"(select * from {relation} where not {theirs(found)})" if count else relation


def _partition(name: str) -> Iterator[tuple[str, str]]:
    """Hive partition values of a path: year=2024/month=1."""
    for part in PurePosixPath(name).parts[:-1]:
        if (found := PARTITION.fullmatch(part)) and found[2] != NO_VALUE:
            yield found[1].lower(), found[2]


def _as_text(column: str, kind: str) -> str:
    """A Parquet column as text; NaN is how pandas says that nothing is there."""
    if kind in ("FLOAT", "DOUBLE"):
        return f"case when not isnan({column}) then cast({column} as varchar) end"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime({column} at time zone 'UTC', '%Y-%m-%d %H:%M:%S+00:00')"
    return f"nullif(cast({column} as varchar), '')"
