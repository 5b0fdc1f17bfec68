"""What the tests share: a warehouse of one's own, made-up inputs, and one that has been built."""

import csv
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock
from openpyxl import Workbook

from carehouse import build as building
from carehouse.build import Build, run_dbt
from carehouse.daily import generate_inputs, run_daily
from carehouse.settings import Settings
from mariadb_support import mariadb  # noqa: F401  (a fixture of every test)

SEED = 7
SUPPORT = Path(__file__).parent / "support"
# what a test of one domain builds: the care marts and all they come from
CARE = ("--select", "+path:models/marts/care")


def query(database: Settings | Path, sql: str, parameters: list | None = None) -> list[tuple]:
    """Rows of a query on a warehouse (given its settings) or on any DuckDB file."""
    path = database.warehouse if isinstance(database, Settings) else database
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql, parameters or []).fetchall()


def records(database: Settings | Path, sql: str) -> list[dict]:
    """Rows of a query as dictionaries."""
    path = database.warehouse if isinstance(database, Settings) else database
    with duckdb.connect(str(path), read_only=True) as connection:
        result = connection.execute(sql)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def truth(inputs: Path, name: str) -> list[dict[str, str]]:
    """One truth file of made-up inputs."""
    with (inputs / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


@dataclass
class Lines:
    """Collects what a command says, in place of a terminal."""

    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)

    def __call__(self, text: str, error: bool = False) -> None:
        (self.err if error else self.out).append(text)


def forget_settings() -> None:
    """Remove what the machine has set, or an earlier build has left in the environment."""
    for name in list(os.environ):
        ours = ("CAREHOUSE_", "OPENDENTAL_", "PG")
        if name.startswith(ours) or name in ("DBT_TARGET_PATH", "DBT_LOG_PATH"):
            del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def plain_environment() -> None:
    """The tests start from the defaults.

    dbt's unit tests do not depend on what has landed: one test builds with them, the rest without.
    A build of a part runs the tests of that part only.
    """
    forget_settings()
    os.environ["DBT_EXCLUDE_RESOURCE_TYPES"] = "unit_test"
    os.environ["DBT_INDIRECT_SELECTION"] = "cautious"


@pytest.fixture(scope="session", autouse=True)
def parsed_once(tmp_path_factory: pytest.TempPathFactory, plain_environment: None) -> None:
    """dbt's parse of the project is made once a run and given to every home.

    dbt takes a parse to be another profile's where the path of the database differs; that path
    stands in no relation's name, so here it is left out of what dbt compares.
    """
    from dbt.adapters.duckdb.credentials import DuckDBCredentials

    keys = DuckDBCredentials._connection_keys
    DuckDBCredentials._connection_keys = lambda self: [key for key in keys(self) if key != "attach"]
    environment = building.dbt_environment
    shared = _shared(tmp_path_factory, "parse", _parse)

    def with_a_parse(settings: Settings) -> dict[str, str]:
        target = settings.home / "dbt"
        if not target.exists():
            shutil.copytree(shared / "dbt", target)
        return environment(settings)

    building.dbt_environment = with_a_parse


def _parse(folder: Path) -> None:
    built = run_dbt(Settings(home=folder), ["parse"], quiet=True)
    assert built.ok, built.error
    forget_settings()


def _shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first worker to ask for it makes, and the others wait for."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    made = folder / ".made"
    with FileLock(f"{folder}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


@pytest.fixture(autouse=True)
def same_environment(plain_environment: None) -> Iterator[None]:
    """Each test starts from the defaults too, and leaves them to the fixtures of the next."""
    forget_settings()
    yield
    forget_settings()


@pytest.fixture(scope="session")
def demo_inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up workbooks and notes of the default size, with the truth beside them."""
    return _shared(
        tmp_path_factory,
        "inputs",
        lambda folder: generate_inputs(folder, scale=1, seed=SEED, source=None, as_of=None),
    )


@pytest.fixture(scope="session")
def built_demo(tmp_path_factory: pytest.TempPathFactory, demo_inputs: Path) -> Settings:
    """A warehouse with the made-up inputs landed, built and published. Read only."""

    def build_all(home: Path) -> None:
        lines = Lines()
        built = Settings(home=home, as_of=date(2025, 7, 1))
        assert run_daily(built, demo_inputs, echo=lines), lines.err
        forget_settings()

    home = tmp_path_factory.mktemp("demo")
    shutil.copytree(_shared(tmp_path_factory, "built", build_all), home, dirs_exist_ok=True)
    return Settings(home=home, as_of=date(2025, 7, 1))


@pytest.fixture(scope="session")
def parsed_home(tmp_path_factory: pytest.TempPathFactory, parsed_once: None) -> Path:
    """A folder that holds dbt's parse of the project."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(_shared(tmp_path_factory, "parse", _parse) / "dbt", folder / "dbt")
    return folder


@pytest.fixture
def home(parsed_home: Path) -> Settings:
    """A fresh CAREHOUSE_HOME."""
    return clear(Settings(home=parsed_home))


def copy_built(built: Settings, home: Settings) -> Settings:
    """Put the warehouse and the published file of one home into another."""
    for path, source in ((home.warehouse, built.warehouse), (home.published, built.published)):
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, path)
    return home


def clear(settings: Settings) -> Settings:
    """Empty a home of everything but dbt's parse, which saves seconds a build."""
    for path in [*settings.home.iterdir(), *(settings.home / "dbt").iterdir()]:
        if path.name in ("dbt", "partial_parse.msgpack", "manifest.json"):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return settings


def build(settings: Settings, *options: str) -> Build:
    """`carehouse build`, in this process."""
    return run_dbt(settings, ["build", *options], quiet=True)


def write_workbook(path: Path, rows: list[tuple], sheet: str = "Status Sheet") -> Path:
    """A workbook with one sheet that holds these rows from A1."""
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def status_rows(*entries: tuple) -> list[tuple]:
    """A small status sheet of participant PW001; an entry is a date, a summary, a level."""
    return [
        ("Participant ID", "PW001"),
        ("Name", "Ravi Kumar"),
        (),
        ("Date", "Summary", "Level of Growth"),
        *entries,
    ]


def landed_rows(settings: Settings) -> dict[str, list[tuple]]:
    """Every row of every raw table that files land in, in one order."""
    return {
        table: query(settings, f"select * from {table} order by all")
        for table in ("raw_workbooks.cells", "raw_workbooks.sheets", "raw_notes.blocks")
    }
