"""Who read what: one line of JSON an access, each with a hash over itself and the line before.

A line that was changed or taken out breaks the chain from there on; `logs/access.head` holds the
newest hash, so that lines taken off the end show too. Who can write the whole home can also make a
new chain: keep a copy of the head elsewhere.
"""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

from carehouse.settings import Settings

FIRST = "0" * 64


def note_access(
    settings: Settings, *, who: str, role: str, table: str, filtered: str, rows: int
) -> None:
    """Append one access; programs that write at once wait for each other."""
    from filelock import FileLock

    path = access_log(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    head = _head(path)
    with FileLock(path.with_suffix(".lock"), timeout=10):
        before = head.read_text(encoding="ascii") if head.exists() else FIRST
        told = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "who": who,
            "role": role,
            "table": table,
            "filter": filtered,
            "rows": rows,
        }
        told["hash"] = _hash(before, told)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
        head.write_text(told["hash"], encoding="ascii")


def broken_at(settings: Settings) -> int | None:
    """The first line, from 1, that is not what was written; None where all are.

    One past the last line where lines are missing at the end.
    """
    path = access_log(settings)
    head = _head(path)
    before, number = FIRST, 0
    if path.exists():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                told = json.loads(line)
                found = told.pop("hash")
            except (ValueError, KeyError, AttributeError):
                return number
            if found != _hash(before, told):
                return number
            before = found
    last = head.read_text(encoding="ascii") if head.exists() else FIRST
    return None if last == before else number + 1


def access_log(settings: Settings) -> Path:
    """Where the accesses are written."""
    return settings.home / "logs" / "access.log"


def _head(path: Path) -> Path:
    return path.with_suffix(".head")


def _hash(before: str, told: dict) -> str:
    text = before + json.dumps(told, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
