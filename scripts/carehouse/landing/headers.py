"""Which column of a table each header of a file is: its own name, or an alias of the seeds.

`seeds/<source>/<source>_header_aliases.csv` holds the aliases; letter case, spaces, `_` and `-`
never matter. A header that is nobody's alias is kept under its own name.
"""

import csv
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache

from carehouse.contract import RawTable, raw_tables
from carehouse.errors import Refused
from carehouse.settings import PROJECT_DIR

MAX_TOLD = 40  # names in one message
NEAR = 75  # rapidfuzz's score, of 100, from which a name is called near
SHORT, NEAR_SHORT = 6, 88  # a name of fewer letters, and its score
SEEDS = {
    "claims": "seeds/claims/claim_header_aliases.csv",
    "clinic": "seeds/clinic/clinic_header_aliases.csv",
}
SCHEMAS = {"claims": "raw_claims", "clinic": "raw_clinic"}
PLACES = {
    "claims": "inbox/claims",
    "clinic": "inbox/clinic/raw or inbox/clinic/daily/YYYY-MM-DD",
    "workbooks": "inbox/workbooks",
    "opendental": "inbox/opendental",
}


@dataclass(frozen=True)
class Matched:
    """Headers by place: the contract's columns, the others by name, and what stands in for what."""

    columns: dict[str, int]
    others: dict[str, int]
    stand_ins: dict[str, str] = field(default_factory=dict)  # column to header


def plain(name: str) -> str:
    """A header as it is compared."""
    return re.sub(r"[\s_\-\ufeff]+", "", name.casefold())


@cache
def _aliases(source: str) -> dict[tuple[str, str], list[tuple[str, str, int]]]:
    """(table, feed or "") to (compared alias, column or "", choice), in the seed's order."""
    found: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
    with (PROJECT_DIR / SEEDS[source]).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            line = (plain(row["alias"]), row["column_name"].strip(), int(row["choice"] or 1))
            found.setdefault((row["table_name"].strip(), row["feed"].strip().lower()), []).append(
                line
            )
    return found


def known_names(source: str, table: RawTable, feed: str = "") -> dict[str, list[tuple[str, int]]]:
    """Compared name to (column, choice), a feed's own lines in place of the general ones."""
    names = {plain(column): [(column, 1)] for column in table.columns if column[0] != "_"}
    general = _aliases(source).get((table.name, ""), [])
    own = _aliases(source).get((table.name, feed), []) if feed else []
    for alias, column, choice in general:
        names.setdefault(alias, []).append((column, choice))
    for alias in {alias for alias, *_ in own}:
        names[alias] = [(c, n) for a, c, n in own if a == alias and c]
    return {name: [one for one in taken if one[0]] for name, taken in names.items()}


def match(source: str, table: RawTable, headers: Sequence[str], feed: str = "") -> Matched:
    """Say which column each header is. Raises Refused naming two headers of one column.

    A header may give two columns (the first service day is the claim's day too, where a file has
    no other). A column takes the header of the lowest choice.
    """
    names = known_names(source, table, feed)
    offers: dict[str, list[tuple[int, int]]] = {}
    for place, header in enumerate(headers):
        for column, choice in names.get(plain(header), ()):
            offers.setdefault(column, []).append((choice, place))
    columns: dict[str, int] = {}
    taken: dict[int, list[tuple[int, str]]] = {}
    for column in (name for name in table.columns if name in offers):
        offered = sorted(offers[column])
        choice, place = offered[0]
        if len(offered) > 1 and offered[1][0] == choice:
            raise Refused(
                f"row 1: {headers[place]!r} and {headers[offered[1][1]]!r} would both be "
                f"{column}: rename one, or say in {SEEDS[source]} which one it is (a line with "
                "the other, no column, and this feed)"
            )
        columns[column] = place
        taken.setdefault(place, []).append((choice, column))
    stand_ins = {
        column: headers[place] for place, given in taken.items() for _, column in sorted(given)[1:]
    }
    others = {}
    for place, header in enumerate(headers):
        if place not in taken:
            others[_own_name(header, place, table, others)] = place
    return Matched(columns, others, stand_ins)


def _own_name(header: str, place: int, table: RawTable, others: dict[str, int]) -> str:
    # a pandas index has no name in a CSV, and one that begins with _ in Parquet
    name = header.strip().lower().lstrip("_").strip() or f"unnamed_{place + 1}"
    if name in table.columns:
        name = f"{name}__other"  # an alias line says that it is not this column
    if name in others:
        raise Refused(f"row 1: column {place + 1} has the name of another: rename it")
    return name


def required(table: RawTable) -> list[str]:
    """The columns that an input must have: those of the contract, but lineage and optional ones."""
    return [name for name in table.columns if name[0] != "_" and name not in table.optional]


