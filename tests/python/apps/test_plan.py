"""After any sequence of landings, edits, failures, kills and days, a run builds what a full build
would make different, and nothing else: tried on the project's own graph, with builds acted out."""

import re
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carehouse.domains import BuildLog
from carehouse.graph import BUILT, Graph, read_graph
from carehouse.plan import State, is_unchanged, plan

SOURCES = ("workbooks", "notes", "clinic", "claims", "opendental.patient", "opendental.payment")
START = State(
    data={**dict.fromkeys(SOURCES, "0"), "loads": "0"},
    day="2025-06-30",
    settings={"CAREHOUSE_TIMEZONE": "Europe/Berlin", "CAREHOUSE_DATE_ORDER": "dmy"},
    versions="1",
)

READS_THE_DAY = re.compile(
    r"(as_of|is_known|is_over|known_facts|retired_by_then|aging_bucket|is_mature_month|journey_date"
    r"|acceptance_cohorts|filing_columns|cost_per_member|member_months|periods_hold)\("
    r"|newest_extract\.as_of_date"
)


class House:
    """A warehouse in which each table is what it was made from, told by nested values.

    What reads the day comes out changed on every `every[name]`th of them, on each if not named.
    """

    def __init__(self, graph: Graph, code: dict[str, str], every: dict[str, int] | None = None):
        self.graph, self.code, self.every = graph, code, every or {}
        self.world = replace(START, files=dict.fromkeys(graph.nodes, "0"))
        self.kept: State | None = None
        self.tables: dict[str, int] = {}
        self.status: dict[str, str] = {}
        self.invocation: dict[str, str] = {}
        self.failing: set[str] = set()
        self.number = 0

    @property
    def log(self) -> BuildLog:
        return BuildLog(dict(self.status), dict(self.invocation), {})

    def inputs(self, name: str) -> tuple:
        """What a node is made from beside its parents, told without the planner."""
        node, text = self.graph.nodes[name], self.code[name]
        found = [self.world.files[name]]
        for parent in node.parents:
            if parent.startswith("source.carehouse.raw_"):
                _, _, schema, table = parent.split(".")
                source = schema.removeprefix("raw_")
                found += [
                    stamp
                    for key, stamp in self.world.data.items()
                    if key == source or key == f"{source}.{table}"
                ]
            elif parent == "source.carehouse.raw.load_log":
                only = re.search(r"source = '(\w+)'", text)
                found.append(self.world.data[only.group(1) if only else "loads"])
        if READS_THE_DAY.search(text):
            found.append(self.world.day.count("+") // self.every.get(name, 1))
        for variable, macro in (
            ("TIMEZONE", r"\b(to_local|to_utc)\(|clinic_zone"),
            (
                "ORDER",
                r"(date_order|claims_moment|claims_\w*day|clinic_moment)\(|date_order_reason",
            ),
        ):
            if re.search(macro, text):
                found.append([v for k, v in self.world.settings.items() if variable in k])
        return (name, *map(str, found))

    def content(self, name: str, tables: dict[str, int]) -> int:
        parents = [tables.get(one) for one in self.graph.nodes[name].parents]
        return hash((self.inputs(name), *parents))

    def expected(self) -> dict[str, int]:
        """What a full build makes."""
        found: dict[str, int] = {}
        for name in order(self.graph):
            found[name] = self.content(name, found)
        return found

    def read(self, name: str) -> int | None:
        """What somebody sees who reads it now: of a view, what its parents hold now."""
        if name not in self.tables or not self.graph.nodes[name].is_view:
            return self.tables.get(name)
        return self.content(name, {one: self.read(one) for one in self.graph.nodes[name].parents})

    def build(self, chosen: set[str], killed_after: int | None = None) -> bool:
        """Act a build out, as dbt does it: what descends from a failure is skipped."""
        self.number += 1
        invocation = f"build {self.number}"
        for name in chosen:
            self.status[name], self.invocation[name] = "started", invocation
        broken: set[str] = set()
        steps = [name for name in order(self.graph) if name in chosen]
        for count, name in enumerate(steps):
            if count == killed_after:
                return False
            if broken.intersection(self.graph.nodes[name].parents):
                self.status[name] = "skipped"
                broken.add(name)
            elif name in self.failing:
                self.status[name] = "error"
                broken.add(name)
            else:
                parents = {one: self.read(one) for one in self.graph.nodes[name].parents}
                self.tables[name] = self.content(name, parents)
                self.status[name] = "success"
        self.last = invocation
        return True

    def run(self, killed_after: int | None = None) -> set[str]:
        """`carehouse run`; gives what it chose to build."""
        if self.kept and is_unchanged(self.world, self.kept, self.log):
            return set()
        planned = plan(self.world, self.kept, self.log, self.graph if self.kept else None)
        roots, first, invocations = planned.all_roots(), set(), set()
        if planned.compares_project:  # dbt's state:modified
            roots |= {
                name
                for name, version in self.world.files.items()
                if version != self.kept.files.get(name)
            }
        chosen = set(self.graph.nodes) if planned.is_full else self.graph.descendants(roots)
        if planned.day:
            first = planned.day.first
            before = dict(self.tables)
            if not self.build(first, killed_after):
                return first
            invocations.add(self.last)
            if any(self.status[name] != "success" for name in first):
                chosen |= self.graph.descendants(first | planned.day.readers)
            else:
                chosen |= planned.day.then(
                    {
                        name
                        for name in first
                        if not self.graph.nodes[name].is_view
                        and before.get(name) != self.tables[name]
                    }
                )
            killed_after = None if killed_after is None else killed_after - len(first)
        chosen = {name for name in chosen if self.graph.nodes[name].kind != "unit_test"}
        if self.build(chosen, killed_after):
            known = {*(self.kept.invocations if self.kept else ()), *invocations, self.last}
            self.kept = replace(self.world, invocations=tuple(sorted(known)))
        return chosen | first


@cache
def project(manifest) -> tuple[Graph, dict[str, str]]:
    import json

    graph = read_graph(manifest)
    nodes = {name: one for name, one in graph.nodes.items() if one.kind in (*BUILT, "test")}
    told = json.loads(manifest.read_bytes())["nodes"]
    return Graph(nodes, graph.macros), {name: told[name].get("raw_code") or "" for name in nodes}


@cache
def _order(key: int) -> tuple[str, ...]:
    graph, found, waiting = GRAPHS[key], [], dict(GRAPHS[key].nodes)
    done: set[str] = set()
    while waiting:
        ready = [
            name
            for name, node in waiting.items()
            if all(parent in done or parent not in graph.nodes for parent in node.parents)
        ]
        found += ready
        done.update(ready)
        for name in ready:
            del waiting[name]
    return tuple(found)


GRAPHS: dict[int, Graph] = {}


def order(graph: Graph) -> tuple[str, ...]:
    GRAPHS[id(graph)] = graph
    return _order(id(graph))


@pytest.fixture(scope="module")
def built(parsed_home):
    """What the graph and the code of each node are."""
    return project(parsed_home / "dbt" / "manifest.json")


def steps(names: list[str]) -> st.SearchStrategy:
    node = st.sampled_from(names)
    return st.one_of(
        st.tuples(st.just("land"), st.sampled_from(SOURCES)),
        st.tuples(st.just("refuse"), st.none()),
        st.tuples(st.just("edit"), node),
        st.tuples(st.just("revert"), node),
        st.tuples(st.just("day"), st.none()),
        st.tuples(st.just("setting"), st.sampled_from(sorted(START.settings))),
        st.tuples(st.just("break"), node),
        st.tuples(st.just("mend"), st.none()),
        st.tuples(st.just("by hand"), node),
        st.tuples(st.just("run"), st.none()),
        st.tuples(st.just("kill"), st.integers(0, 200)),
    )


def act(house: House, step: str, what) -> None:
    world, number = house.world, str(house.number) + step
    match step:
        case "land":
            data = world.data | {what: f"{world.data[what]}+", "loads": f"{world.data['loads']}+"}
            house.world = replace(world, data=data)
        case "refuse":
            loads = f"{world.data['loads']}-"
            house.world = replace(world, data=world.data | {"loads": loads})
        case "edit":
            house.world = replace(world, files=world.files | {what: f"{number}"})
        case "revert":
            house.world = replace(world, files=world.files | {what: "0"})
        case "day":
            house.world = replace(world, day=f"{world.day}+")
        case "setting":
            house.world = replace(world, settings=world.settings | {what: number})
        case "break":
            house.failing.add(what)
        case "mend":
            house.failing.clear()
        case "by hand":
            house.build({what})
        case "run":
            house.run()
        case "kill":
            house.run(killed_after=what)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_after_any_sequence_the_tables_equal_those_of_a_full_build(built, data):
    graph, code = built
    names = sorted(graph.nodes)
    chance = data.draw(st.randoms(use_true_random=False))
    house = House(graph, code, {name: chance.choice((1, 2, 1000)) for name in names})
    if data.draw(st.booleans()):
        house.run()
    for step, what in data.draw(st.lists(steps(names), min_size=1, max_size=12)):
        act(house, step, what)
    house.run()
    expected = house.expected()
    spoilt = graph.descendants(house.failing)
    assert {n: v for n, v in house.tables.items() if n not in spoilt} == {
        n: v for n, v in expected.items() if n not in spoilt
    }
    house.failing.clear()
    house.run()
    assert house.tables == expected
    assert house.run() == set()


@pytest.mark.parametrize("source", SOURCES)
def test_a_landing_builds_what_descends_from_it_and_nothing_else(built, source):
    house = House(*built)
    house.run()
    act(house, "land", source)
    schema, _, table = source.partition(".")
    start = f"source.carehouse.raw_{schema}.{table}"
    below = house.graph.descendants(
        reader
        for parent, readers in house.graph.children.items()
        if (parent == start if table else parent.startswith(start))
        for reader in readers
    )
    more = {  # what lists the loads of all sources
        f"model.carehouse.{name}"
        for name in ("stg_landing__loads", "quality__load_summary", "quality__rejected_rows")
    }
    its_loads = {f"model.carehouse.stg_{schema}__{name}" for name in ("loads", "withdrawals")}
    below |= house.graph.descendants(its_loads & set(house.graph.nodes))
    chosen = {name for name in house.run() if house.graph.nodes[name].kind != "test"}
    expected = {name for name in below if house.graph.nodes[name].kind != "test"}
    assert chosen == expected | more


def test_a_new_day_builds_what_reads_the_day_and_leaves_sources_without_data_alone(built):
    graph, code = built
    house = House(graph, code)
    house.run()
    act(house, "day", None)
    all_sources = plan(house.world, house.kept, house.log, graph)
    assert not all_sources.all_roots()
    assert 30 < len(all_sources.day.readers) < len(graph.nodes) / 5
    empty = frozenset(
        parent.removeprefix("source.carehouse.")
        for parent in graph.children
        if parent.startswith("source.carehouse.raw_") and "workbooks" not in parent
    )
    some = plan(house.world, house.kept, house.log, graph, empty)
    assert some.idle
    names = {graph.nodes[name].name for name in some.day.readers}
    assert not [name for name in names if name.startswith(("int_dental", "dental__"))]
    assert "int_care__participant_tenures" in names


def test_each_node_whose_code_reads_the_day_is_one_of_its_readers(built):
    graph, code = built
    house = House(graph, code)
    house.run()
    act(house, "day", None)
    readers = plan(house.world, house.kept, house.log, graph).day.readers
    named = {name for name, text in code.items() if READS_THE_DAY.search(text)}
    assert {"model.carehouse.int_claims__files", "model.carehouse.int_claims__status_log"} < named
    assert not named - set(readers)


def test_an_upgrade_or_other_project_settings_build_all(built):
    graph, code = built
    house = House(graph, code)
    house.run()
    for change in (
        {"versions": "2"},
        {"files": house.world.files | {"dbt_project.yml": "other"}},
        {"files": house.world.files | {"macros/snapshot_get_time.sql": "other"}},
    ):
        assert plan(replace(house.world, **change), house.kept, house.log, graph).is_full
