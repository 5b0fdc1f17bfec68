"""`carehouse inspect`: how a file would be read, landing nothing.

It opens a file as its loader does, says which columns are known, which dates and amounts would not
be read (counts and row numbers, never a value), and the seed lines that would mend it.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from carehouse.contract import RawTable, raw_table
from carehouse.errors import CannotLand, Refused
from carehouse.landing import headers as names
from carehouse.landing.claims import SUFFIXES as CLAIMS
from carehouse.landing.claims import ClaimsFile, feed_of, open_claims_file
from carehouse.landing.clinic import TEXTS, open_clinic_file, table_by_name
from carehouse.landing.csv_files import CsvFile, open_csv, readable
from carehouse.landing.opendental.database import mirrored_tables
from carehouse.landing.sandbox import Reader, reader
from carehouse.landing.sheet_files import SUFFIXES as SHEETS
from carehouse.landing.sheet_files import open_sheet
from carehouse.landing.sources import FILE_SOURCES, NOTES, WORKBOOKS
from carehouse.landing.values import SEEDS, check_values, columns_read, writing
from carehouse.scratch import scratch
from carehouse.settings import Settings
from carehouse.sql import one_file, quote
from carehouse.store import file_name, files_below, problem

MEMORY = "512MB"


@dataclass
class Inspection:
    """What is known of one file; `seed_lines` is seed file to lines of CSV."""

    file: str
    source: str | None = None
    table: str | None = None
    feed: str | None = None
    row_count: int | None = None
    columns: dict[str, str] = field(default_factory=dict)  # header to column
    unknown: dict[str, str | None] = field(default_factory=dict)  # header to the nearest column
    missing: list[str] = field(default_factory=list)
    unread: list[dict[str, object]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refusal: str | None = None
    seed_lines: dict[str, list[str]] = field(default_factory=dict)


def inspect(settings: Settings, path: Path, source: str | None = None) -> list[Inspection]:
    """Inspect a file, or every file below a folder. Raises CannotLand where there is nothing."""
    if not path.exists() and not path.is_symlink():
        raise CannotLand(f"{path} does not exist: give a file or a folder")
    root = path if path.is_dir() else path.parent
    found = files_below(path) if path.is_dir() else [(file_name(path.name), path)]
    files = [
        (name, file) for name, file in found if not Path(name).name.startswith((".", "~", "_"))
    ]
    limits = (settings.read_memory_mb, settings.read_seconds)
    with (
        ExitStack() as stack,
        duckdb.connect(config={"memory_limit": MEMORY}) as connection,
    ):
        children = {
            one.name: stack.enter_context(reader(one.read, *limits))
            for one in FILE_SOURCES.values()
        }
        return [
            _inspect(connection, settings, children, name, file, root, source)
            for name, file in files
        ]


def _inspect(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    children: dict[str, Reader],
    name: str,
    path: Path,
    root: Path,
    source: str | None,
) -> Inspection:
    one = Inspection(name)
    with scratch(settings) as folder:
        try:
            if reason := problem(path, root):
                raise Refused(reason)
            one.source = source or _source(connection, children, path, folder)
            if one.source is None:
                raise Refused(
                    "is no file that carehouse knows: CSV, Parquet, Excel and Word files are"
                )
            again = folder / "again"
            again.mkdir()
            if one.source == "claims":
                _claims(connection, settings, children, one, path, again)
            elif one.source == "clinic":
                _clinic(connection, settings, children, one, path, root, again)
            elif one.source == "opendental":
                _opendental(connection, one, path, again)
            else:
                _document(connection, children[one.source], one, path, again)
        except Refused as refusal:
            one.refusal = str(refusal)
        except duckdb.Error as error:  # its text may hold values
            one.refusal = f"cannot be read ({type(error).__name__}): is it damaged?"
        except OSError as error:
            one.refusal = f"cannot be opened ({error.strerror})"
    return one


def _source(
    connection: duckdb.DuckDBPyConnection, children: dict[str, Reader], path: Path, folder: Path
) -> str | None:
    """By the folder it is in, else by its kind, columns and name."""
    for part in reversed(path.resolve().parts[:-1]):
        if part in ("claims", "clinic", "opendental", "workbooks", "notes"):
            return part
    suffix = path.suffix.lower()
    if suffix in NOTES.suffixes:
        return "notes"
    if suffix not in CLAIMS:
        return "workbooks" if suffix in WORKBOOKS.suffixes else None
    try:
        if suffix in SHEETS:
            headers = open_sheet(connection, children["workbooks"], path, folder).header
        elif suffix == ".parquet":
            where = one_file(readable(path, folder))
            described = connection.execute(f"describe select * from read_parquet({where})")
            headers = tuple(row[0] for row in described.fetchall())
        else:
            headers = open_csv(readable(path, folder), folder).header
    except Refused:
        return "workbooks" if suffix in SHEETS else "claims"
    if elsewhere := names.belongs(headers, besides=("", "")):
        return elsewhere[0]
    if suffix in SHEETS:
        return "workbooks"
    if path.stem.lower() in {table.name.lower() for table in mirrored_tables()}:
        return "opendental"
    return "clinic" if table_by_name(path.name) and suffix in TEXTS else "claims"


def _claims(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    children: dict[str, Reader],
    one: Inspection,
    path: Path,
    folder: Path,
) -> None:
    one.feed = feed_of(connection, settings, one.file)
    child = children["workbooks"]
    try:
        file = open_claims_file(connection, settings, one.file, path, folder, child)
    except Refused:
        _headers_alone(connection, children, one, path, folder)
        raise
    if isinstance(file, str):
        raise Refused(file or "has the columns of no table of claims, and its name says none")
    one.table = file.table.name
    _headers(one, "claims", file.table, file.headers, file.matched)

    def look(relation: str) -> None:
        _values(
            connection, settings, one, file, f"(select _source_row, {file.select} from {relation})"
        )

    if file.tabular:
        file.tabular.read(look, folder / "rows.json")
    else:
        _values(connection, settings, one, file, file.parquet_relation())


def _values(
    connection, settings: Settings, one: Inspection, file: ClaimsFile, relation: str
) -> None:
    _read_values(connection, settings, one, relation, file.table, file.told, file.given())


def _clinic(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    children: dict[str, Reader],
    one: Inspection,
    path: Path,
    root: Path,
    folder: Path,
) -> None:
    one.table = table_by_name(path.name)
    if one.table is None:
        headers = _header(connection, children, path, folder)
        one.table = names.table_by_columns("clinic", headers)
        if one.table is None:
            raise Refused(
                "has a name that says no table of the clinic (appointments, patients, payments, "
                "physios, availability), and the columns of none"
            )
        one.notes.append(f"its name says no table: name it {one.table}{path.suffix.lower()}")
    table = raw_table("raw_clinic", one.table)
    inner = folder / "table"
    inner.mkdir()
    child = children["workbooks"]
    try:
        tabular, matched = open_clinic_file(connection, table, path, root, inner, child)
    except Refused:
        _headers_alone(connection, children, one, path, folder)
        raise
    _headers(one, "clinic", table, tabular.header, matched)
    columns = ", ".join(f"c{place} as {quote(name)}" for name, place in matched.columns.items())
    told = writing("clinic", one.table)
    given = {column: tabular.header[place] for column, place in matched.columns.items()}

    def look(relation: str) -> None:
        rows = f"(select _source_row, {columns} from {relation})"
        _read_values(connection, settings, one, rows, table, told, given)

    tabular.read(look, inner / "rows.json", keep_blanks=True)


def _header(
    connection: duckdb.DuckDBPyConnection, children: dict[str, Reader], path: Path, folder: Path
) -> tuple[str, ...]:
    inner = folder / "header"
    inner.mkdir(exist_ok=True)
    if path.suffix.lower() in SHEETS:
        return open_sheet(connection, children["workbooks"], path, inner).header
    return open_csv(readable(path, inner), inner).header


def _headers_alone(
    connection: duckdb.DuckDBPyConnection,
    children: dict[str, Reader],
    one: Inspection,
    path: Path,
    folder: Path,
) -> None:
    """What can be said of the columns of a file that would be refused."""
    try:
        headers = _header(connection, children, path, folder)
        table = one.table or names.table_by_name_or_likeness(one.source, path.name, headers)
        contract = raw_table(names.SCHEMAS[one.source], table)
        one.table = table
        _headers(one, one.source, contract, headers, names.match(one.source, contract, headers))
    except Refused:
        return  # the refusal itself is told


def _headers(
    one: Inspection,
    source: str,
    table: RawTable,
    headers: tuple[str, ...],
    matched: names.Matched,
) -> None:
    for column, place in matched.columns.items():
        key = headers[place].strip()
        one.columns[key] = f"{one.columns[key]}, {column}" if key in one.columns else column
    one.missing = names.missing_columns(table, matched.columns)
    if not matched.columns and any(map(str.isdigit, "".join(headers))):
        one.notes.append("its first row seems to be a row of data: is the header missing?")
        return
    lines = []
    for place in matched.others.values():
        near = names.nearest(source, table, headers[place])
        one.unknown[headers[place].strip()] = near
        if near and (near not in matched.columns or near in matched.stand_ins):
            lines.append(f"{_cell(headers[place].strip())},{table.name},{near},1,{one.feed or ''}")
    guessed = {line.split(",")[-3] for line in lines}
    lines += [
        f"NAME OF ITS COLUMN,{table.name},{column},1,{one.feed or ''}"
        for column in one.missing
        if column not in guessed
    ]
    if lines:
        one.seed_lines[names.SEEDS[source]] = lines


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text


def _read_values(connection, settings, one, relation, table, told, given) -> None:
    found = columns_read(
        connection, relation, table.name, set(given), told, settings, with_rows=True
    )
    one.row_count = connection.execute(f"select count(*) from {relation}").fetchone()[0]
    one.unread = [
        {
            "column": column.name,
            "kind": column.kind,
            "filled": column.filled,
            "unread": column.unread,
            "first_rows": column.rows,
        }
        for column in found
        if column.unread
    ]
    try:
        check_values(found, told, settings, given)
    except Refused as refusal:
        text = str(refusal)
        seed = SEEDS[told.source][0]
        if f"add this line to {seed}: " in text:
            one.seed_lines.setdefault(seed, []).append(text.rpartition(f"{seed}: ")[2])
        raise


def _opendental(
    connection: duckdb.DuckDBPyConnection, one: Inspection, path: Path, folder: Path
) -> None:
    tables = {table.name.lower(): table for table in mirrored_tables()}
    table = tables.get(path.stem.lower())
    if table is None:
        raise Refused("has a name that is no table of OpenDental, such as procedurelog.csv")
    one.table = table.name
    if path.suffix.lower() == ".parquet":
        where = one_file(readable(path, folder))
        described = connection.execute(f"describe select * from read_parquet({where})").fetchall()
        headers: tuple[str, ...] = tuple(row[0] for row in described)
    else:
        file: CsvFile = open_csv(readable(path, folder), folder)
        headers = file.header
    own = {name.lower(): name for name in table.columns if name[0] != "_"}
    one.columns = {name: own[name.lower()] for name in headers if name.lower() in own}
    one.unknown = {name: None for name in headers if name.lower() not in own}
    one.missing = [name for lower, name in own.items() if lower not in map(str.lower, headers)]


def _document(
    connection: duckdb.DuckDBPyConnection, child: Reader, one: Inspection, path: Path, folder: Path
) -> None:
    answer = child.read(path, folder)
    answer.check()
    one.row_count = sum(answer.rows.values())
    if one.source == "workbooks":
        sheets = connection.execute(
            "select _source_sheet, sheet_state, row_count from "
            f"read_parquet({one_file(folder / 'sheets.parquet')}) order by sheet_number"
        ).fetchall()
        one.notes += [f"sheet {name!r} ({state}): {rows:,} rows" for name, state, rows in sheets]
    else:
        one.notes += [f"{count:,} {table} of text" for table, count in answer.rows.items()]


def inspection_lines(one: Inspection) -> Iterator[str]:
    """An inspection as lines for a person."""
    what = " ".join(word for word in (one.source, one.table) if word) or "unknown"
    feed = f", feed {one.feed}" if one.feed else ""
    rows = f", {one.row_count:,} rows" if one.row_count is not None else ""
    yield f"{one.file}: {what}{feed}{rows}"
    for header, column in one.columns.items():
        yield f"  {header!r} is {column}" if header != column else f"  {column}"
    for header, near in one.unknown.items():
        yield f"  {header!r} is not known{f': {near}?' if near else ', kept as it is'}"
    if one.missing:
        yield f"  missing: {', '.join(one.missing)}"
    for column in one.unread:
        where = ", ".join(map(str, column["first_rows"]))
        yield (
            f"  {column['column']}: {column['unread']:,} of {column['filled']:,} filled cells are "
            f"no {column['kind']}, the first in row {where}"
        )
    for note in one.notes:
        yield f"  {note}"
    yield f"  refused: {one.refusal}" if one.refusal else "  it would be landed"
    for seed, lines in one.seed_lines.items():
        yield f"  lines to add to {seed}, if they are right:"
        yield from lines
