"""Commands start quickly: nothing loads what it does not use."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from carehouse.registry import SOURCES
from carehouse.settings import PROJECT_DIR, Settings

RUN = """
import sys
from carehouse.cli import main
try:
    main(sys.argv[1:], standalone_mode=False)
except SystemExit as done:
    assert not done.code, done.code
print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded(home: Path, *arguments: str) -> set[str]:
    """Top-level packages in memory after a command that went well."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        env={"CAREHOUSE_HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("loaded:")[2].split())


@pytest.fixture(scope="module")
def home(built_demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the built demo, in which the commands may write."""
    folder = tmp_path_factory.mktemp("start") / "home"
    shutil.copytree(built_demo.home, folder)
    return folder


def test_help_loads_neither_duckdb_nor_the_settings(tmp_path):
    assert loaded(tmp_path, "--help").isdisjoint({"duckdb", "pydantic", "dbt", "pandas"})


@pytest.mark.parametrize("source", SOURCES)
def test_landing_loads_no_pandas_the_first_time_nor_the_second(tmp_path, demo_inputs, source):
    for _ in range(2):
        packages = loaded(tmp_path, "land", source, str(demo_inputs / source))
        assert "duckdb" in packages
        assert "pandas" not in packages


def test_a_csv_file_that_python_must_read_loads_no_pandas(tmp_path):
    folder = tmp_path / "inbox" / "claims"
    folder.mkdir(parents=True)
    (folder / "providers.csv").write_text("provider_id,name,specialty,city\n\nP1,Mo,,\n")
    assert "pandas" not in loaded(tmp_path, "land", "claims")


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("publish",),
        ("priorities", "--day", "2025-07-01"),
        ("remind", "--day", "2025-07-01", "--dry-run"),
        ("export", "claims"),
    ],
)
def test_no_other_command_loads_pandas(home, arguments):
    packages = loaded(home, *arguments)
    assert "duckdb" in packages
    assert "pandas" not in packages


def test_dbt_finds_the_same_profile_at_the_top_as_in_its_folder():
    """A link would be a text file on Windows, so `dbt build` from the top reads a copy."""
    top, folder = PROJECT_DIR / "profiles.yml", PROJECT_DIR / "profiles" / "profiles.yml"
    assert not top.is_symlink()
    assert top.read_text(encoding="utf-8") == folder.read_text(encoding="utf-8")
