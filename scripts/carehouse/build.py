"""Run dbt on the warehouse, in this process, so that killing the command kills the build."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from carehouse.errors import DocsFailed
from carehouse.settings import PROJECT_DIR, Settings

GOOD = {"success", "pass", "warn", "no-op"}


@dataclass
class Build:
    """What a dbt build said: how many nodes were good, and which were not."""

    ok: bool
    good_count: int = 0
    bad: dict[str, str] = field(default_factory=dict)
    error: str | None = None


def dbt_environment(settings: Settings) -> dict[str, str]:
    """The settings as dbt reads them; profiles and macros take them from the environment."""
    return {
        "CAREHOUSE_HOME": str(settings.home),
        "CAREHOUSE_TARGET": settings.target,
        "CAREHOUSE_AS_OF": settings.as_of.isoformat() if settings.as_of else "",
        "CAREHOUSE_DATE_ORDER": settings.date_order,
        "CAREHOUSE_TIMEZONE": settings.timezone,
        "CAREHOUSE_CLINIC_REJECTED_SHARE_LIMIT": str(settings.clinic_rejected_share_limit),
        "DBT_TARGET_PATH": str(settings.home / "dbt"),
        "DBT_LOG_PATH": str(settings.home / "logs"),
    }


def run_dbt(settings: Settings, arguments: Sequence[str], quiet: bool = False) -> Build:
    """Run a dbt command; `quiet` shows a progress bar in place of dbt's own lines."""
    from dbt.cli.main import dbtRunner

    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    os.environ.update(dbt_environment(settings))
    places = ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR / "profiles")]
    console = Console(stderr=True)
    with Progress(console=console, disable=not (quiet and console.is_terminal)) as progress:
        task = progress.add_task("building", total=None)

        def on_event(event) -> None:
            if event.info.name == "NodeFinished":
                progress.advance(task)

        runner = dbtRunner(callbacks=[on_event])
        result = runner.invoke([*(["--quiet"] if quiet else []), *arguments, *places])
    _close_connections()
    if result.result is None or not hasattr(result.result, "results"):
        return Build(result.success, error=str(result.exception) if result.exception else None)
    statuses = {one.node.unique_id: str(one.status) for one in result.result.results}
    bad = {name: status for name, status in statuses.items() if status not in GOOD}
    return Build(result.success, len(statuses) - len(bad), bad)


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
    shutil.copyfile(settings.home / "dbt" / "static_index.html", out)
    return out
