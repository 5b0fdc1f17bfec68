"""Who was erased, told by marks alone: keyed hashes of ids, names and places, in `erased/`.

The key is a file of its own, made at the first erasure and never changed: with another key the
marks would no longer match, and the next landing would bring everybody back. It must not be lost.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from carehouse.errors import BadKey, CannotErase
from carehouse.keys import key_in, new_digits
from carehouse.settings import Settings
from carehouse.store import write_private

DIGITS = 32  # 128 bits
MARKS = "marks.json"
Marks = dict[str, set[str]]  # kind of what is marked (person, appointment, file) to marks


def folder(settings: Settings) -> Path:
    """Where key and marks are."""
    return settings.home / "erased"


def mark(key: bytes, text: str) -> str:
    """The mark of a text: HMAC-SHA256, cut to 128 bits. `forget.py` computes the same in SQL."""
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()[:DIGITS]


def read_key(settings: Settings, *, make: bool = False) -> bytes | None:
    """The key of the marks; None where nobody was erased yet, unless `make`. Raises BadKey."""
    path = folder(settings) / "key"
    if not path.exists():
        if _list(settings).exists():
            raise BadKey(
                f"{path} is missing: without it those who were erased would come back with the "
                "next landing. Put it back from where you keep it; nothing was landed"
            )
        if not make:
            return None
        write_private(path, new_digits() + "\n")
    return key_in(path)


def read_marks(settings: Settings, source: str) -> Marks:
    """What is marked of a source."""
    found: Marks = {}
    for one in _read(_list(settings)):
        if one["source"] == source:
            for kind, marks in one["marks"].items():
                found.setdefault(kind, set()).update(marks)
    return found


def add_marks(settings: Settings, source: str, marks: dict[str, Iterable[str]]) -> None:
    """Keep marks for good; those that are known are not kept twice."""
    known = read_marks(settings, source)
    new = {kind: sorted(set(some) - known.get(kind, set())) for kind, some in marks.items()}
    new = {kind: some for kind, some in new.items() if some}
    if new:
        told = {"source": source, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        all_marks = [*_read(_list(settings)), {**told, "marks": new}]
        write_private(_list(settings), json.dumps(all_marks, indent=1))


def take_marks(settings: Settings, other: Path) -> None:
    """Add what another such folder marks, as a backup's. Raises BadKey where the keys differ."""
    theirs, ours = key_in(other / "key"), read_key(settings)
    if theirs is None:
        return
    if ours is None:
        write_private(folder(settings) / "key", theirs.hex() + "\n")
    elif ours != theirs:
        raise BadKey(
            f"{folder(settings)} marks who was erased with another key than the backup: move it "
            "away if the backup's marks are the ones to keep. Nothing was changed"
        )
    for one in _read(other / MARKS):
        add_marks(settings, one["source"], one["marks"])


def _list(settings: Settings) -> Path:
    return folder(settings) / MARKS


def _read(path: Path) -> list[dict]:
    if not path.exists():
        return []
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CannotErase(
            f"{path} is damaged: put it back from a backup. Until then nothing is landed, since "
            "those who were erased would come back"
        ) from error
