"""What the machine does to us is one plain line with the way back, and never a traceback."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from carehouse.lock import only_one
from carehouse.scratch import scratch
from carehouse.settings import Settings
from carehouse.warehouse import WarehouseBusy, open_warehouse
from conftest import query, status_rows, write_workbook

can_mount = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("mount"),
    reason="a small or read-only disk can only be mounted by root",
)


def carehouse(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """The command, as a user's shell starts it."""
    return subprocess.run(
        [sys.executable, "-m", "carehouse.cli", *arguments],
        env={**os.environ, "CAREHOUSE_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def assert_one_line(done: subprocess.CompletedProcess, *words: str) -> None:
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    for word in words:
        assert word in last


@pytest.fixture
def small_disk(tmp_path):
    """A disk of three megabytes, of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


HOLD = """
import sys, time
from pathlib import Path
from carehouse.lock import only_one, tell
from carehouse.settings import Settings

settings = Settings(home=Path(sys.argv[1]))
with only_one(settings, "run"):
    tell(settings, "building 12 of 300 steps")
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that is at work in a home."""
    running = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLD), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout.readline() == "held\n"
    yield running
    running.kill()
    running.wait()
    running.stdout.close()


@pytest.mark.parametrize("command", ["run", "publish", "build", "demo"])
def test_the_second_at_work_says_who_is_the_first(tmp_path, holder, command):
    done = carehouse(tmp_path, command)
    assert_one_line(done, "`carehouse run`", f"process {holder.pid}", "CAREHOUSE_WAIT_SECONDS")


def test_the_second_waits_as_long_as_it_is_told(tmp_path, holder):
    settings = Settings(home=tmp_path, wait_seconds=0.3)
    started = time.monotonic()
    with pytest.raises(WarehouseBusy), only_one(settings, "publish"):
        pass
    assert time.monotonic() - started >= 0.3
    holder.kill()
    holder.wait()
    with only_one(settings.model_copy(update={"wait_seconds": 10}), "publish"):
        pass  # a lock goes with its process


def test_status_works_while_another_is_at_work(tmp_path, holder):
    done = carehouse(tmp_path, "status")
    assert done.returncode == 0, done.stderr
    assert "carehouse run" in done.stdout and "building 12 of 300 steps" in done.stdout


def test_status_of_a_home_that_is_not_there_makes_none(tmp_path):
    done = carehouse(tmp_path / "mistyped", "status")
    assert "mistyped does not exist" in done.stdout + done.stderr
    assert not (tmp_path / "mistyped").exists()


def damage(settings: Settings, how: str) -> None:
    with open_warehouse(settings):
        pass
    size = settings.warehouse.stat().st_size
    with settings.warehouse.open("r+b") as file:
        match how:
            case "other bytes":
                file.write(b"hello" * 100)
            case "a bad block":
                file.seek(4096)
                file.write(b"\xff" * 8192)
            case "cut off":
                file.truncate(size // 3)
            case "empty":
                file.truncate(0)


@pytest.mark.parametrize("how", ["other bytes", "a bad block", "cut off", "empty"])
@pytest.mark.parametrize("command", ["status", "publish", "run"])
def test_a_damaged_warehouse_is_one_line_with_the_way_back(tmp_path, how, command):
    settings = Settings(home=tmp_path)
    write_workbook(settings.inbox / "workbooks" / "a.xlsx", status_rows())
    damage(settings, how)
    before = settings.warehouse.read_bytes()
    done = carehouse(tmp_path, command)
    assert_one_line(done, str(settings.warehouse), "is damaged", "backup", "move it away")
    assert settings.warehouse.read_bytes() == before


@can_mount
@pytest.mark.parametrize("command", ["run", "publish"])
def test_a_home_that_cannot_be_written_is_one_line(small_disk, command):
    write_workbook(small_disk / "inbox" / "workbooks" / "a.xlsx", status_rows())
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    done = carehouse(small_disk, command)
    assert_one_line(done, str(small_disk), "cannot be written", "CAREHOUSE_HOME")


@can_mount
def test_a_full_disk_is_one_line_and_the_next_run_recovers(small_disk):
    rows = status_rows(*((f"2025-01-{day % 28 + 1:02d}", "x" * 900, "3") for day in range(4000)))
    write_workbook(small_disk / "inbox" / "workbooks" / "a.xlsx", rows)
    filler = small_disk / "filler"
    filler.write_bytes(b"0" * 2**20)
    assert_one_line(carehouse(small_disk, "land", "workbooks"), "the disk is full", "make room")
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=80m", small_disk], check=True)
    done = carehouse(small_disk, "land", "workbooks")
    assert done.returncode == 0, done.stderr


KILLED = """
import os, signal, sys
from pathlib import Path
from carehouse.scratch import scratch
from carehouse.settings import Settings

with scratch(Settings(home=Path(sys.argv[1]))) as folder:
    (folder / "patients.parquet").write_bytes(b"not encrypted")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_reader_left_is_removed_by_the_next(tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [path.name for path in (tmp_path / "tmp").rglob("*.parquet")] == ["patients.parquet"]
    with scratch(Settings(home=tmp_path)) as folder, scratch(Settings(home=tmp_path)) as second:
        assert set((tmp_path / "tmp").iterdir()) == {folder, second}
    assert list((tmp_path / "tmp").iterdir()) == []


@can_mount
@pytest.mark.thorough
def test_the_disk_fills_at_twenty_points_of_a_landing(small_disk, tmp_path):
    """From nothing left to nearly enough: one line each time, what had landed stays."""
    inbox = tmp_path / "inputs"
    for number in range(8):
        rows = (
            (f"2025-01-{day % 28 + 1:02d}", f"{number} {day} " + "x" * 900, "3")
            for day in range(1500)
        )
        write_workbook(inbox / f"{number}.xlsx", status_rows(*rows))
    whole = tmp_path / "whole"
    assert carehouse(whole, "land", "workbooks", str(inbox)).returncode == 0
    expected = landed_cells(whole)
    needed = sum(path.stat().st_size for path in whole.rglob("*") if path.is_file())
    full = 0
    for point in range(20):
        home = small_disk / f"home{point}"
        home.mkdir()
        room = int(needed * 1.5 * point / 20) + 2**14
        _resize(small_disk, f"{room // 1024}k")
        done = carehouse(home, "land", "workbooks", str(inbox))
        _resize(small_disk, "1g")
        if done.returncode:
            full += 1
            assert_one_line(done, "the disk is full", "make room")
        before = landed_cells(home)
        assert all(rows == expected[file] for file, rows in before.items()), "half a file"
        again = carehouse(home, "land", "workbooks", str(inbox))
        assert again.returncode == 0, again.stderr
        assert landed_cells(home) == expected
        assert not list((home / "tmp").iterdir())
        shutil.rmtree(home)
    assert full >= 10
    print(f"the disk was full at {full} of 20 points")


def _resize(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


def landed_cells(home: Path) -> dict[str, tuple[int, int]]:
    """Number and checksum of the cells of each file that has landed."""
    warehouse = Settings(home=home).warehouse
    if not warehouse.exists() or not query(
        warehouse, "select 1 from duckdb_tables() where schema_name = 'raw_workbooks'"
    ):
        return {}
    rows = query(
        warehouse,
        "select _source_file, count(*), bit_xor(hash(_source_row, column_number, value_text)) "
        "from raw_workbooks.cells group by 1",
    )
    return {file: (count, checksum) for file, count, checksum in rows}
