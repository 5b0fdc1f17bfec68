"""How each case worker keeps a workbook: drawn per person, the first ones fixed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from carehouse.demo.people import Person, rng


@dataclass(frozen=True)
class Habits:
    """How one case worker keeps a workbook."""

    suffix: str = ".xlsx"
    file_style: str = "id_name"  # id_name, name, id_first, id
    is_1904: bool = False
    beside: bool = False
    first_column: int = 1
    titles: int = 1
    info: str = "down"  # down, across, inline
    id_style: str = "plain"  # plain, dash, lower, none
    dates: str = "text"  # real, serial, text
    main_date: int = 0
    separators: str = ""  # '', upper, short, name, real
    blank_dates: bool = True
    merge_dates: bool = False
    newest_first: bool = False
    numbered: bool = False
    repeat_header: int = 0
    pasted: str = ""  # '', one, block
    money: str = "number"  # number, symbol, words, slash
    totals: str = "label"  # '', label, bare, fixed
    subtotals: bool = False
    errors: bool = False
    comments: bool = False
    footnotes: int = 0
    archive: bool = False
    sheet3: bool = False
    assessment: str = ""  # '', long, wide, questionnaire


# One worker of each kind, so that a small pool shows everything too. `next_day` corrects the first
# workbook and changes a status in the second: both need their status and risk filled in.
PINNED: dict[int, dict[str, Any]] = {
    0: {
        "suffix": ".xlsx",
        "file_style": "id_name",
        "id_style": "plain",
        "beside": False,
        "newest_first": False,
        "dates": "real",
        "pasted": "one",
    },
    1: {
        "suffix": ".xlsx",
        "file_style": "name",
        "first_column": 2,
        "separators": "upper",
        "subtotals": True,
        "titles": 2,
        "assessment": "long",
        "beside": False,
        "id_style": "plain",
    },
    2: {"suffix": ".xls", "file_style": "id_name", "separators": "short", "beside": False},
    3: {"suffix": ".xlsm", "dates": "serial", "comments": True},
    4: {"suffix": ".xlsx", "is_1904": True, "dates": "real", "assessment": "wide"},
    5: {"suffix": ".xlsx", "beside": True, "first_column": 2, "titles": 1},
    9: {"archive": True, "sheet3": True, "assessment": "questionnaire", "suffix": ".xlsx"},
    10: {"suffix": ".ods", "file_style": "name", "beside": False},
    11: {
        "separators": "name",
        "pasted": "block",
        "errors": True,
        "repeat_header": 18,
        "suffix": ".xlsx",
        "beside": False,
    },
    12: {"merge_dates": True, "suffix": ".xlsx", "numbered": True, "money": "words"},
    13: {"separators": "real", "beside": False, "totals": "bare", "money": "slash"},
}


def habits_of(person: Person, seed: int) -> Habits:
    """The habits of the worker who keeps this person's workbook."""
    draw = rng(seed, "habits", person.index)

    def maybe(share: float) -> bool:
        return draw.random() < share

    drawn = Habits(
        suffix=draw.choices((".xlsx", ".xlsm", ".xls", ".ods"), (80, 6, 10, 4))[0],
        file_style=draw.choices(("id_name", "name", "id_first", "id"), (5, 3, 1, 1))[0],
        is_1904=maybe(0.04),
        beside=maybe(0.12),
        first_column=draw.choice((1, 1, 1, 2)),
        titles=draw.choice((0, 1, 1, 2)),
        info=draw.choice(("down", "down", "across", "inline")),
        id_style=draw.choices(("plain", "dash", "lower", "none"), (80, 5, 5, 10))[0],
        dates=draw.choices(("real", "serial", "text"), (50, 8, 42))[0],
        main_date=draw.randrange(15),
        separators=draw.choices(("", "upper", "short", "name", "real"), (60, 16, 10, 10, 4))[0],
        blank_dates=maybe(0.75),
        merge_dates=maybe(0.15),
        newest_first=maybe(0.1),
        numbered=maybe(0.15),
        repeat_header=draw.choice((0, 0, 0, 15, 25)),
        pasted=draw.choice(("", "", "one", "block")),
        money=draw.choice(("number", "number", "symbol", "words", "slash")),
        totals=draw.choice(("", "label", "label", "bare", "fixed")),
        subtotals=maybe(0.3),
        errors=maybe(0.2),
        comments=maybe(0.25),
        footnotes=draw.choice((0, 0, 1, 2)),
        archive=maybe(0.15),
        sheet3=maybe(0.3),
        assessment=draw.choice(("", "", "", "long", "wide", "questionnaire")),
    )
    habits = replace(drawn, **PINNED.get(person.index, {}))
    if habits.file_style == "name" and habits.id_style == "none":
        habits = replace(habits, id_style="plain")
    return replace(
        habits,
        is_1904=habits.is_1904 and habits.suffix in (".xlsx", ".xlsm"),
        separators="" if habits.beside or habits.newest_first else habits.separators,
        merge_dates=habits.merge_dates and habits.blank_dates,
        numbered=habits.numbered and not habits.beside,
    )
