"""What an analyst may see of a mart, as SQL: derived from each column's `meta.phi` and its type.

| column | becomes |
|---|---|
| id or key of a person or of what a person has | keyed hash (HMAC-SHA256), the same in every mart |
| identifier: a name, phone, address, free text, a place, a file | left out |
| identifier: a date (of birth, of death) | five years of birth as text: `birth_years` |
| date or moment in a person's row | moved by the person's own number of weeks, never none |
| date in a row that names no person | the first day of its year |
| age, year of birth | the lowest of five years; from 90 on, 90 |
| days since a date, up to the day of computing | left out: with that day they tell the date |
| lineage (`_source_row`) | left out |
| anything else | as it is |

A date that more than a tenth of the persons share (an export's day) would tell how far all dates
were moved: it is left out. A person whose age, sex, place and so on are shared by fewer than the
limit has these left empty in that mart. Marts without persons keep their rows; those with a count
from 1 up to the limit lose their measures, and as many others as are needed that no total gives
them away.
"""

import re
from dataclasses import dataclass
from itertools import combinations

import duckdb

from carehouse.errors import NotPublished
from carehouse.graph import Mart
from carehouse.sql import quote

PERSONS = ("patient_id", "participant_id", "member_id", "person_id", "guarantor_id")
MOMENTS = ("date", "timestamp")
OPEN_ENDS = "(date '1900-01-01', date '9999-12-31')"  # of versions; no day of anybody
SHARED_BY = 0.1  # of the persons
SINCE = re.compile(r"(^|_)days_(since|to|until|overdue|past)(_|$)|(^|_)(since|overdue|age)_days$")
AGE = re.compile(r"^(age|birth_year)(_|$)")
# what describes a person and others may know too
DESCRIBES = re.compile(
    r"^(age|birth_year|sex|gender|race|ethnicity|marital_status|state|postal_region|language"
    r"|billing_type|primary_language)(_|$)|^birth_years$|^death_"
)
WEEKS = 26  # how far dates move, either way


@dataclass(frozen=True)
class Column:
    """One column of the analysts' table and the SQL that makes it."""

    name: str
    sql: str


def person_of(mart: Mart) -> str | None:
    """The column that says whose row it is."""
    return next((one for one in PERSONS if mart.phi.get(one, "none") != "none"), None)


def is_about_persons(mart: Mart) -> bool:
    """Whether any column says something of a person; names of staff are left out anyway."""
    return person_of(mart) is not None or any(
        phi == "pseudonym" and _is_id(name) for name, phi in mart.phi.items()
    )


def columns(mart: Mart, told: set[str]) -> list[Column]:
    """The columns of the analysts' table; `told` are dates that would tell how far others moved.

    Raises NotPublished for a column without `meta.phi`.
    """
    person, by_person = person_of(mart), is_about_persons(mart)
    found = []
    for name, kind in mart.types.items():
        phi = mart.phi.get(name)
        if phi not in ("none", "pseudonym", "identifier"):
            raise NotPublished(
                f"{mart.full_name}.{name} has no meta.phi: nobody said who may see it. Say so in "
                "the mart's yml, and build it"
            )
        sql = _sql(name, kind, phi, person, by_person, told)
        if sql:
            found.append(sql)
    return found


