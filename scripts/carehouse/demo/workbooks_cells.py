"""Values as people type them: dates, amounts, growth levels and texts in their many forms."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from openpyxl.utils.datetime import CALENDAR_MAC_1904, WINDOWS_EPOCH, to_excel

from carehouse.demo.people import date_texts
from carehouse.demo.workbooks_grid import Cell, Formula
from carehouse.demo.workbooks_habits import Habits


def date_cell(day: date, habits: Habits, draw: Random) -> Cell:
    """A date in the worker's usual way, now and then in another."""
    others = ("real", "text", "text", "text", "serial")
    style = habits.dates if draw.random() < 0.8 else draw.choice(others)
    if style == "real":
        return Cell(day, draw.choice(("dd/mm/yyyy", "dd-mmm-yy", "mm-dd-yy", "d mmmm yyyy")))
    if style == "serial":
        return Cell(int(to_excel(day, CALENDAR_MAC_1904 if habits.is_1904 else WINDOWS_EPOCH)))
    texts = date_texts(day)
    text = texts[habits.main_date] if draw.random() < 0.75 else draw.choice(texts)
    return Cell(text + " " if draw.random() < 0.04 else text)


def bad_date(day: date, draw: Random) -> str:
    """A date that no calendar has."""
    return draw.choice(
        (f"31/02/{day.year}", f"30/02/{day.year}", f"31/11/{day.year}", f"??/{day:%m/%Y}")
    )


def indian(amount: Decimal) -> str:
    """1234567.5 -> 12,34,567.50; whole rupees without decimals."""
    whole, _, cents = f"{abs(amount):.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [tail]
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return ",".join(groups) + ("" if cents == "00" else f".{cents}")


def money_texts(amount: Decimal) -> tuple[str, ...]:
    """The text forms of an amount in rupees; a refund is in brackets or has a minus."""
    text = indian(amount)
    if amount < 0:
        return f"({text})", f"-{text}", f"(₹{text})", f"- {text}", f"(Rs. {text})"
    plain = text.replace(",", "")
    return (
        f"₹{text}",
        f"Rs. {text}",
        f"{text}/-",
        f"Rs.{plain}/-",
        f"₹ {text}",
        f"INR {plain}",
        text,
        f"{plain} rs",
        f"Rs {text}",
        f"{abs(amount):.2f}",
    )


def amount_cell(amount: Decimal, habits: Habits, draw: Random) -> Cell:
    """An amount in the worker's usual way, now and then in another."""
    usual = {"number": -1, "symbol": 0, "words": 1, "slash": 2}[habits.money]
    twist = draw.random()
    texts = money_texts(amount)
    if twist < 0.03 and amount > 100:
        part = Decimal(int(amount * draw.choice((3, 5, 7)) / 10))
        return Cell(Formula(f"{part}+{amount - part}", float(amount)))
    if twist < 0.15:
        return Cell(draw.choice(texts))
    if usual >= 0 and twist < 0.85:
        return Cell(texts[usual])
    shown = draw.choice(("", "", "#,##0.00", "[$₹-4009] #,##0.00"))
    return Cell(int(amount) if amount == int(amount) else float(amount), shown)


def growth_cell(level: int | None, draw: Random) -> Cell:
    """A growth level in one of its forms; empty or 'N/A' where none was noted."""
    if level is None:
        return Cell(draw.choices(("", "N/A", "NA", "-", "Not assessed"), (80, 10, 4, 4, 2))[0])
    words = ("crisis", "slow", "stable", "improving", "independent")[level - 1]
    form = draw.choices(range(9), (30, 26, 12, 12, 6, 4, 4, 4, 2))[0]
    return Cell(
        (
            f"{level} (As per questionnaire)",
            level,
            f"Level {level}",
            f"{level} - {words}",
            str(level),
            f"level-{level} ",
            f"{level} (as per Questionnaire)",
            f"L{level}",
            f"{level}/5",
        )[form]
    )


def text_cell(text: str, draw: Random) -> Cell:
    """Free text, now and then with a space or a line break too many at its ends."""
    if text and draw.random() < 0.04:
        return Cell(draw.choice((text + " ", " " + text, text + "\n")))
    return Cell(text)
