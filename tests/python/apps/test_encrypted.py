"""Databases and spill are encrypted with the home's key, and open again only with it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import keyring
import pytest
from click.testing import CliRunner
from keyring.backend import KeyringBackend

from carehouse.backup import backup, restore
from carehouse.cli import main
from carehouse.database import (
    CATALOG,
    WAREHOUSE_PART,
    attach,
    in_memory,
    is_encrypted,
    open_to_read,
)
from carehouse.errors import BadKey, Trouble
from carehouse.graph import read_marts
from carehouse.init import init
from carehouse.keys import (
    begin_rotation,
    database_key,
    every_key,
    need_key,
    new_digits,
    new_key,
)
from carehouse.published import open_published
from carehouse.reseal import databases, rewrite, rotate
from carehouse.scratch import clear_scratch
from carehouse.settings import PROJECT_DIR, Settings
from carehouse.status import read_status
from carehouse.warehouse import open_warehouse
from conftest import copy_built, query

WORD = "Zabludoff"  # looked for in bytes; made up, and long enough to stand nowhere by chance
PLACES = 2_500  # personal values that are looked for


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An encrypted home with its key elsewhere, a row in the warehouse and one in each published
    file."""
    home = tmp_path / "home"
    settings = Settings(home=home, key_file=tmp_path / "elsewhere" / "home.key", encrypt=True)
    new_key(settings)
    fill(settings)
    return settings


def fill(settings: Settings) -> None:
    with open_warehouse(settings) as connection:
        connection.execute(
            f"create schema staging; create table raw.people as select '{WORD} ' || i as name "
            "from range(2000) as r (i); comment on table raw.people is 'who is there'; "
            "create view staging.people as select * from raw.people"
        )
    settings.published.parent.mkdir()
    for role in ("full", "reception", "analyst"):
        with in_memory(settings) as connection:
            attach(connection, settings, settings.published_for(role), "made", role)
            connection.execute(f"create table made.people as select '{WORD} 1' as name")


def rows(settings: Settings) -> int:
    with open_warehouse(settings) as connection:
        return connection.execute("select count(*) from staging.people").fetchone()[0]


def stands_in(home: Path, text: str) -> list[str]:
    return [
        path.name
        for path in home.rglob("*")
        if path.is_file() and text.lower().encode() in path.read_bytes().lower()
    ]


def test_nothing_can_be_read_without_the_key_and_nothing_changes_with_it(settings, tmp_path):
    plain = Settings(home=tmp_path / "plain")
    fill(plain)
    assert len(stands_in(plain.home, WORD)) == 4  # or the search would prove nothing
    assert not any(is_encrypted(path) for path, _ in databases(plain))
    assert [is_encrypted(path) for path, _ in databases(settings)] == [True] * 4
    assert not stands_in(settings.home, WORD)
    assert rows(settings) == rows(plain) == 2000
    with open_published(settings.model_copy(update={"role": "analyst"})) as connection:
        assert connection.execute("select name from people").fetchone() == (f"{WORD} 1",)
    # neither the key nor what is made of it stands in the home
    key = need_key(settings)
    for text in (key.hex(), *(database_key(key, part) for _, part in databases(settings))):
        assert not stands_in(settings.home, text)


def test_each_file_has_a_key_of_its_own(settings, monkeypatch):
    monkeypatch.setenv("CAREHOUSE_HOME", str(settings.home))
    monkeypatch.setenv("CAREHOUSE_KEY_FILE", str(settings.key_file))
    told = CliRunner().invoke(main, ["key", "show", "analyst"]).output.strip()
    for path, part in databases(settings):
        with duckdb.connect() as connection:
            sql = f"attach '{path}' as one (read_only, encryption_key '{told}')"
            if part == "analyst":
                assert connection.execute(sql + "; from one.people").fetchall()
                continue
            with pytest.raises(duckdb.InvalidInputException, match="Wrong encryption key"):
                connection.execute(sql)


