"""The Airflow DAG, run by Airflow itself in an environment of its own."""

import json
import os
import subprocess
import sys
import threading

import pytest

from carehouse.errors import WarehouseBusy
from carehouse.landing.sources import land_source
from carehouse.settings import PROJECT_DIR, Settings
from carehouse.warehouse import open_warehouse
from clinic_support import PATIENTS, PHYSIOS, visit, write_drop
from conftest import query, status_rows, write_workbook
from s3_support import AWS, client, s3_server

AIRFLOW = PROJECT_DIR / ".venv-airflow" / "bin"
DAG = "carehouse_daily"


@pytest.fixture(scope="module")
def airflow(tmp_path_factory):
    """Runs a command of Airflow's environment with a database and a CAREHOUSE_HOME of its own."""
    if not (AIRFLOW / "airflow").exists():
        why = "Airflow's environment is not there: make .venv-airflow/ready"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    base = tmp_path_factory.mktemp("airflow")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(base),
        "AIRFLOW_HOME": str(base / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_DIR / "scripts" / "orchestration"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "CAREHOUSE_HOME": str(base / "home"),
        "CAREHOUSE_AS_OF": "2025-07-01",
        "CAREHOUSE_DAG_RETRY": "1",
    }

    def run(*command: str, more: dict[str, str] | None = None) -> subprocess.CompletedProcess:
        return subprocess.run(
            [AIRFLOW / command[0], *command[1:]],
            env=environment | (more or {}),
            capture_output=True,
            text=True,
            timeout=1200,
        )

    assert run("airflow", "db", "migrate").returncode == 0
    run.home = base / "home"
    return run


@pytest.fixture(scope="module")
def first_run(airflow):
    """A run on one good workbook, which has ended well."""
    inbox = airflow.home / "inbox" / "workbooks"
    write_workbook(inbox / "PW001.xlsx", status_rows(("2025-06-01", "Met the family", 3)))
    done = airflow("airflow", "dags", "test", DAG)
    return done, inbox


def states(done: subprocess.CompletedProcess) -> str:
    return done.stdout + done.stderr


def test_a_good_run_lands_builds_and_publishes(airflow, first_run):
    done, _ = first_run
    assert done.returncode == 0, states(done)[-3000:]
    published = airflow.home / "published" / "carehouse.duckdb"
    assert query(published, "select count(*) from care.fact_interventions") == [(1,)]


def test_a_broken_input_fails_the_run_by_name_and_leaves_what_is_published(airflow, first_run):
    _, inbox = first_run
    published = airflow.home / "published" / "carehouse.duckdb"
    before = published.read_bytes()
    write_workbook(inbox / "PW001.xlsx", status_rows(("2025-06-02", "Met again", 4)))
    (inbox / "broken.xlsx").write_bytes(b"PK\x03\x04 and no more")
    done = airflow("airflow", "dags", "test", DAG)
    said = states(done)
    assert done.returncode != 0
    assert "refused: broken.xlsx is damaged" in said
    assert said.count("refused: broken.xlsx is damaged") < 4, "a refused file is not tried again"
    assert "nothing was built, since a landing failed" in said
    assert published.read_bytes() == before


@pytest.mark.thorough
def test_a_failed_gate_keeps_its_domain_back_and_publishes_the_others(airflow, first_run):
    _, inbox = first_run
    published = airflow.home / "published" / "carehouse.duckdb"
    for path in inbox.glob("*"):
        path.unlink()
    write_workbook(
        inbox / "PW001.xlsx", status_rows(("2025-06-01", "Met", 3), ("2025-06-09", "Again", 4))
    )
    write_drop(
        airflow.home / "inbox" / "clinic" / "raw",
        appointments=[
            visit(
                number,
                "06-04",
                booked_at="2025-06-01T10:00:00+02:00",
                price_estimate="free" if number % 2 else "50",
            )
            for number in range(40)
        ],
        patients=PATIENTS,
        physios=PHYSIOS,
        payments=[],
    )
    done = airflow("airflow", "dags", "test", DAG)
    said = states(done)
    assert done.returncode != 0
    assert said.count("starting task_id=build") == 1, "what cannot be mended is not tried again"
    assert "domains that failed keep their tables" in said
    assert query(published, "select count(*) from care.fact_interventions") == [(2,)]
    judged = "select is_current, reason from quality.published_domains where domain = 'clinic'"
    ((is_current, reason),) = query(published, judged)
    assert not is_current
    assert "clinic_rejected_share" in reason


