"""Claims, members and providers: CSV or Parquet files, by column name, from a folder or S3.

DuckDB reads the files straight into the raw tables, every column as text, one transaction a file.
A file in which a number or a date cannot be read is refused whole: its rows are inserted, looked
at, and rolled back, so that good files (nearly all) are read once.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import duckdb

from carehouse import s3
from carehouse.contract import RawTable, raw_table
from carehouse.errors import CannotReach, NothingToLand, Refused
from carehouse.landing.core import (
    Landing,
    file_hash,
    known_objects,
    local_now,
    log_drift,
    log_load,
    log_scan,
    next_moment,
    plan_insert,
)
from carehouse.landing.csv_files import RESEND, CsvFile, ends_its_last_line, open_csv
from carehouse.progress import track
from carehouse.settings import Settings
from carehouse.sql import literal, one_file, quote
from carehouse.warehouse import open_warehouse, transaction

SOURCE = "claims"
SCHEMA = "raw_claims"
TABLES = ("claims", "members", "providers")
SUFFIXES = {".csv", ".parquet"}
LINEAGE = ("_source_file", "_source_row", "_load_id", "_extracted_at")
NUMBERS = {"claims": ("amount", "paid_amt", "year", "month"), "members": ("age",)}
DATES = {
    "claims": ("claim_date", "adjudicated_date", "ingestion_ts"),
    "members": ("birth_date", "coverage_start", "coverage_end"),
}
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
PARTITION = re.compile(r"(\w+)=(.*)")
WORD = re.compile(r"(?<![a-z])(claim|member|provider)s?(?![a-z])")
MEMORY = "1GB"


@dataclass(frozen=True)
class Entry:
    """A file as it was listed: its path below the folder or prefix, and what tells its content."""

    name: str
    content_hash: str | None


class Folder:
    """Files of a folder, or one file."""

    def __init__(self, path: Path):
        if "://" in str(path) or ":/" in str(path)[2:]:
            raise NothingToLand(
                f"{path} cannot be read: give a folder, a file or s3://bucket/prefix"
            )
        if not path.exists():
            raise NothingToLand(f"{path} does not exist: give the folder that holds the files")
        self._root = path if path.is_dir() else path.parent
        self._only = None if path.is_dir() else path
        self.location = str(path.resolve())
        self.is_whole = path.is_dir()

    def names(self) -> list[str]:
        """Paths of all files below the folder."""
        if self._only:
            return [self._only.name]
        files = (path for path in self._root.rglob("*") if path.is_file())
        return sorted(path.relative_to(self._root).as_posix() for path in files)

    def content_hash(self, name: str) -> str | None:
        """SHA-256 of the bytes; None where the file cannot be read."""
        return file_hash(self._root / name)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """The file itself."""
        yield self._root / name

    def ends_its_last_line(self, name: str) -> bool:
        """Whether its last byte is a line end."""
        return ends_its_last_line(self._root / name)


class Prefix:
    """Objects below an S3 prefix, or one object; what is read is downloaded first."""

    def __init__(self, url: str):
        only = PurePosixPath(url).name if PurePosixPath(url).suffix.lower() in SUFFIXES else None
        self._where = s3.parse(url.removesuffix(only) if only else url)
        self._client = s3.connect(self._where)
        self.location = url
        self.is_whole = only is None
        self._items = {
            item.name: item
            for item in s3.items(self._client, self._where)
            if only in (None, item.name)
        }

    def names(self) -> list[str]:
        """Names of all objects below the prefix."""
        return sorted(self._items)

    def content_hash(self, name: str) -> str | None:
        """The ETag, marked as such, since it is no SHA-256."""
        return f"etag:{self._items[name].etag}"

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """A copy that lasts as long as the context."""
        with TemporaryDirectory(prefix="carehouse-") as folder:
            path = Path(folder) / "object"
            try:
                s3.fetch(self._client, self._where, self._items[name], path)
            except CannotReach as error:
                raise Refused(f"could not be fetched: {error}") from None
            yield path

    def ends_its_last_line(self, name: str) -> bool:
        """Whether its last byte is a line end."""
        return s3.last_byte(self._client, self._where, self._items[name]) in (b"\r", b"\n")


def land_claims(settings: Settings, place: Path | str, again: bool = False) -> Landing:
    """Make the raw tables equal the files in `place`: a folder, a file, or an `s3://` URL.

    Known content is not read again, a changed file replaces its rows, a refused one keeps the rows
    it last landed. A file is retired when it is gone from the place that was looked at last; from
    another place only when that place has files of the same table, so that a folder of claims
    does not retire the members of another. Raises NothingToLand when there is nothing to land or
    S3 cannot be reached; then nothing has changed.
    """
    try:
        store = Prefix(place) if s3.is_s3(place) else Folder(Path(place))
    except CannotReach as error:
        raise NothingToLand(str(error)) from None
    landing = Landing(SOURCE, store.location)
    names = list(_ours(store.names(), landing))
    made_up = settings.demo_inputs.resolve()
    is_demo = isinstance(store, Folder) and Path(store.location).is_relative_to(made_up)
    with open_warehouse(settings, memory_limit=MEMORY) as connection:
        known = known_objects(connection, SOURCE)
        gone = _gone(connection, store, names, known)
        if not names and (len(known) > 1 or not known):
            raise NothingToLand(
                f"{place} holds no .csv or .parquet file of claims, members or providers. "
                "Nothing was retired. If they are really gone, delete the warehouse"
            )
        moment = next_moment(connection, settings)
        run = _Run(connection, settings, landing, store, names, moment)
        for name in track(names, len(names), "landing claims"):
            content_hash = store.content_hash(name)
            known_hash, outcome, reason = known.get(name, (None, None, None))
            if again or content_hash is None or known_hash != content_hash:
                run.land(Entry(name, content_hash))
            elif outcome == "refused":
                landing.refused[name] = reason
            else:
                landing.unchanged.append(name)
        for name in gone:
            with transaction(connection):
                for table in TABLES:
                    _delete(connection, raw_table(SCHEMA, table), name)
                log_load(connection, settings, SOURCE, name, "retired")
            landing.retired.append(name)
        log_scan(connection, landing, moment, is_demo)
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


def _gone(
    connection: duckdb.DuckDBPyConnection, store: Folder | Prefix, names: list[str], known: dict
) -> list[str]:
    if not store.is_whole:
        return []
    missing = sorted(set(known) - set(names))
    last = connection.execute(
        "select location from raw.scan_log where source = ? order by scanned_at desc limit 1",
        [SOURCE],
    ).fetchone()
    if not missing or last == (store.location,):
        return missing
    here = {_table_by_name(name) for name in names} - {None}
    return [name for name in missing if _tables_of(connection, name) & here]


def _tables_of(connection: duckdb.DuckDBPyConnection, name: str) -> set[str | None]:
    """The tables that hold a file's rows; for a refused one what its name says."""
    found: set[str | None] = {
        table
        for table in TABLES
        if connection.execute(
            f"select 1 from {raw_table(SCHEMA, table).full_name} where _source_file = ? limit 1",
            [name],
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
    def _select(self) -> str:
        return ", ".join(f"{value} as {quote(name)}" for name, value in self.columns.items())

    def fast(self) -> str:
        """The relation that DuckDB reads."""
        if self.csv:
            return f"(select _source_row, {self._select} from {self.csv.fast()})"
        return (
            f"(select file_row_number + 1 as _source_row, {self._select} from read_parquet("
            f"{one_file(self.parquet)}, file_row_number = true, hive_partitioning = false, "
            "binary_as_string = true))"
        )

    def slow(self, folder: Path) -> str:
        """The same of a CSV, read by Python; raises Refused."""
        return f"(select _source_row, {self._select} from {self.csv.slow(folder / 'rows.parquet')})"


@dataclass
class _Run:
    """One look at the source."""

    connection: duckdb.DuckDBPyConnection
    settings: Settings
    landing: Landing
    store: Folder | Prefix
    names: list[str]
    moment: object

    def land(self, entry: Entry) -> None:
        """Land one file whole, or log why it was refused; a file of another kind is named."""
        started_at = local_now(self.settings)
        try:
            with self.store.local(entry.name) as path, TemporaryDirectory() as folder:
                file = self._open(entry.name, path)
                if file is None:
                    self.landing.ignored.append(entry.name)
                    return
                self._insert(file, entry, started_at, Path(folder))
        except Refused as refusal:
            reason = str(refusal)
        except OSError as error:
            reason = f"cannot be read ({error.strerror or 'input error'}): check its rights"
        else:
            self.landing.landed.append(entry.name)
            return
        log_load(
            self.connection,
            self.settings,
            SOURCE,
            entry.name,
            "refused",
            content_hash=entry.content_hash,
            started_at=started_at,
            reason=reason,
        )
        self.landing.refused[entry.name] = reason

    def _open(self, name: str, path: Path) -> _File | None:
        """Read the header; None where neither name nor columns speak of a table."""
        is_csv = name.lower().endswith(".csv")
        if is_csv:
            csv = open_csv(path)
            met = [(column, f"c{i}", "VARCHAR") for i, column in enumerate(csv.header)]
        else:
            csv = None
            met = self._parquet_columns(path)
        columns = _named(met)
        table = _table_by_name(name) or _table_by_columns(columns)
        if table is None:
            return None
        contract = raw_table(SCHEMA, table)
        for key, value in _partition(name):
            if key in contract.columns and key not in columns:
                columns[key] = literal(value)
        _check_columns(contract, columns)
        for column in contract.optional - columns.keys():
            columns[column] = "cast(null as varchar)"
        return _File(name, contract, csv, None if is_csv else path, columns)

    def _parquet_columns(self, path: Path) -> list[tuple[str, str, str]]:
        try:
            described = self.connection.execute(
                f"describe select * from read_parquet({one_file(path)}, hive_partitioning = false, "
                "binary_as_string = true)"
            ).fetchall()
        except duckdb.Error:
            raise Refused(
                f"is no whole Parquet file, its end is missing or damaged: {RESEND}"
            ) from None
        return [(column, _as_text(quote(column), kind), kind) for column, kind, *_ in described]

    def _insert(self, file: _File, entry: Entry, started_at, folder: Path) -> None:
        if file.csv and not file.csv.ends_its_last_line() and self._others_end_lines(entry.name):
            raise Refused(
                f"breaks off in row {file.csv.last_row()}, which has no line end as the other "
                f"files have: {RESEND}"
            )
        if file.csv and file.csv.is_odd():
            return self._replace(file, file.slow(folder), entry, started_at)
        try:
            return self._replace(file, file.fast(), entry, started_at)
        except (duckdb.OutOfMemoryException, duckdb.FatalException):
            raise
        except duckdb.Error:
            if not file.csv:
                raise Refused(f"is damaged inside: {RESEND}") from None
        return self._replace(file, file.slow(folder), entry, started_at)

    def _replace(self, file: _File, relation: str, entry: Entry, started_at) -> None:
        """Replace the file's rows by those of the relation, in one transaction."""
        connection, table = self.connection, file.table
        with transaction(connection):
            (had,) = connection.execute(
                f"select count(*) from {table.full_name} where _source_file = ?", [file.name]
            ).fetchone()
            load_id = log_load(
                connection,
                self.settings,
                SOURCE,
                file.name,
                "landed",
                content_hash=entry.content_hash,
                started_at=started_at,
            )
            lineage = {
                "_source_file": file.name,
                "_load_id": load_id,
                "_extracted_at": self.moment,
            }
            # DuckDB cannot add a column to a table that the transaction has changed already
            plan = plan_insert(connection, table, relation, lineage)
            for other in TABLES:
                _delete(connection, raw_table(SCHEMA, other), file.name)
            plan.insert(connection, relation, lineage)
            rows = _check_values(connection, table, load_id)
            if had and not rows:
                raise Refused(f"has a header and no rows, where it had {had:,}: {RESEND}")
            connection.execute(
                "update raw.load_log set row_count = ?, finished_at = ? where load_id = ?",
                [rows, local_now(self.settings), load_id],
            )
            drift = log_drift(connection, load_id, SOURCE, file.name, plan)
        self.landing.drift += drift
        self.landing.row_count += rows

    def _others_end_lines(self, name: str) -> bool:
        """Whether this exporter ends its last lines: then a file that does not was cut off."""
        others = (other for other in self.names if other != name and other.endswith(".csv"))
        return any(self.store.ends_its_last_line(other) for other in others)


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
        if _required(raw_table(SCHEMA, table)) <= columns.keys():
            return table
    return None


def _required(table: RawTable) -> set[str]:
    return set(table.columns) - set(LINEAGE) - table.optional


def _check_columns(table: RawTable, columns: dict[str, str]) -> None:
    missing = [name for name in table.columns if name in _required(table) - columns.keys()]
    if not missing:
        return
    unknown = [name for name in columns if name not in table.columns]
    # a row of data in place of the header may hold a person's name: say nothing of it
    is_header = len(columns.keys() & table.columns.keys()) * 2 >= len(_required(table))
    said = ", ".join(unknown)
    instead = f" (there is {said} instead)" if unknown and is_header and len(said) < 200 else ""
    raise Refused(
        f"row 1: no column {', '.join(missing)}{instead}: was it renamed, or is the file cut off? "
        "Give the columns their usual names"
    )


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
        f"select count(*){firsts} from {table.full_name} where _load_id = ?", [load_id]
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
            f"row {row}: {column} is no {kind}{more}: correct it (such as {how}), or export the "
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


def _delete(connection: duckdb.DuckDBPyConnection, table: RawTable, name: str) -> None:
    connection.execute(f"delete from {table.full_name} where _source_file = ?", [name])
