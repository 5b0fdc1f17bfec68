"""The lake: a partition is replaced as a whole, and only when its claims have changed."""

import os
import threading
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from carehouse import store as store_module
from carehouse.cli import main
from carehouse.errors import NotExported, NothingPublished
from carehouse.export_claims import export_claims
from carehouse.settings import Settings
from s3_support import AWS, client, s3_server

BUCKET = "clean-claims"
CLAIMS = """
    create schema claims;
    create table claims.fact_claims as
    select
        'C' || i as claim_id,
        'PAID' as status,
        timestamp '2024-11-01 08:00:00' + to_days((i * 3)::integer) as claim_at,
        (i * 10.25)::decimal(12, 2) as amount
    from range(40) as t(i)
"""


@pytest.fixture
def settings(tmp_path) -> Settings:
    """A published file with forty claims in five months, one of them without a day."""
    settings = Settings(home=tmp_path / "home")
    settings.published.parent.mkdir(parents=True)
    change(settings, CLAIMS)
    change(settings, "insert into claims.fact_claims values ('C99', 'PENDING', null, 5)")
    return settings


def change(settings: Settings, sql: str) -> None:
    with duckdb.connect(str(settings.published)) as connection:
        connection.execute(sql)


def published(settings: Settings) -> list[tuple]:
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        return connection.execute("select * from claims.fact_claims order by all").fetchall()


