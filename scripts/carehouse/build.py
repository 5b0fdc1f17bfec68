"""Run dbt on the warehouse, in this process, so that killing the command kills the build."""

import atexit
import gc
import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from carehouse.engines import target
from carehouse.errors import DocsFailed
from carehouse.settings import PROJECT_DIR, Settings
from carehouse.trouble import explain
from carehouse.warehouse import open_warehouse

GOOD = {"success", "pass", "warn", "no-op"}
STEPS = ("model", "test", "seed", "snapshot", "unit_test")  # what counts as one
# dbt makes millions of objects and frees few: looking for cycles in them takes a tenth of its time
GC_THRESHOLDS = (200_000, 50, 50)


@dataclass
class Build:
    """What a dbt build said: which steps were good, and which were not."""

    ok: bool
    bad: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    good: list[str] = field(default_factory=list)
    seconds: float = 0
    failed_sql: dict[str, str] = field(default_factory=dict)  # of tests: selects what is wrong

    @property
    def has_results(self) -> bool:
        """Whether it came as far as building."""
        return bool(self.good or self.bad)

    def followed_by(self, then: "Build") -> "Build":
        """Both as one; of a step that was done twice the second counts."""
        bad = {name: one for name, one in self.bad.items() if name not in then.good} | then.bad
        good = sorted({*self.good, *then.good} - bad.keys())
        return Build(
            not bad and then.ok,
            bad,
            then.error or self.error,
            good,
            self.seconds + then.seconds,
            self.failed_sql | then.failed_sql,
        )


def dbt_environment(settings: Settings) -> dict[str, str]:
    """The settings as dbt reads them; profiles and macros take them from the environment."""
    return target.environment(settings) | {
        "CAREHOUSE_HOME": str(settings.home),
        "CAREHOUSE_ENCRYPT": str(settings.encrypt),
        "CAREHOUSE_KEY_FILE": str(settings.key_file or ""),
        "CAREHOUSE_KEYRING": settings.keyring or "",
        "CAREHOUSE_TARGET": settings.target,
        "CAREHOUSE_AS_OF": settings.as_of.isoformat() if settings.as_of else "",
        "CAREHOUSE_DATE_ORDER": settings.date_order,
        "CAREHOUSE_TIMEZONE": settings.timezone,
        "CAREHOUSE_CLINIC_REJECTED_SHARE_LIMIT": str(settings.clinic_rejected_share_limit),
        "CAREHOUSE_MEMORY_LIMIT": settings.memory_limit or "-1",
        "DBT_TARGET_PATH": str(settings.dbt_folder),
        "DBT_LOG_PATH": str(settings.home / "logs"),
    }


def run_dbt(
    settings: Settings,
    arguments: Sequence[str],
    quiet: bool = False,
    tell: Callable[[int], None] | None = None,
) -> Build:
    """Run a dbt command; `quiet` shows a progress bar in place of dbt's own lines.

    `tell` is called about once a second with the number of steps done.
    """
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with open_warehouse(settings):  # says who holds it, or that it is damaged, before dbt starts
        pass
    atexit.register(gc.freeze)  # or Python looks for cycles in all that dbt has left, as it ends
    from dbt.cli.main import dbtRunner
    from rich.console import Console
    from rich.progress import Progress

    os.environ.update(dbt_environment(settings))
    places = ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR / "profiles")]
    console = Console(stderr=True)
    started = time.monotonic()
    with (
        Progress(console=console, disable=not (quiet and console.is_terminal)) as progress,
        _seldom_collected(),
    ):
        task = progress.add_task("building", total=None)
        done, told_at = 0, started

        def on_event(event) -> None:
            nonlocal done, told_at
            if event.info.name != "NodeFinished":
                return
            progress.advance(task)
            done += 1
            if tell and time.monotonic() - told_at > 1:
                told_at = time.monotonic()
                tell(done)

        runner = dbtRunner(callbacks=[on_event])
        result = runner.invoke([*(["--quiet"] if quiet else []), *arguments, *places])
    _close_connections()
    target.fetch(settings)
    seconds = time.monotonic() - started
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    if result.result is None or not hasattr(result.result, "results"):
        told = explain(result.exception, settings) or str(result.exception)
        return Build(result.success, error=told if result.exception else None, seconds=seconds)
    statuses = {
        one.node.unique_id: str(one.status)
        for one in result.result.results
        if one.node.unique_id.split(".")[0] in STEPS
    }
    bad = {name: status for name, status in statuses.items() if status not in GOOD}
    good = [name for name in statuses if name not in bad]
    told = (explain(one.message or "", settings) for one in result.result.results)
    trouble = next(filter(None, told), None) if bad else None
    failed_sql = {
        one.node.unique_id: one.node.compiled_code
        for one in result.result.results
        if str(one.status) == "fail"
    }
    return Build(result.success, bad, trouble, good, seconds, failed_sql)


def choose(
    settings: Settings, roots: Collection[str], alone: Collection[str], compares_project: bool
) -> list[str]:
    """dbt's options that choose roots with what descends from them, and other nodes alone; with
    `compares_project` what was edited too, with what descends from it.

    The nodes stand in a file, as results of a run that dbt's `result:` method reads: each name on
    the command line is looked for among all nodes, which takes seconds for some hundred.
    """
    from dbt.artifacts.schemas.results import RunStatus
    from dbt.artifacts.schemas.run import RunResultOutput, RunResultsArtifact, RunResultsMetadata

    folder = settings.built_manifest.parent if compares_project else settings.dbt_folder / "chosen"
    folder.mkdir(parents=True, exist_ok=True)
    groups = {RunStatus.Error: roots, RunStatus.Success: alone}
    results = [
        RunResultOutput(
            unique_id=name,
            status=status,
            timing=[],
            thread_id="",
            execution_time=0,
            adapter_response={},
            message=None,
            failures=None,
            compiled=None,
            compiled_code=None,
            relation_name=None,
        )
        for status, names in groups.items()
        for name in sorted(names)
    ]
    version = str(RunResultsArtifact.dbt_schema_version)
    RunResultsArtifact(
        metadata=RunResultsMetadata(dbt_schema_version=version), results=results, elapsed_time=0
    ).write(str(folder / "run_results.json"))
    selected = [f"result:{RunStatus.Error}+"] * bool(roots)
    selected += [f"result:{RunStatus.Success}"] * bool(alone)
    selected += ["state:modified+"] * compares_project
    return ["--state", str(folder), "--select", *selected]


@contextmanager
def _seldom_collected() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _close_connections() -> None:
    """Let go of the warehouse, which dbt-duckdb would hold open to the end of the process."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters

    reset_adapters()
    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
    DuckDBConnectionManager.close_all_connections()


def write_docs(settings: Settings, out: Path) -> Path:
    """Write dbt's docs as one HTML file that needs no server; give its path."""
    result = run_dbt(settings, ["docs", "generate", "--static"], quiet=True)
    if not result.ok:
        raise DocsFailed(f"dbt could not write its docs: {result.error or result.bad}")
    out.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(settings.dbt_folder / "static_index.html", out)
    return out
