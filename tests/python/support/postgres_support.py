"""A real Postgres for tests, and the macros of its functions as SQL."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from jinja2 import Environment

from carehouse.settings import PROJECT_DIR

sys.path.append(str(PROJECT_DIR / "tests" / "engines"))

from postgres_server import postgres_server, programs  # noqa: E402

FILES = ("postgres_letters", "postgres_functions", "regex", "iso_moment")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a server with an empty database."""
    if programs() is None:
        pytest.skip("Postgres is not installed: apt-get install postgresql")
    with postgres_server() as url:
        yield url


class _Adapter:
    def __init__(self, module: dict):
        self.module = module

    def dispatch(self, name: str):
        return self.module[f"postgres__{name}"]


def function_statements() -> Iterator[str]:
    """What the first hook of a build runs on Postgres, statement by statement."""
    texts = [(PROJECT_DIR / "macros" / f"{name}.sql").read_text("utf-8") for name in FILES]
    module: dict = {}
    values = {
        "adapter": _Adapter(module),
        "return": lambda value: value,
        "modules": {"re": __import__("re")},
    }
    template = Environment(extensions=["jinja2.ext.do"]).from_string("\n".join(texts))
    module.update(vars(template.make_module(values)))
    yield "create schema if not exists carehouse"
    for name in ("cast", "pattern", "moment"):
        yield str(module[f"postgres_{name}_functions"]())
    yield str(module["postgres_zone_function"]())
    yield str(module["postgres_likeness_function"]())


@contextmanager
def connected(url: str) -> Iterator:
    """A cursor whose statements count at once."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()
