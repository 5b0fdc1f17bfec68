"""Whether staging will read a file's dates and amounts, before its numbers are anybody's.

One odd cell is a rejected row later on; a whole column that reads as nothing, or that plainly has
its month first where the day is expected, refuses the file with the seed line that mends it.
"""

import csv
from dataclasses import dataclass, field

import duckdb

from carehouse.errors import Refused
from carehouse.settings import PROJECT_DIR, Settings
from carehouse.sql import literal, quote
from carehouse.sql_macros import macro

DATES = {
    "claims": ("claim_date", "adjudicated_date", "ingestion_ts", "service_from", "service_to"),
    "members": ("birth_date", "coverage_start", "coverage_end", "changed_at"),
    "providers": ("changed_at",),
    "appointments": ("appt_start", "appt_end", "booked_at", "canceled_at"),
    "patients": ("created_at",),
    "payments": ("paid_at",),
    "availability": ("available_from", "available_to"),
}
AMOUNTS = {
    "claims": (
        "amount",
        "paid_amt",
        "allowed_amt",
        "copay_amt",
        "deductible_amt",
        "coinsurance_amt",
    ),
    "appointments": ("price_estimate",),
    "payments": ("amount", "tax_amount"),
}
SEEDS = {
    "claims": ("seeds/claims/claim_feeds.csv", "feed"),
    "clinic": ("seeds/clinic/clinic_file_formats.csv", "table_name"),
}
NUMERIC_DATE = "^[0-9]{1,2}[/.-][0-9]{1,2}[/.-](19|20|21)[0-9]{2}"
ALWAYS = "('1900-01-01', '9999-12-31')"  # exporters' words for no day
WAYS = ("date_order", "decimal_mark", "encoding")
SHOWN_ROWS = 5


