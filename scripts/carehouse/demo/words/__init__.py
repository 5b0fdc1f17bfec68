"""The word lists of the demo: the CSV files beside this module, in the order they are written.

Draws pick by place, so a line that is added or moved changes what a seed makes up.
"""

import csv
from functools import cache
from pathlib import Path


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of one file, each by column name.

    Cells hold line breaks; reading in text mode gives the same ones from a Windows checkout.
    """
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8") as source:
        return tuple(csv.DictReader(source))


def words(name: str) -> tuple[str, ...]:
    """One list of `lists.csv`."""
    return tuple(row["text"] for row in rows("lists") if row["list"] == name)


def spellings(name: str) -> dict[str, tuple[str, ...]]:
    """One list of `spellings.csv`: word -> the ways people write it."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows("spellings"):
        if row["list"] == name:
            found[row["word"]] = (*found.get(row["word"], ()), row["text"])
    return found
