"""Land a folder of extracts of an OpenDental database: a CSV or Parquet file per table.

A file is its whole table, as a query would give it: what it lacks, the table has lost. A table
without a file is left as it was.
"""

from pathlib import Path

import duckdb

from carehouse.contract import RawTable
from carehouse.erasure.forget import forget_rows
from carehouse.errors import NothingToLand, Refused, is_full
from carehouse.landing.csv_files import LONGEST_ROW, check_width, open_csv, readable, time_limit
from carehouse.landing.frame import Landing, Look, open_look
from carehouse.landing.opendental.chunks import forget
from carehouse.landing.opendental.database import (
    MEMORY_LIMIT,
    SOURCE,
    allowed_preferences,
    mirrored_tables,
)
from carehouse.landing.opendental.mirror import (
    EVERYTHING,
    FETCHED,
    append_fetched,
    apply_fetched,
    data_columns,
    drift_lines,
    is_empty,
    live_count,
    never_extracted,
    primary_key,
)
from carehouse.progress import track
from carehouse.scratch import scratch
from carehouse.settings import Settings
from carehouse.sql import one_file, quote
from carehouse.store import file_hash, file_name, problem

SUFFIXES = (".parquet", ".csv")
FILLED = 100  # an empty file does not empty a table of this many rows


def land_folder(settings: Settings, path: Path, force: bool = False) -> Landing:
    """Make each table that has a file in `path` equal that file; one file may be given too.

    Known bytes are not read again. Raises NothingToLand when there is no file of a table.
    """
    if not path.exists():
        raise NothingToLand(
            f"{path} does not exist: give a folder of extracts, or set OPENDENTAL_URL"
        )
    landing = Landing(SOURCE, file_name(str(path.resolve())))
    files = _files(path, landing)
    if not files:
        raise NothingToLand(
            f"{path} has no file named after a table of OpenDental, such as procedurelog.parquet"
        )
    tables = {table.name: table for table in mirrored_tables()}
    with open_look(landing, settings, path, force=force, memory_limit=MEMORY_LIMIT) as look:
        look.connection.execute("set preserve_insertion_order = false")
        for name, file in track(files.items(), len(files), "landing opendental extracts"):
            _land_file(look, tables[name], file, path if path.is_dir() else path.parent)
    return landing


def _files(path: Path, landing: Landing) -> dict[str, Path]:
    """The files by table, in the contract's order; other files are named as ignored."""
    names = {table.name.lower(): table.name for table in mirrored_tables()}
    found: dict[str, Path] = {}
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        if file.name.startswith((".", "~")):
            continue
        name, shown = names.get(file.stem.lower()), file_name(file.name)
        is_folder = file.is_dir() and not file.is_symlink()
        if is_folder or file.suffix.lower() not in SUFFIXES or not name:
            landing.ignored.append(shown)
        elif name in found:
            landing.refused[shown] = f"is a second file of {name}: keep one of them"
        else:
            found[name] = file
    return {name: found[name] for name in names.values() if name in found}


def _land_file(look: Look, table: RawTable, file: Path, root: Path) -> None:
    connection, reason = look.connection, problem(file, root)
    content_hash = None if reason else file_hash(file)
    if look.is_known(table.name, content_hash, shown=file.name):
        return
    with (
        look.arrival(table.name, content_hash, shown=file.name) as arrival,
        scratch(look.settings) as folder,
    ):
        if reason:
            raise Refused(reason)
        try:
            with time_limit(connection, file, look.settings), arrival.replacing() as load_id:
                drifts = _fetch(connection, look.settings, table, file, folder)
                if is_empty(connection, table):
                    changes = append_fetched(connection, table, load_id, look.moment)
                else:
                    changes = apply_fetched(connection, table, EVERYTHING, load_id, look.moment)
                forget(connection, SOURCE, table.name)
                look.log_drift(load_id, table.name, table, drifts)
                arrival.drift += drift_lines(table, drifts)
                arrival.row_count, arrival.gone_count = changes.written, changes.gone
        except duckdb.Error as error:  # its text may hold values
            if is_full(error):
                raise
            raise Refused(
                f"cannot be read as {file.suffix[1:].lower()} ({type(error).__name__}): it is "
                "damaged or was cut off: export it again"
            ) from None


