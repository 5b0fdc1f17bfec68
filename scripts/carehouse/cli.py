"""The `carehouse` command: it parses, calls and prints; the work is in the modules it calls."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from copy import copy
from dataclasses import asdict
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from carehouse.errors import CarehouseError
from carehouse.private import keep_private
from carehouse.registry import (
    CALL_LIST_FORMATS,
    EXPORT_FORMATS,
    KINDS,
    PUBLISHED_ROLES,
    REPORT_DOMAINS,
    SOURCES,
    THIS_COMPUTER,
    URL_SOURCES,
)

if TYPE_CHECKING:
    from carehouse.settings import Settings


def _settings() -> Settings:
    """Imported when it is needed: reading settings takes longer than showing help."""
    from pydantic import ValidationError

    from carehouse.settings import Settings, cannot_be_used, unknown_settings

    try:
        settings = Settings()
    except ValidationError as error:
        raise click.UsageError(cannot_be_used(error)) from error
    for name, nearest in unknown_settings():
        meant = f"; is {nearest} meant?" if nearest else ""
        click.echo(f"note: no setting is called {name}, it changes nothing{meant}", err=True)
    return settings


def _names_failures(command: Callable) -> Callable:
    """Turn the failures a user can put right into one line on stderr and exit status 1."""

    @wraps(command)
    def wrapped(*args, **kwargs):
        try:
            return command(*args, **kwargs)
        except CarehouseError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            from carehouse.lock import interrupted

            interrupted(command.__name__)
        except Exception as error:
            told = _explained(error)
            if told is None:
                raise
            raise click.ClickException(told) from error

    return wrapped


def _explained(error: Exception) -> str | None:
    """A failure of disk, memory or file in plain words; None of any other."""
    import duckdb

    from carehouse.trouble import explain

    return explain(error, _settings()) if isinstance(error, OSError | duckdb.Error) else None


def _fail_if(failed: bool) -> None:
    if failed:
        sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="carehouse")
def main() -> None:
    """An analytics warehouse for clinics and care programmes.

    Put files into the inbox, `carehouse run`, and query the marts in SQL.
    """
    keep_private()


@main.command()
@click.argument("source", type=click.Choice(SOURCES))
@click.argument("place", required=False, metavar="[PATH or URL]")
@click.option("--force", is_flag=True, help="Read files that have not changed too.")
@click.option("--again", is_flag=True, hidden=True)  # the name before --force
@click.option(
    "--replace", is_flag=True, help="workbooks, notes: forget files landed from other folders."
)
@click.option("--verify", is_flag=True, help="opendental: compare every row with the database.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_names_failures
def land(
    source: str,
    place: str | None,
    force: bool,
    again: bool,
    replace: bool,
    verify: bool,
    as_json: bool,
) -> None:
    """Land one SOURCE from a path (default: its folder in the inbox, or its URL in the settings).

    Example: carehouse land workbooks ~/Documents/cases

    Claims may be in a bucket: carehouse land claims s3://bucket/prefix

    OpenDental is mirrored from its database: carehouse land opendental --verify
    """
    from carehouse.landing.sources import FILE_SOURCES, default_place, land_source

    settings = _settings()
    is_url = bool(place and "://" in place)
    if is_url and source not in URL_SOURCES:
        raise click.UsageError(f"{source} can be landed from a folder only, not from a URL")
    found = place if is_url else Path(place) if place else default_place(source, settings)
    if verify and not (source == "opendental" and isinstance(found, str)):
        raise click.UsageError("--verify goes with an opendental database only")
    if replace and source not in FILE_SOURCES:
        raise click.UsageError("--replace goes with workbooks and notes only")
    landing = land_source(
        source, settings, found, force=force or again, verify=verify, replace=replace
    )
    _show_landing(landing, as_json)
    _fail_if(bool(landing.refused))


@main.command()
@click.argument("source", type=click.Choice(["workbooks", "notes"]))
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_names_failures
def withdraw(source: str, name: str, as_json: bool) -> None:
    """Take out a workbook or note that should never have landed, with all its facts.

    NAME is its path below the landed folder. Example: carehouse withdraw workbooks PW009.xlsx

    A file that is merely old needs no withdrawal: gone from the folder, its facts stay.
    """
    from carehouse.landing.sources import FILE_SOURCES
    from carehouse.landing.withdraw import withdraw as withdraw_file
    from carehouse.landing.withdraw import withdrawal_lines
    from carehouse.lock import only_one

    settings = _settings()
    with only_one(settings, "withdraw"):
        done = withdraw_file(FILE_SOURCES[source], settings, name)
    if as_json:
        click.echo(json.dumps(asdict(done), indent=2))
    else:
        for line in withdrawal_lines(done):
            click.echo(line)


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--source", type=click.Choice(SOURCES), help="Default: by folder, kind and columns.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_names_failures
def inspect(path: Path, source: str | None, as_json: bool) -> None:
    """How a file would be read, what would be refused, and the seed lines to add. Lands nothing.

    Example: carehouse inspect ~/Downloads/claims_march.csv
    """
    from carehouse.inspect_file import inspect as inspect_files
    from carehouse.inspect_file import inspection_lines

    found = inspect_files(_settings(), path, source)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        for one in found:
            for line in inspection_lines(one):
                click.echo(line)
    _fail_if(any(one.refusal for one in found))


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("dbt_options", nargs=-1, type=click.UNPROCESSED)
@_names_failures
def build(dbt_options: tuple[str, ...]) -> None:
    """Build and test models with dbt; options go to `dbt build` (all of them: dbt build --help).

    Example: carehouse build --select +care__participant_outcomes

    Without options it builds and tests everything, dbt's unit tests too.
    """
    from carehouse.daily import build as build_models
    from carehouse.lock import only_one

    settings = _settings()
    with only_one(settings, "build"):
        result = build_models(settings, dbt_options)
    if result.error:
        click.echo(result.error, err=True)
    _fail_if(not result.ok)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_names_failures
def publish(as_json: bool) -> None:
    """Swap in a new published file: a domain whose last build failed keeps its earlier tables.

    Example: carehouse publish
    """
    from carehouse.lock import only_one
    from carehouse.publish import publish as publish_marts

    settings = _settings()
    with only_one(settings, "publish"):
        published = publish_marts(settings)
    _show_published(published, as_json)
    _fail_if(not published.ok)


@main.command(context_settings={"ignore_unknown_options": True})
@click.option("--full", is_flag=True, help="Build all, not only what can differ.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.argument("dbt_options", nargs=-1, type=click.UNPROCESSED)
@_names_failures
def run(full: bool, as_json: bool, dbt_options: tuple[str, ...]) -> None:
    """The daily job: land every source that is there, build what can differ, publish.

    Example: carehouse run

    Options for dbt's build, as --select, say what to build instead.
    """
    from carehouse.daily import run as run_once
    from carehouse.lock import only_one
    from carehouse.problems import page_path, write_problems
    from carehouse.report import report_lines

    settings = _settings()
    echo = (lambda text, error=False: None) if as_json else _echo
    with only_one(settings, "run"):
        report = run_once(settings, settings.inbox, echo, dbt_options, full=full)
    if as_json:
        click.echo(json.dumps(report.as_json(), default=str, indent=2))
    else:
        for line, is_error in report_lines(report):
            click.echo(line, err=is_error)
    changed = report.published or any(one.landed or one.refused for one in report.landings)
    if (changed or not page_path(settings).exists()) and (page := write_problems(settings)):
        echo(f"{'mend':<11}{page}")
    has_failed = not report.ok
    if settings.reports_to_mail and not report.nothing:
        from carehouse.report_mail import send_due

        for line, is_error in send_due(settings):
            _echo(line, error=is_error or as_json)
            has_failed = has_failed or is_error
    _fail_if(has_failed)


@main.command()
@click.option(
    "--seed", default=7, show_default=True, help="A different number makes up different people."
)
@_names_failures
def demo(seed: int) -> None:
    """Make up inputs, run on them, and say where to look.

    Example: carehouse demo
    """
    from carehouse.daily import run_demo
    from carehouse.lock import only_one

    settings = _settings()
    with only_one(settings, "demo"):
        ok = run_demo(settings, seed, echo=_echo)
    _fail_if(not ok)


@main.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Default: data/demo.")
@click.option(
    "--scale",
    default=1.0,
    show_default=True,
    help="1 is 24 participants, 4,000 claims, 300 dental patients.",
)
@click.option("--seed", default=7, show_default=True, help="The same seed, the same files.")
@click.option(
    "--source",
    type=click.Choice(SOURCES),
    help="Only this one.",
)
@click.option(
    "--days",
    type=click.IntRange(0),
    help="claims: daily exports after the bulk; opendental: states on later days too.",
)
@click.option("--parquet", is_flag=True, help="claims: the bulk as partitioned Parquet.")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The last day of the made-up data."
)
@click.option("--into", help="opendental: write into this empty mysql:// database, not into files.")
@click.option("--csv", "as_csv", is_flag=True, help="opendental: CSV, not Parquet.")
def generate(
    out: Path | None,
    scale: float,
    seed: int,
    source: str | None,
    days: int | None,
    parquet: bool,
    into: str | None,
    as_csv: bool,
    as_of,
) -> None:
    """Make up inputs in the users' own formats, with the truth beside them.

    Example: carehouse generate --out /tmp/made-up --scale 2 --seed 1
    """
    from carehouse.daily import generate_inputs

    folder = out or _settings().demo_inputs
    last_day: date | None = as_of.date() if as_of else None
    if source == "opendental":
        from carehouse.demo import opendental

        kind = "csv" if as_csv else "parquet"
        more = {"as_of": last_day} if last_day else {}
        opendental.generate(
            folder, scale=scale, seed=seed, days=days or 1, kind=kind, into=into, **more
        )
        click.echo(f"a made-up practice is in {'the database' if into else folder / source}")
        return
    if into or as_csv:
        raise click.UsageError("--into and --csv go with --source opendental")
    generate_inputs(
        folder,
        scale=scale,
        seed=seed,
        source=source,
        as_of=last_day,
        days=days,
        parquet=parquet,
    )
    click.echo(f"made-up inputs are in {folder}")


class _MartsToo(click.Group):
    """A group in which what is no command's name is taken for a mart's."""

    def resolve_command(self, ctx, args):
        """The command named first, else the one that writes marts, with all that was given."""
        if args and (args[0] in self.commands or args[0].startswith("-")):
            return super().resolve_command(ctx, args)
        return "marts", self.commands["marts"], args


@main.group(cls=_MartsToo, subcommand_metavar="MART… | claims | treatment-journey [OPTIONS]")
def export() -> None:
    """Write published marts for Excel, and data for other programs.

    Example: carehouse export participant_outcomes care.retention_by_risk --format xlsx
    """


@export.command("marts", hidden=True)
@click.argument("marts", nargs=-1, required=True, metavar="MART…")
@click.option("--format", "kind", type=click.Choice(EXPORT_FORMATS), help="Default: xlsx.")
@click.option("--out", type=click.Path(path_type=Path), help="Default: data/exports.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_names_failures
def export_marts(marts: tuple[str, ...], kind: str | None, out: Path | None, as_json: bool) -> None:
    """Write marts as tabs of one workbook, or as a file each, with each column's meaning.

    Example: carehouse export participant_outcomes care.retention_by_risk --format xlsx
    """
    from carehouse.export_marts import export_marts as write_marts

    by_name = out.suffix[1:].lower() if out else ""
    kind = kind or (by_name if by_name in EXPORT_FORMATS else "xlsx")
    settings = _settings()
    done = write_marts(settings, list(marts), kind, out)
    for name, count in done.rows.items():
        _note_access(settings, name, f"to {kind}", count)
    if as_json:
        click.echo(json.dumps(asdict(done), default=str, indent=2))
        return
    for name, count in done.rows.items():
        click.echo(f"{name}: {count:,} rows")
    if done.cut:
        click.echo(f"{done.cut} texts are longer than a cell holds and were cut: use csv", err=True)
    click.echo("\n".join(map(str, done.files)))


@export.command("claims")
@click.argument("out", required=False, metavar="[FOLDER or s3://bucket/prefix]")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_names_failures
def export_claims(out: str | None, as_json: bool) -> None:
    """Write the published claims as Parquet by year and month (default: data/exports/lake).

    Example: carehouse export claims s3://bucket/clean
    """
    from carehouse.export_claims import export_claims as write_claims

    settings = _settings()
    result = write_claims(settings, out)
    _note_access(settings, "claims.fact_claims", f"to {result.place}", result.row_count)
    if as_json:
        click.echo(json.dumps(asdict(result), indent=2))
    else:
        click.echo(
            f"{len(result.written)} partitions written, {len(result.unchanged)} unchanged, "
            f"{len(result.removed)} removed, {result.row_count:,} claims: {result.place}"
        )


@export.command("treatment-journey")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="A folder.")
@click.option("--database", help="Name of the practice's database, for the file names.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_names_failures
def export_journey(out: Path | None, database: str | None, as_json: bool) -> None:
    """Write the treatment journey as Parquet, with statistics, quality report and manifest.

    The default folder is data/exports. Example: carehouse export treatment-journey --out /tmp/ml
    """
    from carehouse.learning.export import export_treatment_journey

    settings = _settings()
    done = export_treatment_journey(settings, out or settings.home / "exports", database)
    _note_access(settings, "ml.treatment_journey", f"to {done.data}", done.row_count)
    if as_json:
        click.echo(json.dumps(asdict(done), default=str, indent=2))
    else:
        click.echo(f"{done.row_count:,} procedures, content {done.content_hash[:12]}: {done.data}")


lake = copy(export_claims)  # the name before `export claims`
lake.hidden = True
main.add_command(lake, "lake")


@main.command()
@click.argument("to", required=False, metavar="[FOLDER or s3://bucket/prefix]")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_names_failures
def backup(to: str | None, as_json: bool) -> None:
    """Copy warehouse, published files and outbox, and try the copy (default: backups/ in the home).

    Example: carehouse backup /mnt/other-disk/carehouse
    """
    from carehouse.backup import backup as back_up
    from carehouse.backup import default_place
    from carehouse.lock import only_one

    settings = _settings()
    with only_one(settings, "backup"):
        made = back_up(settings, to or default_place(settings))
    click.echo(json.dumps(asdict(made), indent=2) if as_json else f"backed up, tried: {made.line}")


@main.command()
@click.argument("source", metavar="FOLDER or s3://bucket/prefix")
@click.option("--name", help="Which backup; default: the newest one.")
@_names_failures
def restore(source: str, name: str | None) -> None:
    """Put a backup in the place of warehouse, published files and outbox.

    Example: carehouse restore /mnt/other-disk/carehouse
    """
    from carehouse.backup import restore as put_back
    from carehouse.lock import only_one

    settings = _settings()
    with only_one(settings, "restore"):
        found, aside = put_back(settings, source, name)
    click.echo(f"restored {found.line}")
    click.echo(f"what was there before is in {aside}: delete it when all is well")


@main.command()
@click.argument("source", type=click.Choice(SOURCES))
@click.argument("person_id", metavar="ID")
@click.option("--system", help="claims: whose member it is, where several systems have the id.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_names_failures
def erase(
    source: str, person_id: str, system: str | None, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Remove a person for good, and keep the same files from bringing them back.

    ID is the source's own: patient_id (clinic), member_id (claims), PatNum (opendental), the
    participant's code (workbooks and notes, both at once).

    Example: carehouse erase clinic 4711 --dry-run
    """
    from carehouse.daily import rebuild
    from carehouse.erasure.erase import Person, erasure_lines
    from carehouse.erasure.erase import erase as erase_person
    from carehouse.lock import only_one

    settings = _settings()
    person = Person(source, person_id, system)
    with only_one(settings, "erase"):
        if dry_run or not (yes or as_json):
            for line in erasure_lines(erase_person(settings, [person], dry_run=True), True):
                click.echo(line, err=as_json)
        if dry_run:
            return
        if not yes:
            click.confirm("This cannot be undone. Erase?", abort=True, err=True)
        done = erase_person(settings, [person])
        report = rebuild(settings, (lambda text, error=False: None) if as_json else _echo)
    if as_json:
        click.echo(json.dumps(asdict(done), indent=2))
    else:
        for line in erasure_lines(done, False):
            click.echo(line)
    _fail_if(not report.ok)


