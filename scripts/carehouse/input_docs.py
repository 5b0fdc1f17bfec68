"""Writes docs/inputs.md, the columns that claims and clinic files may have, from the contracts.

python -m carehouse.input_docs
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import yaml

from carehouse.landing.headers import SEEDS
from carehouse.settings import PROJECT_DIR

TARGET = PROJECT_DIR / "docs" / "inputs.md"
NAMES_SHOWN = 8
HEAD = """# What files may hold

Written by `python -m carehouse.input_docs` from the contracts
(`models/staging/*/_*__sources.yml`) and the alias seeds; do not edit.

CSV (with `,`, `;`, tab or `|`; UTF-8, UTF-16 with its mark, Windows-1252 where that is certain),
`.xlsx` and its kin with one sheet of cells, and Parquet for claims. Columns in any order, with
any letter case, spaces, `_` and `-`. A bold column must be there under its name or an alias of
the seed; the other columns may be missing, and what is missing then says their text. A column
that nobody knows is kept and reported.

Dates read as `2025-01-31`, `20250131`, `31/01/2025` or `01/31/2025` (by `date_order`),
`01-JAN-2025`, `Jan 31, 2025`, with a time or without; a year needs four digits. Amounts read as
`1234.5`, `$1,234.50`, `1.234,50`, `(200.00)` or `200.00-`. Which order and which decimal mark a
feed has is said in `seeds/claims/claim_feeds.csv` and `seeds/clinic/clinic_file_formats.csv`; a
file that plainly has the other one is refused with the line to add. `carehouse inspect PATH`
shows how a file would be read.
"""


def written() -> str:
    """The text of docs/inputs.md."""
    return "\n".join([HEAD, *_lines()]) + "\n"


def _lines() -> Iterator[str]:
    for source, seed in SEEDS.items():
        path = PROJECT_DIR / f"models/staging/{source}/_{source}__sources.yml"
        aliases = _aliases(PROJECT_DIR / seed)
        yield f"## {source.capitalize()}\n"
        for told in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)["sources"]:
            for table in told["tables"]:
                yield f"### {table['name']}\n\n| column | what it is | also called |\n|---|---|---|"
                for column in table["columns"]:
                    if column["name"][0] == "_":
                        continue
                    is_optional = column.get("config", {}).get("meta", {}).get("optional")
                    name = f"`{column['name']}`" if is_optional else f"**`{column['name']}`**"
                    names = aliases.get((table["name"], column["name"]), [])
                    more = (
                        f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
                    )
                    called = ", ".join(names[:NAMES_SHOWN]) + more
                    yield f"| {name} | {column['description'].replace('|', '/')} | {called} |"
                yield ""


def _aliases(path: Path) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["column_name"] and not row["feed"]:
                found.setdefault((row["table_name"], row["column_name"]), []).append(row["alias"])
    return found


if __name__ == "__main__":
    TARGET.write_text(written(), encoding="utf-8")