@pytest.mark.parametrize("command", [["status"], ["run"], ["publish"], ["build"], ["problems"]])
@pytest.mark.parametrize("how", ["another", "none", "no key"])
def test_a_wrong_or_missing_key_is_one_line(settings, monkeypatch, how, command):
    (settings.inbox / "notes").mkdir(parents=True)
    monkeypatch.setenv("CAREHOUSE_HOME", str(settings.home))
    monkeypatch.setenv("CAREHOUSE_KEY_FILE", str(settings.key_file))
    monkeypatch.setenv("CAREHOUSE_ENCRYPT", "true")
    before = {path: path.read_bytes() for path, _ in databases(settings)}
    digits = {"another": new_digits(), "no key": "abc"}.get(how)
    settings.key_file.unlink() if digits is None else settings.key_file.write_text(digits)
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1, done.output
    (line,) = done.stderr.strip().splitlines()
    assert str(settings.key_file) in line
    assert {"another": "is not its key", "none": "there is no key", "no key": "64 hex"}[how] in line
    assert digits is None or digits not in line
    assert {path: path.read_bytes() for path, _ in databases(settings)} == before


def test_readers_go_on_while_the_key_is_changed(settings):
    former, found, stop = need_key(settings), [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                with open_published(settings) as connection:
                    found.append(connection.execute("select count(*) from people").fetchone())
            except Exception as error:
                found.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    with open_published(settings) as held:
        for one in readers:
            one.start()
        for _ in range(3):
            rotate(settings)
        stop.set()
        for one in readers:
            one.join()
        # who had the file open before keeps it
        assert held.execute("select count(*) from people").fetchone() == (1,)
    assert len(found) > 10
    assert set(found) == {(1,)}
    assert need_key(settings) != former
    assert rows(settings) == 2000
    assert not stands_in(settings.home, WORD)
    # the former keys open nothing any more: without them all is there
    settings.key_file.with_name("home.key.before").unlink()
    assert every_key(settings) == [need_key(settings)]
    assert rows(settings) == 2000
    with open_to_read(settings, settings.warehouse, CATALOG, WAREHOUSE_PART) as connection:
        told = connection.execute("select comment from duckdb_tables() where table_name = 'people'")
        assert told.fetchall() == [("who is there",)]


def test_a_change_of_the_key_that_was_cut_off_is_gone_on_with(settings):
    former = need_key(settings)
    following = begin_rotation(settings)
    rewrite(settings, settings.warehouse, WAREHOUSE_PART, following)
    assert read_status(settings)["key_changing"]
    assert rows(settings) == 2000  # with the next key
    with open_published(settings) as connection:  # with the one from before
        assert connection.execute("from people").fetchall()
    rotate(settings)
    assert need_key(settings) == following
    assert every_key(settings) == [following, former]
    settings.key_file.with_name("home.key.before").unlink()
    assert rows(settings) == 2000
    with open_published(settings) as connection:
        assert connection.execute("from people").fetchall()
    assert not read_status(settings)["key_changing"]


def test_a_home_from_before_is_encrypted_by_its_next_opening_and_stays_so(tmp_path):
    plain = Settings(home=tmp_path / "home")
    fill(plain)
    new_key(plain)
    assert not any(read_status(plain)["encrypted"].values())
    assert rows(plain.model_copy(update={"encrypt": True})) == 2000
    assert read_status(plain)["encrypted"]["warehouse/carehouse.duckdb"]
    assert not stands_in(plain.warehouse.parent, WORD)
    # a job whose settings forget it goes on encrypting
    rewrite(plain, plain.published, "full")
    assert is_encrypted(plain.published)


def test_a_backup_from_before_the_key_was_changed_is_restored_and_gets_the_new_one(
    settings, tmp_path
):
    backup(settings, tmp_path / "safe")
    assert not stands_in(tmp_path / "safe", WORD)
    rotate(settings)
    settings.warehouse.unlink()
    restore(settings, tmp_path / "safe")
    settings.key_file.with_name("home.key.before").unlink()
    assert rows(settings) == 2000
    # and without that key it says so, and nothing was changed
    settings.key_file.write_text(new_digits())
    with pytest.raises(BadKey, match="is not its key"):
        restore(settings, tmp_path / "safe")


def test_a_damaged_file_is_told_as_such(settings):
    data = bytearray(settings.warehouse.read_bytes())
    for place in range(4096, len(data), 4096):
        data[place] ^= 1
    settings.warehouse.write_bytes(data)
    with pytest.raises(Trouble, match=r"is damaged.*carehouse restore"), open_warehouse(settings):
        pass


def test_what_spills_is_encrypted(settings):
    query = (
        f"create temp table t as select md5(i::varchar) || '{WORD}' as x from range(2000000) r(i)"
    )
    seen = []
    for encrypt in (False, True):
        one = settings if encrypt else Settings(home=settings.home / "plain")
        one.home.mkdir(exist_ok=True)
        with in_memory(one, memory_limit="30MB", threads=1) as connection:
            connection.execute(query)
            (folder,) = one.home.glob(".spill-*")
            seen.append((sum(path.stat().st_size for path in folder.iterdir()), folder))
            assert bool(stands_in(folder, WORD)) is not encrypt
        assert not folder.exists()
    assert min(size for size, _ in seen) > 10**6


def test_spill_of_a_process_that_is_gone_is_removed(settings):
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], text=True, capture_output=True
    )
    folders = [settings.home / f".spill-{one}-0" for one in (gone.stdout.strip(), os.getpid())]
    for folder in folders:
        folder.mkdir()
    clear_scratch(settings)
    assert [folder.exists() for folder in folders] == [False, True]