def _sql(
    name: str, kind: str, phi: str, person: str | None, by_person: bool, told: set[str]
) -> Column | None:
    column = quote(name)
    is_moment = kind.startswith(MOMENTS)
    if name.startswith("_") or name in told:
        return None
    if _is_id(name) and (phi != "none" or (by_person and name.endswith("_key"))):
        return Column(name, f"pseudonym(cast({column} as varchar))")
    if phi == "identifier":
        if not is_moment:
            return None
        five = f"(year({column}) // 5 * 5)"
        return Column(
            re.sub(r"_(date|at)$", "", name) + "_years",
            f"case when {column} is not null then {five} || ' to ' || ({five} + 4) end",
        )
    if not by_person:
        return Column(name, column)
    if is_moment:
        if person is None:
            moved = f"date_trunc('year', {column})"
        else:
            moved = f"{column} + to_days(7 * weeks_of(cast({quote(person)} as varchar)))"
        kept = f"case when cast({column} as date) in {OPEN_ENDS} then {column} else {moved} end"
        return Column(name, f"cast({kept} as {kind})")
    if SINCE.search(name):
        return None
    if AGE.match(name) and re.search("int|decimal|double", kind):
        most = "" if name.startswith("birth_year") else ", 90"
        value = f"cast(floor({column} / 5.0) * 5 as integer)"
        return Column(name, f"least({value}{most})" if most else value)
    return Column(name, column)


def _is_id(name: str) -> bool:
    return name.endswith(("_id", "_key"))


def told_dates(connection: duckdb.DuckDBPyConnection, mart: Mart, limit: int) -> set[str]:
    """The dates of a mart that many persons share: an export's day, a day of computing."""
    person = person_of(mart)
    moments = [name for name, kind in mart.types.items() if kind.startswith(MOMENTS)]
    if person is None or not moments:
        return set()
    people = f"count(distinct {quote(person)})"
    (persons,) = connection.execute(f"select {people} from {mart.source}").fetchone()
    most = max(persons * SHARED_BY, limit)
    found = set()
    for name in moments:
        day = f"cast({quote(name)} as date)"
        (shared,) = connection.execute(
            f"select coalesce(max(people), 0) from (select {people} as people from {mart.source} "
            f"where {day} not in {OPEN_ENDS} group by {day})"
        ).fetchone()
        if shared > most or (persons and shared == persons and persons > 1):
            found.add(name)
    return found | days_to_now(connection, mart)


