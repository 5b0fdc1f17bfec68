"""The treatment journey as files: Parquet, statistics, a quality report and a manifest."""

import hashlib
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import duckdb

from carehouse.errors import CannotTrain
from carehouse.landing.frame import local_now
from carehouse.published import open_published
from carehouse.settings import PROJECT_DIR, Settings

TARGETS = ("accepted", "fully_paid", "paid_30d", "insurance_accurate")
# a number that is not a number of something cannot be below zero or beyond these
RANGES = {
    "age": (0, 120),
    "fee_ratio": (0, 100),
    "broken_rate": (0, 1),
    "acceptance_rate": (0, 1),
    "paid_rate": (0, 1),
    "month_number": (1, 12),
    "weekday": (1, 7),
    "days_to_paid": (0, 36500),
}


@dataclass(frozen=True)
class Exported:
    """What was written, and the hash of the rows."""

    data: Path
    statistics: Path
    quality: Path
    manifest: Path
    row_count: int
    content_hash: str


def export_treatment_journey(
    settings: Settings, folder: Path, database: str | None = None
) -> Exported:
    """Write the published journey into `folder`; the same inputs give the same hash.

    `database` names the practice in the file names; else the source that was mirrored. Raises
    CannotTrain when the journey has not been published yet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open_published(settings) as connection:
        try:
            connection.execute(
                "create temp view journey as "
                "select * from ml.treatment_journey order by procedure_id"
            )
        except duckdb.CatalogException as error:
            raise CannotTrain("the treatment journey is not there: run `carehouse run`") from error
        name = re.sub("[^A-Za-z0-9_-]", "_", database or _database(settings))
        stem = folder / f"treatment_journey_{name}_{local_now(settings):%Y%m%d_%H%M%S}"
        data = stem.with_suffix(".parquet")
        _write(connection, data)
        content = _content_hash(connection)
        types = dict(
            connection.execute(
                "select column_name, column_type from (describe select * from journey)"
            ).fetchall()
        )
        statistics = _statistics(connection, types)
        quality = _quality(connection, types)
        (as_of,) = connection.execute("select max(as_of_date) from journey").fetchone()
    files = {
        "statistics": (stem.with_name(f"{stem.name}_statistics.json"), statistics),
        "quality": (stem.with_name(f"{stem.name}_quality.json"), quality),
        "manifest": (
            stem.with_name(f"{stem.name}_manifest.json"),
            {
                "file": data.name,
                "rows": quality["rows"],
                "content_sha256": content,
                "git_commit": _commit(),
                "as_of": as_of,
                "columns": types,
            },
        ),
    }
    for path, values in files.values():
        _swap_in(path, json.dumps(values, indent=2, default=str) + "\n")
    return Exported(
        data, *(path for path, _ in files.values()), quality["rows"], content_hash=content
    )


def _database(settings: Settings) -> str:
    url = settings.opendental_replica_url or settings.opendental_url
    return url.get_secret_value().rpartition("/")[2].partition("?")[0] if url else "opendental"


def _write(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    beside = path.with_suffix(".part")
    target = str(beside).replace("'", "''")
    connection.execute(f"copy (select * from journey) to '{target}' (format parquet)")
    beside.replace(path)


def _content_hash(connection: duckdb.DuckDBPyConnection) -> str:
    """SHA-256 of the rows as text, in their order: what writes the file does not count."""
    digest = hashlib.sha256()
    cursor = connection.execute("select * from journey")
    digest.update(repr([column[0] for column in cursor.description]).encode())
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            digest.update(("\x1f".join("" if v is None else f"={v}" for v in row) + "\n").encode())
    return digest.hexdigest()


def _statistics(connection: duckdb.DuckDBPyConnection, types: dict[str, str]) -> dict:
    found = {}
    for name, kind in types.items():
        if kind == "BOOLEAN":
            measure = f"avg(cast({name} as integer))"
        elif kind.startswith(("BIGINT", "INTEGER", "DECIMAL", "DOUBLE")) and "_id" not in name:
            measure = f"avg({name})"
        else:
            measure = "null"
        low, high, mean, distinct = connection.execute(
            f"select min({name}), max({name}), {measure}, count(distinct {name}) from journey"
        ).fetchone()
        shown = {} if name.endswith("_id") else {"min": low, "max": high}
        found[name] = {"type": kind, **shown, "mean": mean, "distinct": distinct}
    return found


def _quality(connection: duckdb.DuckDBPyConnection, types: dict[str, str]) -> dict:
    def one(sql: str):
        return connection.execute(sql).fetchone()[0]

    rows = one("select count(*) from journey")
    return {
        "rows": rows,
        "duplicate_procedures": rows - one("select count(distinct procedure_id) from journey"),
        "nulls": {name: one(f"select count(*) - count({name}) from journey") for name in types},
        "out_of_range": {
            name: one(f"select count(*) from journey where {name} < {low} or {name} > {high}")
            for name, (low, high) in RANGES.items()
        },
        "class_balance": {
            name: {
                "true": one(f"select count(*) from journey where {name}"),
                "false": one(f"select count(*) from journey where not {name}"),
                "unknown": one(f"select count(*) from journey where {name} is null"),
            }
            for name in TARGETS
        },
        "rejected": dict(
            connection.execute(
                "select rejection_reason, count(*) from ml.treatment_journey_rejects "
                "group by rejection_reason order by rejection_reason"
            ).fetchall()
        ),
    }


def _commit() -> str | None:
    try:
        found = subprocess.run(
            ["git", "-C", str(PROJECT_DIR), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None  # an installed copy is no checkout
    return found.stdout.strip()


def _swap_in(path: Path, text: str) -> None:
    beside = path.with_suffix(".part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
