"""A new day: what reads it is built first, and what descends from that only where rows differ.

Most of what reads the day comes out as it was, since no row of it is dated after the day before;
then nothing below it can differ. Rows are compared by their number and two sums of their hashes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import duckdb

from carehouse.graph import BUILT, Graph

Fingerprint = tuple[int, int | None, int | None]


@dataclass(frozen=True)
class NewDay:
    """What reads the day, and what has to be built on a new one."""

    graph: Graph
    readers: frozenset[str]  # models, snapshots and tests

    @cached_property
    def first(self) -> set[str]:
        """What is built before anything is compared: the readers, and the readers of views.

        A view holds no rows of its own. Where it reads the day, or a view that does, its rows may
        differ before it is built again.
        """
        found: set[str] = set()
        waiting = [*self.readers]
        while waiting:
            name = waiting.pop()
            node = self.graph.nodes.get(name)
            if node is None or node.kind not in BUILT or name in found:
                continue
            found.add(name)
            if node.is_view:
                waiting += self.graph.children.get(name, ())
        return found

    def then(self, differing: Collection[str]) -> set[str]:
        """What is left when those of the first differ: to build what descends from them, to test
        whatever reads one that may differ, and the day."""
        nodes, children = self.graph.nodes, self.graph.children
        below = self.graph.descendants(
            child for name in differing for child in children.get(name, ())
        )
        built = {name for name in below if nodes[name].kind in BUILT}
        doubted = built.union(differing, (name for name in self.first if nodes[name].is_view))
        tests = {name for name in self.readers if nodes[name].kind == "test"}
        tests |= {
            child
            for name in doubted
            for child in children.get(name, ())
            if nodes[child].kind == "test"
        }
        return built | tests

    def fingerprints(self, connection: duckdb.DuckDBPyConnection) -> dict[str, Fingerprint]:
        """Of each table that is built first: its rows, counted and summed up in any order."""
        there = set(
            connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        )
        return {
            name: connection.execute(
                "select count(*), sum(hash(told)), bit_xor(hash(told)) "
                f'from "{node.table[0]}"."{node.table[1]}" as told'
            ).fetchone()
            for name, node in ((name, self.graph.nodes[name]) for name in sorted(self.first))
            if node.table in there
        }
