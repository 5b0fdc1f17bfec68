"""`carehouse export MART…`: published marts for people who live in Excel, or for other programs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from carehouse.described import Column, Mart, find_mart
from carehouse.errors import NotExported
from carehouse.published import open_published
from carehouse.settings import Settings
from carehouse.sql import literal
from carehouse.tables import write_csv

BATCH = 10_000
MEANINGS = (
    Column("mart", "VARCHAR", ""),
    Column("column", "VARCHAR", ""),
    Column("type", "VARCHAR", ""),
    Column("meaning", "VARCHAR", ""),
)


@dataclass
class Exported:
    """The files written, rows by mart, and how many texts a cell could not hold whole."""

    files: list[Path] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    cut: int = 0


def export_marts(settings: Settings, names: list[str], kind: str, out: Path | None) -> Exported:
    """Write marts as tabs of one workbook, or as a file each; `out` is a file or a folder.

    Raises NothingPublished for a name that no mart has, NotExported where Excel has no room. What
    stood there before is replaced whole or not at all.
    """
    place = out or settings.home / "exports"
    is_file = place.suffix.lower() == f".{kind}"
    if is_file and kind != "xlsx" and len(names) > 1:
        raise NotExported(f"{len(names)} marts need a folder, not one {kind} file: give a folder")
    (place.parent if is_file else place).mkdir(parents=True, exist_ok=True)
    done = Exported()
    with open_published(settings) as connection:
        marts = list({one.full_name: one for one in map(_finder(connection), names)}.values())
        if kind == "xlsx":
            stem = marts[0].full_name if len(marts) == 1 else "marts"
            path = place if is_file else place / f"{stem}.xlsx"
            _replace(path, lambda new: _book(connection, marts, new, done))
            done.files.append(path)
            return done
        write = _csv if kind == "csv" else _parquet
        for mart in marts:
            path = place if is_file else place / f"{mart.full_name}.{kind}"
            _replace(path, lambda new, mart=mart: write(connection, mart, new, done))
            done.files.append(path)
        if not is_file:
            path = place / "meanings.csv"
            _replace(path, lambda new: _meanings_csv(marts, new))
            done.files.append(path)
    return done


def _finder(connection: duckdb.DuckDBPyConnection) -> Callable[[str], Mart]:
    return lambda name: find_mart(connection, name)


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """Write beside, for its owner only, and rename over what was there."""
    new = path.with_name(f".new-{path.name}")
    try:
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        write(new)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _rows(connection: duckdb.DuckDBPyConnection, mart: Mart) -> Iterator[tuple]:
    found = connection.execute(f"select * from {mart.sql_name}")
    while rows := found.fetchmany(BATCH):
        yield from rows


def _book(
    connection: duckdb.DuckDBPyConnection, marts: list[Mart], new: Path, done: Exported
) -> None:
    from carehouse.spreadsheets import add_sheet, new_book

    with new_book(new) as book:
        for mart in marts:
            count, cut = add_sheet(book, mart.name, mart.columns, _rows(connection, mart))
            done.rows[mart.full_name] = count
            done.cut += cut
        add_sheet(book, "Meaning of columns", MEANINGS, _meanings(marts))


def _csv(connection: duckdb.DuckDBPyConnection, mart: Mart, new: Path, done: Exported) -> None:
    header = [column.name for column in mart.columns]

    def counted() -> Iterator[tuple]:
        for count, row in enumerate(_rows(connection, mart), start=1):
            done.rows[mart.full_name] = count
            yield row

    done.rows[mart.full_name] = 0
    with new.open("w", encoding="utf-8-sig", newline="") as file:  # with BOM: Excel reads umlauts
        write_csv(file, header, counted())


def _parquet(connection: duckdb.DuckDBPyConnection, mart: Mart, new: Path, done: Exported) -> None:
    (count,) = connection.execute(
        f"copy (select * from {mart.sql_name}) to {literal(new)} (format parquet, compression zstd)"
    ).fetchone()
    done.rows[mart.full_name] = count


def _meanings(marts: list[Mart]) -> Iterator[tuple[str, str, str, str]]:
    for mart in marts:
        yield mart.full_name, "", "", mart.description
        for column in mart.columns:
            yield mart.full_name, column.name, column.type.lower(), column.meaning


def _meanings_csv(marts: list[Mart], new: Path) -> None:
    with new.open("w", encoding="utf-8-sig", newline="") as file:
        write_csv(file, [column.name for column in MEANINGS], _meanings(marts))
