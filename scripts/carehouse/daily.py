"""The daily job and the demo: land every source that is there, build, publish."""

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb

from carehouse.build import run_dbt
from carehouse.gate import rejected_lines
from carehouse.landing.core import Landing, NothingToLand
from carehouse.landing.lines import landing_lines
from carehouse.landing.mysql import CannotConnect, ConnectionLost, QueryFailed
from carehouse.landing.sources import SOURCES, land_source
from carehouse.publish import publish
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse

Echo = Callable[..., None]
DEMO_PARTICIPANTS = 24
DEMO_LAST_DAY = date(2025, 6, 30)


def run_daily(settings: Settings, folder: Path, echo: Echo) -> bool:
    """Land each source whose folder exists below `folder`, build, publish.

    Returns whether all went well. A refused file does not stop the rest, and a failed build
    leaves the published file as it was.
    """
    from_database = settings.has_opendental and folder == settings.inbox
    present = [
        name
        for name in SOURCES
        if (folder / name).is_dir() or (name == "opendental" and from_database)
    ]
    if not present:
        raise NothingToLand(
            f"{folder} holds no source: make {folder / 'workbooks'}, {folder / 'notes'}, "
            f"{folder / 'clinic'} or {folder / 'opendental'}, put files there, or set "
            "OPENDENTAL_URL, and run again"
        )
    _clear_demo(settings, folder, echo)
    ok = True
    for name in present:
        try:
            landing = _land(name, settings, folder, from_database)
        except (CannotConnect, ConnectionLost, NothingToLand, QueryFailed) as error:
            ok = False
            echo(str(error), error=True)
            continue
        ok = ok and not landing.refused
        for line, is_error in landing_lines(landing):
            echo(line, error=is_error)
    # unit tests judge the SQL, not today's data: they run in CI and in `carehouse build`
    built = run_dbt(settings, ["build", "--exclude-resource-type", "unit_test"], quiet=True)
    if not built.ok:
        for name, result in built.bad.items():
            echo(f"{result}: {name}", error=True)
        for line in rejected_lines(settings, built.bad):
            echo(line, error=True)
        echo(built.error or "the build failed; the published file is as it was", error=True)
        return False
    echo(f"{'built':<11}{built.good_count} models, tests, snapshots and seeds")
    published = publish(settings)
    echo(f"{'published':<11}{published.table_count} tables, {published.row_count:,} rows")
    return ok


def _land(name: str, settings: Settings, folder: Path, from_database: bool) -> Landing:
    if name == "opendental" and from_database:
        from carehouse.landing.opendental import land_database

        return land_database(settings)
    return land_source(name, settings, folder / name)


def run_demo(settings: Settings, seed: int, echo: Echo) -> bool:
    """Make up inputs if there are none, run on them, and end with figures and where to look."""
    if _real_loads(settings):
        raise NothingToLand(
            f"{settings.home} holds real data, which the demo would mix with made-up ones: "
            "set CAREHOUSE_HOME to another folder"
        )
    folder = settings.demo_inputs
    if not any((folder / name).is_dir() for name in SOURCES):
        echo(f"making up inputs in {folder}")
        generate_inputs(folder, scale=1, seed=seed, source=None, as_of=None)
    past = settings.model_copy(update={"as_of": settings.as_of or DEMO_LAST_DAY})
    if not run_daily(past, folder, echo):
        return False
    for line in _headlines(settings):
        echo(line)
    return True


def generate_inputs(
    folder: Path, *, scale: float, seed: int, source: str | None, as_of: date | None
) -> None:
    """Make up the inputs of one source, or of all, below `folder`."""
    from carehouse.demo import clinic, notes, opendental, workbooks

    makers = {"workbooks": workbooks.generate, "notes": notes.generate}
    participants = max(1, round(DEMO_PARTICIPANTS * scale))
    for name, make in makers.items():
        if source in (None, name):
            make(folder, participants=participants, seed=seed, as_of=as_of or DEMO_LAST_DAY)
    if source in (None, "clinic"):
        clinic.generate(folder, scale=scale, seed=seed, as_of=as_of or DEMO_LAST_DAY)
    if source in (None, "opendental"):
        opendental.generate(folder, scale=scale, seed=seed, as_of=as_of or DEMO_LAST_DAY)


def _loads_by_kind(settings: Settings) -> tuple[bool, bool]:
    """Whether the warehouse has been filled with (made-up, real) inputs."""
    if not settings.warehouse.exists():
        return False, False
    with open_warehouse(settings) as connection:
        return connection.execute(
            "select coalesce(bool_or(is_demo), false), coalesce(bool_or(not is_demo), false) "
            "from raw.scan_log"
        ).fetchone()


def _real_loads(settings: Settings) -> bool:
    return _loads_by_kind(settings)[1]


def _clear_demo(settings: Settings, folder: Path, echo: Echo) -> None:
    """Before the first real run, remove a warehouse that holds only what the demo made up."""
    made_up, real = _loads_by_kind(settings)
    if made_up and not real and folder != settings.demo_inputs:
        settings.warehouse.unlink()
        echo("removed the demo's made-up data from the warehouse")


def _headlines(settings: Settings) -> Iterator[str]:
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        one = connection.execute(
            """
            select
                count(*), sum(intervention_count), sum(total_spend_amount),
                sum(medical_spend_amount), avg(growth_change)
            from care.participant_outcomes
            """
        ).fetchone()
    participants, interventions, total, medical, growth = one
    yield ""
    yield f"  {participants} participants, {interventions:,} interventions"
    yield f"  {total:,.2f} spent, of which {medical:,.2f} medical"
    yield f"  {growth:+.1f} levels of growth on average, first to latest"
    yield ""
    yield f"Ask in SQL: {Path(sys.executable).parent / 'duckdb'} -readonly {settings.published}"
    yield "  select * from care.participant_outcomes order by medical_spend_amount desc;"
    yield "Lineage and every column's meaning: make docs"
