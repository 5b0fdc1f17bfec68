"""Try to find persons again in what analysts get; whatever is found stops its publication.

The checks read the finished file and the full one as somebody who has both would, and share no
code with what made it: a column that came in by another way is found too.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import duckdb

from carehouse.deidentify import OPEN_ENDS, PERSONS, SINCE, days_to_now, describing
from carehouse.graph import Mart
from carehouse.sql import literal, quote

SHORTEST = 4  # characters; below, a name may be any word
FEWEST_NAMES, SHARE_OF_NAMES = 3, 0.2  # from when on a column's values are names
TEXT_TYPES = ("VARCHAR",)
# a mail address, or a phone number that stands by itself and begins with + or 0
# `0.677 (0.641` is a figure of a model's card: no phone number goes on with a point after its zero
REACHED_AT = (
    r"'[\w.+-]+@[\w-]+\.[a-z]|"
    r"(^|[\s:;,(])(\+[0-9 ()/.-]|0[0-9 ()/-])[0-9 ()/.-]{6,}[0-9]($|[\s;,)])'"
)


@dataclass
class Figures:
    """How well persons are hidden, over all tables of the file."""

    tables: int = 0
    persons: int = 0  # rows of persons in the tables looked at
    smallest_group: int | None = None  # persons who share what describes them; None: nothing does
    unique: int = 0  # persons whom what describes them tells apart
    linked: int = 0  # rows whose dates are those of the full file
    emptied_persons: int = 0  # whose description was emptied, over the tables
    emptied_cells: int = 0  # rows of aggregates
    leaks: list[str] = field(default_factory=list)

    def line(self) -> str:
        """The figures in one line."""
        group = "nothing describes them" if self.smallest_group is None else self.smallest_group
        return (
            f"{self.tables} tables, smallest group of persons alike: {group}, unique: "
            f"{self.unique}, linked by dates: {self.linked}, descriptions emptied: "
            f"{self.emptied_persons}, small cells emptied: {self.emptied_cells}"
        )


def reidentify(
    connection: duckdb.DuckDBPyConnection,
    marts: dict[tuple[str, str], Mart],
    limit: int,
    figures: Figures,
) -> None:
    """Look for persons of database `everything` in database `analyst`; `pseudonym()` is there.

    Leaks name tables and columns, never a value.
    """
    there: dict[tuple[str, str], dict[str, str]] = {}
    for schema, table, column, kind in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where database_name = 'analyst' and not (schema_name = 'quality' "
        "and table_name = 'published_domains')"
    ).fetchall():
        there.setdefault((schema, table), {})[column] = kind
    _collect(connection, marts)
    figures.leaks += _values(connection, marts, there)
    for name, kinds in sorted(there.items()):
        mart = marts.get(name)
        if mart is None:
            figures.leaks.append(f"{name[0]}.{name[1]} is no mart that the project describes")
            continue
        figures.tables += 1
        _shape(mart, kinds, figures)
        person = next((one for one in PERSONS if one in kinds), None)
        if person and mart.phi.get(person) != "none":
            _groups(connection, mart, person, kinds, limit, figures)
            _dates(connection, mart, person, kinds, figures)
            for column in sorted(days_to_now(connection, mart) & set(kinds)):
                figures.leaks.append(f"{mart.full_name}.{column} tells a date by today's")
        elif not any(phi == "pseudonym" for phi in mart.phi.values()):
            _cells(connection, mart, kinds, limit, figures)


def _collect(connection: duckdb.DuckDBPyConnection, marts: dict[tuple[str, str], Mart]) -> None:
    """Everything in the full file that names a person, and hashes that need no key to make."""
    there = set(
        connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where database_name = 'everything'"
        ).fetchall()
    )
    names, ids = [], []
    for (schema, table), mart in marts.items():
        for column, phi in mart.phi.items():
            if (schema, table, column) not in there or phi in (None, "none"):
                continue
            value = f"cast({quote(column)} as varchar)"
            if column in PERSONS:
                ids.append(f"select distinct {value} as value from {mart.source}")
            elif phi == "identifier" and mart.types[column] == "varchar" and _names(column):
                names.append(f"select distinct lower(trim({value})) as value from {mart.source}")
        if {(schema, table, "first_name"), (schema, table, "last_name")} <= there:
            for pair in ("first_name || ' ' || last_name", "last_name || ', ' || first_name"):
                names.append(f"select distinct lower({pair}) as value from {mart.source}")
    nothing = "select cast(null as varchar) as value where false"
    connection.execute(
        f"create or replace temp table person_ids as select distinct value from "
        f"({' union all '.join(ids) or nothing}) where value is not null"
    )
    # words that are many people's, as `Unknown`, name nobody
    connection.execute(
        f"create or replace temp table person_names as select value from "
        f"({' union all '.join(names) or nothing}) "
        f"where length(value) >= {SHORTEST} and value <> 'unknown' group by value"
    )
    connection.create_function(
        "plain_hashes",
        lambda text: [
            hashlib.new(kind, text.encode()).hexdigest() for kind in ("md5", "sha1", "sha256")
        ],
        ["varchar"],
        "varchar[]",
    )
    connection.execute(
        "create or replace temp table plain as "
        "select unnest(plain_hashes(value)) as value from person_ids"
    )
    connection.remove_function("plain_hashes")


def _names(column: str) -> bool:
    return bool(
        re.search(r"name|phone|email|address|social_security|zip|text|notes|summary", column)
    )


def _values(
    connection: duckdb.DuckDBPyConnection,
    marts: dict[tuple[str, str], Mart],
    there: dict[tuple[str, str], dict[str, str]],
) -> Iterator[str]:
    """Values that name somebody, plain ids, and hashes that anybody can make."""
    connection.execute(
        "create or replace temp table texts (place varchar, kind varchar, value varchar)"
    )
    for (schema, table), kinds in there.items():
        selects = []
        for column, kind in kinds.items():
            is_own = column in PERSONS
            if kind not in TEXT_TYPES and not is_own:
                continue
            mart = marts.get((schema, table))
            phi = (mart.phi.get(column) if mart else None) or "unsaid"
            selects.append(
                f"select distinct {literal(f'{schema}.{table}.{column}')}, "
                f"{literal('own' if is_own else phi)}, cast({quote(column)} as varchar) "
                f"from analyst.{quote(schema)}.{quote(table)}"
            )
        if selects:
            connection.execute(f"insert into texts {' union all '.join(selects)}")
    names = "lower(trim(value)) in (select value from person_names)"
    # a word may be somebody's name too; a column full of names is no coincidence
    uncommon = f"{names} and (kind <> 'none' or value not in (select value from common_words))"
    full_of = (
        f"select place from (select place, count(*) as all_count, count(case when {names} "
        "then 1 end) as name_count from texts where value is not null group by place) "
        f"where name_count >= {FEWEST_NAMES} and name_count >= {SHARE_OF_NAMES} * all_count"
    )
    checks = {
        "names persons": f"select place from texts where {uncommon} union {full_of}",
        "holds a hash made without the key": (
            "select place from texts where value in (select value from plain)"
        ),
        "holds mail addresses or phone numbers": (
            f"select place from texts where regexp_matches(value, {REACHED_AT})"
        ),
        "holds the source's own ids": (
            "select place from texts where kind = 'own' and value in (select value from person_ids)"
        ),
    }
    for what, sql in checks.items():
        for (place,) in connection.execute(
            f"select distinct place from ({sql}) order by place"
        ).fetchall():
            yield f"{place} {what}"


def _any(connection: duckdb.DuckDBPyConnection, table: str, condition: str) -> bool:
    sql = f"select exists (select 1 from {table} where {condition})"
    return connection.execute(sql).fetchone()[0]


def _shape(mart: Mart, kinds: dict[str, str], figures: Figures) -> None:
    """Columns that must not be there at all, whatever they hold."""
    for column, kind in kinds.items():
        where = f"{mart.full_name}.{column}"
        phi = mart.phi.get(column)
        if phi is None and not column.endswith("_years"):
            figures.leaks.append(f"{where} is no column of which anybody said who may see it")
        elif phi == "identifier" and not column.endswith(("_id", "_key")):
            figures.leaks.append(f"{where} is an identifier")
        elif column.startswith("_"):
            figures.leaks.append(f"{where} tells the file and row")
        elif "INT" in kind and SINCE.search(column) and any(p in kinds for p in PERSONS):
            figures.leaks.append(f"{where} tells a date by the day of computing")


def _groups(
    connection: duckdb.DuckDBPyConnection,
    mart: Mart,
    person: str,
    kinds: dict[str, str],
    limit: int,
    figures: Figures,
) -> None:
    """k-anonymity: how many persons share what describes them."""
    here = f"analyst.{quote(mart.schema)}.{quote(mart.table)}"
    by = describing(list(kinds))
    (persons,) = connection.execute(
        f"select count(distinct {quote(person)}) from {here}"
    ).fetchone()
    figures.persons += persons
    if not by or not persons:
        return
    listed = ", ".join(map(quote, by))
    described = " or ".join(f"{quote(one)} is not null" for one in by)
    smallest, alone, few = connection.execute(
        f"select min(people), count(case when people = 1 then 1 end), "
        f"count(case when people < {limit} then 1 end) from ("
        f"select count(distinct {quote(person)}) as people from {here} where {described} "
        f"group by {listed})"
    ).fetchone()
    if smallest is not None:
        figures.smallest_group = min(figures.smallest_group or smallest, smallest)
    figures.unique += alone
    if few:
        figures.leaks.append(
            f"{mart.full_name}: fewer than {limit} persons share {', '.join(by)} in {few} groups"
        )
    for name in by:
        is_number = not kinds[name].startswith("VARCHAR")
        if (
            is_number
            and name.startswith(("age", "birth"))
            and _any(
                connection, here, f"{quote(name)} % 5 <> 0 or {quote(name)} between 91 and 150"
            )
        ):
            figures.leaks.append(f"{mart.full_name}.{name} is exact")


def _dates(
    connection: duckdb.DuckDBPyConnection,
    mart: Mart,
    person: str,
    kinds: dict[str, str],
    figures: Figures,
) -> None:
    """Linkage: the same person's dates in the full file; none may be where it was."""
    here = f"analyst.{quote(mart.schema)}.{quote(mart.table)}"
    for column, kind in kinds.items():
        if not kind.startswith(("DATE", "TIMESTAMP")) or column not in mart.types:
            continue
        day = f"cast({quote(column)} as date)"
        same = (
            f"select count(*) from (select distinct {quote(person)} as person, {day} as day "
            f"from {here} where {day} not in {OPEN_ENDS}) as a join "
            f"(select distinct pseudonym(cast({quote(person)} as varchar)) as person, {day} as day,"
            f" count(*) over (partition by {quote(person)}) as days from {mart.source}) as f "
            "on a.person = f.person and a.day = f.day"
        )
        (linked,) = connection.execute(same).fetchone()
        (all_days,) = connection.execute(
            f"select count(distinct ({quote(person)}, {day})) from {here} "
            f"where {day} not in {OPEN_ENDS}"
        ).fetchone()
        # somebody who comes every week has a visit on the moved day too; most days must be others
        if all_days and linked * 2 > all_days:
            figures.linked += linked
            figures.leaks.append(f"{mart.full_name}.{column} has the full file's dates")


def _cells(
    connection: duckdb.DuckDBPyConnection,
    mart: Mart,
    kinds: dict[str, str],
    limit: int,
    figures: Figures,
) -> None:
    """Counts of few, and single empty cells that a total gives away."""
    from carehouse.deidentify import counts_of, is_aggregate

    counts = [name for name in counts_of(mart) if name in kinds]
    if not counts or not is_aggregate(mart):
        return
    here = f"analyst.{quote(mart.schema)}.{quote(mart.table)}"
    for name in counts:
        if _any(connection, here, f"{quote(name)} > 0 and {quote(name)} < {literal(limit)}"):
            figures.leaks.append(f"{mart.full_name}.{name} shows counts below {limit}")
    gone = " and ".join(f"{quote(one)} is null" for one in counts)
    (alone, rows) = connection.execute(
        f"select count(case when {gone} then 1 end), count(*) from {here}"
    ).fetchone()
    if alone == 1 and rows > 1:
        figures.leaks.append(f"{mart.full_name}: one empty row is its total less the others")
