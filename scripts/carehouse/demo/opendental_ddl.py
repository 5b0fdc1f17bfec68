"""OpenDental's own table definitions, for made-up practices in MariaDB and for tests."""

import re
from functools import cache
from pathlib import Path

DDL = Path(__file__).with_suffix(".sql")


@cache
def create_tables() -> dict[str, str]:
    """`create table` statements (MySQL) by table name, in the order of the raw contract."""
    statements = re.split(r";\n", DDL.read_text(encoding="utf-8"))
    found = {}
    for statement in statements:
        if match := re.search(r"create table `(\w+)` \(.*\)\Z", statement.strip(), re.DOTALL):
            found[match[1]] = match[0]
    return found


@cache
def mysql_columns(table: str) -> dict[str, str]:
    """A table's columns, name to definition (type, `not null`, default), secret ones included."""
    lines = re.findall(r"^    `(\w+)` (.*?),?$", create_tables()[table], re.MULTILINE)
    return dict(lines)


def script(engine: str = "MyISAM", tables: tuple[str, ...] = ()) -> str:
    """A script for the `mariadb` client that creates `tables` (default: all) with this engine."""
    chosen = [sql for name, sql in create_tables().items() if not tables or name in tables]
    head = f"set sql_mode = '', default_storage_engine = {engine};\n"
    return head + "".join(f"{sql};\n" for sql in chosen)
