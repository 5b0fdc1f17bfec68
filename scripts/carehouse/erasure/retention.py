"""Let go of what a source's data are kept no longer, by seed `retention_rules`: months by record.

A record goes with all its copies when the newest of them is older than the months allow, counted
from the first of the month; a person's record only when no other of theirs stays. A workbook or
note goes as a whole file, by the newest date that the last build found in it. What has no date
stays. The rows go from the raw tables before the build, so that all made of them follows.
"""

import csv
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb

from carehouse.contract import raw_table
from carehouse.erasure.load_log import add_load, count_again
from carehouse.errors import CannotErase
from carehouse.landing.frame import local_now
from carehouse.settings import PROJECT_DIR, Settings
from carehouse.sql import literal, literals
from carehouse.warehouse import transaction

SEED = PROJECT_DIR / "seeds" / "shared" / "retention_rules.csv"
FILES = "files"  # as a record: of sources whose rows mean little alone
IDS = {
    ("clinic", "appointments"): "appointment_id",
    ("clinic", "payments"): "payment_id",
    ("clinic", "patients"): "patient_id",
    ("claims", "claims"): "claim_id",
    ("claims", "members"): "member_id",
}
# a person's record stays while one of these is theirs
STAYS_WITH = {
    ("clinic", "patients"): ("appointments", "payments"),
    ("claims", "members"): ("claims",),
}
FACTS = {  # where the dates of a file's rows are
    "workbooks": {
        "fact_interventions": "interaction_date",
        "fact_program_expenses": "expense_date",
        "fact_assessments": "assessment_date",
    },
    "notes": {"fact_case_notes": "note_date"},
}
RAW_OF_FILES = {"workbooks": ("cells", "sheets"), "notes": ("blocks",)}
REASON = "older than is kept (seed retention_rules)"


