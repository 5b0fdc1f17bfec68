"""Made-up inputs of four days, each with what came, changed and vanished since the day before."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from carehouse.daily import generate_inputs
from carehouse.demo import opendental
from carehouse.registry import SOURCES

FIRST_DAY = date(2025, 6, 27)
DAYS = 4
SEED = 7


def four_days(
    folder: Path, scale: float, days: int = DAYS, sources: Sequence[str] = SOURCES
) -> Iterator[tuple[date, Path]]:
    """Each day and the inbox as it is then, below `folder`.

    Clinic drops and claims exports arrive by the day, practice tables are those of the day (rows
    edited, deleted, merged), a workbook and a note come, change and vanish.
    """
    last_day = FIRST_DAY + timedelta(days=DAYS - 1)
    made, inbox = folder / "made", folder / "inbox"
    for source in set(sources) - {"opendental"}:
        # a clinic that is too small lacks a row for each of its odd cases
        size = max(scale, 0.5) if source == "clinic" else scale
        generate_inputs(made, scale=size, seed=SEED, source=source, as_of=last_day)
    if "opendental" in sources:
        opendental.generate(made, scale=scale, seed=SEED, as_of=FIRST_DAY, days=max(days, 2))
    held = {
        source: sorted(path for path in (made / source).rglob(pattern) if path.is_file())[-2:]
        for source, pattern in (("workbooks", "*.xlsx"), ("notes", "*.docx"))
        if source in sources
    }
    for day in range(days):
        today = FIRST_DAY + timedelta(days=day)
        if day == 0:
            for source in set(sources) - {"opendental"}:
                shutil.copytree(made / source, inbox / source)
            for path in (path for paths in held.values() for path in paths):
                (inbox / path.relative_to(made)).unlink()
            for drop in _drops(inbox):
                if drop.name[:10] > today.isoformat():
                    shutil.rmtree(drop)
        for drop in _drops(made) if day else ():
            if drop.name[:10] == today.isoformat():
                shutil.copytree(drop, inbox / drop.relative_to(made))
        if "opendental" in sources:
            shutil.rmtree(inbox / "opendental", ignore_errors=True)
            shutil.copytree(made / "opendental" / f"day-{day}", inbox / "opendental")
        for source, paths in held.items() if day else ():
            _files_of(inbox / source, day, made, inbox, paths)
        yield today, inbox


def _drops(folder: Path) -> list[Path]:
    """The folders that arrive by the day."""
    return [*folder.glob("claims/exports/*"), *folder.glob("clinic/daily/*")]


def _files_of(folder: Path, day: int, made: Path, inbox: Path, held: list[Path]) -> None:
    """One comes on each of two days, one changes on the second, one goes on the third."""
    there = sorted(path for path in folder.rglob("*.*") if path.is_file() and path not in held)
    if day <= len(held):
        path = held[day - 1]
        shutil.copy(path, inbox / path.relative_to(made))
    if day == 2:
        shutil.copy(there[1], there[0])  # somebody saved another participant's over it
    if day == 3:
        there[2].unlink()
