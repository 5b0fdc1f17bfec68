"""What a run has to build: what can differ from what stands in the warehouse, and nothing else.

Three things can differ: the data (by the load log), the project (by its files, then by dbt's own
`state:` comparison) and the day. What failed, was skipped or was built by somebody else since is
built again. The rest is dbt's: its graph says what descends, its selectors take it.
"""

import hashlib
import json
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

import duckdb

from carehouse.domains import BAD, BuildLog
from carehouse.engines import target
from carehouse.graph import BUILT, Graph, Node
from carehouse.new_day import NewDay
from carehouse.settings import PROJECT_DIR, Settings

PROJECT_FOLDERS = ("models", "seeds", "snapshots", "macros", "tests/generic", "tests/singular")
PROJECT_FILES = ("dbt_project.yml", "profiles/profiles.yml")
CODE = {".sql", ".yml", ".csv"}
# Settings that macros read, by the name of their environment variable; the day has its own rule.
SETTINGS = {
    "CAREHOUSE_TIMEZONE": "timezone",
    "CAREHOUSE_DATE_ORDER": "date_order",
    "CAREHOUSE_CLINIC_REJECTED_SHARE_LIMIT": "clinic_rejected_share_limit",
}
AS_OF = "CAREHOUSE_AS_OF"
TRACKED = (*BUILT, "test")


@dataclass(frozen=True)
class State:
    """What the tables depend on: compared with what it was when they were last built."""

    data: dict[str, str] = field(default_factory=dict)  # raw table or its source: newest load
    day: str = ""
    files: dict[str, str] = field(default_factory=dict)  # of the project: hash
    settings: dict[str, str] = field(default_factory=dict)
    versions: str = ""
    invocations: tuple[str, ...] = ()  # of dbt, that made the tables
    manifest: str = ""  # hash of the one kept for dbt to compare with


@dataclass
class Plan:
    """What to build and why. Roots are built with all that descends from them."""

    is_full: bool = False
    full_because: str | None = None
    roots: dict[str, list[str]] = field(default_factory=dict)  # reason to nodes
    day: NewDay | None = None  # what reads the day and descends from no root
    compares_project: bool = False  # by `state:modified`
    idle: list[str] = field(default_factory=list)  # left out, since their source has no data

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to build."""
        return not (self.is_full or self.compares_project or self.day or self.all_roots())

    def all_roots(self) -> set[str]:
        """The roots, whatever their reason."""
        return {name for names in self.roots.values() for name in names}


def is_unchanged(now: State, before: State, log: BuildLog) -> bool:
    """Whether nothing differs and all of it is good: told without the graph, and without dbt."""
    known = {*before.invocations}
    return (
        replace(now, invocations=before.invocations, manifest=before.manifest) == before
        and log.has_ended
        and not log.bad
        and all(
            one in known for name, one in log.invocation.items() if name.split(".")[0] in TRACKED
        )
    )


def read_now(
    connection: duckdb.DuckDBPyConnection, settings: Settings, project: Path = PROJECT_DIR
) -> State:
    """What the tables would be built from if they were built now."""
    return State(
        data=_data(connection),
        day=_day(connection, settings),
        files=_files(project),
        settings={name: str(getattr(settings, one)) for name, one in SETTINGS.items()},
        versions=" ".join(
            f"{name} {version(name)}" for name in ("dbt-core", *target.packages(settings))
        ),
    )


def read_state(connection: duckdb.DuckDBPyConnection) -> State | None:
    """What they were last built from; None before the first run."""
    told = dict(connection.execute("select topic, told from raw.build_state").fetchall())
    if not told:
        return None
    found = {topic: json.loads(text) for topic, text in told.items()}
    known = {name: found[name] for name in State.__dataclass_fields__ if name in found}
    return State(**{**known, "invocations": tuple(known.get("invocations", ()))})


def keep_state(connection: duckdb.DuckDBPyConnection, state: State) -> None:
    """Put down what the tables have now been built from."""
    connection.execute("delete from raw.build_state")
    for topic in State.__dataclass_fields__:
        told = json.dumps(getattr(state, topic), sort_keys=True).replace("'", "''")
        connection.execute(f"insert into raw.build_state values ('{topic}', '{told}')")


def plan(
    now: State,
    before: State | None,
    log: BuildLog,
    graph: Graph | None,
    empty: frozenset[str] = frozenset(),
    can_compare: bool = True,
) -> Plan:
    """Compare now with before. `empty` are the raw tables without a row; with `can_compare` the
    rows of the tables can be read before and after, so that a new day need not build all below.

    `graph` is that of the last parse: where project files differ, dbt's comparison finds what they
    change, and the rest is still named by it.
    """
    full = _full_because(now, before, log, graph)
    if full:
        return Plan(is_full=True, full_because=f"since {full}")
    found = Plan()
    for source, names in _by_data(now, before, graph).items():
        found.roots[source] = names
    for name, value in now.settings.items():
        if value != before.settings.get(name):
            found.roots[f"{name} changed"] = sorted(
                one.unique_id for one in graph.reading(name) if one.kind in TRACKED
            )
    found.compares_project = now.files != before.files
    again = _again(log, before, graph)
    if again:
        found.roots["again"] = again
    if now.day != before.day:
        readers = {one.unique_id: one for one in _day_readers(graph)}
        found.idle = [name for name, one in readers.items() if _is_idle(one, graph, empty)]
        awake = readers.keys() - {*found.idle}
        if can_compare and not found.compares_project:
            awake -= graph.descendants(found.all_roots())
            found.day = NewDay(graph, frozenset(awake)) if awake else None
        else:
            found.roots["new day"] = sorted(awake)
    found.roots = {reason: names for reason, names in found.roots.items() if names}
    return found


def _full_because(
    now: State, before: State | None, log: BuildLog, graph: Graph | None
) -> str | None:
    if before is None or graph is None or not log.status:
        return "there is no earlier run to compare with"
    if now.versions != before.versions:
        return "dbt or the engine is of another version"
    changed = {
        name
        for name in now.files.keys() | before.files.keys()
        if now.files.get(name) != before.files.get(name)
    }
    if changed & set(PROJECT_FILES):
        return "the project's settings changed"
    for name in sorted(changed):
        if name.startswith("macros/") and name.endswith(".sql") and not graph.calls_file(name):
            return f"{name} changed, which no model calls by name"
    return None


def _by_data(now: State, before: State, graph: Graph) -> dict[str, list[str]]:
    """Roots by source: those that read a raw table whose rows changed, or its loads."""
    found: dict[str, set[str]] = {}
    for key, stamp in now.data.items():
        if stamp == before.data.get(key):
            continue
        source, _, table = key.partition(".")
        if source == "loads":
            found.setdefault("loads", set()).update(_readers(graph, "raw", "load_log", "landing"))
            continue
        found.setdefault(source, set()).update(_readers(graph, f"raw_{source}", table, None))
        found[source].update(_readers(graph, "raw", "load_log", source))
    return {source: sorted(names) for source, names in found.items()}


def _readers(graph: Graph, source: str, table: str, folder: str | None) -> set[str]:
    """Models and tests that read a source's table (all of its tables if none is named)."""
    start = f"source.carehouse.{source}."
    return {
        reader
        for parent, readers in graph.children.items()
        if parent.startswith(start) and (not table or parent == start + table)
        for reader in readers
        if folder is None or graph.nodes[reader].folder[1] == folder
    }


