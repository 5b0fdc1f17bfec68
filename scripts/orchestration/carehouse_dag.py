"""The daily job as an Airflow 3 DAG: land each source, build with dbt (by cosmos), publish.

It runs in an environment of its own (`make .venv-airflow/ready`) and calls the `carehouse` of the
project's `.venv`, so neither has to bear the other's dependencies. Put this folder on Airflow's
dags path; settings are those of the project's `.env` or of the worker's environment. The trigger's
`target` says which engine builds (default: `CAREHOUSE_TARGET`, else DuckDB): `carehouse build`
brings what landed to an engine that is a server, lets dbt build there, and fetches the marts.

A landing that fails stops what comes after it: the published file stays as it was. What waiting
may mend (a busy warehouse, a lost connection) is tried again with growing pauses; a refused file is
not, it is named, and the run ends as failed. The trigger's `accept_refused` publishes the rest.
Where models or tests fail, the other domains are published all the same; the run ends as failed.
"""

import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("DO_NOT_TRACK", "1")  # cosmos would report each run to its makers

import pendulum
import yaml
from airflow.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from airflow.sdk import Param, TriggerRule, dag, get_current_context, task
from cosmos import ProfileConfig
from cosmos.constants import InvocationMode
from cosmos.operators.local import DbtBuildLocalOperator

PROJECT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("CAREHOUSE_HOME") or PROJECT / "data").expanduser().resolve()
TIMEZONE = os.environ.get("CAREHOUSE_TIMEZONE") or "Europe/Berlin"
PROFILES = PROJECT / "profiles" / "profiles.yml"
TARGETS = sorted(yaml.safe_load(PROFILES.read_text())["carehouse"]["outputs"])
TARGET = os.environ.get("CAREHOUSE_TARGET") or "duckdb"
CLAIMS_URL = os.environ.get("CAREHOUSE_CLAIMS_URL", "")
# a source, and the settings that may name a place for it outside the inbox
SOURCES = {
    "workbooks": (),
    "notes": (),
    "clinic": (),
    "opendental": ("OPENDENTAL_REPLICA_URL", "OPENDENTAL_URL"),
    "claims": ("CAREHOUSE_CLAIMS_URL",),
}
ENVIRONMENT = {
    "CAREHOUSE_HOME": str(HOME),
    "CAREHOUSE_TIMEZONE": TIMEZONE,
    # landings run side by side, the warehouse has one writer: wait for one's turn
    "CAREHOUSE_WAIT_SECONDS": os.environ.get("CAREHOUSE_WAIT_SECONDS") or "900",
}


def command(target: str) -> Path:
    """The `carehouse` of the environment that has the target's packages."""
    return PROJECT / (".venv-spark" if target == "spark" else ".venv") / "bin" / "carehouse"


def carehouse(*arguments: str) -> dict:
    """Run a `carehouse` command on the run's target; return its JSON, or {} when it prints none.

    Raises AirflowFailException, which is not retried, when files were refused and the trigger
    does not accept that; AirflowException with the command's own words when it failed.
    """
    target = get_current_context()["params"]["target"]
    done = subprocess.run(
        [command(target), *arguments],
        env=os.environ | ENVIRONMENT | {"CAREHOUSE_TARGET": target},
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stderr, end="")
    result = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    refused = result.get("refused") or {}
    if refused:
        named = "; ".join(f"{name} {reason}" for name, reason in refused.items())
        if not get_current_context()["params"]["accept_refused"]:
            raise AirflowFailException(f"refused: {named}")
        print(f"refused, and accepted by this run: {named}")
    elif done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise AirflowException(f"carehouse {arguments[0]}: {said[-1]}")
    return result