@main.group()
def token() -> None:
    """Tokens of persons for the API, each with a role and an end."""


@token.command("new")
@click.argument("name")
@click.option(
    "--role", type=click.Choice(["full", "reception"]), default="reception", show_default=True
)
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True)
@_names_failures
def token_new(name: str, role: str, days: int) -> None:
    """Make a token for a person; it is shown this once, and an API that runs must start again.

    Example: carehouse token new anna --role reception --days 90
    """
    from carehouse.tokens import new_token

    text, made = new_token(_settings(), name, role, days)
    click.echo(f"for {made.name}, role {made.role}, until {made.ends_at[:10]}; shown only now:")
    click.echo(text)


@token.command("list")
@_names_failures
def token_list() -> None:
    """Whose tokens there are, with role and end; never a token.

    Example: carehouse token list
    """
    from datetime import UTC, datetime

    from carehouse.tokens import read_tokens

    for one in read_tokens(_settings()):
        state = (
            "good" if one.is_good(datetime.now(UTC)) else "revoked" if one.revoked_at else "over"
        )
        click.echo(f"{one.name}\t{one.role}\tuntil {one.ends_at[:10]}\t{state}")


@token.command("revoke")
@click.argument("name")
@_names_failures
def token_revoke(name: str) -> None:
    """End a person's token at once, also for an API that runs.

    Example: carehouse token revoke anna
    """
    from carehouse.tokens import revoke

    click.echo(f"{revoke(_settings(), name)} revoked")


