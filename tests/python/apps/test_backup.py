"""Back up, damage, restore: marts, history and ledger are what they were."""

import pytest
from click.testing import CliRunner

from carehouse.backup import backup, restore
from carehouse.cli import main
from carehouse.errors import NotBackedUp, Trouble
from carehouse.reminder_ledger import known, open_ledger
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse
from conftest import copy_built, query
from s3_support import AWS, client, s3_server

KEY = ("1", "2025-09-05T10:00:00+02:00")


@pytest.fixture
def ready(built_demo: Settings, home: Settings) -> Settings:
    copy_built(built_demo, home)
    home.outbox.mkdir()
    with open_ledger(home.outbox) as ledger:
        ledger.enter(KEY)
    return home


def fingerprints(settings: Settings) -> dict[tuple[str, str], tuple]:
    """Rows and a hash of all values of each table of history, raw and marts."""
    tables = query(
        settings,
        "select schema_name, table_name from duckdb_tables() "
        "where schema_name in ('history', 'raw', 'care', 'clinic', 'raw_notes')",
    )
    return {
        (schema, table): query(
            settings, f"select count(*), bit_xor(hash(t)) from {schema}.{table} as t"
        )
        for schema, table in tables
    }


def test_what_was_backed_up_comes_back(ready, tmp_path, monkeypatch):
    monkeypatch.setenv("CAREHOUSE_HOME", str(ready.home))
    before, published = fingerprints(ready), ready.published.read_bytes()
    assert len([name for name in before if name[0] == "history"]) > 3
    done = CliRunner().invoke(main, ["backup", str(tmp_path / "safe")])
    assert done.exit_code == 0, done.output
    ready.warehouse.write_bytes(b"damaged" * 5000)
    ready.published.unlink()
    (ready.outbox / "ledger.sqlite").unlink()
    with pytest.raises(Trouble, match="carehouse restore"), open_warehouse(ready):
        pass
    done = CliRunner().invoke(main, ["restore", str(tmp_path / "safe")])
    assert done.exit_code == 0, done.output
    assert fingerprints(ready) == before
    assert ready.published.read_bytes() == published
    assert known(ready.outbox) == {KEY: "written"}
    (aside,) = ready.home.glob("before-restore-*")
    assert (aside / "warehouse" / "carehouse.duckdb").read_bytes().startswith(b"damaged")


def test_a_damaged_or_unfinished_backup_changes_nothing(ready, tmp_path):
    made = backup(ready, tmp_path)
    before = ready.warehouse.read_bytes()
    copy = tmp_path / made.name / "warehouse" / "carehouse.duckdb"
    whole = copy.read_bytes()
    middle = len(whole) // 2
    copy.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    with pytest.raises(NotBackedUp, match="is not what was written"):
        restore(ready, tmp_path)
    copy.unlink()
    with pytest.raises(NotBackedUp, match="cannot be read"):
        restore(ready, tmp_path)
    copy.write_bytes(whole)
    (tmp_path / made.name / "manifest.json").replace(tmp_path / "kept.json")
    with pytest.raises(NotBackedUp, match="holds no whole backup"):
        restore(ready, tmp_path)
    assert ready.warehouse.read_bytes() == before
    assert not list(ready.home.glob("before-restore-*"))
    (tmp_path / "kept.json").replace(tmp_path / made.name / "manifest.json")
    found, _ = restore(ready, tmp_path / made.name)
    assert found == made


def test_a_bucket_holds_backups_too(home, monkeypatch):
    with open_warehouse(home) as connection:
        connection.execute("insert into raw.scan_log (source) values ('notes')")
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    with s3_server() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        client(endpoint).create_bucket(Bucket="safe")
        made = backup(home, "s3://safe/carehouse")
        home.warehouse.unlink()
        found, _ = restore(home, "s3://safe/carehouse")
    assert found == made
    assert query(home, "select source from raw.scan_log") == [("notes",)]


def test_there_must_be_something_to_back_up(home, tmp_path):
    with pytest.raises(NotBackedUp, match="nothing to back up"):
        backup(home, tmp_path)
