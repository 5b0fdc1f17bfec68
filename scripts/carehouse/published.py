"""Read the published file, so briefly that it never stands in the way of the next one."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from carehouse.database import open_to_read
from carehouse.errors import NothingPublished
from carehouse.settings import Settings


@contextmanager
def open_published(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the published file of CAREHOUSE_ROLE; close it soon.

    A swap on Windows waits for it.

    Its database in memory is fresh: two plain connections to one path would share the instance of
    the older, and with it the file that was there before.
    """
    path = settings.published_for(settings.role)
    if not path.exists():
        how = "" if settings.role == "full" else "`carehouse key new` if there is no key yet, then "
        raise NothingPublished(f"{path} does not exist yet: run {how}`carehouse run`")
    try:
        with open_to_read(settings, path, "published", settings.role, threads=2) as connection:
            yield connection
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        if settings.role != "full":
            raise NothingPublished(
                f"role {settings.role} may not see what is needed here (CAREHOUSE_ROLE)"
            ) from error
        if isinstance(error, duckdb.BinderException):
            raise
        raise NothingPublished(
            f"{path} lacks a table that is needed: run `carehouse run`"
        ) from error
