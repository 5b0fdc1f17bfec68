"""`carehouse run`, killed at any moment: the next run ends as if nothing had happened."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from random import Random

import duckdb
import psutil
import pytest

from carehouse.daily import generate_inputs, run_daily
from carehouse.landing.sandboxed import land_files
from carehouse.landing.sources import WORKBOOKS, default_place, land_source
from carehouse.lock import only_one
from carehouse.publish import publish
from carehouse.settings import Settings
from conftest import CARE, SEED, clear, query

DAY = date(2025, 7, 1)
KILLS = 3
# a thorough run's hundred: what is cheap is killed most often
LAND_KILLS, PUBLISH_KILLS, RUN_KILLS, PAIR_KILLS = 60, 20, 10, 10
LANDED = ("workbooks", "notes", "clinic", "claims")
LINEAGE = ("_load_id", "_extracted_at")
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


def begin_anew(home: Settings, inputs: Path) -> None:
    """Nothing in the home but the inbox."""
    clear(home)
    home.inbox.symlink_to(inputs, target_is_directory=True)


def test_a_run_killed_at_any_moment_is_made_good_by_the_next(home, inputs):
    begin_anew(home, inputs)
    started = time.monotonic()
    finish(home)
    duration = time.monotonic() - started
    whole = marts(home)
    begin_anew(home, inputs)
    draw = Random(SEED)
    killed = 0
    while killed < KILLS:
        moment = duration * (killed + draw.random()) / KILLS
        if kill(start(home), moment):
            killed += 1
        else:  # too late, and the next would have nothing left to do: from the start, and sooner
            duration /= 2
            begin_anew(home, inputs)
        assert_whole(home)
    finish(home)
    assert marts(home) == whole
    assert [path.name for path in home.published.parent.iterdir()] == ["carehouse.duckdb"]


# --- a hundred moments, in processes that have imported everything before they start -------------


@pytest.fixture(scope="module")
def all_inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few files of every source that files land from."""
    folder = tmp_path_factory.mktemp("every")
    for source, scale in zip(LANDED, (4 / 24, 4 / 24, 0.02, 0.02), strict=True):
        generate_inputs(folder, scale=scale, seed=SEED, source=source, as_of=None)
    return folder


def _land_all(home: Settings, inputs: Path) -> None:
    for source in LANDED:
        land_source(source, home, default_place(source, home, inputs))


def _publish(home: Settings, inputs: Path) -> None:
    publish(home)


def _run_care(home: Settings, inputs: Path) -> None:
    options = [*CARE, "--exclude-resource-type", "test", "unit_test"]
    if not run_daily(home, inputs, lambda *said, **how: None, options):
        raise SystemExit(1)