def in_lake(folder: Path) -> list[tuple]:
    """What a reader with hive partitioning sees, checked against the path of each file."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select * from read_parquet(?, hive_partitioning = true, hive_types_autocast = false)",
            [f"{folder}/claims/**/*.parquet"],
        ).fetchall()
    for _, _, claim_at, _, month, year in sorted(rows, key=str):
        expected = (str(claim_at.year), str(claim_at.month)) if claim_at else (None, None)
        assert (year, month) == expected
    return sorted((row[:4] for row in rows), key=str)


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Each file's inode and time of change."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): (p.stat().st_ino, p.stat().st_mtime_ns) for p in files}


def test_the_lake_holds_what_is_published_by_year_and_month(settings, tmp_path):
    lake = export_claims(settings, tmp_path / "lake")
    assert len(lake.written) == 5
    assert lake.row_count == 41
    assert in_lake(tmp_path / "lake") == sorted(published(settings), key=str)
    assert "claims/year=2024/month=11/claims.parquet" in state(tmp_path / "lake")


def test_writing_it_again_writes_nothing_and_only_changed_months_are_replaced(settings, tmp_path):
    folder = tmp_path / "lake"
    export_claims(settings, folder)
    before = state(folder)
    again = export_claims(settings, folder)
    assert (again.written, len(again.unchanged), again.removed) == ([], 5, [])
    assert state(folder) == before
    change(settings, "update claims.fact_claims set status = 'DENIED' where claim_id = 'C12'")
    lake = export_claims(settings, folder)
    assert lake.written == ["claims/year=2024/month=12/claims.parquet"]
    changed = {name for name, one in state(folder).items() if before[name] != one}
    assert changed == set(lake.written)
    assert in_lake(folder) == sorted(published(settings), key=str)


def test_a_month_without_claims_is_removed_and_foreign_files_stay(settings, tmp_path):
    folder = tmp_path / "lake"
    export_claims(settings, folder)
    (folder / "claims" / "year=2024" / "notes.txt").write_text("mine")
    change(settings, "delete from claims.fact_claims where claim_at < timestamp '2024-12-01'")
    lake = export_claims(settings, folder)
    assert lake.removed == ["claims/year=2024/month=11/claims.parquet"]
    assert not (folder / "claims/year=2024/month=11").exists()
    assert (folder / "claims/year=2024/notes.txt").exists()
    assert in_lake(folder) == sorted(published(settings), key=str)


def test_a_partition_that_is_damaged_is_written_again(settings, tmp_path):
    folder = tmp_path / "lake"
    export_claims(settings, folder)
    path = folder / "claims/year=2024/month=11/claims.parquet"
    path.write_bytes(path.read_bytes()[:50])
    assert export_claims(settings, folder).written == ["claims/year=2024/month=11/claims.parquet"]
    assert in_lake(folder) == sorted(published(settings), key=str)


def test_a_reader_never_sees_half_a_partition(settings, tmp_path):
    """Readers poll while every partition is replaced thirty times; each look is one whole state."""
    folder = tmp_path / "lake"
    change(settings, "update claims.fact_claims set status = 'RUN 0'")
    export_claims(settings, folder)
    stop, looks, wrong = threading.Event(), [], []
    name = f"{folder}/claims/year=2024/month=12/*.parquet"

    def look() -> None:
        with duckdb.connect() as connection:
            while not stop.is_set():
                try:
                    rows = connection.execute(
                        "select status, count(*) from read_parquet(?) group by all", [name]
                    ).fetchall()
                except duckdb.Error as error:
                    wrong.append(str(error))
                    continue
                looks.append(rows)
                if len(rows) != 1 or rows[0][1] != 11:
                    wrong.append(str(rows))

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    for run in range(1, 31):
        change(settings, f"update claims.fact_claims set status = 'RUN {run}'")
        export_claims(settings, folder)
    stop.set()
    for reader in readers:
        reader.join()
    assert not wrong, wrong[:3]
    assert len({rows[0][0] for rows in looks}) > 3  # they did see it change


def test_a_writer_that_dies_leaves_the_old_partition_and_the_next_one_mends(
    settings, tmp_path, monkeypatch
):
    folder = tmp_path / "lake"
    export_claims(settings, folder)
    before = in_lake(folder)
    change(settings, "update claims.fact_claims set status = 'DENIED'")
    calls = []

    def die(path: Path) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(store_module, "sync", die)
        export_claims(settings, folder)
    half = in_lake(folder)
    assert len(half) == len(before)
    assert {row[1] for row in half} == {"PAID", "PENDING", "DENIED"}  # whole months of each
    assert not [name for name in state(folder) if not name.endswith("claims.parquet")]
    assert len(export_claims(settings, folder).written) == 4
    assert in_lake(folder) == sorted(published(settings), key=str)


def test_where_a_lake_cannot_be(settings, tmp_path):
    with pytest.raises(NotExported, match="in the inbox"):
        export_claims(settings, settings.inbox / "claims")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotExported, match="give a folder"):
        export_claims(settings, tmp_path / "file")
    with pytest.raises(NotExported, match="give a folder"):
        export_claims(settings, "gs://bucket/x")
    with pytest.raises(NothingPublished, match="does not exist yet"):
        export_claims(Settings(home=tmp_path / "other"), tmp_path / "lake")


@pytest.fixture
def bucket(monkeypatch):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    with s3_server() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        own = client(endpoint)
        own.create_bucket(Bucket=BUCKET)
        yield own


def objects(bucket) -> dict[str, tuple[str, object]]:
    listed = bucket.list_objects_v2(Bucket=BUCKET).get("Contents", ())
    return {item["Key"]: (item["ETag"], item["LastModified"]) for item in listed}


def test_a_lake_on_s3(settings, bucket, tmp_path, monkeypatch):
    url = f"s3://{BUCKET}/clean/v1"
    monkeypatch.setenv("CAREHOUSE_HOME", str(settings.home))
    result = CliRunner().invoke(main, ["export", "claims", url])
    assert result.exit_code == 0, result.output
    assert "5 partitions written, 0 unchanged, 0 removed, 41 claims" in result.output
    bucket.put_object(Bucket=BUCKET, Key="clean/v1/claims/readme.txt", Body=b"mine")
    before = objects(bucket)
    assert len(export_claims(settings, url).unchanged) == 5
    assert objects(bucket) == before
    change(settings, "delete from claims.fact_claims where claim_at < timestamp '2024-12-01'")
    change(settings, "update claims.fact_claims set amount = 0 where claim_id = 'C12'")
    lake = export_claims(settings, url)
    assert lake.written == ["claims/year=2024/month=12/claims.parquet"]
    assert lake.removed == ["claims/year=2024/month=11/claims.parquet"]
    assert "clean/v1/claims/readme.txt" in objects(bucket)
    folder = tmp_path / "copy"
    for key in objects(bucket):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        bucket.download_file(BUCKET, key, str(path))
    assert in_lake(folder / "clean" / "v1") == sorted(published(settings), key=str)
    result = CliRunner().invoke(main, ["lake", "s3://no-such-bucket/x"])
    assert result.exit_code == 1
    assert "there is no such bucket" in result.output