@dataclass(frozen=True)
class Keep:
    """A line of the seed: how many months a record is kept from a date on."""

    source: str
    record: str
    date_column: str
    months: int

    def first_kept(self, today: date) -> date:
        """The first day that is kept: of a month, so that there is something to do once a month."""
        months = today.year * 12 + today.month - 1 - self.months
        return date(months // 12, months % 12 + 1, 1)

    @property
    def view(self) -> str:
        """The staging view, which reads dates as the marts do."""
        return f"staging.stg_{self.source}__{self.record}"


@dataclass
class Retired:
    """What went: rows by raw table or history."""

    rows: dict[str, int] = field(default_factory=dict)

    def line(self) -> str:
        """In one line."""
        told = ", ".join(f"{count:,} {table}" for table, count in self.rows.items())
        return f"{sum(self.rows.values()):,} rows {REASON}: {told}"


def read_rules(path: Path | None = None) -> list[Keep]:
    """The lines of the seed that say how long; none by default. Raises CannotErase naming a line
    that cannot be followed: what is to go would else stay, unsaid."""
    path = path or SEED
    found = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            months = (row["months"] or "").strip()
            if not months:
                continue
            place = f"{path.name} line {number}"
            known = (row["source"], row["record"])
            if known not in IDS and not (known[0] in FACTS and known[1] == FILES):
                raise CannotErase(f"{place}: {' '.join(known)} is no record that goes by its age")
            if not months.isdecimal() or not int(months):
                raise CannotErase(f"{place}: months must be a whole number, or empty to keep all")
            found.append(Keep(*known, row["date_column"], int(months)))
    return found


def retire(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    today: date,
    *,
    built_load: int,
) -> Retired | None:
    """Delete the rows that are too old; None where there are none.

    `built_load`: the newest load that the last build knew; files that landed since are judged after
    the next. The load log says it of each source, so that what is made of it is built again. The
    bytes go when the files are written afresh, which is due from now on (`is_afresh_due`).
    """
    rules = [rule for rule in read_rules() if _is_built(connection, rule)]
    if not rules:
        return None
    done = Retired()
    with transaction(connection):
        chosen = {(rule.source, rule.record): _too_old(rule, rules, today) for rule in rules}
        names = [
            (rule, _choose(connection, rule, chosen[rule.source, rule.record], today, built_load))
            for rule in rules
        ]  # all are chosen before any goes: whether a patient stays is told by the visits
        for rule, going in names:
            _delete(connection, settings, rule, going, done)
            connection.execute(f"drop table temp.{going}")
        if done.rows:
            _due(settings).touch(mode=0o600)
    return done if done.rows else None


def is_afresh_due(settings: Settings) -> bool:
    """Whether files still hold bytes of what went."""
    return _due(settings).exists()


def afresh_is_done(settings: Settings) -> None:
    """Note that they hold none any more."""
    _due(settings).unlink(missing_ok=True)


def _due(settings: Settings) -> Path:
    return settings.home / ".write-afresh"


def _is_built(connection: duckdb.DuckDBPyConnection, rule: Keep) -> bool:
    """Whether the last build made what tells a record's age."""
    wanted = (
        [("care", name) for name in FACTS[rule.source]]
        if rule.record == FILES
        else [("staging", rule.view.partition(".")[2])]
    )
    columns: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in connection.execute(
        "select table_schema, table_name, column_name from information_schema.columns "
        "where table_schema in ('care', 'staging')"
    ).fetchall():
        columns.setdefault((schema, table), set()).add(column)
    if not set(wanted) <= columns.keys():
        return False
    if rule.record != FILES and rule.date_column not in columns[wanted[0]]:
        raise CannotErase(f"{SEED.name}: {rule.view} has no column {rule.date_column}")
    return True


def _too_old(rule: Keep, rules: list[Keep], today: date) -> str:
    """SQL of the ids whose every copy is too old."""
    if rule.record == FILES:
        return ""
    name = IDS[rule.source, rule.record]
    ids = (
        f"select {name} from {rule.view} where {name} is not null group by {name} "
        f"having max({rule.date_column}) < {literal(rule.first_kept(today))}"
    )
    for record in STAYS_WITH.get((rule.source, rule.record), ()):
        other = next((o for o in rules if (o.source, o.record) == (rule.source, record)), None)
        view = f"staging.stg_{rule.source}__{record}"
        stays = f"select {name} from {view} where {name} is not null"
        if other:
            key = IDS[rule.source, record]
            stays += f" and coalesce({key} not in ({_too_old(other, rules, today)}), true)"
        ids += f" and {name} not in ({stays})"
    return ids


def _choose(
    connection: duckdb.DuckDBPyConnection,
    rule: Keep,
    ids: str,
    today: date,
    built_load: int,
) -> str:
    """Put what goes into a temporary table; gives its name."""
    name = f"going_{rule.source}_{rule.record}"
    if rule.record == FILES:
        dates = " union all ".join(
            f"select _source_file, {column} as day from care.{table}"
            for table, column in FACTS[rule.source].items()
        )
        select = f"""
            select object as _source_file, arg_max(content_hash, load_id) as content_hash
            from raw.load_log
            where source = {literal(rule.source)}
            group by object
            having arg_max(outcome, load_id) = 'landed' and max(load_id) <= {built_load}
                and object in (
                    select _source_file from ({dates}) as dates group by _source_file
                    having max(day) < {literal(rule.first_kept(today))}
                )
        """
    else:
        key = IDS[rule.source, rule.record]
        select = f"select _source_file, _source_row from {rule.view} where {key} in ({ids})"
    connection.execute(f"create or replace temp table {name} as {select}")
    return name


def _delete(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    rule: Keep,
    going: str,
    done: Retired,
) -> None:
    (count,) = connection.execute(f"select count(*) from temp.{going}").fetchone()
    if not count:
        return
    if rule.record == FILES:
        _delete_files(connection, settings, rule, going, done)
        return
    table = raw_table(f"raw_{rule.source}", rule.record).full_name
    where = f"(_source_file, _source_row) in (select _source_file, _source_row from temp.{going})"
    loads = connection.execute(f"select distinct _load_id from {table} where {where}").fetchall()
    (count,) = connection.execute(f"delete from {table} where {where}").fetchone()
    done.rows[f"{rule.source} {rule.record}"] = count
    of_these = f"load_id in ({literals(load_id for (load_id,) in loads)})"
    count_again(connection, rule.source, of_these)
    _log(connection, settings, rule.source, "old records", "forgotten", None, count)


def _delete_files(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    rule: Keep,
    going: str,
    done: Retired,
) -> None:
    files = connection.execute(f"select _source_file, content_hash from temp.{going}").fetchall()
    if rule.source == "workbooks":  # a participant of whom no sheet stays
        (count,) = connection.execute(
            "delete from history.history_care__participants where participant_id in ("
            "select participant_id from intermediate.int_care__sheet_participants "
            "where participant_id is not null group by participant_id "
            f"having bool_and(_source_file in (select _source_file from temp.{going})))"
        ).fetchone()
        if count:
            done.rows["history of participants"] = count
    total = 0
    for name in RAW_OF_FILES[rule.source]:
        table = raw_table(f"raw_{rule.source}", name).full_name
        (count,) = connection.execute(
            f"delete from {table} where _source_file in (select _source_file from temp.{going})"
        ).fetchone()
        total += count
    done.rows[f"{rule.source}, of {len(files)} files"] = total
    for name, content_hash in files:  # the same bytes do not land again, a changed file does
        _log(connection, settings, rule.source, name, "withdrawn", content_hash, 0)
        for log in ("load_log", "drift_log"):  # a file's name may be a person's
            connection.execute(
                f"update raw.{log} set object = {literal(f'old file {content_hash[:12]}')} "
                f"where source = {literal(rule.source)} and object = {literal(name)}"
            )


def _log(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: str,
    name: str,
    outcome: str,
    content_hash: str | None,
    count: int,
) -> None:
    now = local_now(settings)
    (last,) = connection.execute("select max(scanned_at) from raw.scan_log").fetchone()
    looked_at = max(now, last + timedelta(microseconds=1)) if last else now
    values = [source, name, content_hash, count, now, now, outcome, REASON, None, looked_at]
    add_load(connection, values)