def test_the_dag_is_what_the_docs_say(airflow):
    code = """
import json, carehouse_dag
dag = carehouse_dag.carehouse_daily()
print("DAG" + json.dumps({
    "after": {name: sorted(one.downstream_task_ids) for name, one in dag.task_dict.items()},
    "retries": sorted({one.retries for one in dag.tasks}),
    "growing": all(one.retry_exponential_backoff for one in dag.tasks),
    "schedule": str(dag.schedule),
    "catchup": dag.catchup,
    "side_by_side": dag.max_active_runs,
    "target": [dag.params["target"], dag.params.get_param("target").schema["enum"]],
}))
"""
    folder = PROJECT_DIR / "scripts" / "orchestration"
    done = airflow("python", "-c", f"import sys; sys.path.insert(0, {str(folder)!r}){code}")
    assert done.returncode == 0, done.stderr[-3000:]
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("DAG"))
    dag = json.loads(line[3:])
    lands = sorted(
        f"land_{name}" for name in ("workbooks", "notes", "clinic", "opendental", "claims")
    )
    assert dag["after"] == {
        "make_up_data": ["upload"],
        "upload": lands,
        **{name: ["build"] for name in lands},
        "build": ["publish"],
        "publish": [],
    }
    assert (dag["retries"], dag["growing"], dag["catchup"]) == ([3], True, False)
    assert (dag["schedule"], dag["side_by_side"]) == ("30 5 * * *", 1)
    assert dag["target"] == ["duckdb", ["duckdb", "postgres", "spark"]]


def test_a_target_that_no_profile_has_is_refused_by_name(airflow):
    done = airflow("airflow", "dags", "test", DAG, "--conf", '{"target": "oracle"}')
    assert done.returncode != 0
    assert "'oracle' is not one of ['duckdb', 'postgres', 'spark']" in states(done)


def test_the_target_of_a_run_reaches_what_builds(airflow, tmp_path):
    more = {
        "CAREHOUSE_HOME": str(tmp_path),
        "CAREHOUSE_POSTGRES_URL": "postgresql://carehouse:secret@127.0.0.1:1/x",
    }
    write_workbook(
        tmp_path / "inbox" / "workbooks" / "PW001.xlsx", status_rows(("2025-06-01", "Met", 3))
    )
    done = airflow("airflow", "dags", "test", DAG, "--conf", '{"target": "postgres"}', more=more)
    said = states(done)
    assert done.returncode != 0
    assert "the Postgres server of CAREHOUSE_TARGET=postgres cannot be used" in said
    assert said.count("starting task_id=build") == 4, "a server that is away is tried again"
    assert "secret" not in said
    assert (tmp_path / "warehouse" / "carehouse.duckdb").exists(), "it landed all the same"


def test_a_demo_uploads_its_claims_from_where_they_land(airflow, home, monkeypatch, tmp_path):
    made = tmp_path / "claims"
    (made / "2025-06-30").mkdir(parents=True)
    (made / "2025-06-30" / "providers.csv").write_text(
        "provider_id,name,specialty,city\nP1,Dr One,Cardiology,Bonn\n"
    )
    folder = PROJECT_DIR / "scripts" / "orchestration"
    code = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); from pathlib import Path; "
        f"import carehouse_dag; carehouse_dag.put_folder(Path({str(made)!r}), 's3://bucket/demo')"
    )
    with s3_server() as endpoint:
        for name, value in AWS.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        client(endpoint).create_bucket(Bucket="bucket")
        done = airflow("python", "-c", code, more={**AWS, "AWS_ENDPOINT_URL": endpoint})
        assert done.returncode == 0, done.stderr[-3000:]
        landing = land_source("claims", home, "s3://bucket/demo")
    assert landing.landed == ["2025-06-30/providers.csv"]
    assert landing.row_count == 1


def test_landings_side_by_side_wait_for_their_turn(home):
    holder = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""
    home.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(home.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(WarehouseBusy, match="in use by another program"):
            open_warehouse(home).__enter__()
        patient = Settings(home=home.home, wait_seconds=60)
        threading.Timer(0.5, process.stdin.close).start()
        with open_warehouse(patient) as connection:
            assert connection.execute("select count(*) from raw.load_log").fetchone() == (0,)
