"""Names and values as SQL text.

DuckDB imports pandas at the first bound parameter, up to a second: no command binds any.
"""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

Value = str | int | float | bool | date | datetime | Path | None


def quote(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Value) -> str:
    """A value as an SQL literal; a path has forward slashes, as DuckDB takes on every system."""
    match value:
        case None:
            return "null"
        case bool() | int() | float():
            return str(value).lower()
        case datetime():
            return f"timestamp '{value.isoformat(sep=' ')}'"
        case date():
            return f"date '{value.isoformat()}'"
        case Path():
            return literal(value.as_posix())
        case str():
            return "'" + value.replace("'", "''") + "'"
    raise TypeError(f"no SQL literal for {type(value).__name__}")


def literals(values: Iterable[Value]) -> str:
    """Values as a comma-separated list, as `values (...)`, `in (...)` and a select take it."""
    return ", ".join(map(literal, values))


def one_file(path: Path) -> str:
    """A path as an SQL literal for a table function, which would take [1] in it for a pattern."""
    return literal("".join(f"[{c}]" if c in "*?[" else c for c in path.as_posix()))
