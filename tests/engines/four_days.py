"""Made-up inputs of four days, each with what came, changed and vanished since the day before."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from carehouse.daily import generate_inputs
from carehouse.demo import opendental

FIRST_DAY = date(2025, 6, 27)
DAYS = 4
SEED = 7


def four_days(folder: Path, scale: float, days: int = DAYS) -> Iterator[tuple[date, Path]]:
    """Each day and the inbox as it is then, below `folder`.

    Clinic drops and claims exports arrive by the day, practice tables are those of the day (rows
    edited, deleted, merged), a workbook and a note come, change and vanish.
    """
    last_day = FIRST_DAY + timedelta(days=DAYS - 1)
    made, inbox = folder / "made", folder / "inbox"
    for source in ("workbooks", "notes", "clinic", "claims"):
        generate_inputs(made, scale=scale, seed=SEED, source=source, as_of=last_day)
    opendental.generate(made, scale=scale, seed=SEED, as_of=FIRST_DAY, days=max(days, 2))
    held = {
        source: sorted(path for path in (made / source).rglob(pattern) if path.is_file())[-2:]
        for source, pattern in (("workbooks", "*.xlsx"), ("notes", "*.docx"))
    }
    for day in range(days):
        today = FIRST_DAY + timedelta(days=day)
        if day == 0:
            for source in ("workbooks", "notes", "clinic", "claims"):
                shutil.copytree(made / source, inbox / source)
            for paths in held.values():
                for path in paths:
                    (inbox / path.relative_to(made)).unlink()
            _later(inbox, today)
        for drop in _of_the_day(made, today) if day else ():
            shutil.copytree(drop, inbox / drop.relative_to(made))
        shutil.rmtree(inbox / "opendental", ignore_errors=True)
        shutil.copytree(made / "opendental" / f"day-{day}", inbox / "opendental")
        for source, paths in held.items() if day else ():
            _files_of(inbox / source, day, made, inbox, paths)
        yield today, inbox


def _later(inbox: Path, today: date) -> None:
    """Take out what has not arrived yet."""
    for folder in (*(inbox / "claims" / "exports").iterdir(), *(inbox / "clinic/daily").iterdir()):
        if folder.name[:10] > today.isoformat():
            shutil.rmtree(folder)


def _of_the_day(made: Path, today: date) -> list[Path]:
    folders = [*(made / "claims" / "exports").iterdir(), *(made / "clinic" / "daily").iterdir()]
    return [folder for folder in folders if folder.name[:10] == today.isoformat()]


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
