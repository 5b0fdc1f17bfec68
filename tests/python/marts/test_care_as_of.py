"""Built as of a past day from everything, a care mart is what it was from what was known then.

The second warehouse is rolled back in its raw tables: the cells and paragraphs of every entry that
is dated later are gone.
"""

from datetime import timedelta

import duckdb
import pytest

from as_of_support import built_twice, differences, past_days, roll_back
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


@pytest.mark.parametrize("day", past_days(DAYS), ids=str)
def test_no_mart_knows_more_than_was_known_then(everything, tmp_path, day):
    def change(connection: duckdb.DuckDBPyConnection, is_then: bool) -> None:
        if is_then:
            before = connection.execute("select count(*) from raw_workbooks.cells").fetchone()
            roll_back(connection, ROLL_BACK, day)
            after = connection.execute("select count(*) from raw_workbooks.cells").fetchone()
            assert after < before or day == DAYS[0]

    homes = built_twice(everything, tmp_path, day, BUILD, change)
    compared, wrong = differences(*homes, "care")
    assert compared > 10
    assert wrong == {}
