"""`carehouse run`, killed at any moment: the next run ends as if nothing had happened."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import duckdb
import psutil
import pytest

from carehouse.daily import generate_inputs
from carehouse.landing.sandboxed import land_files
from carehouse.landing.sources import WORKBOOKS
from carehouse.settings import Settings
from conftest import CARE, SEED, clear, query

KILLS = 6
CLOCKS = {"newest_load_at", "built_at", "build_id"}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four participants' workbooks and notes."""
    folder = tmp_path_factory.mktemp("small")
    for source in ("workbooks", "notes"):
        generate_inputs(folder, scale=4 / 24, seed=SEED, source=source, as_of=None)
    return folder


RUN = """
import sys
from carehouse.cli import main

main(["run", *sys.argv[1:]])
"""


def start(home: Settings) -> subprocess.Popen:
    """`carehouse run`, without dbt's tests: more kills in the same time."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, *CARE, "--exclude-resource-type", "test"],
        env={**os.environ, "CAREHOUSE_HOME": str(home.home), "CAREHOUSE_AS_OF": "2025-07-01"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(home: Settings) -> None:
    running = start(home)
    _, told = running.communicate(timeout=600)
    assert running.returncode == 0, told


def kill(running: subprocess.Popen, seconds: float) -> bool:
    """Kill it after a while; tells whether it was still running."""
    try:
        running.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        children = psutil.Process(running.pid).children(recursive=True)
        running.kill()
        running.wait()
        _, alive = psutil.wait_procs(children, timeout=5)
        assert not alive, "a reader outlived the run that started it"
        return True
    finally:
        running.stderr.close()
    return False


def marts(home: Settings) -> dict[str, list[tuple]]:
    """Every published table, without the columns that only a clock decides."""
    found = {}
    with duckdb.connect(str(home.published), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, array_agg(column_name order by column_index) "
            "from duckdb_columns() where not internal group by all"
        ).fetchall()
        for schema, table, columns in tables:
            names = ", ".join(f'"{name}"' for name in columns if name not in CLOCKS)
            sql = f"select {names} from {schema}.{table} order by all"
            found[f"{schema}.{table}"] = connection.execute(sql).fetchall()
    return found


def assert_whole(home: Settings) -> None:
    """The published file opens and is complete; each landed file's rows are all there."""
    if home.published.exists():
        assert len(marts(home)["care.participant_outcomes"]) == 4
    if home.warehouse.exists():
        tables = query(
            home,
            "select schema_name, table_name from duckdb_columns() "
            "where schema_name like 'raw%' and column_name = '_load_id'",
        )
        held = " union all ".join(
            f"select _load_id from {schema}.{table}" for schema, table in tables
        )
        halves = query(
            home,
            f"""
            with held as ({held or "select null::bigint as _load_id"})
            select load_id, source, row_count, count(held._load_id)
            from raw.load_log left join held on load_id = held._load_id
            where outcome = 'landed' group by all having row_count <> count(held._load_id)
            """,
        )
        assert halves == []


KILL_AT_INSERT = """
import os, signal, sys
from pathlib import Path
from carehouse.landing.insert import InsertPlan
from carehouse.landing.sandboxed import land_files
from carehouse.landing.sources import WORKBOOKS
from carehouse.settings import Settings

insert, left = InsertPlan.insert, int(sys.argv[3])

def insert_and_die(*arguments):
    global left
    insert(*arguments)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

InsertPlan.insert = insert_and_die
land_files(WORKBOOKS, Settings(home=Path(sys.argv[1])), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_a_kill_while_a_file_lands_leaves_no_half_of_it(home, inputs, number):
    folder = inputs / "workbooks"
    killed = subprocess.run(
        [sys.executable, "-c", KILL_AT_INSERT, str(home.home), str(folder), str(number)],
        stderr=subprocess.PIPE,
        timeout=300,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert_whole(home)
    ((landed,),) = query(home, "select count(*) from raw.load_log")
    assert landed == (number - 1) // 2  # a file fills two tables
    landing = land_files(WORKBOOKS, home, folder)
    assert len(landing.unchanged) == landed
    assert len(landing.landed) == len(list(folder.iterdir())) - landed
    assert_whole(home)


def test_a_run_killed_at_any_moment_is_made_good_by_the_next(home, inputs):
    home.inbox.symlink_to(inputs, target_is_directory=True)
    started = time.monotonic()
    finish(home)
    duration = time.monotonic() - started
    whole = marts(home)
    clear(home)
    home.inbox.symlink_to(inputs, target_is_directory=True)
    draw = Random(SEED)
    killed = 0
    for number in range(KILLS):
        moment = duration * (number + draw.random()) / KILLS
        killed += kill(start(home), moment)
        assert_whole(home)
    assert killed >= KILLS - 2
    finish(home)
    assert marts(home) == whole
    assert [path.name for path in home.published.parent.iterdir()] == ["carehouse.duckdb"]
