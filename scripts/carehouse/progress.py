"""Progress on long work, shown only when stderr is a terminal."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def track(items: Iterable[Item], total: int, description: str) -> Iterator[Item]:
    """Yield `items`, with a bar on stderr for a person who watches."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console  # only for a person: it takes longer than a short job
    from rich.progress import track as rich_track

    yield from rich_track(items, description, total=total, console=Console(stderr=True))
