"""The daily job and the demo: land every source that is there, build, publish."""

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import duckdb

from carehouse.build import run_dbt
from carehouse.errors import CannotLand, NothingToLand
from carehouse.landing.sources import default_place, land_source
from carehouse.landing.summary import landing_lines
from carehouse.publish import publish
from carehouse.registry import SOURCES
from carehouse.rejected_rows import rejected_lines
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse

Echo = Callable[..., None]
# unit tests judge the SQL, not today's data: they run in CI and in `carehouse build`
DAILY_BUILD = ("build", "--exclude-resource-type", "unit_test")
DEMO_PARTICIPANTS = 24
DEMO_LAST_DAY = date(2025, 6, 30)


def run_daily(
    settings: Settings, folder: Path, echo: Echo, dbt_options: Sequence[str] = ()
) -> bool:
    """Land each source whose folder exists below `folder`, build (options go to dbt), publish.

    Returns whether all went well. A refused file does not stop the rest, and a failed build
    leaves the published file as it was.
    """
    places = {name: default_place(name, settings, folder) for name in SOURCES}
    present = [name for name, place in places.items() if _is_there(place)]
    if not present:
        folders = ", ".join(str(folder / name) for name in SOURCES)
        raise NothingToLand(
            f"{folder} has no source folder: make one of {folders}, put files there, or set "
            "OPENDENTAL_URL or CAREHOUSE_CLAIMS_URL, and run again"
        )
    _clear_demo(settings, folder, echo)
    ok = True
    for name in present:
        try:
            landing = land_source(name, settings, places[name])
        except CannotLand as error:
            ok = False
            echo(str(error), error=True)
            continue
        ok = ok and not landing.refused
        for line, is_error in landing_lines(landing):
            echo(line, error=is_error)
    built = run_dbt(settings, [*DAILY_BUILD, *dbt_options], quiet=True)
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


def _is_there(place: Path | str) -> bool:
    return isinstance(place, str) or place.is_dir()


def run_demo(settings: Settings, seed: int, echo: Echo) -> bool:
    """Make up inputs if there are none, run on them, and end with figures and where to look."""
    if _real_loads(settings):
        raise NothingToLand(
            f"{settings.home} has real data, which the demo would mix with made-up data: "
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
    folder: Path,
    *,
    scale: float,
    seed: int,
    source: str | None,
    as_of: date | None,
    days: int | None = None,
    parquet: bool = False,
) -> None:
    """Make up the inputs of one source, or of all, below `folder`."""
    from carehouse.demo import claims, clinic, notes, opendental, workbooks

    makers = {"workbooks": workbooks.generate, "notes": notes.generate}
    participants = max(1, round(DEMO_PARTICIPANTS * scale))
    for name, make in makers.items():
        if source in (None, name):
            make(folder, participants=participants, seed=seed, as_of=as_of or DEMO_LAST_DAY)
    if source in (None, "clinic"):
        clinic.generate(folder, scale=scale, seed=seed, as_of=as_of or DEMO_LAST_DAY)
    if source in (None, "claims"):
        claims.generate(
            folder,
            scale=scale,
            seed=seed,
            as_of=as_of or DEMO_LAST_DAY,
            days=claims.EXPORTS if days is None else days,
            parquet=parquet,
        )
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


HEADLINES = {
    "care": """
        select format(
            '{} participants, {:,} interventions, {:,.2f} spent, of which {:,.2f} medical',
            count(*), cast(sum(intervention_count) as bigint),
            cast(sum(total_spend_amount) as double), cast(sum(medical_spend_amount) as double)
        )
        from care.participant_outcomes
    """,
    "clinic": """
        select format(
            '{:,} bookings, {:,} kept, show rate {:.1f} %, {:,.2f} paid',
            cast(sum(bookings) as bigint), cast(sum(completed) as bigint),
            100.0 * sum(completed) / nullif(sum(completed) + sum(no_shows), 0),
            cast(sum(revenue_paid) as double)
        )
        from clinic.daily_kpis
    """,
    "claims": """
        select format(
            '{:,} claims, {:,.2f} claimed, {:,.2f} paid',
            count(*), cast(sum(amount) as double), cast(sum(paid_amount) as double)
        )
        from claims.fact_claims
    """,
    "dental": """
        select format(
            '{:,.2f} produced, {:,.2f} collected, {:,.2f} receivable',
            cast(sum(net_production) as double), cast(sum(total_income) as double),
            (select cast(sum(balance_total) as double) from dental.accounts_receivable_aging)
        )
        from dental.production_income_daily
    """,
}


def _headlines(settings: Settings) -> Iterator[str]:
    yield ""
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        for domain, sql in HEADLINES.items():
            (text,) = connection.execute(sql).fetchone()
            if text:
                yield f"  {domain:<8}{text}"
    yield ""
    yield f"Ask in SQL: {Path(sys.executable).parent / 'duckdb'} -readonly {settings.published}"
    yield "  select * from care.participant_outcomes order by medical_spend_amount desc;"
    yield "Lineage and every column's meaning: make docs"
