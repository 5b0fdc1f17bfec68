"""Which domains the last builds left good, and why the others are not."""

from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from carehouse.graph import BUILT, Graph
from carehouse.registry import MART_SCHEMAS as DOMAINS

BAD = ("error", "fail", "runtime error", "skipped", "partial success", "started")
FOLLOWS = ("skipped", "started")  # not the cause


@dataclass(frozen=True)
class Domain:
    """One domain of the published file: its tables are today's, or yesterday's for a reason."""

    domain: str
    is_current: bool
    built_at: datetime | None
    as_of_date: date | None
    reason: str | None
    has_failed: bool = False  # and not only: never been built


@dataclass(frozen=True)
class BuildLog:
    """The newest result of every dbt node: status, invocation and time by its unique id."""

    status: dict[str, str]
    invocation: dict[str, str]
    finished_at: dict[str, datetime]

    @property
    def bad(self) -> list[str]:
        """Nodes that failed, were skipped, or were begun and have not ended; causes first."""
        found = [
            name
            for name, status in self.status.items()
            if status in BAD and not name.startswith("exposure.")  # builds nothing
        ]
        return sorted(found, key=lambda name: (self.status[name] in FOLLOWS, name))

    @property
    def has_ended(self) -> bool:
        """Whether no build is going on, and none was killed."""
        return "started" not in self.status.values()


def read_build_log(connection: duckdb.DuckDBPyConnection) -> BuildLog:
    """Read raw.build_log; of an empty one all is empty."""
    rows = connection.execute(
        "select unique_id, status, invocation_id, finished_at from raw.build_log order by unique_id"
    ).fetchall()
    return BuildLog(
        {name: status for name, status, _, _ in rows},
        {name: invocation for name, _, invocation, _ in rows},
        {name: at for name, _, _, at in rows},
    )


def judge(log: BuildLog, graph: Graph | None, as_of: date | None) -> dict[str, Domain]:
    """Say of each domain whether the tables in the warehouse may be published.

    A failed node stales the domains of the marts that descend from it. A test or a count that was
    skipped for it stales no other. Without a graph a failure stales them all, since what it
    concerns cannot be told.
    """
    failed = [name for name in log.bad if log.status[name] not in FOLLOWS]
    untested = graph.tests_below(failed) if graph else set()
    causes: dict[str, list[str]] = {domain: [] for domain in DOMAINS}
    for name in log.bad:
        if name == "invocation":
            continue
        is_skipped = log.status[name] == "skipped"
        if graph and is_skipped and (name in untested or graph.only_counts(name)):
            continue  # the cause tells of its own domains
        for domain in graph.concerned(name) if graph else DOMAINS:
            causes[domain].append(name)
    return {domain: _judge_one(domain, causes[domain], log, graph, as_of) for domain in DOMAINS}


def _judge_one(
    domain: str, causes: list[str], log: BuildLog, graph: Graph | None, as_of: date | None
) -> Domain:
    marts = [name for name in log.status if mart_table(name, domain)]
    times = [log.finished_at[name] for name in marts if log.finished_at[name]]
    if causes:
        return Domain(domain, False, None, None, _why(causes, log), has_failed=True)
    missing = [name for name in _needed(domain, graph) if name not in log.status]
    if missing or not marts:
        return Domain(domain, False, None, None, "not built yet")
    return Domain(domain, True, max(times, default=None), as_of, None)


def _needed(domain: str, graph: Graph | None) -> list[str]:
    if graph is None:
        return []
    marts = [node.unique_id for node in graph.nodes.values() if node.domain == domain]
    found = graph.ancestors(marts)
    return [name for name in found if name in graph.nodes and graph.nodes[name].kind in BUILT]


def _why(causes: list[str], log: BuildLog) -> str:
    first = causes[0]
    kind, _, name = first.split(".", 2)
    name = name.split(".")[0] if kind == "test" else name
    match log.status[first]:
        case "started":
            return "its last build did not end"
        case "skipped":
            return f"{kind} {name} was skipped after an earlier failure"
        case "fail":
            told = f"{kind} {name} failed"
        case _:
            told = f"{kind} {name} could not be built"
    more = len(causes) - 1
    return told + (f", and {more} more failed or were skipped" if more else "")


def mart_table(unique_id: str, domain: str | None = None) -> tuple[str, str] | None:
    """Schema and table of a mart's dbt node; None of any other node, or another domain's."""
    kind, _, name = (unique_id + "..").split(".", 2)
    schema, _, table = name.rstrip(".").partition("__")
    if kind != "model" or not table or schema not in DOMAINS or domain not in (None, schema):
        return None
    return schema, table
