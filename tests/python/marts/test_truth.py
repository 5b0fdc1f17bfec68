"""The published demo is what the made-up people did: row for row, to the cent, nothing invented."""

from collections import Counter
from decimal import Decimal

import pytest

from conftest import query, records, truth


def place(row: dict) -> tuple[str, str, int]:
    return row["_source_file"], row["_source_sheet"], int(row["_source_row"])


def text(value: object) -> str:
    """A published value as the truth writes it; white space at line ends does not count."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return "\n".join(line.strip() for line in str(value).strip().splitlines())


def compare(found: list[dict], expected: list[dict], columns: dict[str, str]) -> list[str]:
    """Differences between published and true rows at the same place, by `columns` as
    published name to truth name; and the places that only one of them has."""
    facts, truths = {place(row): row for row in found}, {place(row): row for row in expected}
    assert len(facts) == len(found), "two facts from one row of one sheet"
    wrong = [f"missing: {where}" for where in truths.keys() - facts.keys()]
    wrong += [f"invented: {where}" for where in facts.keys() - truths.keys()]
    for where in sorted(facts.keys() & truths.keys()):
        for name, told in columns.items():
            ours, theirs = text(facts[where][name]), text(truths[where][told])
            if ours != theirs:
                wrong.append(f"{where} {name}: {ours!r}, in truth {theirs!r}")
    return wrong


def none(wrong: list[str]) -> None:
    """Fail with the first differences, one per line."""
    assert not wrong, "\n".join([f"{len(wrong)} differences:", *wrong[:20]])


def same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


@pytest.fixture(scope="module")
def unmapped(built_demo) -> set[tuple[str, str]]:
    return set(query(built_demo.published, "select field, value_text from quality.unmapped_values"))


@pytest.fixture(scope="module")
def interventions(built_demo) -> list[dict]:
    return records(
        built_demo.published,
        "select * replace (cast(growth_level as integer) as growth_level) "
        "from care.fact_interventions",
    )


@pytest.fixture(scope="module")
def expenses(built_demo) -> list[dict]:
    return records(built_demo.published, "select * from care.fact_program_expenses")


def test_every_intervention_is_there_and_right(interventions, demo_inputs):
    columns = same(
        "participant_id",
        "interaction_date",
        "is_date_carried_forward",
        "summary",
        "case_worker_action",
        "growth_level",
        "notes",
        "is_duplicate",
    )
    none(compare(interventions, truth(demo_inputs, "interventions"), columns))


def test_every_expense_is_there_and_right(expenses, demo_inputs):
    columns = same(
        "participant_id",
        "expense_date",
        "is_date_carried_forward",
        "details",
        "amount",
        "staff_member",
    )
    none(compare(expenses, truth(demo_inputs, "expenses"), columns))


@pytest.mark.parametrize(
    ("table", "column"), [("interventions", "location"), ("expenses", "program_category")]
)
def test_a_spelling_is_mapped_or_listed_as_it_was_typed(
    request, demo_inputs, unmapped, table, column
):
    facts = {place(row): row[column] for row in request.getfixturevalue(table)}
    wrong, mapped = [], 0
    for row in truth(demo_inputs, table):
        ours = facts.get(place(row))
        if text(ours) == row[column]:
            mapped += 1
        elif (column, ours) not in unmapped:
            wrong.append(f"{place(row)}: {ours!r}, in truth {row[column]!r}")
    none(wrong)
    assert mapped > 0.8 * len(facts)


def test_unmapped_spellings_are_counted(built_demo, interventions):
    counts = Counter(row["location"] for row in interventions)
    listed = records(
        built_demo.published, "select * from quality.unmapped_values where field = 'location'"
    )
    assert listed
    for row in listed:
        assert row["source"] == "workbooks"
        assert counts[row["value_text"]] == row["value_count"]
        assert row["example_file"] in {
            fact["_source_file"] for fact in interventions if fact["location"] == row["value_text"]
        }


def test_sums_agree_to_the_cent(built_demo, demo_inputs):
    facts = truth(demo_inputs, "expenses")
    expected: dict[str, Decimal] = {}
    for row in facts:
        participant = row["participant_id"] or None
        expected[participant] = expected.get(participant, Decimal(0)) + Decimal(row["amount"])
    found = dict(
        query(
            built_demo.published,
            "select participant_id, sum(amount) from care.fact_program_expenses group by 1",
        )
    )
    assert found == expected
    outcomes = dict(
        query(
            built_demo.published,
            "select participant_id, total_spend_amount from care.participant_outcomes "
            "where total_spend_amount <> 0",
        )
    )
    assert outcomes == {who: total for who, total in expected.items() if who and total}
    (burnt,) = query(
        built_demo.published, "select sum(spent_amount) from care.program_burn_rate_monthly"
    )[0]
    assert burnt == sum(expected.values())


def test_medical_spend_and_growth_are_those_of_the_truth(
    built_demo, demo_inputs, expenses, unmapped
):
    mapped = {
        place(row)
        for row in expenses
        if ("program_category", row["program_category"]) not in unmapped
    }
    medical: dict[str, Decimal] = {}
    levels: dict[str, list[tuple[str, int]]] = {}
    for row in truth(demo_inputs, "expenses"):
        if row["program_category"] == "Medical" and place(row) in mapped:
            who = row["participant_id"]
            medical[who] = medical.get(who, Decimal(0)) + Decimal(row["amount"])
    for row in truth(demo_inputs, "interventions"):
        if row["growth_level"]:
            level = (row["interaction_date"], int(row["growth_level"]))
            levels.setdefault(row["participant_id"], []).append(level)
    outcomes = records(
        built_demo.published,
        "select * from care.participant_outcomes where intervention_count > 0",
    )
    assert len(outcomes) == len(levels) > 20
    for row in outcomes:
        who = row["participant_id"]
        assert row["medical_spend_amount"] == medical.get(who, 0), who
        days = [day for day, _ in levels[who]]
        first = {level for day, level in levels[who] if day == min(days)}
        latest = {level for day, level in levels[who] if day == max(days)}
        assert row["first_growth_level"] in first, who
        assert row["latest_growth_level"] in latest, who


def test_participants_are_who_their_workbooks_say(built_demo, demo_inputs):
    found = {
        row["participant_id"]: row
        for row in records(built_demo.published, "select * from care.dim_participants")
    }
    expected = {row["participant_id"]: row for row in truth(demo_inputs, "participants")}
    assert found.keys() == expected.keys()
    wrong = []
    for who, told in expected.items():
        if found[who]["participant_name"].casefold() != told["participant_name"].casefold():
            wrong.append(f"{who}: {found[who]['participant_name']}")
        for name in ("age", "joining_date", "current_status", "risk_level"):
            if text(found[who][name]) != told[name]:
                wrong.append(f"{who} {name}: {found[who][name]!r}, in truth {told[name]!r}")
    none(wrong)


def test_every_assessment_score_is_there_and_right(built_demo, demo_inputs):
    columns = (
        "participant_id",
        "assessment_date",
        "assessment_type",
        "domain",
        "score",
        "total_score",
    )

    def keys(rows: list[dict]) -> Counter:
        return Counter(
            (
                *place(row),
                *(text(row[name]).removesuffix(".00") for name in columns),
            )
            for row in rows
        )

    found = keys(records(built_demo.published, "select * from care.fact_assessments"))
    expected = keys(truth(demo_inputs, "assessments"))
    assert found - expected == Counter()
    assert expected - found == Counter()


def test_every_dated_note_is_there_with_its_text(built_demo, demo_inputs):
    found: dict[str, list[dict]] = {}
    for row in records(
        built_demo.published,
        "select * from care.fact_case_notes order by _source_file, entry_number",
    ):
        found.setdefault(row["_source_file"], []).append(row)
    expected: dict[str, list[dict]] = {}
    for row in truth(demo_inputs, "notes"):
        if row["note_date"]:
            expected.setdefault(row["file"], []).append(row)
    assert found.keys() == expected.keys()
    wrong = []
    for file, rows in expected.items():
        if len(found[file]) != len(rows):
            wrong.append(f"{file}: {len(found[file])} entries, in truth {len(rows)}")
            continue
        for ours, theirs in zip(found[file], rows, strict=True):
            for name in ("participant_id", "note_date", "worker", "text"):
                if text(ours[name]) != text(theirs[name]):
                    wrong.append(
                        f"{file} {theirs['entry_number']} {name}: {text(ours[name])!r}, "
                        f"in truth {text(theirs[name])!r}"
                    )
    none(wrong)


def test_rows_that_are_no_facts_are_set_aside_or_rejected(built_demo, demo_inputs):
    outcomes = {
        (row["_source_file"], row["_source_sheet"], row["_source_row"]): row["outcome"]
        for row in records(
            built_demo.published, "select * from quality.row_outcomes where source = 'workbooks'"
        )
    }
    facts = {
        place(row)
        for name in ("interventions", "expenses", "assessments")
        for row in truth(demo_inputs, name)
    }
    wrong, kinds = [], Counter()
    for row in truth(demo_inputs, "other_rows"):
        where = row["file"], row["sheet"], int(row["row"])
        kinds[row["kind"]] += 1
        expected = {"rejected" if row["kind"] == "rejected" else "set aside"}
        if where in facts:
            expected.add("kept")  # a fact stands beside it
        if row["kind"] == "blank":
            expected.add(None)  # a row of spaces holds nothing
        if (ours := outcomes.get(where)) not in expected:
            wrong.append(f"{where} {row['kind']}: {ours}")
    none(wrong)
    assert kinds["rejected"] and kinds["hidden"] and kinds["total"]


def test_every_row_is_accounted_for_once(built_demo):
    unequal = query(
        built_demo.published,
        "select * from quality.row_accounting "
        "where read_rows is distinct from kept_rows + rejected_rows + set_aside_rows "
        "+ superseded_rows",
    )
    assert unequal == []
    twice = query(
        built_demo.published,
        "select _source_file, _source_sheet, _source_row, count(*) from quality.row_outcomes "
        "group by all having count(*) > 1",
    )
    assert twice == []
    raw = query(
        built_demo,
        "select _source_file, _source_sheet, row_count from raw_workbooks.sheets order by all",
    )
    told = query(
        built_demo.published,
        "select object, _source_sheet, read_rows from quality.row_accounting "
        "where source = 'workbooks' order by all",
    )
    assert told == raw
