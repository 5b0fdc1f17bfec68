"""The project's SQL macros, rendered outside dbt, so that each rule is written once.

Loaders ask which feed a file belongs to, and `inspect` which dates and amounts staging will read.
"""

import os
from collections.abc import Callable
from functools import cache

import yaml
from jinja2 import Environment

from carehouse.settings import PROJECT_DIR, Settings

FILES = (
    "book_id",
    "claims_amount",
    "claims_feed",
    "claims_moment",
    "claims_text",
    "clinic_zone",
    "date_order",
    "iso_moment",
    "moment_text",
    "money",
    "normalize_label",
    "regex",
    "tidy_text",
    "trimmed",
    "try_to",
)


def macro(name: str, settings: Settings) -> Callable[..., str]:
    """A macro of `FILES`: called with SQL expressions, it gives the SQL text that dbt would."""
    return getattr(_module(settings.date_order, settings.timezone), name)


@cache
def _module(date_order: str, timezone: str) -> object:
    environment = Environment(extensions=["jinja2.ext.do"])
    project = yaml.load((PROJECT_DIR / "dbt_project.yml").read_bytes(), Loader=yaml.CSafeLoader)
    told = {"CAREHOUSE_DATE_ORDER": date_order, "CAREHOUSE_TIMEZONE": timezone}
    texts = [(PROJECT_DIR / "macros" / f"{file}.sql").read_text(encoding="utf-8") for file in FILES]
    template = environment.from_string("\n".join(texts))
    functions: dict[str, object] = {}
    values = {
        "var": lambda name, default=None: project["vars"].get(name, default),
        "env_var": lambda name, default=None: told.get(name, os.environ.get(name, default)),
        "return": lambda value: value,
        "adapter": _Adapter(functions),
        "dbt": _Dbt(),
    }
    module = template.make_module(values)
    functions.update(vars(module))
    return module


class _Adapter:
    """Dispatch as dbt does it for an engine without macros of its own."""

    def __init__(self, functions: dict[str, object]):
        self._functions = functions

    def dispatch(self, name: str) -> Callable[..., str]:
        """The default implementation of a dispatched macro."""
        return self._functions[f"default__{name}"]


class _Dbt:
    """The one function of dbt's own that these macros call."""

    @staticmethod
    def replace(text: str, old: str, new: str) -> str:
        """`replace` as SQL text."""
        return f"replace({text}, {old}, {new})"