@main.group()
def key() -> None:
    """The home's secret key: it encrypts databases and de-identifies what analysts get."""


@key.command("new")
@_names_failures
def key_new() -> None:
    """Make a key; from the next publication on there are files for analysts and reception.

    With CAREHOUSE_ENCRYPT=true the next run encrypts the databases with it.
    Example: carehouse key new
    """
    from carehouse.keys import new_key

    click.echo(f"made {new_key(_settings())}: back it up apart from the data, then run publish")


@key.command("show")
@click.argument("role", type=click.Choice(PUBLISHED_ROLES))
@_names_failures
def key_show(role: str) -> None:
    """Print the key of one published file, for a tool that opens it itself; it opens no other.

    Example: carehouse key show analyst
    """
    from carehouse.keys import database_key, need_key

    click.echo(database_key(need_key(_settings()), role))


@key.command("rotate")
@_names_failures
def key_rotate() -> None:
    """Make another key, encrypt with it what is encrypted, and publish.

    Every hash and every moved date becomes another. Readers go on meanwhile. The key from before is
    kept beside the new one, since it opens the backups from before.
    Example: carehouse key rotate
    """
    from carehouse.keys import need_key
    from carehouse.lock import only_one
    from carehouse.publish import publish as publish_marts
    from carehouse.reseal import rotate

    settings = _settings()
    need_key(settings)
    with only_one(settings, "key rotate"):
        click.echo(f"made {rotate(settings)}: hashes from before no longer match")
        if not settings.published.exists():
            return
        published = publish_marts(settings)
    _show_published(published, False)
    _fail_if(not published.ok)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_names_failures
