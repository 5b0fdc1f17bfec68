"""Read the published file, so briefly that it never stands in the way of the next one."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from carehouse.errors import NothingPublished
from carehouse.settings import Settings
from carehouse.sql import literal


@contextmanager
def open_published(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the published file; close it soon, a swap on Windows waits for it.

    The file is attached to a fresh in-memory database: two plain connections to one path would
    share the instance of the older, and with it the file that was there before.
    """
    if not settings.published.exists():
        raise NothingPublished(f"{settings.published} does not exist yet: run `carehouse run`")
    config = {"autoinstall_known_extensions": False, "threads": 2}
    with duckdb.connect(":memory:", config=config) as connection:
        try:
            connection.execute(f"attach {literal(settings.published)} as published (read_only)")
            connection.execute("use published")
            yield connection
        except duckdb.CatalogException as error:
            raise NothingPublished(
                f"{settings.published} lacks a table that is needed: run `carehouse run`"
            ) from error
