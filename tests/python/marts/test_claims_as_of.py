"""Built as of a past day from everything, a claims mart is what was told by then gives."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from carehouse.demo import claims as demo
from carehouse.settings import Settings
from carehouse.sql import literal
from claims_pipeline import Pipeline
from conftest import clear

COMPILED_AS_OF = "2001-02-03"
DAYS = [demo.AS_OF - timedelta(days=days) for days in (1, 3, 17, 110, 365)]
MARTS = Path(__file__).parents[3] / "models" / "marts" / "claims"


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, parsed_home: Path) -> Pipeline:
    """Every claims mart, compiled as of a day to put another in place of, and the made-up files of
    the top folder beside those of a second hospital that came later."""
    clear(Settings(home=parsed_home))
    marts = sorted(path.stem for path in MARTS.glob("claims__*.sql"))
    pipeline = Pipeline(parsed_home, marts, as_of=COMPILED_AS_OF)
    run = pipeline.connection.execute
    load = 0
    for prefix, scale, seed in (("", 0.5, 7), ("north/", 0.1, 8)):
        folder = tmp_path_factory.mktemp("as_of")
        demo.generate(folder, scale=scale, seed=seed)
        for path in sorted((folder / "claims").rglob("*.csv")):
            load += 1
            name = prefix + path.relative_to(folder / "claims").as_posix()
            table = next(t for t in ("claims", "members", "providers") if t in path.name)
            run(
                f"insert into raw_claims.{table} by name "
                "select *, ? as _source_file, row_number() over () + 1 as _source_row, "
                "? as _load_id, timestamp '2025-07-01' as _extracted_at "
                f"from read_csv({literal(path)}, all_varchar = true, header = true)",
                [name, load],
            )
            run(
                "insert into raw.load_log values (?, 'claims', ?, ?, 1, timestamp '2025-07-01', "
                "timestamp '2025-07-01', 'landed', null, null, null)",
                [load, name, str(load)],
            )
    run("insert into raw.scan_log values ('claims', 'x', false, '2025-07-01', 1, 0, 0, 0)")
    # A moment that nobody can have known: the file was there, so it counts once it was landed.
    run("update raw_claims.claims set ingestion_ts = '2052-01-01' where claim_id like '%77'")
    return pipeline


def marts_of(pipeline: Pipeline, day: date) -> dict[str, list[str]]:
    pipeline.build(replace=(COMPILED_AS_OF, day.isoformat()))
    tables = pipeline.query(
        "select table_name from duckdb_tables() where schema_name = 'claims' "
        "and database_name = 'carehouse' and table_name in "
        f"({', '.join(literal(path.stem[8:]) for path in MARTS.glob('claims__*.sql'))}) order by 1"
    )
    return {
        table: sorted(map(repr, pipeline.query(f"select * from claims.{table}")))
        for (table,) in tables
    }


@pytest.mark.parametrize("day", DAYS)
def test_a_mart_as_of_a_past_day_holds_what_was_told_by_then_alone(everything, day):
    run = everything.connection.execute
    found = marts_of(everything, day)
    assert len(found) == len(list(MARTS.glob("claims__*.sql")))
    assert len(found["fact_claims"]) > 500
    run("begin")
    try:
        run("delete from raw_claims.claims where cast(ingestion_ts as date) > ?", [day])
        for table in ("members", "providers"):
            run(
                f"delete from raw_claims.{table} where "
                "cast(regexp_extract(_source_file, '[0-9]{4}-[0-9]{2}-[0-9]{2}') as date) > ?",
                [day],
            )
        run(
            "delete from raw.load_log where load_id not in (select _load_id from raw_claims.claims "
            "union select _load_id from raw_claims.members "
            "union select _load_id from raw_claims.providers)"
        )
        expected = marts_of(everything, day)
    finally:
        run("rollback")
    different = {
        mart: [row for row in rows if row not in expected[mart]][:2]
        + [row for row in expected[mart] if row not in rows][:2]
        for mart, rows in found.items()
        if rows != expected[mart]
    }
    assert not different, different
    later = everything.query(
        f"select count(*) from claims.fact_claims where ingested_at >= date '{day}' + 1"
    )
    assert later == [(0,)]
