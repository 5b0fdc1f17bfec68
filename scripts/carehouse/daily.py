"""The daily job and the demo: land every source that is there, build what can differ, publish."""

import shutil
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from pathlib import Path

import duckdb

from carehouse.build import Build, choose, run_dbt
from carehouse.database import WAREHOUSE_PART, open_to_read
from carehouse.domains import read_build_log
from carehouse.engines import target
from carehouse.erasure.retention import afresh_is_done, is_afresh_due, retire
from carehouse.errors import CannotLand, NothingToLand
from carehouse.graph import Graph, read_graph
from carehouse.landing.sources import default_place, land_source
from carehouse.landing.summary import landing_lines
from carehouse.lock import tell
from carehouse.new_day import NewDay
from carehouse.plan import (
    Plan,
    State,
    empty_tables,
    is_unchanged,
    keep_state,
    plan,
    read_now,
    read_state,
)
from carehouse.publish import is_up_to_date, publish, remove_published
from carehouse.registry import SOURCES
from carehouse.rejected_rows import causes
from carehouse.report import Report, next_step, read_findings, report_lines
from carehouse.reseal import rewrite
from carehouse.scratch import clear_scratch
from carehouse.settings import Settings
from carehouse.status import keep_status
from carehouse.warehouse import open_warehouse

Echo = Callable[..., None]
# unit tests judge the SQL, not today's data: they run in CI and in `carehouse build`
DAILY_BUILD = (
    *("build", "--exclude-resource-type", "unit_test"),
    # the report says what failed; dbt's own lines may quote a cell, and go to logs/dbt.log
    *("--log-level", "none", "--log-level-file", "info"),
)
WITHOUT_TESTS = ("--exclude-resource-type", "test")
# every test of what is built, though it reads other tables too: those stand as they were
OF_A_PART = ("--indirect-selection", "eager")
SELECTING = ("-s", "--select", "--models", "-m", "--exclude", "--selector", "--resource-type")
DEMO_PARTICIPANTS = 24
DEMO_LAST_DAY = date(2025, 6, 30)


def run_daily(
    settings: Settings,
    folder: Path,
    echo: Echo,
    dbt_options: Sequence[str] = (),
    *,
    full: bool = False,
) -> bool:
    """`run` with its report said line by line; returns whether all went well."""
    report = run(settings, folder, echo, dbt_options, full=full)
    for line, is_error in report_lines(report):
        echo(line, error=is_error)
    return report.ok


def run(
    settings: Settings,
    folder: Path,
    echo: Echo,
    dbt_options: Sequence[str] = (),
    *,
    full: bool = False,
) -> Report:
    """Land each source whose folder exists below `folder`, build what can differ, publish.

    A refused file does not stop the rest, and a failed step only what descends from it. With
    options for dbt, it builds what they say, and the next run builds that again; `full` builds
    all. What lands is said as it lands.
    """
    places = {name: default_place(name, settings, folder) for name in SOURCES}
    known = _known_sources(settings)
    present = [name for name, place in places.items() if _is_there(place, name in known)]
    if not present:
        folders = ", ".join(str(folder / name) for name in SOURCES)
        how = (
            f"{folder} has no files: put some into one of {folders} (`carehouse init` makes them), "
            "or set OPENDENTAL_URL or CAREHOUSE_CLAIMS_URL, and run again"
        )
        if any(_loads_by_kind(settings)):
            raise NothingToLand(how)
        return Report(nothing=how)
    target.check(settings)
    clear_scratch(settings)
    _clear_demo(settings, folder, echo)
    report = Report()
    for name in present:
        if isinstance(places[name], str):  # a server's session would outlive its landing
            _land(settings, name, places[name], report, echo)
    with open_warehouse(settings):  # once for all that opens it inside
        for name in present:
            if not isinstance(places[name], str):
                _land(settings, name, places[name], report, echo)
        with open_warehouse(settings) as connection:
            if not connection.execute("select exists (from raw.load_log)").fetchone()[0]:
                report.nothing = f"there is no input in {folder}: put files there and run again"
                report.ok = not report.problems
                return report
            before = read_state(connection)
            _retire(connection, settings, before, report)
            target.bring(connection, settings)
            now = read_now(connection, settings)
            planned, graph = _plan(connection, settings, now, before, dbt_options, full)
            if planned.is_empty and not dbt_options and not is_afresh_due(settings):
                _finish(connection, settings, report)
                return report
            keep_status(connection, settings)
    if dbt_options or not planned.is_empty:
        _build(settings, planned, dbt_options, now, before, report)
        _tell_built(report, planned, graph)
    if before is None:
        _build_without_old(settings, report)
    if is_afresh_due(settings):
        tell(settings, "writing the warehouse afresh")
        rewrite(settings, settings.warehouse, WAREHOUSE_PART)
    with open_warehouse(settings) as connection:
        _finish(connection, settings, report)
    return report