def status(as_json: bool) -> None:
    """What landed when, what was refused and why, what the last build said.

    Example: carehouse status
    """
    from carehouse.status import read_status, show_status

    settings = _settings()
    if not settings.home.exists():
        raise click.ClickException(f"{settings.home} does not exist: is CAREHOUSE_HOME right?")
    result = read_status(settings)
    if as_json:
        click.echo(json.dumps(result, default=str, indent=2))
    else:
        show_status(result)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@_names_failures
def problems(as_json: bool) -> None:
    """What a person can mend, worst first: files, rows, spellings, each with what to do.

    Example: carehouse problems

    It also writes a page (data/exports/problems.html) with every rejected row and its text.
    """
    from carehouse import problems as mending

    settings = _settings()
    found = mending.read_problems(settings)
    if as_json:
        click.echo(mending.as_json(found))
        return
    for line in mending.problem_lines(found):
        click.echo(line)
    if found:
        click.echo(f"all of them, with what stands in the rows: {mending.write_problems(settings)}")


@main.command("map")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("spelling")
@click.argument("name")
@click.option("--new", "is_new", is_flag=True, help="The name is new, though it is like another.")
@click.option("--with", "chosen", multiple=True, metavar="COLUMN=VALUE", help="Of the seed's line.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_names_failures
def map_one(
    kind: str, spelling: str, name: str, is_new: bool, chosen: tuple[str, ...], as_json: bool
) -> None:
    """Give a SPELLING its NAME: adds one line to the alias seed of its KIND.

    Example: carehouse map location "Church Basement" "Church"

    `carehouse problems` lists the spellings that need one; the next run uses the line.
    """
    from carehouse.aliases import map_spelling

    pairs = [one.partition("=") for one in chosen]
    if any(not sign for _, sign, _ in pairs):
        raise click.UsageError("--with takes COLUMN=VALUE, as --with is_late=true")
    done = map_spelling(
        _settings(),
        *(kind, spelling, name),
        is_new=is_new,
        chosen={column: value for column, _, value in pairs},
    )
    if as_json:
        click.echo(json.dumps(asdict(done), ensure_ascii=False, indent=2))
        return
    new = ", a name that was not there before" if done.is_new_name else ""
    click.echo(f"added to {done.seed}{new}: {done.line}")
    click.echo("carehouse run      # the numbers follow")


@main.command()
@click.option("--apply", "is_applied", is_flag=True, help="Create what is missing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_names_failures
def indexes(is_applied: bool, as_json: bool) -> None:
    """Which indexes the analytics copy (OPENDENTAL_ANALYTICS_URL) lacks; never the live database.

    Example: carehouse indexes
    """
    from carehouse.landing.opendental.indexes import check_indexes

    found = check_indexes(_settings(), apply=is_applied)
    if as_json:
        items = [{**asdict(index), "statement": index.statement} for index in found]
        click.echo(json.dumps(items, indent=2))
        return
    for index in found:
        by = f" (by {index.served_by})" if index.served_by else ""
        click.echo(f"{index.state + by:<11} {index.table} ({', '.join(index.columns)})")
        click.echo(f"{'':<11} {index.purpose}")
        for word, plan in (("before", index.plan_before), ("after", index.plan_after)):
            for step in plan:
                used = step["index"] or "no index"
                rows = step["rows"] or "0"
                click.echo(f"{'':<11} {word}: {step['access']}, {used}, about {rows} rows read")
    missing = sum(index.state == "missing" for index in found)
    if missing:
        click.echo(
            f"{missing} indexes are missing. Nothing was changed; create them with --apply",
            err=True,
        )


@main.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Default: the next booked day.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(CALL_LIST_FORMATS),
    help="Default: print on a terminal, else csv.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: stdout.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@_names_failures
def priorities(day, kind: str | None, out: Path | None, as_json: bool) -> None:
    """A coming day's call list, the first to call first: to print, for Excel, as CSV or JSON.

    Example: carehouse priorities --day 2025-09-05 --format xlsx --out calls.xlsx
    """
    from carehouse.call_list import write_call_list

    settings = _settings()
    day = _coming_day(settings, day)
    by_name = out.suffix[1:].lower() if out else None
    kind = "json" if as_json else kind or (by_name if by_name in CALL_LIST_FORMATS else None)
    kind = kind or ("print" if sys.stdout.isatty() and not out else "csv")
    if kind == "xlsx" and out is None:
        out = settings.home / "exports" / f"calls-{day}.xlsx"
    count = write_call_list(settings, day, kind, out)
    _note_access(settings, "clinic.reception_priorities", f"day {day}", count)
    if out:
        click.echo(f"{count} calls: {out}")


@main.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Default: the next booked day.")
@click.option("--dry-run", is_flag=True, help="Show the messages and write nothing.")
@click.option("--send", is_flag=True, help="Send them, through CAREHOUSE_SMTP_URL.")
@click.option("--smtp", help="Send them through this server, one that asks for no password.")
@click.option("--arrived", multiple=True, help="An uncertain message that arrived, or `all`.")
@click.option("--not-arrived", multiple=True, help="One that did not; the next run sends it.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_names_failures
def remind(
    day,
    dry_run: bool,
    send: bool,
    smtp: str | None,
    arrived: tuple[str, ...],
    not_arrived: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write a reminder per appointment of a day into the outbox; never the same twice.

    Example: carehouse remind --day 2025-09-05 --dry-run
    """
    from carehouse.reminders import remind as write_reminders
    from carehouse.reminders import reminder_lines, settle

    settings = _settings()
    if arrived or not_arrived:
        for name in settle(settings, list(arrived), list(not_arrived)):
            click.echo(f"noted: {name}")
        return
    show = (lambda text: None) if as_json else click.echo
    result = write_reminders(
        settings,
        _coming_day(settings, day),
        dry_run=dry_run,
        smtp_url=_smtp_url(settings, send, smtp),
        show=show,
    )
    if as_json:
        click.echo(json.dumps(asdict(result), indent=2))
    for line, is_error in reminder_lines(result, dry_run):
        if is_error or not as_json:
            click.echo(line, err=is_error)
    _fail_if(not result.ok)


def _smtp_url(settings: Settings, send: bool, given: str | None) -> str | None:
    if given and "@" in given:
        raise click.UsageError(
            "other accounts of this computer can see a command line: put the address with its "
            "password into CAREHOUSE_SMTP_URL, in the environment or .env, and use --send"
        )
    if send and not given and settings.smtp_url is None:
        raise click.UsageError("--send needs CAREHOUSE_SMTP_URL, in the environment or .env")
    return given or (settings.smtp_url.get_secret_value() if send else None)


@main.command()
@click.argument("models", nargs=-1, metavar="[MODEL…]")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same model.")
@click.option("--json", "as_json", is_flag=True, help="Print the model cards as JSON.")
@_names_failures
def train(models: tuple[str, ...], seed: int, as_json: bool) -> None:
    """Fit the models named, or all, write their cards, and score with them.

    Example: carehouse train appointment_risk
    """
    from carehouse.learning.train import train as train_models

    settings = _settings()
    show = (lambda text: None) if as_json else click.echo
    done, published = train_models(settings, models, seed=seed, echo=show)
    if as_json:
        click.echo(json.dumps([one.card for one in done], indent=2, default=str))
        return
    click.echo(f"open {settings.home / 'exports' / 'models'}")
    _show_published(published, False)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8008, show_default=True, type=click.IntRange(1, 65535))
@_names_failures
def api(host: str, port: int) -> None:
    """Serve the call list and the KPIs as JSON; documentation at /docs.

    Example: carehouse api --port 8008
    """
    from carehouse.apps.api import serve
    from carehouse.apps.listen import address, is_seen_on_the_way

    settings = _settings()
    from carehouse.tokens import read_tokens

    is_here = host in THIS_COMPUTER
    if not (is_here or settings.api_token or read_tokens(settings)):
        raise click.UsageError(
            "make a token (`carehouse token new NAME`, or CAREHOUSE_API_TOKEN) before serving "
            "beyond this computer"
        )
    if is_seen_on_the_way(settings, host):
        click.echo(
            "note: tokens and lists cross the network unencrypted: set CAREHOUSE_API_CERTIFICATE, "
            "or serve on 127.0.0.1 behind a proxy that speaks TLS",
            err=True,
        )
    click.echo(f"{address(settings, host, port)}/docs", err=True)
    serve(settings, host, port)


def _note_access(settings: Settings, table: str, filtered: str, rows: int) -> None:
    from getpass import getuser

    from carehouse.access_log import note_access

    note_access(
        settings, who=getuser(), role=settings.role, table=table, filtered=filtered, rows=rows
    )


@main.command("init")
@click.option("--timezone", help="The clinic's time zone, as Europe/Berlin.")
@click.option("--date-order", type=click.Choice(["dmy", "mdy"]), help="How 03/04/2025 reads.")
@click.option("--language", help="Of month names in texts, besides English, as de.")
@click.option("--yes", is_flag=True, help="Ask nothing; take the computer's zone, dmy, English.")
@click.option("--no-samples", is_flag=True, help="Leave out the made-up samples.")
@click.option("--no-key", is_flag=True, help="Make no key: databases are not encrypted.")
@_names_failures
def init_home(
    timezone: str | None,
    date_order: str | None,
    language: str | None,
    yes: bool,
    no_samples: bool,
    no_key: bool,
) -> None:
    """Make the inbox folders with samples and a note, a key, and write `.env`.

    The key encrypts the databases. It is made apart from the data, where the settings of programs
    are; keep a copy elsewhere: without it nobody can open them.

    Example: carehouse init --timezone Europe/Berlin --date-order dmy --language de
    """
    from carehouse.init import init, time_zone_here

    settings = _settings()
    asks = not yes and sys.stdin.isatty()
    timezone = timezone or _answer("Time zone", time_zone_here() or settings.timezone, asks)
    date_order = date_order or _answer(
        "03/04/2025 is 3 April (dmy) or March 4 (mdy)", settings.date_order, asks
    )
    language = language or _answer("Language of month names", "en", asks)
    settings = type(settings)(timezone=timezone, date_order=date_order)
    made = init(
        settings,
        timezone=settings.timezone,
        date_order=settings.date_order,
        language=None if language == "en" else language,
        with_samples=not no_samples,
        key_folder=None if no_key else Path(click.get_app_dir("carehouse")),
    )
    click.echo(f"put files into {made.inbox} (its note says what goes where)")
    for name, value in made.settings.items():
        click.echo(f"{made.env}: {name}={value}")
    if made.months:
        click.echo(f"{len(made.months)} month names were added to the seed month_names")
    if "CAREHOUSE_ENCRYPT" in made.settings:
        click.echo("databases are encrypted: keep a copy of the key elsewhere, it opens them alone")
    click.echo("then: carehouse run, and carehouse dashboard")


def _answer(question: str, default: str, asks: bool) -> str:
    return click.prompt(question, default=default) if asks else default


@main.group("report")
def report_group() -> None:
    """Write a page for people who are not at the dashboard."""


@report_group.command("weekly")
@click.option("--domain", type=click.Choice(REPORT_DOMAINS), required=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: exports.")
@click.option("--pdf", "as_pdf", is_flag=True, help="By Chromium, Chrome or Edge.")
@click.option("--mail", "to", metavar="ADDRESS", help="Send it, as reminders are sent.")
@click.option("--smtp", help="Send it through this server, not CAREHOUSE_SMTP_URL's.")
@_names_failures
def report_weekly(
    domain: str, out: Path | None, as_pdf: bool, to: str | None, smtp: str | None
) -> None:
    """The week of one domain with its charts, for a board meeting.

    Example: carehouse report weekly --domain clinic --pdf
    """
    from pydantic import SecretStr

    from carehouse.weekly_report import send_weekly, weekly

    settings = _settings()
    if smtp:
        settings = settings.model_copy(update={"smtp_url": SecretStr(smtp)})
    if (smtp and not to) or (to and settings.smtp_url is None):
        raise click.UsageError("--mail needs CAREHOUSE_SMTP_URL or --smtp, and --smtp needs --mail")
    if to:
        send_weekly(settings, domain, to)
        click.echo(f"sent the report of {domain}")
        return
    as_pdf = as_pdf or bool(out and out.suffix.lower() == ".pdf")
    click.echo(f"open {weekly(settings, domain, out, as_pdf=as_pdf)}")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535))
@_names_failures
def dashboard(host: str, port: int) -> None:
    """Serve pages of figures, work lists and what to mend, from the published file.

    Example: carehouse dashboard --port 8501
    """
    from carehouse.apps.dashboard.serve import serve

    settings = _settings()
    if host not in THIS_COMPUTER and not settings.api_token:
        raise click.UsageError("set CAREHOUSE_API_TOKEN before serving beyond this computer")
    click.echo(f"http://{host}:{port}", err=True)
    serve(host, port)


def _coming_day(settings: Settings, given) -> date:
    from carehouse.reception import next_day

    if given:
        return given.date()
    day = next_day(settings)
    if day is None:
        raise click.UsageError("there is no booked appointment after today: give a day with --day")
    return day


@main.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Default: data/exports/docs.html.",
)
@_names_failures
def docs(out: Path | None) -> None:
    """Write lineage and every column's meaning into one static HTML file, and a list of marts.

    Example: carehouse docs --out /tmp/docs.html
    """
    from carehouse.build import write_docs
    from carehouse.mart_docs import write_mart_docs

    settings = _settings()
    docs_page = write_docs(settings, out or settings.home / "exports" / "docs.html")
    click.echo(f"open {write_mart_docs(settings, docs_page.with_name('marts.html'))} (all marts)")
    click.echo(f"open {docs_page} (lineage and columns)")


def _echo(text: str, error: bool = False) -> None:
    click.echo(text, err=error)


def _show_landing(landing, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(landing), indent=2))
        return
    from carehouse.landing.summary import landing_lines

    for line, is_error in landing_lines(landing):
        click.echo(line, err=is_error)


def _show_published(published, as_json: bool) -> None:
    from carehouse.report import published_lines

    if as_json:
        click.echo(json.dumps(asdict(published), default=str, indent=2))
        return
    for line, is_error in published_lines(published):
        click.echo(line, err=is_error)


if __name__ == "__main__":
    main()
