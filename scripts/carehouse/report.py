"""What a run did, on one screen: landed, built and why, not built and why, published, next step."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import duckdb

from carehouse.domains import FOLLOWS
from carehouse.landing.frame import Landing
from carehouse.publish import Published, stale_line
from carehouse.roles import role_lines

MOST_LINES = 5  # of a kind; the rest is counted

# What a person may want to act on, by source and reason, from marts that may not be there yet.
FINDINGS = {
    "rejected": (
        "quality.rejected_rows",
        "select source, reason, count(*) from quality.rejected_rows group by all",
    ),
    "unmapped": (
        "quality.unmapped_values",
        "select source, field, count(*) from quality.unmapped_values group by all",
    ),
    "superseded": (
        "quality.superseded_rows",
        "select source, reason, count(*) from quality.superseded_rows group by all",
    ),
}


@dataclass
class Report:
    """Everything a run has to say; `ok` is its exit status."""

    ok: bool = True
    landings: list[Landing] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # sources that could not be landed
    nothing: str | None = None  # why there was nothing to do at all
    full_because: str | None = None
    reasons: dict[str, int] = field(default_factory=dict)  # why, and how many models it names
    day_readers: int = 0  # models that read the day, built since it is a new one
    day_differing: int = 0  # of these, whose rows differ
    built: dict[str, int] = field(default_factory=dict)  # steps by kind
    built_seconds: float = 0
    not_built: int = 0  # models that stand as they were
    idle: int = 0  # of these, left out since their source has no data
    failed: dict[str, str] = field(default_factory=dict)
    causes: list[str] = field(default_factory=list)  # files and rows behind a failure
    error: str | None = None
    findings: dict[str, list[tuple[str, str, int]]] = field(default_factory=dict)
    published: Published | None = None
    publishing: str | None = None  # why nothing was published
    retired: str | None = None  # rows that are kept no longer
    next_step: str | None = None

    def as_json(self) -> dict:
        """As data."""
        told = asdict(self)
        told["landed"] = told.pop("landings")
        told["built"] = {"steps": sum(self.built.values()), **self.built}
        for kind, rows in self.findings.items():
            told["findings"][kind] = [
                {"source": source, "what": what, "count": count} for source, what, count in rows
            ]
        return told


def read_findings(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str, int]]]:
    """Rejected, unmapped and superseded by source and reason, the most first; of what is there."""
    there = {
        f"{schema}.{table}"
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall()
    }
    return {
        kind: connection.execute(f"{sql} order by 3 desc, 1, 2").fetchall()
        for kind, (table, sql) in FINDINGS.items()
        if table in there
    }


def report_lines(report: Report) -> Iterator[tuple[str, bool]]:
    """What follows the landing, as lines for a person, each with whether it is for stderr."""
    if report.nothing:
        yield f"{'nothing':<11}to do: {report.nothing}", False
        return
    if report.retired:
        yield f"{'not kept':<11}{report.retired}", False
    for line in report.causes:
        yield line, True
    causes = {name: one for name, one in report.failed.items() if one not in FOLLOWS}
    for name, result in list(causes.items())[:MOST_LINES]:
        yield f"failed: {_plain(name)} ({result})", True
    more = len(report.failed) - min(len(causes), MOST_LINES)
    if more > 0:
        yield f"and {more} more failed or were skipped", True
    if report.error:
        yield report.error, True
    yield f"{'built':<11}{_built(report)}", False
    if report.not_built:
        idle = f", {report.idle} of them since their source has no data" if report.idle else ""
        yield (
            f"{'not built':<11}{report.not_built} models: nothing that they are made from has "
            f"changed{idle}",
            False,
        )
    for kind, rows in report.findings.items():
        if rows:
            told = [f"{count:,} {source}: {what}" for source, what, count in rows[:MOST_LINES]]
            total = sum(count for *_, count in rows)
            yield f"{kind:<11}{total:,} ({'; '.join(told)}{_and_more(rows)})", False
    if report.published:
        yield from published_lines(report.published)
    elif report.publishing:
        yield f"{'published':<11}{report.publishing}", False
    if report.next_step:
        yield f"{'next':<11}{report.next_step}", False


def published_lines(published: Published) -> Iterator[tuple[str, bool]]:
    """What was published, as lines for a person, each with whether it is for stderr."""
    yield (
        f"{'published':<11}{published.table_count} tables, {published.row_count:,} rows "
        f"({published.copied_count} tables are new): {published.path}",
        False,
    )
    for one in published.domains:
        if not one.is_current:
            yield stale_line(one), one.has_failed
    yield from role_lines(published.roles)


def next_step(report: Report) -> str | None:
    """The one thing that helps most, worst first."""
    refused = [(one, name) for one in report.landings for name in one.refused]
    match report:
        case Report(causes=[_, *_]):
            return "mend the rows named above and export them again"
        case Report(failed={**failed}) if failed:
            first = _plain(next(iter(failed))).split(" ")[1]
            return f"see what is wrong with `carehouse build --select {first}`"
        case _ if refused:
            return f"put a sound copy of {refused[0][1]} in its place and run again"
        case Report(findings={"unmapped": [(source, field_name, _), *_]}):
            return (
                f"give {source}'s {field_name} a name: `carehouse problems` has the command for "
                "each spelling"
            )
        case Report(findings={"rejected": [_, *_]}):
            return "mend the rows that `carehouse problems` lists: file, row and reason of each"
    return None


def _built(report: Report) -> str:
    if not report.built:
        return "nothing: no input, no model and no day has changed since the last run"
    counts = ", ".join(f"{count} {kind}s" for kind, count in report.built.items())
    steps = sum(report.built.values())
    why = report.full_because or "; ".join(
        _reason(reason, count, report) for reason, count in report.reasons.items()
    )
    return f"{steps} steps in {report.built_seconds:.0f} s ({counts}): {why}"


def _reason(reason: str, count: int, report: Report) -> str:
    if reason == "new day" and report.day_readers:
        return f"{reason} ({count} models read it, {report.day_differing} of them came out changed)"
    return f"{reason} ({count} models)" if count else reason


def _plain(unique_id: str) -> str:
    kind, _, name = unique_id.split(".", 2)
    return f"{kind} {name.split('.')[0]}"


def _and_more(rows: list) -> str:
    return f"; and {len(rows) - MOST_LINES} more kinds" if len(rows) > MOST_LINES else ""