class Build(DbtBuildLocalOperator):
    """`carehouse build` on the run's target, with the options that cosmos gives to `dbt build`.

    It is tried again only where it did not come as far as building.
    """

    def execute(self, context, **kwargs):
        """Build on the target of this run, which is not known before."""
        target = context["params"]["target"]
        self.dbt_executable_path = str(command(target))
        self.profile_config.target_name = target
        return super().execute(context, **kwargs)

    def handle_exception_subprocess(self, result) -> None:
        """Raise AirflowFailException, which is not retried, when models or tests failed."""
        # `carehouse` says so where it could not begin: a busy warehouse, a server that is away
        has_begun = not any(line.startswith("Error: ") for line in result.full_output)
        if result.exit_code == 1 and has_begun:
            self.log.error("\n".join(result.full_output))
            raise AirflowFailException("models or tests failed: they are named above")
        super().handle_exception_subprocess(result)


def put_folder(folder: Path, url: str) -> None:
    """Upload a folder; credentials and endpoint are the usual AWS variables and profiles."""
    import fsspec

    store, prefix = fsspec.url_to_fs(url)
    store.put(f"{folder}/", f"{prefix.rstrip('/')}/", recursive=True)


@dag(
    schedule=os.environ.get("CAREHOUSE_DAG_SCHEDULE") or "30 5 * * *",
    start_date=pendulum.datetime(2025, 1, 1, tz=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args={
        "retries": 3,
        "retry_delay": timedelta(seconds=float(os.environ.get("CAREHOUSE_DAG_RETRY", "60"))),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=30),
    },
    params={
        "target": Param(TARGET, type="string", enum=TARGETS, description="The engine that builds."),
        "demo": Param(False, type="boolean", description="Make up inputs and run on them."),
        "accept_refused": Param(
            False, type="boolean", description="Build and publish though a file was refused."
        ),
    },
    tags=["carehouse"],
    doc_md=__doc__,
)
def carehouse_daily() -> None:
    """Land every source side by side, build, publish."""

    @task
    def make_up_data() -> None:
        if not get_current_context()["params"]["demo"]:
            raise AirflowSkipException("only in a demo")
        if not (HOME / "demo").exists():
            carehouse("generate", "--out", str(HOME / "demo"))

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def upload() -> None:
        if not (get_current_context()["params"]["demo"] and CLAIMS_URL.startswith("s3://")):
            raise AirflowSkipException("only in a demo with CAREHOUSE_CLAIMS_URL=s3://…")
        put_folder(HOME / "demo" / "claims", CLAIMS_URL)

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def land(source: str) -> dict:
        elsewhere = any(os.environ.get(name) for name in SOURCES[source])
        demo = get_current_context()["params"]["demo"]
        folder = HOME / ("demo" if demo else "inbox") / source
        if elsewhere and not (demo and source == "opendental"):
            return carehouse("land", source, "--json")
        if not folder.is_dir():
            raise AirflowSkipException(f"{folder} is not there")
        return carehouse("land", source, str(folder), "--json")

    build = Build(
        task_id="build",
        trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
        project_dir=str(PROJECT),
        profile_config=ProfileConfig(
            profile_name="carehouse",
            target_name=TARGET,
            profiles_yml_filepath=str(PROFILES),
        ),
        dbt_executable_path=str(command(TARGET)),
        invocation_mode=InvocationMode.SUBPROCESS,
        # unit tests judge the SQL, not today's data
        dbt_cmd_flags=["--exclude-resource-type", "unit_test"],
        env=ENVIRONMENT | {"CAREHOUSE_TARGET": "{{ params.target }}"},
        append_env=True,
        install_deps=False,
        emit_datasets=False,
    )

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def publish() -> dict:
        ti = get_current_context()["ti"]
        states = ti.get_task_states(dag_id=ti.dag_id, task_ids=["build"], run_ids=[ti.run_id])
        built = states[ti.run_id]["build"]
        if built == "skipped":
            raise AirflowSkipException("nothing was built")
        if built not in ("success", "failed"):
            raise AirflowFailException("nothing was built, since a landing failed")
        try:
            return carehouse("publish", "--json")
        except AirflowException as error:
            if built == "success":
                raise
            raise AirflowFailException(f"domains that failed keep their tables: {error}") from error

    uploaded = upload()
    make_up_data() >> uploaded
    for source in SOURCES:
        uploaded >> land.override(task_id=f"land_{source}")(source) >> build
    build >> publish()


carehouse_daily()
