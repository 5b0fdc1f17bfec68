"""What a day costs is compared with what was kept: in CI, on a machine with neighbours."""

import importlib.util
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "bench_day.py"


@pytest.fixture(scope="module")
def bench_day():
    spec = importlib.util.spec_from_file_location("bench_day", BENCH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_day_that_costs_clearly_more_is_named_with_both_ratios(bench_day):
    before = {"a full run": 1.0, "nothing changed, same day": 0.02, "one new workbook": 0.28}

    ratios = bench_day.ratios_of(
        {"a full run": 20, "nothing changed, same day": 2, "one new workbook": 7}
    )

    assert bench_day.worse_than(before, ratios) == [
        "nothing changed, same day: 10.0% of a full run, 2.0% before"
    ]


def test_noise_of_a_machine_and_a_kind_of_day_that_was_not_kept_are_not_judged(bench_day):
    before = {"one new workbook": 0.28}

    assert not bench_day.worse_than(before, {"one new workbook": 0.37, "one clinic drop": 0.9})
    assert bench_day.worse_than(before, {"one new workbook": 0.39})


def test_what_is_kept_names_each_kind_of_day_that_has_a_limit(bench_day):
    kept = bench_day.json.loads((BENCH.parent / "day.json").read_text(encoding="utf-8"))

    assert kept.keys() == {"a full run", *bench_day.LIMITS}
