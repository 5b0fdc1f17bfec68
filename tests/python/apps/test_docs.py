"""The documentation in a browser: a mart's lineage reaches the cells it came from."""

import os
import time

from browser_support import browser  # noqa: F401  (a fixture)
from carehouse.build import write_docs

MODEL = "care__participant_outcomes"
LINEAGE = f"#!/model/model.carehouse.{MODEL}?g_v=1&g_i=%2B{MODEL}"
# Cytoscape leaves a handle on the element it draws in.
DRAWN = """
    const drawn = [...document.querySelectorAll('*')].find(
        (element) => element._cyreg && element._cyreg.cy && element.offsetParent !== null);
    if (!drawn) return null;
    const cy = drawn._cyreg.cy;
    return {
        nodes: cy.nodes(':visible').map((node) => node.data('label') || node.id()),
        ids: cy.nodes(':visible').map((node) => node.id()),
        edges: cy.edges(':visible').map((edge) => [edge.data('source'), edge.data('target')]),
        canvases: drawn.querySelectorAll('canvas').length,
    };
"""


def test_the_lineage_of_outcomes_reaches_the_landed_cells(
    built_demo,
    browser,  # noqa: F811
    tmp_path,
):
    page = write_docs(built_demo, tmp_path / "docs.html")
    browser.get(page.as_uri() + LINEAGE)
    graph, deadline = None, time.monotonic() + 30
    while time.monotonic() < deadline and not (graph and graph["nodes"]):
        time.sleep(0.2)
        graph = browser.execute_script(DRAWN)
    assert graph, "no lineage graph was drawn"
    time.sleep(1)  # its layout moves in
    browser.save_screenshot(os.environ.get("LINEAGE_SCREENSHOT", str(tmp_path / "lineage.png")))
    assert graph["canvases"] > 0
    assert "raw_workbooks.cells" in graph["nodes"]
    assert {MODEL, "stg_workbooks__cells"} <= set(graph["nodes"])
    assert not any(name.startswith("care__fact_assessments") for name in graph["nodes"])
    parents: dict[str, set[str]] = {}
    for parent, child in graph["edges"]:
        parents.setdefault(child, set()).add(parent)
    reached, waiting = set(), {f"model.carehouse.{MODEL}"}
    while waiting:
        node = waiting.pop()
        reached.add(node)
        waiting |= parents.get(node, set()) - reached
    assert "source.carehouse.raw_workbooks.cells" in reached
