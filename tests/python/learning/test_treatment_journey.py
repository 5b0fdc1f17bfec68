"""The treatment journey's targets against plain Python, and what its export promises."""

import json
from datetime import date

import duckdb
import pytest

from carehouse.build import run_dbt
from carehouse.demo import opendental as demo
from carehouse.landing.opendental.files import land_folder
from carehouse.learning.export import export_treatment_journey
from carehouse.publish import publish
from carehouse.settings import Settings
from journey_truth import targets

pytestmark = pytest.mark.thorough

AS_OF = date(2025, 7, 1)
SELECTED = ["+path:models/marts/ml"]  # a part of a domain is not published
WITHOUT_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")


def _build(settings: Settings, *options: str) -> None:
    built = run_dbt(
        settings, ["build", "--select", *SELECTED, *WITHOUT_TESTS, *options], quiet=True
    )
    assert built.ok, (built.error, built.bad)


@pytest.fixture(scope="module")
def practice(tmp_path_factory) -> Settings:
    home = tmp_path_factory.mktemp("journey")
    demo.generate(home / "made-up", scale=1, seed=12, days=1)
    settings = Settings(home=home, as_of=AS_OF)
    folder = home / "made-up" / "opendental"
    inner = sorted(path for path in folder.iterdir() if path.is_dir())
    landing = land_folder(settings, inner[0] if inner else folder)
    assert not landing.refused, landing.refused
    _build(settings)
    publish(settings)
    return settings


def _differences(settings: Settings, first: date, last: date) -> tuple[int, list]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        expected = targets(connection, AS_OF, first, last)
        found = {
            number: tuple(values)
            for number, *values in connection.execute(
                "select procedure_id, accepted, fully_paid, paid_30d, insurance_accurate "
                "from ml.treatment_journey"
            ).fetchall()
        }
    assert expected.keys() == found.keys()
    return len(found), [one for one in expected if expected[one] != found[one]]


def test_every_target_equals_plain_python(practice) -> None:
    count, wrong = _differences(practice, date(2024, 1, 1), date(2024, 12, 31))
    assert count > 500
    assert not wrong
    dates = {"ml_journey_from": "2020-01-01", "ml_journey_to": "2025-07-01"}
    try:
        _build(practice, "--vars", json.dumps(dates))
        count, wrong = _differences(practice, date(2020, 1, 1), date(2025, 7, 1))
        assert count > 3000
        assert not wrong
    finally:
        _build(practice)


def test_the_same_inputs_export_the_same_rows(practice, tmp_path) -> None:
    first = export_treatment_journey(practice, tmp_path / "first", "opendental_backup")
    second = export_treatment_journey(practice, tmp_path / "second", "opendental_backup")
    assert first.content_hash == second.content_hash
    assert first.data.read_bytes() == second.data.read_bytes()
    assert first.data.name.startswith("treatment_journey_opendental_backup_")
    manifest = json.loads(first.manifest.read_text())
    assert manifest["as_of"] == "2025-07-01"
    assert manifest["content_sha256"] == first.content_hash
    assert manifest["columns"]["accepted"] == "BOOLEAN"
    quality = json.loads(first.quality.read_text())
    assert quality["rows"] == first.row_count == manifest["rows"]
    assert quality["duplicate_procedures"] == 0
    balance = quality["class_balance"]["accepted"]
    assert sum(balance.values()) == first.row_count
    with duckdb.connect() as connection:
        (rows,) = connection.execute(f"select count(*) from '{first.data.as_posix()}'").fetchone()
    assert rows == first.row_count