def _fetch(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    table: RawTable,
    file: Path,
    folder: Path,
) -> list[tuple[str, str, str]]:
    """Put a file's rows into temp.fetched, give its drifts. Raises Refused."""
    is_csv = file.suffix.lower() == ".csv"
    if is_csv:  # bounds its header and its columns
        file = open_csv(file, folder).path
    place = one_file(readable(file, folder))
    relation = f"read_parquet({place})"
    if is_csv:
        relation = (
            f"read_csv({place}, header = true, all_varchar = true, nullstr = '\\N', "
            "quote = '\"', strict_mode = true, ignore_errors = false, sample_size = 2000, "
            f"max_line_size = {LONGEST_ROW})"
        )
    found = {
        name.lower(): (name, kind)
        for name, kind, *_ in connection.execute(f"describe select * from {relation}").fetchall()
    }
    check_width(len(found))
    key = primary_key(table)
    if key.lower() not in found:
        raise Refused(
            f"has no column {key}, the primary key of the table: export it again with all columns"
        )
    drifts, listed, lost = [], [], []
    for name, kind in data_columns(table).items():
        if name.lower() not in found:
            drifts.append((name, "missing", f"expected {kind}"))
            continue
        given, given_kind = found[name.lower()]
        value = quote(given)
        if is_csv and kind != "varchar":
            value = f"nullif(trim({value}), '')"
        if (table.name, name) == ("preference", "ValueString"):
            allowed = ", ".join(f"'{preference}'" for preference in allowed_preferences())
            value = f"case when {quote(found['prefname'][0])} in ({allowed}) then {value} end"
        typed = f"try_cast({value} as {kind})"
        if given_kind == "FLOAT":
            typed = f"try_cast(cast({value} as varchar) as {kind})"
        listed.append(f"{typed} as {quote(name)}")
        is_lost = f"{value} is not null and {typed} is null"
        if kind in ("date", "timestamp"):  # 0000-00-00 and 1998-02-00 are empty, as from a server
            is_lost += (
                f" and not regexp_matches(cast({value} as varchar), '^\\d{{4}}-(00-|\\d\\d-00)')"
            )
        lost.append(f"when {is_lost} then '{name}'")
    wanted = {name.lower() for name in table.columns} | never_extracted(table)
    drifts += [
        (name, "new", f"came as {kind.lower()} and not extracted")
        for lower, (name, kind) in found.items()
        if lower not in wanted
    ]
    unreadable = f"case {' '.join(lost)} end"
    connection.execute(
        f"create or replace temp table fetched as select {', '.join(listed)}, "
        f"{unreadable} as _lost from {relation}"
    )
    if reason := _unreadable(connection, table, relation, unreadable, 1 + is_csv):
        raise Refused(reason)
    _check(connection, table)
    forget_rows(connection, settings, table, FETCHED)
    return drifts


def _unreadable(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    relation: str,
    unreadable: str,
    first_row: int,
) -> str | None:
    """The first cell that its column cannot hold, by row and column; None where there is none.

    The file is read again for it, in its order, which the reading that lands does not keep.
    """
    (count,) = connection.execute(f"select count(_lost) from {FETCHED}").fetchone()
    if not count:
        return None
    connection.execute("set preserve_insertion_order = true")
    row, column = connection.execute(
        f"select row_number, lost from (select row_number() over () + {first_row - 1} as "
        f"row_number, {unreadable} as lost from {relation}) where lost is not null "
        "order by row_number limit 1"
    ).fetchone()
    connection.execute("set preserve_insertion_order = false")
    more = f" ({count:,} rows hold such a cell)" if count > 1 else ""
    return (
        f"row {row}: column {column} holds a value that cannot be read as {table.columns[column]}"
        f"{more}. The table stays as it was: mend the row, or export it again"
    )


def _check(connection: duckdb.DuckDBPyConnection, table: RawTable) -> None:
    key = quote(primary_key(table))
    count, keys = connection.execute(f"select count(*), count({key}) from {FETCHED}").fetchone()
    if keys < count:
        raise Refused(f"has rows with an empty {key}: export it again")
    twice = connection.execute(
        f"select count(*) from (select 1 from {FETCHED} group by {key} having count(*) > 1)"
    ).fetchone()[0]
    if twice:
        raise Refused(f"has {twice} values of {key} on more than one row: export it again")
    if not count and live_count(connection, table) >= FILLED:
        raise Refused("has no rows, though rows of this table were landed before: export it again")
