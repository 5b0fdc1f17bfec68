"""Reading for the dashboard: the published file, briefly, and again when there is a newer one."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import streamlit as st

from carehouse.apps.dashboard.question import Answer
from carehouse.described import Mart, describe_all
from carehouse.problems import Problem, read_problems
from carehouse.published import open_published
from carehouse.settings import Settings
from carehouse.sql import quote

_now = threading.local()  # of the session that is being shown
TRIES = 5  # a file that is being swapped in is there again at once


@st.cache_resource
def settings() -> Settings:
    """The settings this dashboard was started with."""
    return Settings()


Stamp = tuple[tuple[str, int, int], ...]


def stamp() -> Stamp:
    """What changes when another file is published, of whichever role; empty while there is none."""
    told = []
    for path in sorted(settings().published.parent.glob("*.duckdb")):
        with suppress(FileNotFoundError):  # swapped this moment
            status = path.stat()
            told.append((path.name, status.st_ino, status.st_mtime_ns))
    return tuple(told)


@dataclass(frozen=True)
class Freshness:
    """Of one domain: whether its tables are those of the last build, their day, and why not."""

    domain: str
    is_current: bool
    built_at: datetime | None
    as_of_date: date | None
    reason: str | None


def ask(sql: str) -> Answer:
    """The answer of the file that is published now."""
    return _ask(sql, stamp())


@st.cache_data(max_entries=300, show_spinner=False)
def _ask(sql: str, file: Stamp) -> Answer:
    with _connection() as connection:
        found = connection.execute(sql)
        columns = tuple(name for name, *_ in found.description)
        types = tuple(str(kind) for _, kind, *_ in found.description)
        return Answer(columns, types, tuple(found.fetchall()))


@contextmanager
def reading() -> Iterator[None]:
    """Open the file at most once for all that is asked inside, and only when it has to be."""
    with ExitStack() as stack:
        _now.stack = stack
        try:
            yield
        finally:
            _now.stack = _now.connection = None


@contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    stack = getattr(_now, "stack", None)
    if stack is None:  # a download, after the page was shown
        with open_published(settings()) as connection:
            yield connection
        return
    if getattr(_now, "connection", None) is None:
        _now.connection = stack.enter_context(_opened_soon())
    yield _now.connection


@contextmanager
def _opened_soon() -> Iterator[duckdb.DuckDBPyConnection]:
    for attempt in range(TRIES):
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(open_published(settings()))
            except duckdb.IOException:
                if attempt == TRIES - 1:
                    raise
                time.sleep(0.2)
                continue
            yield connection
            return


def freshness() -> dict[str, Freshness]:
    """How fresh each domain is, by its name; nothing of a file from an earlier version."""
    if not has_rows("quality.published_domains"):
        return {}
    rows = ask(
        "select domain, is_current, built_at, as_of_date, reason from quality.published_domains"
    ).rows
    return {row[0]: Freshness(*row) for row in rows}


def has_rows(mart: str) -> bool:
    """Whether a mart is published and has a row."""
    if mart not in _marts(stamp()):
        return False
    schema, table = mart.split(".")
    return ask(f"select exists (from {quote(schema)}.{quote(table)})").rows[0][0]


def meaning(mart: str) -> Mart:
    """A mart with what its yml says."""
    return _marts(stamp())[mart]


@st.cache_data(max_entries=2, show_spinner=False)
def _marts(file: Stamp) -> dict[str, Mart]:
    """All of them at once: asking the catalog for one takes as long as asking for all."""
    with _connection() as connection:
        return describe_all(connection)


def problems() -> list[Problem]:
    """What can be mended; the warehouse, which a run may need, is left alone."""
    return _problems(stamp())


@st.cache_data(max_entries=2, show_spinner=False)
def _problems(file: Stamp) -> list[Problem]:
    path = settings().home / "logs" / "status.json"  # put down by the last run
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return read_problems(settings(), kept.get("refused", []))
