"""Progress on long work, shown only when stderr is a terminal."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track as rich_track

Item = TypeVar("Item")


def track(items: Iterable[Item], total: int, description: str) -> Iterator[Item]:
    """Yield `items`, with a bar on stderr for a person who watches."""
    console = Console(stderr=True)
    yield from rich_track(
        items, description, total=total, console=console, disable=not console.is_terminal
    )
