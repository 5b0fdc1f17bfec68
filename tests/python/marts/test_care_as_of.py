"""Built as of a past day from everything, a care mart is what it was from what was known then.

The second warehouse is rolled back in its raw tables: the cells and paragraphs of every entry that
is dated later are gone.
"""

import shutil
from datetime import timedelta

import duckdb
import pytest

from as_of_support import differences
from carehouse.build import run_dbt
from carehouse.daily import DEMO_LAST_DAY
from carehouse.demo import notes, workbooks
from carehouse.landing.sandboxed import land_files
from carehouse.landing.sources import NOTES, WORKBOOKS
from carehouse.settings import Settings
from conftest import CARE, SEED, build, clear, forget_settings
from insight_support import keep

DAYS = [DEMO_LAST_DAY - timedelta(days=days) for days in (1, 17, 110, 200, 365)]
MODELS = ("intermediate/workbooks", "intermediate/notes", "intermediate/care", "marts/care")
BUILD = ["run", "--select", *(f"path:models/{name}" for name in MODELS)]
# A row may hold an entry of two tables side by side: only the later one's columns go.
ROLL_BACK = """
    create temp table later as
        select _source_file, _source_sheet, _source_row, table_number
        from intermediate.int_care__interventions
        where interaction_date > $day
        union
        select _source_file, _source_sheet, _source_row, table_number
        from intermediate.int_care__expenses
        where expense_date > $day;
    delete from raw_workbooks.cells using later, intermediate.int_workbooks__tables as tables
        where cells._source_file = later._source_file
        and cells._source_sheet = later._source_sheet
        and cells._source_row = later._source_row
        and tables._source_file = later._source_file
        and tables._source_sheet = later._source_sheet
        and tables.table_number = later.table_number
        and cells.column_number between tables.first_column and tables.last_column;
    delete from raw_workbooks.cells using intermediate.int_care__assessments as scores
        where cells._source_file = scores._source_file
        and cells._source_sheet = scores._source_sheet
        and cells._source_row = scores._source_row
        and cells.column_number = scores.column_number
        and scores.assessment_date > $day;
    delete from raw_notes.blocks using intermediate.int_notes__entry_blocks as entry_blocks,
        intermediate.int_care__case_notes as case_notes
        where blocks._source_file = entry_blocks._source_file
        and blocks.block_number = entry_blocks.block_number
        and entry_blocks._source_file = case_notes._source_file
        and entry_blocks.entry_number = case_notes.entry_number
        and case_notes.note_date > $day;
"""


@pytest.fixture(scope="module")
def everything(tmp_path_factory, parsed_home) -> Settings:
    base = tmp_path_factory.mktemp("as_of")
    workbooks.generate(base, participants=6, seed=SEED)
    notes.generate(base, participants=6, seed=SEED)
    settings = clear(Settings(home=parsed_home, as_of=DEMO_LAST_DAY))
    for source in (WORKBOOKS, NOTES):
        land_files(source, settings, base / source.name)
    built = build(settings, *CARE)
    assert built.ok, built.bad or built.error
    forget_settings()
    return keep(settings, base / "home")


@pytest.mark.parametrize(
    "day",
    [  # each builds the domain twice: two of the days in every run, all of them in thorough ones
        pytest.param(day, marks=[] if number in (1, 3) else pytest.mark.thorough)
        for number, day in enumerate(DAYS)
    ],
    ids=str,
)
def test_no_mart_knows_more_than_was_known_then(everything, tmp_path, day):
    homes = {}
    for name in ("all", "then"):
        home = tmp_path / name
        (home / "warehouse").mkdir(parents=True)
        settings = Settings(home=home, as_of=day)
        shutil.copy(everything.warehouse, settings.warehouse)
        if name == "then":
            with duckdb.connect(str(settings.warehouse)) as connection:
                before = connection.execute("select count(*) from raw_workbooks.cells").fetchone()
                for statement in ROLL_BACK.split(";"):
                    if statement.strip():
                        connection.execute(statement.replace("$day", f"date '{day}'"))
                after = connection.execute("select count(*) from raw_workbooks.cells").fetchone()
                assert after < before or day == DAYS[0]
        built = run_dbt(settings, BUILD, quiet=True)
        assert built.ok, (built.error, built.bad)
        homes[name] = settings.warehouse
    compared, wrong = differences(homes["all"], homes["then"], "care")
    assert compared > 10
    assert wrong == {}
