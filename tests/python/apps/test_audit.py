"""The audit: what is locked is listed, and a licence that may not be used is named."""

import importlib.util
import json
from importlib.metadata import distribution

import pytest

from carehouse.settings import PROJECT_DIR

SPEC = importlib.util.spec_from_file_location("audit", PROJECT_DIR / "scripts" / "audit.py")
audit = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(audit)


@pytest.mark.parametrize(
    ("told", "allowed"),
    [
        ("MIT", True),
        ("LGPL-3.0-or-later", True),
        ("GNU Lesser General Public License v3 (LGPLv3)", True),
        ("Apache-2.0 OR GPL-2.0", True),
        ("GPL-3.0-only", False),
        ("GNU Affero General Public License v3", False),
        ("", False),
    ],
)
def test_which_licences_may_be_used(told, allowed):
    assert audit.is_allowed(told) is allowed


def test_every_locked_package_is_listed_with_version_and_licence(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(audit, "SBOM", tmp_path / "sbom.json")
    monkeypatch.setattr(audit, "vulnerabilities", lambda: False)  # asks the index
    assert audit.main() == 0, capsys.readouterr().out
    told = json.loads(audit.SBOM.read_text())
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    parts = {one["name"]: one for one in told["components"]}
    assert parts["duckdb"]["version"] == distribution("duckdb").version
    assert parts["duckdb"]["licenses"] == [{"license": {"name": "MIT License"}}]
    assert len(parts) > 150
    monkeypatch.setattr(audit, "is_allowed", lambda licence: licence != "MIT License")
    assert audit.main() == 1
    assert "duckdb 1.5.5: MIT License" in capsys.readouterr().out


def test_without_an_index_it_says_that_nothing_was_checked(monkeypatch, capsys):
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", "/nonexistent/cache")
    assert audit.vulnerabilities() is False
    assert "NOT checked" in capsys.readouterr().out