def days_to_now(connection: duckdb.DuckDBPyConnection, mart: Mart) -> set[str]:
    """Numbers that are, in every row, the days from a date of that row to one and the same day."""
    numbers = [name for name, kind in mart.types.items() if "int" in kind]
    moments = [name for name, kind in mart.types.items() if kind.startswith(MOMENTS)]
    pairs = [(number, moment) for number in numbers for moment in moments]
    if not pairs:
        return set()
    tests = []
    for number, moment in pairs:
        days = f"datediff('day', date '2000-01-01', cast({quote(moment)} as date))"
        for sign in ("+", "-"):
            day = f"{days} {sign} cast({quote(number)} as bigint)"
            tests.append(
                f"coalesce(min({day}) = max({day}) and count({day}) >= 10 and "
                f"min({quote(number)}) < max({quote(number)}), false)"
            )
    row = connection.execute(f"select {', '.join(tests)} from {mart.source}").fetchone()
    return {pairs[place // 2][0] for place, is_one in enumerate(row) if is_one}


def describing(names: list[str]) -> list[str]:
    """Of an analysts' table the columns by which somebody may be known."""
    return [name for name in names if DESCRIBES.search(name)]


def empty_small_groups(
    connection: duckdb.DuckDBPyConnection, table: str, person: str, names: list[str], limit: int
) -> int:
    """Empty what describes persons that fewer than `limit` share; gives how many persons."""
    if not names:
        return 0
    listed = ", ".join(map(quote, names))
    same = " and ".join(f"t.{quote(one)} is not distinct from g.{quote(one)}" for one in names)
    small = (
        f"select {listed} from {table} group by {listed} "
        f"having count(distinct {quote(person)}) < {limit}"
    )
    nothing = ", ".join(f"{quote(one)} = null" for one in names)
    described = " or ".join(f"t.{quote(one)} is not null" for one in names)
    emptied = 0
    while True:  # a person with rows in two groups leaves the other group smaller
        # all rows of such a person: one row with a place would tell what another leaves out
        (persons,) = connection.execute(
            f"create or replace temp table few as select distinct t.{quote(person)} as person "
            f"from {table} as t, ({small}) as g where {same} and ({described})"
        ).fetchone()
        if not persons:
            return emptied
        connection.execute(
            f"update {table} set {nothing} where {quote(person)} in (select person from few)"
        )
        emptied += persons


NO_COUNT = re.compile(
    r"(_days|_minutes|_hours|_year|_month|_months|_number|_rank|_order|_id|_code|_version|_row)$"
    r"|^(weekday|lag_month|days_.*|p90_.*|median_.*|band_number|renewal_.*)$"
)


def counts_of(mart: Mart) -> list[str]:
    """The columns of an aggregate that count people or cases."""
    return [
        name
        for name, kind in mart.types.items()
        if "int" in kind and name not in mart.grain and not NO_COUNT.search(name)
    ]


def measures_of(mart: Mart) -> list[str]:
    """The columns that a suppressed row loses: all numbers that are no part of its grain."""
    return [
        name
        for name, kind in mart.types.items()
        if re.search("int|decimal|double|numeric", kind) and name not in mart.grain
    ]


def is_aggregate(mart: Mart) -> bool:
    """Whether rows count cases; dimensions and definitions describe things."""
    if is_about_persons(mart) or mart.schema == "quality" or mart.table.startswith("dim_"):
        return False
    return bool(counts_of(mart)) and bool(mart.grain)


def suppress(
    connection: duckdb.DuckDBPyConnection, table: str, mart: Mart, names: list[str], limit: int
) -> int:
    """Empty the measures of rows with a small count, and of rows that would give them away.

    Where a total over one or more of the grain's columns (for a date: also over its week, month
    and year) has exactly one emptied row, the row beside it with the smallest counts is emptied
    too, until none is left alone. Gives the number of emptied rows.
    """
    counts = [name for name in counts_of(mart) if name in names]
    measures = [name for name in measures_of(mart) if name in names]
    if not counts:
        return 0
    small = " or ".join(f"({quote(one)} > 0 and {quote(one)} < {limit})" for one in counts)
    size = " + ".join(f"coalesce({quote(one)}, 0)" for one in counts)
    kinds = {name: mart.types[name] for name in mart.grain if name in names}
    connection.execute(
        f"create or replace temp table cells as select rowid as cell, *, "
        f"coalesce({small}, false) as is_hidden, {size} as size from {table}"
    )
    changed = True
    while changed:
        changed = False
        for group in _totals(kinds):
            by = f"partition by {group}" if group else ""
            lonely = connection.execute(
                f"""
                select cell from (
                    select
                        cell, is_hidden,
                        sum(cast(is_hidden as integer)) over ({by}) as hidden_count,
                        count(*) over ({by}) as all_count,
                        row_number() over (
                            {by} order by is_hidden desc, size, cell
                        ) as place
                    from cells
                ) where hidden_count = 1 and all_count > 1 and place = 2
                """
            ).fetchall()
            if lonely:
                listed = ", ".join(str(cell) for (cell,) in lonely)
                connection.execute(f"update cells set is_hidden = true where cell in ({listed})")
                changed = True
    (hidden,) = connection.execute("select count(*) from cells where is_hidden").fetchone()
    if hidden:
        nothing = ", ".join(f"{quote(one)} = null" for one in measures)
        connection.execute(
            f"update {table} set {nothing} where rowid in (select cell from cells where is_hidden)"
        )
    connection.execute("drop table cells")
    return hidden


def _totals(kinds: dict[str, str]) -> list[str]:
    """What a reader may sum over: each set of the grain's columns left out, and periods of days."""
    names = list(kinds)
    found = []
    for left in range(len(names)):
        found += [", ".join(map(quote, kept)) for kept in combinations(names, left)]
    for name, kind in kinds.items():
        if kind.startswith(MOMENTS):
            rest = [quote(one) for one in names if one != name]
            for period in ("week", "month", "year"):
                found.append(", ".join([*rest, f"date_trunc('{period}', {quote(name)})"]))
    return found
