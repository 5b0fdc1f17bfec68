"""A page of all marts with grain and use, and which sources feed which domain; for `make docs`.

dbt's own docs show a mart's lineage model by model; this page is the map before it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from carehouse.graph import Graph, read_graph
from carehouse.pages import write_page
from carehouse.registry import MART_SCHEMAS
from carehouse.settings import PROJECT_DIR, Settings

MARTS = PROJECT_DIR / "models" / "marts"
ROW, LEFT, RIGHT, BOX = 56, 10, 520, 200  # pixels of the drawing


@dataclass(frozen=True)
class Entry:
    """A mart of the list."""

    name: str
    what: str
    grain: str
    leaves_out: str


def entries(domain: str) -> Iterator[Entry]:
    """The marts of a domain, as their yml tells them."""
    for path in sorted((MARTS / domain).glob(f"{domain}__*.yml")):
        told = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        for model in told.get("models", ()):
            text = model.get("description", "")
            what = re.split(r"\n\n|\*\*", text, maxsplit=1)[0]
            yield Entry(
                model["name"].replace("__", ".", 1),
                " ".join(what.split()),
                _part(text, "Grain"),
                _part(text, "Leaves out"),
            )


def _part(text: str, heading: str) -> str:
    found = re.search(rf"\*\*{heading}\*\*:\s*(.+?)(?:\n\n|\Z)", text, re.S)
    return " ".join(found[1].split()) if found else ""


def feeds(graph: Graph) -> dict[str, list[str]]:
    """Of each domain the raw schemas that its marts come from, nearest way or far."""
    found = {}
    for domain in MART_SCHEMAS:
        marts = [one.unique_id for one in graph.nodes.values() if one.domain == domain]
        names = graph.ancestors(marts)
        sources = {name.split(".")[2] for name in names if name.startswith("source.")}
        found[domain] = sorted(one for one in sources if one.startswith("raw_"))
    return found


def write_mart_docs(settings: Settings, out: Path) -> Path:
    """Write the page beside dbt's docs, from what dbt last parsed; gives its path."""
    graph = read_graph(settings.manifest)
    by_domain = feeds(graph) if graph else {}
    sources = sorted({source for found in by_domain.values() for source in found})
    domains = [domain for domain in MART_SCHEMAS if by_domain.get(domain)]
    places = {name: place * ROW + 30 for place, name in enumerate(sources)}
    places |= {name: place * ROW + 30 for place, name in enumerate(domains)}
    return write_page(
        out,
        "marts",
        settings,
        sources=sources,
        domains=domains,
        feeds=by_domain,
        places=places,
        height=max(len(sources), len(domains), 1) * ROW + 20,
        left=LEFT,
        right=RIGHT,
        box=BOX,
        marts={domain: list(entries(domain)) for domain in MART_SCHEMAS},
    )
