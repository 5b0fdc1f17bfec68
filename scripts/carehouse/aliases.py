"""`carehouse map`: give a spelling its name, as one line in the right alias seed."""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import duckdb

from carehouse.errors import CannotMap
from carehouse.settings import PROJECT_DIR, Settings
from carehouse.sql import literals
from carehouse.sql_macros import macro

SEEDS = PROJECT_DIR / "seeds"
ALIKE = 0.75  # a new name this much like a known one is taken for a slip of the pen


@dataclass(frozen=True)
class Kind:
    """An alias seed: its columns of spelling and name, and the field it names in the marts.

    An `is_open` seed takes names of its own. `within` is the column beside which a spelling may
    stand once for each of its values, `given` what a new line says in the columns besides.
    """

    seed: str
    source: str
    field: str
    label: str
    name: str
    is_open: bool = False
    within: str | None = None
    given: dict[str, str] = field(default_factory=dict)


KINDS = {
    "location": Kind(
        "workbooks/location_aliases", "workbooks", "location", "label", "location_name", True
    ),
    "category": Kind(
        "workbooks/program_category_aliases",
        *("workbooks", "program_category", "label", "program_category"),
        is_open=True,
    ),
    "growth": Kind(
        "workbooks/growth_level_aliases", "workbooks", "growth_level", "label", "growth_level"
    ),
    "status": Kind(
        "workbooks/participant_status_aliases",
        *("workbooks", "current_status", "label", "status_name"),
    ),
    "risk": Kind("workbooks/risk_level_aliases", "workbooks", "risk_level", "label", "risk_level"),
    "header": Kind(
        "workbooks/workbook_header_aliases",
        *("workbooks", "column header", "label", "field"),
        within="table_kind",
        given={"match": "exact", "preference": "1"},
    ),
    "visit-status": Kind(
        "clinic/clinic_status_aliases", "clinic", "status", "status_label", "status"
    ),
    "claim-status": Kind("claims/claim_status_words", "claims", "status", "label", "status"),
    "gender": Kind("claims/gender_aliases", "claims", "gender", "label", "gender"),
}


@dataclass(frozen=True)
class Mapped:
    """The line that was added, to which file, and whether its name is new there."""

    seed: str
    line: str
    is_new_name: bool


def kind_of(source: str, field_name: str) -> str | None:
    """The kind whose seed names this field of quality.unmapped_values, or None."""
    for name, kind in KINDS.items():
        if (kind.source, kind.field) == (source, field_name):
            return name
    return None


def map_spelling(
    settings: Settings,
    kind_name: str,
    spelling: str,
    name: str,
    *,
    is_new: bool = False,
    chosen: dict[str, str] | None = None,
    seeds: Path = SEEDS,
) -> Mapped:
    """Add `spelling` to the seed of its kind, in the form in which the data's are compared.

    `chosen` says what the line holds in columns that differ among the lines of that name, as
    is_late of a cancellation. Raises CannotMap for a spelling that is there, and for a name that
    nothing has, unless the seed is open and the name is unlike all or `is_new`.
    """
    kind = KINDS[kind_name]
    path = seeds / f"{kind.seed}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        lines, columns = list(reader), list(reader.fieldnames)
    names = [line[kind.name] for line in lines if line[kind.name]]
    known = next((one for one in names if one.casefold() == name.strip().casefold()), None)
    if known is None:
        _refuse_unknown(kind_name, kind, name, names, is_new)
    label, *labels = _normalized(settings, [spelling, *(line[kind.label] for line in lines)])
    if label is None:
        raise CannotMap("the spelling holds no letter and no digit, so no alias can match it")
    line = _line(kind_name, kind, columns, lines, known or name.strip(), label, chosen or {})
    for number, (there, text) in enumerate(zip(lines, labels, strict=True), start=2):
        if text == label and (kind.within is None or there[kind.within] == line[kind.within]):
            raise CannotMap(
                f"seeds/{kind.seed}.csv has this spelling in line {number} already, as "
                f"{there[kind.name] or 'no name'}: change that line if it is wrong"
            )
    text = _csv_line([line[column] for column in columns])
    _append(path, text)
    return Mapped(f"seeds/{kind.seed}.csv", text, known is None)


def _refuse_unknown(kind_name: str, kind: Kind, name: str, names: list[str], is_new: bool) -> None:
    by_lower = {one.casefold(): one for one in names}
    near = [
        by_lower[one]
        for one in get_close_matches(name.strip().casefold(), by_lower, n=3, cutoff=ALIKE)
    ]
    if kind.is_open and name.strip() and (is_new or not near):
        return
    if near:
        more = "; for a name of its own add --new" if kind.is_open else ""
        raise CannotMap(
            f"no {kind_name} has the name given: is {' or '.join(near)} meant{more}? "
            "Nothing was changed"
        )
    told = ", ".join(list(dict.fromkeys(names))[:30])
    raise CannotMap(f"no {kind_name} has the name given; there are {told}. Nothing was changed")


def _line(
    kind_name: str,
    kind: Kind,
    columns: list[str],
    lines: list[dict[str, str]],
    name: str,
    label: str,
    chosen: dict[str, str],
) -> dict[str, str]:
    """The new line: what the lines of this name say in the other columns, and what was chosen."""
    like = [line for line in lines if line[kind.name] == name]
    told = {kind.label: label, kind.name: name, **kind.given}
    for column in columns:
        if column in told:
            continue
        said = [value for value, _ in Counter(line[column] for line in like).most_common()]
        if column in chosen and (not said or chosen[column] in said):
            told[column] = chosen[column]
        elif len(said) == 1 and column not in chosen:
            told[column] = said[0]
        else:
            choices = " or ".join(f"--with {column}={value}" for value in said)
            raise CannotMap(f"{name} stands with more than one {column}: add {choices}")
    if unknown := set(chosen) - set(columns):
        raise CannotMap(f"seeds/{kind.seed}.csv has no column {', '.join(sorted(unknown))}")
    return told


def _normalized(settings: Settings, texts: list[str]) -> list[str | None]:
    """The texts in the form in which the models compare labels, by the models' own macro."""
    rule = macro("normalize_label", settings)("text")
    with duckdb.connect(":memory:") as connection:
        rows = connection.execute(
            f"select {rule} from (select unnest([{literals(texts)}]) as text, "
            f"unnest(range({len(texts)})) as place) order by place"
        ).fetchall()
    return [text for (text,) in rows]


def _csv_line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _append(path: Path, line: str) -> None:
    """Put the line at the end, after the line break that the last one may lack."""
    held = path.read_bytes()
    ending = b"\r\n" if b"\r\n" in held else b"\n"
    before = b"" if held.endswith(b"\n") else ending
    with path.open("ab") as file:
        file.write(before + line.encode("utf-8") + ending)