class Ring(KeyringBackend):
    """A keyring in memory: the real library, without a desktop."""

    priority = 1

    def __init__(self):
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    yield keyring.get_keyring()
    keyring.set_keyring(before)


def test_the_key_may_be_in_the_systems_keyring(tmp_path, ring):
    settings = Settings(home=tmp_path / "home", keyring="clinic", encrypt=True)
    with pytest.raises(BadKey, match="keyring's entry clinic"):
        need_key(settings)
    new_key(settings)
    fill(settings)
    former = need_key(settings)
    rotate(settings)
    assert set(ring.held) == {("carehouse", "clinic"), ("carehouse", "clinic.before")}
    assert need_key(settings) != former
    assert rows(settings) == 2000
    assert not stands_in(settings.home, WORD)


def test_the_key_may_be_in_the_environment(tmp_path, monkeypatch):
    first, second = new_digits(), new_digits()
    monkeypatch.setenv("CAREHOUSE_KEY", first)
    settings = Settings(home=tmp_path / "home", encrypt=True)
    assert first not in repr(settings)
    fill(settings)
    with pytest.raises(BadKey, match="CAREHOUSE_KEY_BEFORE"):
        rotate(settings)
    monkeypatch.setenv("CAREHOUSE_KEY", second)
    monkeypatch.setenv("CAREHOUSE_KEY_BEFORE", first)
    changed = Settings(home=tmp_path / "home", encrypt=True)
    rotate(changed)
    monkeypatch.delenv("CAREHOUSE_KEY_BEFORE")
    assert rows(Settings(home=tmp_path / "home")) == 2000
    assert not (tmp_path / "home" / "key").exists()


def test_init_makes_a_key_apart_from_the_data_and_never_another(tmp_path):
    home, keys, env = tmp_path / "home", tmp_path / "keys", tmp_path / ".env"

    def set_up() -> dict[str, str]:
        made = init(
            Settings(home=home),
            timezone="Europe/Berlin",
            date_order="dmy",
            language=None,
            with_samples=False,
            key_folder=keys,
            env=env,
        )
        return made.settings

    assert set_up()["CAREHOUSE_ENCRYPT"] == "true"
    (path,) = keys.iterdir()
    assert f"CAREHOUSE_KEY_FILE={path}" in env.read_text().splitlines()
    assert os.name == "nt" or path.stat().st_mode & 0o077 == 0
    settings = Settings(home=home, key_file=path, encrypt=True)
    key = need_key(settings)
    set_up()  # again, as from another shell that has not read .env
    assert need_key(settings) == key
    fill(settings)
    path.unlink()  # lost: another would not open what is there
    assert "CAREHOUSE_KEY_FILE" not in set_up()
    assert not list(keys.iterdir())


def test_only_one_module_opens_databases():
    """Of the home: others have one in memory, made-up data in a folder that goes, or a server."""
    allowed = {"database.py", "aliases.py", "inspect_file.py", "indexes.py", "demo"}
    package = PROJECT_DIR / "scripts" / "carehouse"
    opening = {
        path.relative_to(package).parts[0] if "demo" in path.parts else path.name
        for path in package.rglob("*.py")
        if re.search(r"duckdb\.connect\(|\battach \{|\"attach ", path.read_text(encoding="utf-8"))
    }
    assert opening <= allowed | {"mysql.py", "postgres.py"}, opening


