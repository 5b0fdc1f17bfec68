"""docs/decisions*: one table format, cells that fit a few lines, and no name that is gone."""

import re
from pathlib import Path

import pytest

from carehouse.settings import PROJECT_DIR

HEADER = "| question | decision | why | what would change it |"
FILES = [PROJECT_DIR / "docs/decisions.md", *sorted(PROJECT_DIR.glob("docs/decisions/*.md"))]
LONGEST_CELL = 320


@pytest.fixture(scope="module")
def project() -> str:
    """All code there is in lower case, with the names of its files."""
    folders = ("models", "macros", "seeds", "snapshots", "scripts", "tests")
    suffixes = {".sql", ".yml", ".py", ".csv"}
    paths = [PROJECT_DIR / "dbt_project.yml"]
    paths += [path for folder in folders for path in (PROJECT_DIR / folder).rglob("*")]
    here = Path(__file__)
    paths = [path for path in paths if path.suffix in suffixes and path != here]
    assert len(paths) > 500
    text = "\n".join(f"{path.name}\n{path.read_text(encoding='utf-8')}" for path in paths)
    return text.lower()


def test_every_domain_is_in_the_index():
    index = FILES[0].read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\((decisions/\w+\.md)\)", index))
    assert linked == {f"decisions/{path.name}" for path in FILES[1:]}
    assert len(linked) > 4


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_decisions_are_rows_of_short_cells(path):
    rows = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    assert HEADER in rows
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) in (2, 4), row  # two: an index, a list of figures or of packages
        assert all(cells), row
        assert max(map(len, cells)) <= LONGEST_CELL, row


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_a_decision_names_is_there(path, project):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    named = {
        word
        for code in re.findall(r"`([^`\n]+)`", text)
        for word in re.findall(r"[A-Za-z_][A-Za-z0-9]*_[A-Za-z0-9_]+", code)
        if not word.startswith("DBT_")
    }
    assert named
    gone = sorted(name for name in named if name.lower().removeprefix("carehouse_") not in project)
    assert not gone