def _retire(
    connection: duckdb.DuckDBPyConnection, settings: Settings, before: State | None, report: Report
) -> bool:
    """Delete what is kept no longer, as the last build tells its age; tells whether there was."""
    newest = before.data.get("loads", "") if before else ""
    (day,) = connection.execute("select cast(max(scanned_at) as date) from raw.scan_log").fetchone()
    retired = retire(
        connection,
        settings,
        settings.as_of or day,
        built_load=int(newest) if newest.isdigit() else 0,
    )
    if retired:
        report.retired = retired.line()
    return retired is not None


def _build_without_old(settings: Settings, report: Report) -> None:
    """After a first build, which alone tells what is too old: build again without it."""
    with open_warehouse(settings) as connection:
        before = read_state(connection)
        if before is None or not _retire(connection, settings, before, report):
            return
        now = read_now(connection, settings)
        planned, _ = _plan(connection, settings, now, before, (), False)
    _build(settings, planned, (), now, before, report)


def _finish(connection: duckdb.DuckDBPyConnection, settings: Settings, report: Report) -> None:
    """Publish where something differs, and say what a person may want to act on."""
    report.findings = read_findings(connection)
    afresh = is_afresh_due(settings)
    if not afresh and is_up_to_date(connection, settings):
        report.publishing = f"as it was: {settings.published}"
    else:
        tell(settings, "publishing")
        report.published = publish(settings, afresh=afresh)
        report.ok = report.ok and report.published.ok
        if afresh and report.published.ok:
            afresh_is_done(settings)
    keep_status(connection, settings)
    report.next_step = next_step(report)


def rebuild(settings: Settings, echo: Echo) -> Report:
    """Build all and publish it, with nothing taken over from what was published before."""
    report = Report(full_because="all of it, since a person was erased")
    with open_warehouse(settings) as connection:
        target.bring(connection, settings)
        now = read_now(connection, settings)
    _build(settings, Plan(is_full=True), (), now, None, report)
    remove_published(settings)
    with open_warehouse(settings) as connection:
        _finish(connection, settings, report)
    for line, is_error in report_lines(report):
        echo(line, error=is_error)
    return report


def build(settings: Settings, dbt_options: Sequence[str]) -> Build:
    """`carehouse build`: dbt's build with these options, said by dbt itself.

    Without a selection it is all that a full run builds, and the next run counts on it.
    """
    target.check(settings)
    with open_warehouse(settings) as connection:
        target.bring(connection, settings)
        now, before = read_now(connection, settings), read_state(connection)
    built = run_dbt(settings, ["build", *dbt_options])
    if not any(option.split("=")[0] in SELECTING for option in dbt_options):
        _keep(settings, built, now, before, is_new_project=True)
    return built


def _land(settings: Settings, name: str, place: Path | str, report: Report, echo: Echo) -> None:
    tell(settings, f"landing {name}")
    try:
        landing = land_source(name, settings, place)
    except CannotLand as error:
        report.ok = False
        report.problems.append(str(error))
        echo(str(error), error=True)
        return
    report.landings.append(landing)
    report.ok = report.ok and not landing.refused
    for line, is_error in landing_lines(landing):
        echo(line, error=is_error)


def _plan(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    now: State,
    before: State | None,
    dbt_options: Sequence[str],
    full: bool,
) -> tuple[Plan, Graph | None]:
    """What to build; the graph is read only when there is something."""
    if dbt_options:
        return Plan(is_full=True, full_because="as you asked"), None
    log = read_build_log(connection)
    if not full and before and is_unchanged(now, before, log):
        return Plan(), None
    is_kept = before is not None and _hash(settings.built_manifest) == before.manifest
    graph = read_graph(settings.built_manifest) if is_kept else None
    if full:
        return Plan(is_full=True, full_because="as you asked"), graph
    can_compare = settings.target == "duckdb"
    return plan(now, before, log, graph, empty_tables(connection), can_compare), graph


def _build(
    settings: Settings,
    planned: Plan,
    dbt_options: Sequence[str],
    now: State,
    before: State | None,
    report: Report,
) -> None:
    is_new_project = planned.is_full or planned.compares_project
    options = [*dbt_options]
    if not is_new_project:
        options.append("--no-write-json")
    tell(settings, "building")
    invocations: tuple[str, ...] = ()
    if planned.day:
        built, invocations = _build_new_day(settings, planned, planned.day, options, report)
    else:
        chosen = () if planned.is_full else (planned.all_roots(),)
        built = _run_dbt(settings, options, *chosen, compares_project=planned.compares_project)
    if not dbt_options:
        _keep(settings, built, now, before, is_new_project, invocations)
    report.ok = report.ok and built.ok
    report.failed, report.error, report.built_seconds = built.bad, built.error, built.seconds
    report.built = dict(Counter(name.split(".")[0] for name in (*built.good, *built.bad)))
    report.causes = list(causes(settings, built)) if built.bad else []
    if dbt_options and built.ok and not built.has_results:
        report.ok = False
        report.error = f"{' '.join(dbt_options)} names nothing that could be built"