@dataclass(frozen=True)
class Writing:
    """How a feed writes: a seed's words, None where it has none."""

    source: str
    key: str  # the feed, or the clinic's table
    date_order: str | None = None
    decimal_mark: str | None = None
    encoding: str | None = None

    def line(self, column: str, value: str) -> str:
        """The seed's line that says `value`, as CSV."""
        path, key = SEEDS[self.source]
        with (PROJECT_DIR / path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            known = next((row for row in reader if row[key].lower() == self.key), {})
            names = reader.fieldnames or []
        cells = {**known, key: self.key, column: value}
        texts = [cells.get(name) or "" for name in names]
        return ",".join(f'"{text}"' if "," in text else text for text in texts)


def writing(source: str, key: str) -> Writing:
    """What the seed of a source says of a feed, or of a table of the clinic."""
    path, column = SEEDS[source]
    with (PROJECT_DIR / path).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row[column].strip().lower() == key:
                told = [(row[n] or "").strip() or None for n in WAYS]
                return Writing(source, key, *told)
    return Writing(source, key)


@dataclass
class Column:
    """How the filled cells of one column read."""

    name: str
    kind: str  # date or amount
    filled: int
    unread: int
    rows: list[int] = field(default_factory=list)  # the first that do not read
    point: int = 0  # certainly day first, or a decimal point
    comma: int = 0  # certainly month first, or a decimal comma
    open: int = 0  # amounts that read either way
    first_other: int | None = None  # the first row that is certainly comma, or month first


def columns_read(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    table: str,
    columns: set[str],
    told: Writing,
    settings: Settings,
    with_rows: bool = False,
) -> list[Column]:
    """How the dates and amounts of a relation with `_source_row` read, in one pass."""
    wanted = [(name, "date") for name in DATES.get(table, ()) if name in columns]
    wanted += [(name, "amount") for name in AMOUNTS.get(table, ()) if name in columns]
    if not wanted:
        return []
    sums = []
    for name, kind in wanted:
        text = f"trim({quote(name)})"
        reads = _reads(name, kind, told, settings)
        bad = f"{text} <> '' and ({reads}) is null"
        other, own, either = _evidence(text, kind)
        rows = (
            f"list(_source_row order by _source_row) filter (where {bad})[1:{SHOWN_ROWS}]"
            if with_rows
            else "null"
        )
        sums += [
            f"count(nullif({text}, ''))",
            f"count(case when {bad} then 1 end)",
            rows,
            f"count(case when {own} then 1 end)",
            f"count(case when {other} then 1 end)",
            f"count(case when {either} then 1 end)",
            f"min(case when {other} then _source_row end)",
        ]
    found = connection.execute(f"select {', '.join(sums)} from {relation}").fetchone()
    return [
        Column(name, kind, found[i], found[i + 1], list(found[i + 2] or []), *found[i + 3 : i + 7])
        for i, (name, kind) in zip(range(0, len(found), 7), wanted, strict=True)
    ]


def _reads(name: str, kind: str, told: Writing, settings: Settings) -> str:
    """SQL that is null where staging reads nothing."""
    mark = literal(told.decimal_mark or ".")
    if kind == "amount":
        if told.source == "claims":
            return macro("claims_amount", settings)(quote(name), mark)
        return macro("money", settings)(quote(name), mark)
    order = literal(told.date_order or settings.date_order)
    if told.source == "claims":
        moment = macro("claims_moment", settings)(quote(name), order)
        always = f"left(trim({quote(name)}), 10) in {ALWAYS}"
        return f"coalesce({moment}, case when {always} then timestamp '1900-01-01' end)"
    text = macro("moment_text", settings)(macro("tidy_text", settings)(quote(name)), order)
    return macro("to_local", settings)(f"({text})")


def _evidence(text: str, kind: str) -> tuple[str, str, str]:
    """SQL: certainly month first (a decimal comma), certainly not, and open."""
    if kind == "date":
        numeric = f"{text} not like '____-__-__%' and regexp_matches({text}, '{NUMERIC_DATE}')"
        part = "cast(regexp_extract({}, '^([0-9]+)[/.-]([0-9]+)', {}) as integer)"
        first, second = part.format(text, 1), part.format(text, 2)
        month_first = f"case when {numeric} then {second} > 12 and {first} <= 12 end"
        day_first = f"case when {numeric} then {first} > 12 and {second} <= 12 end"
        return month_first, day_first, "false"
    comma = f"{text} like '%,%' and regexp_matches({text}, '[0-9],[0-9]{{1,2}}[^0-9.,]*$')"
    # 60.00 is as certain as 1,234.50, and without it one odd 45,50 would refuse the whole file
    thousands = (
        f"{text} like '%,%' and regexp_matches({text}, ',[0-9]{{3}}[.][0-9]{{1,2}}[^0-9.,]*$')"
    )
    point = (
        f"(({text} like '%.__' or {text} like '%._') and {text} not like '%,%') or ({thousands})"
    )
    either = f"regexp_matches({text}, '(^|[^0-9.,])[0-9]{{1,3}}[.,][0-9]{{3}}[^0-9.,]*$')"
    return comma, point, either


def check_values(
    columns: list[Column], told: Writing, settings: Settings, headers: dict[str, str]
) -> None:
    """Raises Refused where a whole column reads as nothing, or is plainly written the other way."""
    seed = SEEDS[told.source][0]
    dates = [column for column in columns if column.kind == "date"]
    order = told.date_order or settings.date_order
    month_first, day_first = sum(c.comma for c in dates), sum(c.point for c in dates)
    wrong, right, other = (
        (month_first, day_first, "mdy") if order == "dmy" else (day_first, month_first, "dmy")
    )
    if wrong and not right:
        column = next(c for c in dates if (c.comma if other == "mdy" else c.point))
        row = f"row {column.first_other}: " if other == "mdy" else ""
        word = "month" if other == "mdy" else "day"
        raise Refused(
            f"{row}{column.name} has the {word} first, as in {wrong:,} cells, where it is read the "
            f"other way: add this line to {seed}: {told.line('date_order', other)}"
        )
    amounts = [column for column in columns if column.kind == "amount"]
    comma, point = sum(c.comma for c in amounts), sum(c.point for c in amounts)
    is_open = any(c.open for c in amounts)
    mark = told.decimal_mark or "."
    if is_open and ((mark == "." and comma and not point) or (mark == "," and point and not comma)):
        other, name = (",", "comma") if mark == "." else (".", "point")
        raise Refused(
            f"amounts have a decimal {name}, so that those with one mark and three digits after it "
            f"would read wrongly: add this line to {seed}: {told.line('decimal_mark', other)}"
        )
    for column in columns:
        if column.filled and column.unread == column.filled:
            given = headers.get(column.name, column.name)
            what = "a date" if column.kind == "date" else "an amount"
            raise Refused(
                f"none of the {column.filled:,} filled cells of {given!r}, read as {column.name}, "
                f"is {what}: is it another column? `carehouse inspect` on the file shows more"
            )