# --- the whole of it -----------------------------------------------------------------------------


def personal_values(built: Settings, tmp_path: Path) -> list[str]:
    """Values of columns that identify somebody: long enough not to stand anywhere by chance, and
    no words of the project itself, which dbt keeps."""
    found: set[str] = set()
    with duckdb.connect(str(built.published), read_only=True) as connection:
        for (schema, table), mart in read_marts(built.manifest).items():
            for column, kind in mart.phi.items():
                if kind != "identifier":
                    continue
                found |= {
                    text
                    for (text,) in connection.execute(
                        f'select distinct cast("{column}" as varchar) from {schema}.{table} '
                        f'where length(cast("{column}" as varchar)) between 9 and 60'
                    ).fetchall()
                    if re.search(r"[^\W\d_].* .*[^\W\d_]|@|\d{6}", text)
                    and not re.fullmatch(r"[\d\-: .]{10,}", text)  # a day is nobody's alone
                }
    ours = [
        found_by_grep(PROJECT_DIR / name, sorted(found), tmp_path)
        for name in ("models", "seeds", "macros", "tests/singular")
    ]
    theirs = sorted(found - {one for some in ours for values in some.values() for one in values})
    return theirs[:: len(theirs) // PLACES][:PLACES]


def found_by_grep(folder: Path, values: list[str], tmp_path: Path) -> dict[str, set[str]]:
    """Values that stand in files below a folder, by file; the inbox is the user's own."""
    words = tmp_path / "values.txt"
    words.write_text("\n".join(values) + "\n", encoding="utf-8")
    command = ["grep", "-r", "-a", "-o", "-F", "--exclude-dir=inbox", "-f", str(words), str(folder)]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", env={**os.environ, "LC_ALL": "C"}
    )
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, set[str]] = {}
    for line in done.stdout.splitlines():
        name, _, value = line.removeprefix(f"{folder}/").partition(":")
        found.setdefault(name, set()).add(value)
    return found


@pytest.mark.skipif(os.name == "nt", reason="grep, and a signal that cannot be caught")
def test_of_2500_personal_values_none_stands_in_the_home_also_after_a_kill(
    built_demo, demo_inputs, home, tmp_path
):
    values = personal_values(built_demo, tmp_path)
    assert len(values) == PLACES
    in_inputs = found_by_grep(demo_inputs, values, tmp_path)
    assert len(set().union(*in_inputs.values())) > PLACES / 10  # in what was landed as text
    plain = found_by_grep(built_demo.warehouse.parent, values, tmp_path)
    assert len(set().union(*plain.values())) > PLACES / 2  # the rest is compressed

    copy_built(built_demo, home)
    settings = home.model_copy(update={"key_file": tmp_path / "home.key", "encrypt": True})
    new_key(settings)
    shutil.copytree(demo_inputs / "notes", home.inbox / "notes")
    environment = {
        **os.environ,
        "CAREHOUSE_HOME": str(home.home),
        "CAREHOUSE_KEY_FILE": str(settings.key_file),
        "CAREHOUSE_ENCRYPT": "true",
        "CAREHOUSE_AS_OF": "2025-07-01",
        "CAREHOUSE_MEMORY_LIMIT": "300MB",  # so that there is spill to be found
    }
    command = [sys.executable, "-m", "carehouse.cli", "build"]
    running = subprocess.Popen(
        command, cwd=PROJECT_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    log, ended = home.home / "logs" / "dbt.log", time.monotonic() + 300
    while running.poll() is None and time.monotonic() < ended:
        if log.exists() and log.read_text(errors="replace").count("OK created sql table") > 30:
            break
        time.sleep(0.2)
    assert running.poll() is None, running.stderr.read()
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stderr.close()
    wal = settings.warehouse.with_name(settings.warehouse.name + ".wal")
    assert is_encrypted(settings.warehouse) and wal.stat().st_size > 0
    settings.published.unlink()  # not yet written again: `build` does not publish
    assert found_by_grep(home.home, values, tmp_path) == {}
    key = need_key(settings)
    assert not stands_in(home.home, key.hex())
    assert not stands_in(home.home, database_key(key, WAREHOUSE_PART))
    # what was committed before the kill is there
    loads = "select count(*) from raw.load_log"
    with open_warehouse(settings) as connection:
        assert connection.execute(loads).fetchall() == query(built_demo, loads)
