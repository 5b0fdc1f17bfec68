"""No other account of the computer can read a home, whatever the umask was."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from carehouse.private import close_home, open_paths
from carehouse.settings import PROJECT_DIR, Settings

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
NOBODY = 65534
WALK = """
import os, sys
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
found = []
for folder, _, files in os.walk(sys.argv[1]):
    found.append(folder) if folder != sys.argv[1] else None
    for name in files:
        try:
            open(os.path.join(folder, name), "rb").close()
            found.append(name)
        except PermissionError:
            pass
print(len(found))
"""


@pytest.fixture
def open_home(built_demo: Settings):
    """The demo's databases and inputs in a home that every account may read."""
    folder = Path(tempfile.mkdtemp(prefix="seal-"))  # pytest's own folders are closed above
    folder.chmod(0o755)
    home = folder / "home"
    for path in (built_demo.warehouse, built_demo.published):
        target = home / path.relative_to(built_demo.home)
        target.parent.mkdir(parents=True)
        shutil.copyfile(path, target)
    shutil.copytree(built_demo.home / "dbt", home / "dbt")
    (home / "inbox" / "notes").mkdir(parents=True)
    (home / "inbox" / "notes" / "note.txt").write_text("a made-up note")
    for path in [home, *home.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    yield home
    shutil.rmtree(folder)


def carehouse(home: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "carehouse.cli", *arguments],
        env={**os.environ, "CAREHOUSE_HOME": str(home)},
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        umask=0,
        timeout=600,
    )


def readable_by_another(home: Path) -> int:
    """How many files and folders another account can open (as root it is really tried)."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", WALK, str(home)], capture_output=True, text=True, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def wide_open(home: Path) -> list[Path]:
    found = [home, *home.rglob("*")]
    return [one for one in found if not one.is_symlink() and one.stat().st_mode & 0o077]


def test_a_command_closes_an_open_home_and_makes_only_closed_files(open_home):
    if os.getuid() == 0:
        assert readable_by_another(open_home) > 5
    told = carehouse(open_home, "status")
    assert "open to other accounts" in told.stdout
    (open_home / "warehouse" / "carehouse.duckdb").with_suffix(".old").touch()
    done = carehouse(open_home, "publish")
    assert done.returncode == 0, done.stderr
    assert carehouse(open_home, "land", "notes").returncode in (0, 1)  # a scratch folder, a log
    assert wide_open(open_home) == []
    if os.getuid() == 0:
        assert readable_by_another(open_home) == 0
    assert "open to other accounts" not in carehouse(open_home, "status").stdout


def test_dbt_and_its_children_make_closed_files_too(open_home):
    done = carehouse(open_home, "build", "--select", "claim_status_aliases")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (open_home / "logs" / "dbt.log").exists()
    assert wide_open(open_home) == []


def test_what_is_open_is_named_and_links_are_left_alone(tmp_path):
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (home / "inbox", elsewhere):
        folder.mkdir(parents=True)
        folder.chmod(0o755)
    (home / "inbox" / "link").symlink_to(elsewhere)
    home.chmod(0o700)
    assert open_paths(home) == []  # nobody else comes as far
    home.chmod(0o750)
    assert open_paths(home) == [str(home), str(home / "inbox")]
    close_home(home)
    assert open_paths(home) == []
    assert stat.S_IMODE((home / "inbox").stat().st_mode) == 0o700
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755


def test_a_folder_that_others_need_is_not_closed_but_named(tmp_path):
    tmp_path.chmod(0o1777)
    (tmp_path / "of_another_program").touch(0o644)
    close_home(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777
    assert open_paths(tmp_path) == [str(tmp_path)]
