"""Claims, members and providers: CSV or Parquet files, by column name, from a folder or S3.

DuckDB reads the files straight into the raw tables, every column as text, one transaction a file.
A file in which a number or a date cannot be read is refused whole: its rows are inserted, looked
at, and rolled back, so that good files (nearly all) are read once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import duckdb

from carehouse.contract import RawTable, raw_table
from carehouse.errors import CannotReach, NothingToLand, Refused
from carehouse.landing.csv_files import (
    RESEND,
    CsvFile,
    check_columns,
    check_last_line,
    open_csv,
    required_columns,
)
from carehouse.landing.frame import Arrival, Landing, Look, delete_rows, open_look
from carehouse.landing.insert import plan_insert
from carehouse.progress import track
from carehouse.scratch import scratch
from carehouse.settings import Settings
from carehouse.sql import literal, one_file, quote
from carehouse.store import Folder, Store, open_store

SOURCE = "claims"
SCHEMA = "raw_claims"
TABLES = ("claims", "members", "providers")
SUFFIXES = frozenset({".csv", ".parquet"})
NUMBERS = {"claims": ("amount", "paid_amt", "year", "month"), "members": ("age",)}
DATES = {
    "claims": ("claim_date", "adjudicated_date", "ingestion_ts"),
    "members": ("birth_date", "coverage_start", "coverage_end"),
}
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
PARTITION = re.compile(r"(\w+)=(.*)")
WORD = re.compile(r"(?<![a-z])(claim|member|provider)s?(?![a-z])")
MEMORY = "1GB"


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
    names = list(_ours(names, landing))
    contracts = [raw_table(SCHEMA, table) for table in TABLES]
    folder = Path(place) if isinstance(store, Folder) else str(place)
    with open_look(landing, settings, folder, force=force, memory_limit=MEMORY) as look:
        gone = _gone(look, store, names)
        if not names and (len(look.known) > 1 or not look.known):
            raise NothingToLand(
                f"{place} holds no .csv or .parquet file of claims, members or providers. "
                "Nothing was retired. If they are really gone, delete the warehouse"
            )
        for name in track(names, len(names), "landing claims"):
            content_hash = store.content_hash(name)
            if not look.is_known(name, content_hash):
                _land_file(look, store, names, name, content_hash)
        look.retire(gone, lambda name: delete_rows(look.connection, contracts, name))
    return landing


def _ours(names: list[str], landing: Landing) -> Iterator[str]:
    """Those that may be ours; the rest are named, but for hidden files and Spark's markers."""
    for name in names:
        parts = PurePosixPath(name).parts
        if any(part.startswith((".", "~")) for part in parts) or parts[-1].startswith("_"):
            continue
        if PurePosixPath(name).suffix.lower() in SUFFIXES:
            yield name
        else:
            landing.ignored.append(name)


def _gone(look: Look, store: Store, names: list[str]) -> list[str]:
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
class _File:
    """A file that has been opened: which table it is for, and how to select its columns by name."""

    name: str
    table: RawTable
    csv: CsvFile | None
    parquet: Path | None
    columns: dict[str, str]  # contract's or new name to SQL expression

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


def _land_file(
    look: Look, store: Store, names: list[str], name: str, content_hash: str | None
) -> None:
    """Land one file whole, or log why it was refused; a file of another kind is named."""
    with (
        look.arrival(name, content_hash) as arrival,
        store.local(name) as path,
        scratch(look.settings) as folder,
    ):
        file = _open(look.connection, name, path)
        if file is None:
            look.landing.ignored.append(name)
            return
        if file.csv:
            others = (other for other in names if other != name and other.endswith(".csv"))
            check_last_line(file.csv, (store.last_byte(other) for other in others))
        _insert(arrival, file, folder)


