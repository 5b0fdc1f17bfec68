"""The labels of every feature mart, and the journey's targets, against plain Python, every row."""

from datetime import date

import duckdb
import pytest

import label_truth
from journey_truth import targets

CASES = {
    "appointment_risk": ("is_no_show", label_truth.is_no_show),
    "appointment_booking": ("is_no_show", label_truth.is_no_show),
    "attendance": ("is_missed", label_truth.is_missed),
    "procedure_acceptance": ("is_accepted", label_truth.is_accepted),
    "payment_compliance": ("fully_paid, paid_30d", label_truth.payments),
    "future_need": ("has_need", label_truth.has_need),
}
# Rows that are rejected or have left the book are not in the clinic's marts; others all are.
MAY_HAVE_FEWER = ("appointment_risk", "appointment_booking")


@pytest.mark.parametrize("name", CASES)
def test_every_label_equals_plain_python(built_demo, name) -> None:
    columns, truth = CASES[name]
    with duckdb.connect(str(built_demo.warehouse), read_only=True) as connection:
        expected = truth(connection, built_demo.as_of)
        found = {
            entity: tuple(values) if len(values) > 1 else values[0]
            for entity, *values in connection.execute(
                f"select entity_id, {columns} from ml.{name}_features"
            ).fetchall()
        }
    assert len(found) > 1000
    if name in MAY_HAVE_FEWER:
        assert len(expected) - len(found) < 0.1 * len(expected)
        expected = {entity: expected[entity] for entity in found}
    assert found.keys() == expected.keys()
    assert [one for one in found if found[one] != expected[one]] == []
    assert {str(value) for value in found.values()} >= (
        {"True", "False"} if "," not in columns else {"(True, True)", "(False, False)"}
    )


def test_every_target_of_the_journey_equals_plain_python(built_demo) -> None:
    with duckdb.connect(str(built_demo.warehouse), read_only=True) as connection:
        last = built_demo.as_of.year - 1
        expected = targets(connection, built_demo.as_of, date(last, 1, 1), date(last, 12, 31))
        found = {
            number: tuple(values)
            for number, *values in connection.execute(
                "select procedure_id, accepted, fully_paid, paid_30d, insurance_accurate "
                "from ml.treatment_journey"
            ).fetchall()
        }
    assert len(found) > 500
    assert found.keys() == expected.keys()
    assert [one for one in found if found[one] != expected[one]] == []