def missing_columns(table: RawTable, given: Collection[str]) -> list[str]:
    """What a file lacks that it must have: required columns, and one of some (`meta.one_of`)."""
    one_of = list(table.meta.get("one_of", ()))
    missing = [name for name in required(table) if name not in given]
    return missing + one_of[:1] * (bool(one_of) and not set(one_of) & set(given))


def check(source: str, table: RawTable, headers: Sequence[str], matched: Matched) -> None:
    """Raises Refused where a required column is missing: what there is, and what is near."""
    missing = missing_columns(table, matched.columns)
    if not missing:
        for column, header in matched.stand_ins.items():
            near = (headers[place] for place in matched.others.values())
            for other in near:
                if nearest(source, table, other) == column:
                    raise Refused(
                        f"row 1: {other.strip()!r} looks like {column}, which would be read from "
                        f"{header!r} otherwise: add its name to {SEEDS[source]}: "
                        "`carehouse inspect` on the file prints the line"
                    )
        return
    elsewhere = belongs(headers, besides=(source, table.name))
    # Date, Staff and Details stand in many tables: a sheet is told by more than these alone.
    if elsewhere and (elsewhere[0] != "workbooks" or len(matched.columns) < 3):
        raise Refused(
            f"has the columns of {elsewhere[1]} ({elsewhere[0]}), not of {table.name}: put it "
            f"into {PLACES[elsewhere[0]]}"
        )
    told = ""
    # a row of data in place of the header may hold a person's name: say nothing of it
    if matched.columns or not any(map(str.isdigit, "".join(headers))):
        found = [
            f"{headers[place].strip()!r}" + (f" (near {near})" if near else "")
            for place in matched.others.values()
            for near in [nearest(source, table, headers[place])]
        ]
        if matched.columns:
            told += f"; it has {', '.join(matched.columns)}"
        if found:
            more = f" and {len(found) - MAX_TOLD} more" if len(found) > MAX_TOLD else ""
            told += f"; not known: {', '.join(found[:MAX_TOLD])}{more}"
    raise Refused(
        f"row 1: no column {', '.join(missing)} of {table.name}{told}. Was a column renamed, or is "
        f"the file cut off? Name it as usual, or add its name to {SEEDS[source]}: "
        "`carehouse inspect` on the file prints the lines"
    )


def nearest(source: str, table: RawTable, header: str) -> str | None:
    """The column whose name, or one of whose aliases, a header resembles most."""
    from rapidfuzz import fuzz, process

    names = known_names(source, table)
    known = [name for name, columns in names.items() if columns]
    best = process.extractOne(plain(header), known, scorer=fuzz.ratio, score_cutoff=NEAR)
    if best and len(best[0]) < SHORT and best[1] < NEAR_SHORT:
        return None  # a gender is no ende
    return names[best[0]][0][0] if best else None


def table_by_columns(source: str, headers: Sequence[str], feed: str = "") -> str | None:
    """The table of a source whose columns a file has, all required ones and two at least.

    Only first choices count: a file with an `Id` is not everybody's.
    """
    best: tuple[int, str] | None = None
    for table in raw_tables():
        if table.source != SCHEMAS[source]:
            continue
        names = known_names(source, table, feed)
        met = {
            column: choice
            for header in headers
            for column, choice in sorted(names.get(plain(header), ()), key=lambda one: -one[1])
        }
        firsts = sum(choice == 1 for choice in met.values())
        if not missing_columns(table, met) and firsts >= 2 and (not best or firsts > best[0]):
            best = firsts, table.name
    return best[1] if best else None


def table_by_name_or_likeness(source: str, name: str, headers: Sequence[str]) -> str:
    """The table that a name speaks of, else the one that most headers are known in."""
    tables = [table for table in raw_tables() if table.source == SCHEMAS[source]]
    for table in tables:
        if table.name.rstrip("s") in name.lower():
            return table.name
    known = {
        table.name: sum(bool(names.get(plain(header))) for header in headers)
        for table in tables
        for names in [known_names(source, table)]
    }
    return max(known, key=lambda one: known[one])


def belongs(headers: Sequence[str], besides: tuple[str, str]) -> tuple[str, str] | None:
    """The source and table that a file's columns are of, where they are not of the one it is for.

    A status sheet is told by the workbooks' header aliases, a table of OpenDental by its columns.
    """
    for source in SCHEMAS:
        table = table_by_columns(source, headers)
        if table and (source, table) != besides:
            return source, table
    labels = {re.sub(r"\s+", " ", header.strip().casefold()) for header in headers}
    if len(_sheet_columns(labels)) >= 3:
        return "workbooks", "status sheets or expense logs"
    for table in raw_tables():
        if table.source == "raw_opendental":
            own = {name.lower() for name in table.columns if name[0] != "_"}
            if len(labels & own) >= max(4, len(labels) * 2 // 3):
                return "opendental", table.name
    return None


def _sheet_columns(labels: set[str]) -> set[str]:
    path = PROJECT_DIR / "seeds/workbooks/workbook_header_aliases.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["field"] for row in csv.DictReader(file) if row["label"] in labels}
