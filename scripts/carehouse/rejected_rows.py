"""Name the rejected rows that stopped publication, by file and row, never by value."""

from collections.abc import Iterator, Mapping

from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse

MOST_LINES = 50


def rejected_lines(settings: Settings, bad: Mapping[str, str]) -> Iterator[str]:
    """After a build whose share-of-rejected-rows gate failed: one line per rejected row."""
    if not any(name.startswith("test.carehouse.clinic_rejected_share") for name in bad):
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
