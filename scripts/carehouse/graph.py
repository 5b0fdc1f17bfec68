"""The graph of dbt nodes as its manifest tells it, read without importing dbt."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from carehouse.registry import MART_SCHEMAS as DOMAINS

BUILT = ("model", "seed", "snapshot")
TESTS = ("test", "unit_test")
COUNTS_OTHERS = "quality"  # the domain that compares the marts of the others with what was read


@dataclass(frozen=True)
class Node:
    """One seed, model, snapshot or test; a unit test counts as a test beside its model."""

    unique_id: str
    kind: str
    folder: tuple[str, ...]  # below the project: staging/clinic, marts/care
    parents: tuple[str, ...]
    macros: tuple[str, ...]
    attached_to: str | None  # the node that a generic test stands beside
    tags: frozenset[str]
    concerns: tuple[str, ...]  # the domains that a test says it speaks of
    is_view: bool  # or is not in the database at all: it holds no rows of its own
    table: tuple[str, str]  # its schema and name in the database

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.unique_id.split(".")[2]

    @property
    def domain(self) -> str | None:
        """The domain of a mart."""
        is_mart = self.kind == "model" and self.folder[0] == "marts"
        return self.folder[1] if is_mart else None


@dataclass(frozen=True)
class Macro:
    """One macro of the project: its file, what it calls, which environment variables it reads."""

    path: str
    calls: tuple[str, ...]
    variables: frozenset[str]


@dataclass(frozen=True)
class Graph:
    """Every seed, model, snapshot and test, and the macros they call."""

    nodes: dict[str, Node]
    macros: dict[str, Macro]

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """Who reads a node or a source."""
        found: dict[str, list[str]] = {}
        for node in self.nodes.values():
            for parent in node.parents:
                found.setdefault(parent, []).append(node.unique_id)
        return found

    def descendants(self, roots: Iterable[str]) -> set[str]:
        """The roots and all that is built from them, tests included."""
        return _reach(roots, self.children)

    def ancestors(self, roots: Iterable[str]) -> set[str]:
        """The roots and all that they are built from, sources included."""
        parents = {name: node.parents for name, node in self.nodes.items()}
        return _reach(roots, parents)

    def made_of(self, mart: str) -> Iterator[tuple[str, str]]:
        """What a mart is made of: kind (raw table, mart or seed) and name of each, as people write
        them. The way goes through the models between and ends at the next mart."""
        seen, waiting = set(), list(self.nodes[mart].parents)
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            kind, _, called = name.split(".", 2)
            node = self.nodes.get(name)
            if kind == "source":
                yield "raw table", called
            elif kind == "seed":
                yield "seed", called
            elif node and node.domain:
                yield "mart", called.replace("__", ".", 1)
            elif node:
                waiting.extend(node.parents)

    def concerned(self, unique_id: str) -> set[str]:
        """The domains whose tables a failure of this node puts in doubt.

        A model's are those of the marts that descend from it. A generic test speaks of the model
        that it stands beside. A singular test speaks of the domains in its `meta: {domains: []}`,
        else of the marts that it reads, else of whatever it reads.
        """
        node = self.nodes.get(unique_id)
        if node is None:
            return set(DOMAINS)  # of a project this graph does not know
        if node.concerns:
            return set(node.concerns)
        roots = {unique_id}
        if node.kind in TESTS:
            parents = [self.nodes[name] for name in node.parents if name in self.nodes]
            marts = {parent.unique_id for parent in parents if parent.domain}
            roots = {node.attached_to} if node.attached_to else marts or set(node.parents)
        reached = _reach(roots, self._doubted)
        return {self.nodes[name].domain for name in reached if name in self.nodes} - {None}

    def only_counts(self, unique_id: str) -> bool:
        """Whether a node is a mart of quality that reads marts of other domains, or its test."""
        node = self.nodes.get(unique_id)
        mart = self.nodes.get((node.attached_to if node else None) or unique_id)
        return mart is not None and any(self._is_count(name, mart) for name in mart.parents)

    def tests_below(self, failed: Iterable[str]) -> set[str]:
        """The tests below failed nodes; a failed test stands for what it reads."""
        roots = set()
        for node in (self.nodes[name] for name in failed if name in self.nodes):
            roots |= set(node.parents) if node.kind in TESTS else {node.unique_id}
        return {
            name
            for name in self.descendants(roots)
            if name in self.nodes and self.nodes[name].kind in TESTS
        }

    def _is_count(self, parent: str, child: Node) -> bool:
        read = self.nodes.get(parent)
        is_mart = read is not None and read.domain not in (None, COUNTS_OTHERS)
        return is_mart and child.domain == COUNTS_OTHERS

    @cached_property
    def _doubted(self) -> dict[str, list[str]]:
        """What is in doubt when a node is: its children, but not the counts of quality.

        What only counts the marts of another domain is not stale when those are: it would hide
        what went wrong on the very day that somebody looks for it.
        """
        return {
            parent: [name for name in children if not self._is_count(parent, self.nodes[name])]
            for parent, children in self.children.items()
        }

    def calling(self, macros: Iterable[str]) -> Iterator[Node]:
        """The nodes that call one of these macros, themselves or through other macros."""
        callers: dict[str, list[str]] = {}
        for caller, macro in self.macros.items():
            for name in macro.calls:
                callers.setdefault(name, []).append(caller)
        reached = _reach(macros, callers)
        for node in self.nodes.values():
            if not reached.isdisjoint(node.macros):
                yield node

    def reading(self, variable: str) -> Iterator[Node]:
        """The nodes whose macros read an environment variable."""
        return self.calling(
            name for name, macro in self.macros.items() if variable in macro.variables
        )

    def calls_file(self, path: str) -> bool:
        """Whether any node calls a macro of this file; materializations call some unseen."""
        names = [name for name, macro in self.macros.items() if macro.path == path]
        return bool(names) and any(True for _ in self.calling(names))


@dataclass(frozen=True)
class Mart:
    """A published table as its yml describes it: each column's type and `meta.phi`, its grain."""

    schema: str
    table: str
    types: dict[str, str]
    phi: dict[str, str | None]
    grain: tuple[str, ...]
    roles: frozenset[str]  # of the exposures that read it: meta.role

    @property
    def full_name(self) -> str:
        """As people write it."""
        return f"{self.schema}.{self.table}"

    @property
    def source(self) -> str:
        """Its place in the full published file, attached as `everything`."""
        return f'everything."{self.schema}"."{self.table}"'