def _build_new_day(
    settings: Settings, planned: Plan, day: NewDay, options: Sequence[str], report: Report
) -> tuple[Build, tuple[str, ...]]:
    """Build what reads the day, then the rest of the plan and what descends from rows that differ.

    Gives both builds as one, and dbt's invocation of the first. Where the first was not good, the
    second builds all of it again and whatever descends from it: so dbt says what is skipped.
    """
    roots = planned.all_roots()
    if not day.first:
        return _run_dbt(settings, options, roots, day.readers), ()
    with open_warehouse(settings) as connection:
        old = day.fingerprints(connection)
    first = _run_dbt(settings, [*options, *WITHOUT_TESTS], (), day.first)
    if not first.has_results:
        return first, ()
    with open_warehouse(settings) as connection:
        new = day.fingerprints(connection)
        invocation = read_build_log(connection).invocation["invocation"]
    differing = {name for name in day.first if old.get(name) != new.get(name)}
    report.day_readers, report.day_differing = len(day.first), len(differing)
    if first.ok:
        chosen = day.then(differing)
        if not (roots or chosen):
            return first, (invocation,)
        then = _run_dbt(settings, options, roots, chosen, done=len(first.good))
    else:
        then = _run_dbt(settings, options, roots | day.first | day.readers)
    return (first.followed_by(then) if then.has_results else then), (invocation,)


def _run_dbt(
    settings: Settings,
    options: Sequence[str],
    roots: Collection[str] | None = None,
    alone: Collection[str] = (),
    *,
    compares_project: bool = False,
    done: int = 0,
) -> Build:
    """Build all, or the roots with what descends from them and others alone."""
    chosen = []
    if roots is not None:
        chosen = [*OF_A_PART, *choose(settings, roots, alone, compares_project)]
    return run_dbt(
        settings,
        [*DAILY_BUILD, *options, *chosen],
        quiet=True,
        tell=lambda more: tell(settings, f"building: {done + more} steps done"),
    )


def _keep(
    settings: Settings,
    built: Build,
    now: State,
    before: State | None,
    is_new_project: bool,
    invocations: Sequence[str] = (),
) -> None:
    """Put down what the tables are now built from; what failed is known by the build log."""
    if built.error and not built.has_results:
        return
    if is_new_project:
        settings.built_manifest.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(settings.manifest, settings.built_manifest)
    with open_warehouse(settings) as connection:
        log = read_build_log(connection)
        held = set(log.invocation.values())
        known = {one for one in (before.invocations if before else ()) if one in held}
        if built.has_results:
            known.update(invocations, [log.invocation["invocation"]])
        kept = replace(
            now, invocations=tuple(sorted(known)), manifest=_hash(settings.built_manifest) or ""
        )
        keep_state(connection, kept)


def _tell_built(report: Report, planned: Plan, graph: Graph | None) -> None:
    """Why it was built, and how much was not."""
    report.full_because = f"all of it, {planned.full_because}" if planned.is_full else None
    landed = {one.source: one for one in report.landings}
    for reason, names in planned.roots.items():
        if reason in landed:
            one = landed[reason]
            counts = [
                f"{len(one.landed)} landed",
                *([f"{len(one.retired)} gone"] * bool(one.retired)),
            ]
            report.reasons[f"{reason}: {', '.join(counts)}"] = 0
        elif reason == "again":
            told = ", ".join(graph.nodes[name].name for name in names[:3])
            report.reasons[f"failed, skipped or built outside a run: {told}"] = 0
        elif reason != "loads":
            report.reasons[reason] = len(names)
    if planned.day:
        report.reasons["new day"] = report.day_readers
    if planned.compares_project:
        report.reasons["models, seeds or macros edited"] = 0
    if graph and not planned.is_full:
        models = sum(node.kind == "model" for node in graph.nodes.values())
        report.not_built = max(0, models - report.built.get("model", 0))
        report.idle = len(planned.idle)


def _hash(path: Path) -> str | None:
    try:
        return blake2b(path.read_bytes(), digest_size=16).hexdigest()
    except FileNotFoundError:
        return None


def _is_there(place: Path | str, is_known: bool) -> bool:
    """Whether to land from a place: an empty folder is one that is not in use yet.

    Of a source that landed before it is looked into all the same: a share that is not mounted is
    an empty folder, and must be told.
    """
    if isinstance(place, str):
        return True
    return place.is_dir() and (is_known or any(not one.is_dir() for one in place.rglob("[!.]*")))


def _known_sources(settings: Settings) -> set[str]:
    """The sources that have landed; what the demo made up does not count."""
    if not settings.warehouse.exists():
        return set()
    with open_warehouse(settings) as connection:
        rows = connection.execute(
            "select distinct source from raw.scan_log where not is_demo "
            "and source in (select source from raw.load_log)"
        ).fetchall()
    return {source for (source,) in rows}


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
    with open_to_read(settings, settings.published, "published", "full") as connection:
        for domain, sql in HEADLINES.items():
            (text,) = connection.execute(sql).fetchone()
            if text:
                yield f"  {domain:<8}{text}"
    yield ""
    yield f"Look at it: {Path(sys.executable).parent / 'carehouse'} dashboard"
    yield f"Ask in SQL: {Path(sys.executable).parent / 'duckdb'} -readonly {settings.published}"
    yield "  select * from care.participant_outcomes order by medical_spend_amount desc;"
    yield "Lineage and every column's meaning: make docs"