@pytest.fixture(scope="module")
def forks():
    """Starts processes from one that has imported what they need: a kill then meets their work."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["carehouse.daily", "carehouse.publish", "dbt.cli.main"])
    return context


def undisturbed(forks, work, home: Settings, inputs: Path) -> float:
    """Do it to its end; gives the seconds it took."""
    started = time.monotonic()
    running = forks.Process(target=work, args=(home, inputs))
    running.start()
    running.join(timeout=300)
    assert running.exitcode == 0
    return time.monotonic() - started


def end_killed(running, seconds: float = 0) -> bool:
    """Kill a fork after a while; tells whether it was still at work."""
    running.join(timeout=seconds)
    if running.exitcode is not None:
        return False
    children = psutil.Process(running.pid).children(recursive=True)
    running.kill()
    running.join()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive, "a reader outlived the run that started it"
    return True


def raw_rows(home: Settings) -> dict[str, list[tuple]]:
    """What has landed, row for row, without what only the order and the clock decide."""
    found = {}
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        for schema, table, columns in connection.execute(
            "select schema_name, table_name, array_agg(column_name order by column_index) "
            "from duckdb_columns() where schema_name in "
            "('raw_workbooks', 'raw_notes', 'raw_clinic', 'raw_claims') group by all"
        ).fetchall():
            listed = ", ".join(f'"{name}"' for name in columns if name not in LINEAGE)
            sql = f"select {listed} from {schema}.{table} order by all"
            found[f"{schema}.{table}"] = connection.execute(sql).fetchall()
        found["load_log"] = connection.execute(
            "select source, object, content_hash, row_count, outcome, reason from raw.load_log "
            "order by all"
        ).fetchall()
    return found


@pytest.mark.thorough
def test_landing_killed_at_sixty_moments(tmp_path, all_inputs, forks):
    whole = Settings(home=tmp_path / "whole", as_of=DAY)
    undisturbed(forks, _land_all, whole, all_inputs)
    duration = undisturbed(forks, _land_all, Settings(home=tmp_path / "timed"), all_inputs)
    expected = raw_rows(whole)
    draw = Random(SEED)
    killed = rounds = 0
    while killed < LAND_KILLS:
        rounds += 1
        home = Settings(home=tmp_path / f"home{rounds}", as_of=DAY)
        for _ in range(draw.randint(1, 4)):  # again and again before one ends
            running = forks.Process(target=_land_all, args=(home, all_inputs))
            running.start()
            killed += end_killed(running, draw.uniform(0, duration))
            assert_whole(home)
        undisturbed(forks, _land_all, home, all_inputs)
        found = raw_rows(home)
        for table, rows in expected.items():
            assert found[table] == rows, (rounds, table)
        assert not list((home.home / "tmp").iterdir())
    print(f"{killed} kills of a landing of {duration:.1f} s, {rounds} times recovered")


@pytest.mark.thorough
def test_runs_and_publishers_killed_at_forty_moments(home, inputs, forks):
    """Also two runs at once, of which one is killed: the other ends, or says who was first."""
    home = home.model_copy(update={"as_of": DAY})
    duration = undisturbed(forks, _run_care, home, inputs)
    whole = marts(home)
    draw = Random(SEED)

    killed = 0
    while killed < PUBLISH_KILLS:
        if draw.random() < 0.5:  # written afresh, else over the old file's bytes
            home.published.unlink(missing_ok=True)
        running = forks.Process(target=_publish, args=(home, inputs))
        running.start()
        killed += end_killed(running, draw.uniform(0, 0.6))
        if home.published.exists():
            assert marts(home) == whole
    undisturbed(forks, _publish, home, inputs)
    assert marts(home) == whole
    assert [path.name for path in home.published.parent.iterdir()] == ["carehouse.duckdb"]
    print(f"{killed} kills of a publisher", flush=True)

    clear(home)
    killed = 0
    while killed < RUN_KILLS:
        running = forks.Process(target=_run_care, args=(home, inputs))
        running.start()
        killed += end_killed(running, draw.uniform(0, duration))
        assert_whole(home)
    undisturbed(forks, _run_care, home, inputs)
    assert marts(home) == whole
    print(f"{killed} kills of a run of {duration:.0f} s", flush=True)

    clear(home)
    for number in range(PAIR_KILLS):
        patient = home.model_copy(update={"wait_seconds": 0 if number % 2 else 300})
        pair = [forks.Process(target=_locked_run, args=(patient, inputs)) for _ in range(2)]
        for one in pair:
            one.start()
            time.sleep(draw.uniform(0, 1))
        draw.shuffle(pair)
        end_killed(pair[0], draw.uniform(0, duration))
        assert_whole_while(pair[1], home)
        if number < PAIR_KILLS - 1:
            end_killed(pair[1], draw.uniform(0, 2))
            assert_whole(home)
        pair[1].join(timeout=300)
    undisturbed(forks, _locked_run, home, inputs)
    assert marts(home) == whole
    assert [path.name for path in home.published.parent.iterdir()] == ["carehouse.duckdb"]


def assert_whole_while(other, home: Settings) -> None:
    """As `assert_whole`, while another may be writing the warehouse: then only the published."""
    if other.exitcode is None:
        assert not home.published.exists() or len(marts(home)["care.participant_outcomes"]) == 4
    else:
        assert_whole(home)


def _locked_run(home: Settings, inputs: Path) -> None:
    """As the command line starts a run."""
    with only_one(home, "run"):
        _run_care(home, inputs)
