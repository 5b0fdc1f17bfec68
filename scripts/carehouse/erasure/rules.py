"""Which rows of a raw table are a person's, and which ids of theirs other rows go by."""

from collections.abc import Iterator
from dataclasses import dataclass

from carehouse.contract import RawTable, raw_tables
from carehouse.settings import Settings
from carehouse.sql import quote
from carehouse.sql_macros import macro

PERSON = "person"
# OpenDental's tables without a PatNum are a person's by the id of a row that has one
OWNED_IDS = {
    "procedurelog": "ProcNum",
    "treatplan": "TreatPlanNum",
    "claim": "ClaimNum",
    "statement": "StatementNum",
    "payplan": "PayPlanNum",
    "perioexam": "PerioExamNum",
    "patplan": "PatPlanNum",
    "appointment": "AptNum",
}
OTHER_NAMES = {  # columns that hold a PatNum under another name
    "patientlink": ("PatNumFrom", "PatNumTo"),
    "inssub": ("Subscriber",),
}


@dataclass(frozen=True)
class Rule:
    """A row is a person's where the text of `sql` is marked as `kind`."""

    kind: str
    sql: str


def rules(table: RawTable, settings: Settings, file: str = "_source_file") -> list[Rule]:
    """What makes a row of a table a person's; `file` is SQL for the name of its file."""
    return list(_rules(table, settings, file))


def _rules(table: RawTable, settings: Settings, file: str) -> Iterator[Rule]:
    match table.schema:
        case "raw_clinic":
            book_id = macro("book_id", settings)
            if "patient_id" in table.columns:
                yield Rule(PERSON, book_id("patient_id"))
            if table.name == "payments":
                yield Rule("appointment", book_id("appointment_id"))
        case "raw_claims" if "member_id" in table.columns:
            yield Rule(PERSON, member_text("member_id", file, settings))
        case "raw_opendental":
            names = ["PatNum"] if "PatNum" in table.columns else []
            for name in (*names, *OTHER_NAMES.get(table.name, ())):
                yield Rule(PERSON, _number(name))
            if not names:
                for name in OWNED_IDS.values():
                    if name in table.columns:
                        yield Rule(name, _number(name))
            if table.name == "task":  # ObjectType 1 is a patient, 2 an appointment
                for kind, number in ((PERSON, 1), ("AptNum", 2)):
                    yield Rule(
                        kind, f"case when ObjectType = {number} then {_number('KeyNum')} end"
                    )


def owned(table: RawTable, settings: Settings) -> Rule | None:
    """The id of a person's row by which rows of other tables are theirs too."""
    if table.schema == "raw_clinic" and table.name == "appointments":
        return Rule("appointment", macro("book_id", settings)("appointment_id"))
    if table.schema == "raw_opendental" and table.name in OWNED_IDS:
        name = OWNED_IDS[table.name]
        return Rule(name, _number(name))
    return None


def history(source: str) -> dict[str, list[Rule]]:
    """The rules of the snapshots, by table; the other histories are made of raw tables."""
    if source == "workbooks":
        return {"history_care__participants": [Rule(PERSON, "participant_id")]}
    if source != "opendental":
        return {}
    found = {
        f"history_opendental__{name}": [Rule(PERSON, _number("patient_id"))]
        for name in ("patients", "plan_memberships", "recalls")
    }
    found["history_opendental__treatment_plan_attachments"] = [
        Rule("TreatPlanNum", _number("treatment_plan_id")),
        Rule("ProcNum", _number("procedure_id")),
    ]
    return found


def emptied(source: str) -> dict[str, tuple[Rule, tuple[str, ...]]]:
    """Columns that a history's row of somebody else has from a row of the person, by table.

    The next snapshot finds them empty: left as they were, it would give the row a second version
    from the very moment of its first.
    """
    if source != "opendental":
        return {}
    of_subscription = ("insurance_plan_id", "subscriber_id", "effective_date", "term_date")
    return {
        "history_opendental__plan_memberships": (
            Rule(PERSON, _number("subscriber_id")),
            of_subscription,
        )
    }


def tables_of(source: str) -> list[RawTable]:
    """The raw tables of a source."""
    return [table for table in raw_tables() if table.schema == f"raw_{source}"]


def member_text(member: str, file: str, settings: Settings) -> str:
    """A member as text: the id counts within the feed that brought it."""
    feed, member_id = macro("claims_feed", settings)(file), macro("claims_id", settings)(member)
    return f"({feed}) || '|' || ({member_id})"


def _number(column: str) -> str:
    return f"cast(nullif({quote(column)}, 0) as varchar)"
