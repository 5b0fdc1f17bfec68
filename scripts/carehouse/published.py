"""Read the published file, so briefly that it never stands in the way of the next one."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from carehouse.settings import Settings


class NothingPublished(Exception):
    """There is no published file, or it lacks the table; the message says what to do."""


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
        path = str(settings.published).replace("'", "''")
        try:
            connection.execute(f"attach '{path}' as published (read_only)")
            connection.execute("use published")
            yield connection
        except duckdb.CatalogException as error:
            raise NothingPublished(
                f"{settings.published} lacks a table that is needed: run `carehouse run`"
            ) from error
