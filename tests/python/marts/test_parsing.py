"""Dates, money and growth levels as the SQL reads them, against a plain Python reading.

The reference is written from what people type, not from the SQL: a text is made of known parts, so
that what it says is known too. Each example is a few cells in an empty warehouse: few, since
Hypothesis gives up on long ones and then tries next to nothing.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carehouse.settings import Settings
from conftest import build

BATCH = 12
Parse = Callable[[list[str]], dict[str, object]]
examples = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
)


def several(cases: st.SearchStrategy) -> st.SearchStrategy:
    """A few different texts with what they are."""
    return st.lists(cases, min_size=BATCH // 2, max_size=BATCH, unique_by=lambda case: case[0])


def compiled(home: Settings, model: str) -> str:
    (path,) = (home.home / "dbt" / "compiled").rglob(f"{model}.sql")
    return Path(path).read_text()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """An empty warehouse whose steps from cells to parsed values are views."""
    home = Settings(home=tmp_path_factory.mktemp("empty"))
    assert build(
        home,
        "--select",
        "+int_care__text_dates",
        "+int_workbooks__text_amounts",
        "+int_workbooks__text_growth_levels",
    ).ok
    with duckdb.connect(str(home.warehouse)) as connection:
        for model in (
            "int_workbooks__pieces",
            "int_care__text_dates",
            "int_workbooks__text_amounts",
            "int_workbooks__text_growth_levels",
        ):
            connection.execute(f"drop table intermediate.{model}")
            connection.execute(f"create view intermediate.{model} as {compiled(home, model)}")
        yield connection


def reads(connection, sql: str) -> Parse:
    def parse(texts: list[str]) -> dict[str, object]:
        connection.execute("begin")
        connection.execute(
            "insert into raw_workbooks.cells (_source_file, _source_sheet, sheet_state, "
            "_source_row, column_number, value_text, value_type, column_span, row_span) "
            "select 'a.xlsx', 'S', 'visible', row_number() over (), 1, text, 'text', 1, 1 "
            "from (select unnest($1::varchar[]) as text)",
            [texts],
        )
        found = dict(connection.execute(sql).fetchall())
        connection.execute("rollback")
        return found

    return parse


@pytest.fixture(scope="module")
def read_dates(empty) -> Parse:
    return reads(empty, "select date_text, parsed_date from intermediate.int_care__text_dates")


@pytest.fixture(scope="module")
def read_amounts(empty) -> Parse:
    return reads(
        empty, "select amount_text, parsed_amount from intermediate.int_workbooks__text_amounts"
    )


@pytest.fixture(scope="module")
def read_levels(empty) -> Parse:
    return reads(
        empty,
        "select growth_text, parsed_level from intermediate.int_workbooks__text_growth_levels",
    )


def differences(parse: Parse, cases: list[tuple[str, object]]) -> list[tuple]:
    found = parse([text for text, _ in cases])
    return [
        (text, f"read {found.get(text.strip())}", f"is {expected}")
        for text, expected in cases
        if found.get(text.strip()) != expected
    ]


# --- dates ---------------------------------------------------------------------------------------

MONTHS = "January February March April May June July August September October November December"
DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


def day_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1900 <= year <= 2100 else None
    except ValueError:
        return None


def reference_date(first: str, second: str, third: str) -> date | None:
    """What three parts say, day first. A name is a month; four digits in front are a year."""
    names = {name[:3].lower(): number for number, name in enumerate(MONTHS.split(), start=1)}

    def month(part: str) -> int | None:
        return names.get(part[:3].lower()) if part.isalpha() else None

    def number(part: str) -> int:
        return int(re.match(r"\d+", part)[0])

    def year(part: str) -> int:
        if len(part) == 4:
            return int(part)
        return int(part) + (2000 if part < "70" else 1900) if len(part) == 2 else 0

    if len(first) == 4 and first.isdigit():
        return day_or_none(int(first), month(second) or number(second), number(third))
    if month(first):
        return day_or_none(year(third), month(first), number(second))
    if month(second):
        return day_or_none(year(third), month(second), number(first))
    day, other = number(first), number(second)
    return day_or_none(year(third), other, day) or day_or_none(year(third), day, other)


def ordinal(day: int) -> str:
    ending = "th" if 10 < day % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


plain_days = st.one_of(st.integers(1, 32).map(str), st.integers(0, 33).map("{:02d}".format))
days = st.one_of(plain_days, st.integers(1, 31).map(ordinal))
month_numbers = st.one_of(st.integers(1, 13).map(str), st.integers(0, 13).map("{:02d}".format))
month_names = st.sampled_from(MONTHS.split()).flatmap(
    lambda name: st.sampled_from(
        [name, name[:3], name.upper(), name[:3].lower(), *(["Sept"] if name[0] == "S" else [])]
    )
)
long_years = st.one_of(st.integers(2015, 2027).map(str), st.integers(1890, 2110).map(str))
years = st.one_of(long_years, st.integers(0, 99).map("{:02d}".format))
separators = st.sampled_from(["/", "-", ".", " ", " / ", ". ", " - "])


@st.composite
def written_dates(draw) -> tuple[str, date | None]:
    """A date as somebody may have typed it, and the day that it is, if any."""
    form = draw(st.sampled_from(["numbers", "names", "american", "iso", "iso name"]))
    separator = draw(separators)
    if form == "numbers":
        parts = draw(st.tuples(plain_days, month_numbers, years))
    elif form == "names":
        parts = draw(st.tuples(days, month_names, years))
        separator = draw(st.sampled_from([" ", "-", ".", "/", ", ", " of "]))
    elif form == "american":
        parts = draw(st.tuples(month_names, days, years))
        separator = draw(st.sampled_from([" ", ", ", "-"]))
    else:
        second = month_numbers if form == "iso" else month_names
        parts = draw(st.tuples(long_years, second, plain_days))
        separator = draw(st.sampled_from(["-", "/", ".", " "]))
    text = separator.join(parts)
    text = draw(
        st.sampled_from(
            [
                "{}",
                "{}",
                "{} ",
                "{}.",
                "({})",
                "Wed {}",
                "Wednesday, {}",
                "{} 14:30",
                "{} at 4:30 pm",
                "{} (Wed)",
                "Date: {}",
                "Dt. {}",
                "on {}",
            ]
        )
    ).format(text)
    if draw(st.integers(0, 9)) == 0:
        text = text.translate(DEVANAGARI)
    return text, reference_date(*parts)


@examples
@given(cases=several(written_dates()))
def test_a_date_is_read_as_a_person_reads_it(read_dates, cases):
    assert differences(read_dates, cases) == []


@examples
@given(day=st.dates(date(1990, 1, 1), date(2069, 12, 31)))
def test_every_calendar_day_is_read_in_every_form(read_dates, day):
    forms = (
        "{d:02}/{m:02}/{y}",
        "{d}.{m}.{s}",
        "{d}-{m}-{y}",
        "{o} {name} {y}",
        "{o} of {name}, {y}",
        "{d} {name:.3} {s}",
        "{d:02}-{name:.3}-{y}",
        "{name} {d}, {y}",
        "{name:.3} {o} {y}",
        "{y}-{m:02}-{d:02}",
        "{y}/{m}/{d}",
        "{y}-{m:02}-{d:02} 00:00:00",
        "{d:02}/{m:02}/{y} 10.15 am",
        "{weekday:.3}, {d} {name} {y}",
        "{d}{name:.3}{y}",
        "{d} {name:.3}'{s}",
    )
    parts = {
        "d": day.day,
        "m": day.month,
        "y": day.year,
        "s": f"{day.year % 100:02d}",
        "o": ordinal(day.day),
        "name": MONTHS.split()[day.month - 1],
        "weekday": f"{day:%A}",
    }
    texts = [(form.format(**parts), day) for form in forms]
    assert differences(read_dates, texts) == []


def test_what_is_no_date_is_not_read_as_one(read_dates):
    texts = [
        "31/02/2025",
        "30 February 2025",
        "29/02/2025",
        "31/11/2025",
        "13/13/2025",
        "00/01/2025",
        "??/03/2025",
        "12/03",
        "12.50",
        "1,200",
        "March 2025",
        "2025",
        "12 Marchember 2025",
        "12/03/225",
        "12/03/20255",
        "9876543210",
        "PW001",
        "1-2-3-4",
        "12/03/2025 - 14/03/2025",
        "12/03/2025 to 14/03/2025",
        "3 visits in 2025",
        "pending",
    ]
    found = read_dates(texts)
    assert {text: found[text] for text in texts if found.get(text)} == {}


# --- money ---------------------------------------------------------------------------------------


def grouped(digits: str, size: int) -> str:
    """1234567 -> 1,234,567 (size 3) or 12,34,567 (size 2)."""
    head, groups = digits[:-3], [digits[-3:]]
    while head:
        groups.insert(0, head[-size:])
        head = head[:-size]
    return ",".join(groups)


@st.composite
def written_amounts(draw) -> tuple[str, Decimal]:
    """An amount as somebody may have typed it, and what it is."""
    cents = draw(st.integers(0, 10**9))
    amount = Decimal(cents) / 100
    whole, fraction = f"{amount:.2f}".split(".")
    whole = draw(st.sampled_from([whole, grouped(whole, 3), grouped(whole, 2)]))
    if fraction == "00":
        number = draw(st.sampled_from([whole, f"{whole}.00", f"{whole}.0"]))
    else:
        number = f"{whole}.{fraction}"
    before = draw(
        st.sampled_from(["", "", "₹", "₹ ", "Rs. ", "Rs.", "Rs ", "rs", "INR ", "$", "€ ", "RS. "])
    )
    after = "" if before else draw(st.sampled_from(["", " rs", " Rs.", " INR", "₹", " rupees"]))
    after += draw(st.sampled_from(["", "", "/-", " /-", "/=", " only", "/- only"]))
    text = f"{before}{number}{after}"
    sign = draw(st.sampled_from(["{}", "{}", "{}", "({})", "-{}", "- {}", "−{}", " {} "]))
    if sign.strip() != "{}":
        amount = -amount
    return sign.format(text), amount


@examples
@given(cases=several(written_amounts()))
def test_an_amount_is_read_to_the_cent(read_amounts, cases):
    assert differences(read_amounts, cases) == []


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1200", "1200.00"),
        ("(200)", "-200.00"),
        ("(Rs. 200)", "-200.00"),
        ("Rs. -200", "-200.00"),
        ("₹-1,200", "-1200.00"),
        ("1.200,50", "1200.50"),
        ("12,50", "12.50"),
        ("1 200", "1200.00"),
        ("1, 200", "1200.00"),
        (".50", "0.50"),
        ("0.125", "0.13"),
        ("1200.005000", "1200.01"),
        ("99,99,999/-", "9999999.00"),
        ("12/03/2025", None),
        ("10%", None),
        ("2 bags", None),
        ("500+200", None),
        ("1,2,3", None),
        ("1,23", "1.23"),
        ("12,3456", None),
        ("1,200,50", None),
        ("500 approx", None),
        ("Rs. 500 x 2", None),
        ("bill 500", None),
        ("1e5", None),
        ("--500", None),
        ("5-", None),
        ("99999999999", None),
    ],
)
def test_an_amount_that_is_doubtful_is_not_guessed(read_amounts, text, amount):
    expected = Decimal(amount) if amount else None
    assert read_amounts([text]).get(text) == expected


# --- growth levels -------------------------------------------------------------------------------


@st.composite
def written_levels(draw) -> tuple[str, Decimal | None]:
    """A growth level as somebody may have typed it, and what it is; None where it is no level."""
    level = draw(st.one_of(st.integers(0, 5), st.integers(6, 40), st.decimals(0, 5, places=1)))
    before = draw(
        st.sampled_from(
            ["", "", "Level ", "level-", "L", "LEVEL: ", "Growth level ", "Lvl ", "Stage "]
        )
    )
    after, is_level = draw(
        st.sampled_from(
            [
                ("", True),
                ("", True),
                (" (As per questionnaire)", True),
                (" (as per Questionnaire)", True),
                (" - improving", True),
                (" improving", True),
                (": stable", True),
                ("/5", True),
                (" out of 5", True),
                (".", True),
                (" ", True),
                ("%", False),
                (" %", False),
                ("-4", False),
                (" to 4", False),
                (" or 4", False),
                (" & 4", False),
                ("rd", False),
                (" weeks", False),
                (" visits so far", False),
                ("/3/2025", False),
            ]
        )
    )
    is_read = is_level and level <= 10
    return f"{before}{level}{after}", Decimal(level) if is_read else None


@examples
@given(cases=several(written_levels()))
def test_a_growth_level_is_the_number_that_leads(read_levels, cases):
    assert differences(read_levels, cases) == []


def test_words_for_levels_are_those_of_the_alias_seed(read_levels):
    levels = {"one": 1, "Level Two": 2, "level iv": 4, "V": 5}
    found = read_levels([*levels, "N/A", "not assessed", "improving", "-"])
    assert {text: found[text] for text in levels} == levels
    assert not any(found.get(text) for text in ("N/A", "not assessed", "improving", "-"))
