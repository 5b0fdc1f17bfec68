"""Write the home's databases afresh with another key, or with the first; readers go on meanwhile.

Each is written beside the old one and swapped in whole: who has the old one open keeps it, and who
opens one tries the next key too. `carehouse key rotate` goes on with one that was cut off.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from carehouse.database import CATALOG, WAREHOUSE_PART, attach, in_memory, is_sealed
from carehouse.keys import begin_rotation, end_rotation
from carehouse.registry import PUBLISHED_ROLES
from carehouse.settings import Settings
from carehouse.store import swapped_in


def rotate(settings: Settings) -> str:
    """Make another key and write with it what is encrypted; gives the key's place.

    Call it while the home is held (`only_one`), and publish afterwards: hashes and dates that
    analysts get go by the key too. Raises BadKey.
    """
    key = begin_rotation(settings)
    if is_sealed(settings):
        for path, part in databases(settings):
            rewrite(settings, path, part, key)
    return end_rotation(settings)


def databases(settings: Settings) -> Iterator[tuple[Path, str]]:
    """The home's databases that are there, each with its part."""
    found = [(settings.warehouse, WAREHOUSE_PART)]
    found += [(settings.published_for(role), role) for role in PUBLISHED_ROLES]
    for path, part in found:
        if path.exists():
            yield path, part


def rewrite(settings: Settings, path: Path, part: str, key: bytes | None = None) -> None:
    """Write a database afresh, encrypted where the home is; `key`: in place of the one set."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.afresh")
    for leftover in path.parent.glob(f".{path.name}.*.afresh*"):  # of one that was killed
        leftover.unlink()
    is_warehouse = part == WAREHOUSE_PART
    name = CATALOG if is_warehouse else "published"
    limit = settings.memory_limit or "2GB"
    with swapped_in(beside, path), in_memory(settings, memory_limit=limit) as connection:
        # what was committed and is still in the log comes along by opening it for writing;
        # a published file has none, and its readers would be in the way
        attach(connection, settings, path, name, part, read_only=not is_warehouse)
        attach(connection, settings, beside, "afresh", part, key=key)
        connection.execute(f"copy from database {name} to afresh")
        connection.execute("checkpoint afresh")