def read_marts(manifest: Path) -> dict[tuple[str, str], Mart]:
    """Every mart by schema and table; none where there is no manifest that can be read."""
    try:
        told = json.loads(manifest.read_bytes())
        grains = {
            one["attached_node"]: tuple(one["test_metadata"]["kwargs"]["columns"])
            for one in told["nodes"].values()
            if (one.get("test_metadata") or {}).get("name") == "unique_grain"
        }
        roles: dict[str, set[str]] = {}
        for one in told["exposures"].values():
            role = one["config"].get("meta", {}).get("role")
            for name in one["depends_on"]["nodes"] if role else ():
                roles.setdefault(name, set()).add(role)
        found = {}
        for name, one in told["nodes"].items():
            if one["resource_type"] == "model" and one["fqn"][1] == "marts":
                phi = {
                    column: told["config"].get("meta", {}).get("phi")
                    for column, told in one["columns"].items()
                }
                types = {column: told["data_type"] for column, told in one["columns"].items()}
                key = (one["schema"], one["alias"])
                found[key] = Mart(
                    *key, types, phi, grains.get(name, ()), frozenset(roles.get(name, ()))
                )
    except (OSError, ValueError, KeyError):
        return {}
    return found


def read_graph(manifest: Path) -> Graph | None:
    """The graph of a manifest; None where there is none that can be read."""
    try:
        return _read(manifest, manifest.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=2)
def _read(manifest: Path, written_at: int) -> Graph | None:
    try:
        told = json.loads(manifest.read_bytes())
        nodes = {
            name: _node(name, one)
            for name, one in (told["nodes"] | told["unit_tests"]).items()
            if one["resource_type"] in (*BUILT, "test", "unit_test")
        }
        macros = {
            name: Macro(
                one["original_file_path"],
                tuple(one["depends_on"]["macros"]),
                frozenset(re.findall(r"env_var\('(\w+)'", one["macro_sql"])),
            )
            for name, one in told["macros"].items()
            if one["package_name"] == told["metadata"]["project_name"]
        }
    except (OSError, ValueError, KeyError):
        return None
    return Graph(nodes, macros)


def _node(name: str, told: dict) -> Node:
    depends_on = told.get("depends_on", {})
    parents = tuple(depends_on.get("nodes", ()))
    is_unit_test = told["resource_type"] == "unit_test"
    return Node(
        unique_id=name,
        kind=told["resource_type"],
        folder=(*told["fqn"][1:-1], "", "")[:2],
        parents=parents,
        macros=tuple(depends_on.get("macros", ())),
        attached_to=parents[0] if is_unit_test else told.get("attached_node"),
        tags=frozenset(told.get("tags") or told["config"].get("tags") or ()),
        concerns=tuple(told["config"].get("meta", {}).get("domains", ())),
        is_view=told["config"].get("materialized") in ("view", "ephemeral"),
        table=(told["schema"], told.get("alias") or told["name"]),
    )


def _reach(roots: Iterable[str], edges: dict[str, Iterable[str]]) -> set[str]:
    seen, waiting = set(), list(roots)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(edges.get(name, ()))
    return seen