def _day_readers(graph: Graph) -> list[Node]:
    """What reads the day through a macro, or gives another its day."""
    found = {one.unique_id: one for one in graph.reading(AS_OF) if one.kind in TRACKED}
    found |= {name: one for name, one in graph.nodes.items() if "gives_the_day" in one.tags}
    return [found[name] for name in sorted(found)]


def _is_idle(node: Node, graph: Graph, empty: frozenset[str]) -> bool:
    """Whether all inputs of a node are empty, so that a new day cannot tell."""
    if "gives_the_day" in node.tags:
        return False
    sources = {
        name.removeprefix("source.carehouse.")
        for name in graph.ancestors([node.unique_id])
        if name.startswith("source.carehouse.raw_")
    }
    return bool(sources) and sources <= empty


def _again(log: BuildLog, before: State, graph: Graph) -> list[str]:
    """What failed, was skipped or begun, was built outside a run, or never: the first of each
    line of descent, since the rest follows."""
    found = {
        name
        for name, status in log.status.items()
        if name in graph.nodes and (status in BAD or log.invocation[name] not in before.invocations)
    }
    found |= {
        name
        for name, node in graph.nodes.items()
        if name not in log.status and node.kind != "unit_test"
    }
    if not found:
        return []
    below = graph.descendants(child for name in found for child in graph.children.get(name, ()))
    return sorted(found - below)


def _data(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The newest load of each source, of OpenDental of each table; of scores what they hold."""
    stamps = {
        name: str(load_id)
        for name, load_id in connection.execute(
            """
            select
                case source when 'opendental' then 'opendental.' || object else source end,
                max(load_id)
            from raw.load_log
            where outcome <> 'refused'
            group by all
            """
        ).fetchall()
    }
    (newest,) = connection.execute("select max(load_id) from raw.load_log").fetchone()
    stamps["loads"] = str(newest)
    for (table,) in connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'raw_ml'"
    ).fetchall():
        row = connection.execute(
            f"select count(*), bit_xor(hash(scores)) from raw_ml.{table} as scores"
        ).fetchone()
        stamps[f"ml.{table}"] = str(row)
    return stamps


def empty_tables(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The raw tables of sources that hold no row, as `schema.table`."""
    names = connection.execute(
        "select schema_name, table_name from duckdb_tables() where schema_name like 'raw\\_%' "
        "escape '\\' and estimated_size = 0"
    ).fetchall()
    return frozenset(f"{schema}.{table}" for schema, table in names)


def _day(connection: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    (newest,) = connection.execute(
        "select cast(max(scanned_at) as date) from raw.scan_log"
    ).fetchone()
    return f"{settings.as_of or ''} {newest or ''}"


def _files(project: Path) -> dict[str, str]:
    paths = [project / name for name in PROJECT_FILES]
    for folder in PROJECT_FOLDERS:
        paths += [path for path in (project / folder).rglob("*") if path.suffix in CODE]
    return {
        path.relative_to(project).as_posix(): hashlib.blake2b(
            path.read_bytes(), digest_size=16
        ).hexdigest()
        for path in sorted(paths)
    }
