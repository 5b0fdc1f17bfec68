"""Name the rows behind a failure, by file and row, never by value."""

from collections.abc import Iterator, Mapping

import duckdb

from carehouse.build import Build
from carehouse.engines import target
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse

MOST_LINES = 50
GATES = ("test.carehouse.clinic_rejected_share", "test.carehouse.clinic_unmapped_share")


def causes(settings: Settings, built: Build) -> Iterator[str]:
    """One line per input row that a failed step names, where it names one."""
    yield from _of_the_gate(settings, built.bad)
    with open_warehouse(settings) as connection:
        for name, sql in built.failed_sql.items():
            if name.startswith(GATES):
                continue
            try:
                rows_of = target.failed_rows(settings, sql)
                found = connection.execute(f"select * from {rows_of} limit {MOST_LINES}")
                columns = [column for column, *_ in found.description]
                rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
            except duckdb.Error:
                continue  # what it reads was not built either
            for row in rows:
                file = row.get("_source_file") or row.get("object")
                if file:
                    number = row.get("_source_row")
                    yield f"{file}{f', row {number}' if number else ''}: {name.split('.')[2]}"


def _of_the_gate(settings: Settings, bad: Mapping[str, str]) -> Iterator[str]:
    """After a build that a clinic gate failed: a line per rejected row, or what to add."""
    if any(name.startswith(GATES[1]) for name in bad):
        yield _unmapped_line(settings)
    if not any(name.startswith(GATES[0]) for name in bad):
        return
    with open_warehouse(settings) as connection:
        rows = connection.execute(
            f"""
            with drops as (
                select _load_id, count(*) as row_count, count(*) filter (outcome = 'rejected')
                    as rejected_count
                from intermediate.int_clinic__row_outcomes
                group by _load_id
            )

            select outcomes._source_file, outcomes._source_row, outcomes.reason
            from intermediate.int_clinic__row_outcomes as outcomes
            inner join drops using (_load_id)
            where outcomes.outcome = 'rejected' and drops.rejected_count >
                drops.row_count * {settings.clinic_rejected_share_limit}
            order by all
            """
        ).fetchall()
    yield (
        f"{len(rows)} rows of clinic drops were rejected, more than the limit of "
        f"{settings.clinic_rejected_share_limit:.1%} of a drop: correct and export them again, or "
        "raise CAREHOUSE_CLINIC_REJECTED_SHARE_LIMIT"
    )
    for file, row, reason in rows[:MOST_LINES]:
        yield f"rejected: {file}, row {row}: {reason}"
    if len(rows) > MOST_LINES:
        yield f"and {len(rows) - MOST_LINES} more in quality.rejected_rows"


def _unmapped_line(settings: Settings) -> str:
    with open_warehouse(settings) as connection:
        words, visits = connection.execute(
            "select count(*), coalesce(sum(value_count), 0) "
            "from intermediate.int_clinic__unmapped_values"
        ).fetchone()
    return (
        f"{visits} clinic visits have a status that no alias knows ({words} words), more than the "
        f"limit of {settings.clinic_rejected_share_limit:.1%} of a drop: add a line for each word "
        "in quality.unmapped_values to seeds/clinic/clinic_status_aliases.csv, and build again"
    )