def _open(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> _File | None:
    """Read the header; None where neither name nor columns speak of a table."""
    is_csv = name.lower().endswith(".csv")
    if is_csv:
        csv = open_csv(path)
        met = [(column, f"c{i}", "VARCHAR") for i, column in enumerate(csv.header)]
    else:
        csv = None
        met = _parquet_columns(connection, path)
    columns = _named(met)
    table = _table_by_name(name) or _table_by_columns(columns)
    if table is None:
        return None
    contract = raw_table(SCHEMA, table)
    for key, value in _partition(name):
        if key in contract.columns and key not in columns:
            columns[key] = literal(value)
    check_columns(contract, columns)
    for column in contract.optional - columns.keys():
        columns[column] = "cast(null as varchar)"
    return _File(name, contract, csv, None if is_csv else path, columns)


def _parquet_columns(
    connection: duckdb.DuckDBPyConnection, path: Path
) -> list[tuple[str, str, str]]:
    try:
        described = connection.execute(
            f"describe select * from read_parquet({one_file(path)}, hive_partitioning = false, "
            "binary_as_string = true)"
        ).fetchall()
    except duckdb.Error:
        raise Refused(
            f"is not a whole Parquet file, its end is missing or damaged: {RESEND}"
        ) from None
    return [(column, _as_text(quote(column), kind), kind) for column, kind, *_ in described]


def _insert(arrival: Arrival, file: _File, folder: Path) -> None:
    if file.csv:
        relation = f"(select _source_row, {file.select} from "
        file.csv.read(
            lambda rows: _replace(arrival, file, f"{relation}{rows})"), folder / "rows.json"
        )
        return
    try:
        _replace(arrival, file, file.parquet_relation())
    except (duckdb.OutOfMemoryException, duckdb.FatalException):
        raise
    except duckdb.Error:
        raise Refused(f"is damaged inside: {RESEND}") from None


def _replace(arrival: Arrival, file: _File, relation: str) -> None:
    """Replace the file's rows by those of the relation, in one transaction."""
    look, table = arrival.look, file.table
    connection = look.connection
    with arrival.replacing() as load_id:
        (had,) = connection.execute(
            f"select count(*) from {table.full_name} where _source_file = {literal(file.name)}"
        ).fetchone()
        lineage = {"_source_file": file.name, "_load_id": load_id, "_extracted_at": look.moment}
        # DuckDB cannot add a column to a table that the transaction has changed already
        plan = plan_insert(connection, table, relation, lineage)
        delete_rows(connection, [raw_table(SCHEMA, other) for other in TABLES], file.name)
        plan.insert(connection, relation, lineage)
        arrival.row_count = _check_values(connection, table, load_id)
        if had and not arrival.row_count:
            raise Refused(f"has a header but no rows, though it had {had:,} rows before: {RESEND}")
        look.log_drift(load_id, file.name, table, plan.drift)
        arrival.drift += plan.drift_lines(file.name)


def _named(met: list[tuple[str, str, str]]) -> dict[str, str]:
    """Columns by trimmed lower-case name. Raises Refused where two have the same."""
    columns: dict[str, str] = {}
    for position, (name, value, _) in enumerate(met, start=1):
        # a pandas index has no name in a CSV, and one that begins with _ in Parquet
        plain = name.strip().lower().lstrip("_").strip() or f"unnamed_{position}"
        if plain in columns:
            raise Refused(f"row 1: column {position} has the name of another: rename it")
        columns[plain] = value
    return columns


def _table_by_columns(columns: dict[str, str]) -> str | None:
    for table in TABLES:
        if set(required_columns(raw_table(SCHEMA, table))) <= columns.keys():
            return table
    return None


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


def _check_values(connection: duckdb.DuckDBPyConnection, table: RawTable, load_id: int) -> int:
    """Count what a load inserted. Raises Refused at its first number or date that is none."""
    checks = {
        **{column: ("number", _no_number(column)) for column in NUMBERS.get(table.name, ())},
        **{column: ("date", _no_date(column)) for column in DATES.get(table.name, ())},
    }
    firsts = "".join(
        f", min(case when {wrong} then _source_row end)" for _, wrong in checks.values()
    )
    rows, *bad = connection.execute(
        f"select count(*){firsts} from {table.full_name} where _load_id = {load_id}"
    ).fetchone()
    found = sorted(
        (row, column, kind)
        for row, (column, (kind, _)) in zip(bad, checks.items(), strict=True)
        if row is not None
    )
    if found:
        row, column, kind = found[0]
        how = "1234.56" if kind == "number" else "2025-01-31 or 2025-01-31 12:30:00"
        others = {one for _, one, _ in found} - {column}
        more = f" (and others in {', '.join(sorted(others))})" if others else ""
        raise Refused(
            f"row {row}: {column} is not a {kind}{more}: correct it (such as {how}), or export the "
            "file again"
        )
    return rows


def _no_number(column: str) -> str:
    text = f"trim({quote(column)})"
    return (
        f"{text} <> '' and try_cast({text} as decimal(18, 2)) is null "
        f"and not regexp_full_match({text}, '[+-]?[0-9]+,[0-9]{{1,2}}')"
    )


def _no_date(column: str) -> str:
    text = f"trim({quote(column)})"
    return (
        f"{text} <> '' and (try_cast({text} as timestamp) is null or {text} < '0' or {text} > ':')"
    )
