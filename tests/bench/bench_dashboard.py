"""The dashboard over ten million appointments, procedures and claims, beside its bare queries.

The published file of `carehouse demo` is grown in place: the large facts to `--rows`, every list
of people by the same factor, providers and rooms a hundredfold, each copy under ids of its own;
tables by day, week or month keep their rows. Each page is opened in a headless Chromium with
nothing remembered, then a filter is chosen by keyboard. Beside it are the same queries alone, on a
connection of their own. The file stays in the system's cache throughout. On a busy machine the
processor seconds of the server (up to the last figure) say more than the clock.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psutil
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

sys.path.insert(0, str(Path(__file__).parents[1] / "python" / "support"))

from browser_support import open_browser  # noqa: E402
from carehouse.apps.dashboard.frame import limited  # noqa: E402
from carehouse.apps.dashboard.question import Page, sql_of  # noqa: E402
from carehouse.apps.dashboard.subjects import PAGES  # noqa: E402
from carehouse.published import open_published  # noqa: E402
from carehouse.settings import Settings  # noqa: E402
from dashboard_support import IS_DONE, served, wait_for  # noqa: E402

ROUNDS = 3
SITES = 100  # times the demo's providers, rooms and kinds of problems
FIRST_SECONDS, FILTER_SECONDS = 2.0, 1.0
# the fact whose rows are grown to --rows, and what grows by the same factor
GROWN = {
    "clinic.fact_appointments": ("clinic.reception_priorities", "clinic.owed_visits"),
    "dental.fact_procedures": (
        *("dental.fact_ledger", "dental.accounts_receivable_aging", "dental.recall_due"),
        "dental.unscheduled_treatment",
    ),
    "claims.fact_claims": ("claims.review_list", "quality.rejected_rows"),
}
BY_SITE = (
    *("clinic.dim_physios", "clinic.physio_utilization_daily", "clinic.coming_capacity"),
    *("dental.dim_providers", "dental.provider_utilization_daily"),
    *("claims.provider_performance", "quality.unmapped_values"),
)
# what tells one copy from another; other columns repeat
OWN = (
    *("appointment_id", "patient_id", "patient_name", "physio_id", "physio_name", "guarantor_id"),
    *("procedure_id", "ledger_key", "recall_id", "provider_id", "abbreviation", "claim_id"),
    *("provider_name", "provider_key", "review_rank", "call_rank", "value_text", "_source_row"),
)
FIRST_FIGURES = """
    return document.querySelector('[data-testid="stApp"]') !== null && document.querySelector(
        '[data-testid="stMetric"], [data-testid="stTable"] td, .vega-embed canvas, .vega-embed svg'
    ) !== null
"""


@dataclass(frozen=True)
class Cost:
    """Seconds of one page: its first figures, all of it, a filter, and the bare queries of both."""

    page: str
    first: float
    whole: float
    processor: float
    bare: float
    filtered: float | None = None
    processor_filtered: float | None = None
    bare_filtered: float | None = None


def grow(path: Path, rows: int) -> dict[str, int]:
    """Copy rows under new ids; gives the rows of the tables that grew."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("set preserve_insertion_order = false")
        for fact, others in GROWN.items():
            (count,) = connection.execute(f"select count(*) from {fact}").fetchone()
            for table in (fact, *others):
                _repeat(connection, table, -(-rows // count))
        for table in BY_SITE:
            _repeat(connection, table, SITES)
        connection.execute("checkpoint")
        tables = (*GROWN, *(one for others in GROWN.values() for one in others), *BY_SITE)
        return {
            table: connection.execute(f"select count(*) from {table}").fetchone()[0]
            for table in tables
        }


def _repeat(connection: duckdb.DuckDBPyConnection, table: str, times: int) -> None:
    chosen = []
    for name, kind, *_ in connection.execute(f"describe {table}").fetchall():
        if name in OWN and "INT" in kind:
            (step,) = connection.execute(
                f"select coalesce(max({name}), 0) + 1 from {table}"
            ).fetchone()
            chosen.append(f"cast({name} + copies.number * {step} as {kind}) as {name}")
        elif name in OWN:
            chosen.append(f"{name} || '-' || copies.number as {name}")
    replaced = f"replace ({', '.join(chosen)})" if chosen else ""
    connection.execute(
        f"insert into {table} select rows.* {replaced} from {table} as rows "
        f"cross join range(1, {times}) as copies (number)"
    )


def bare(settings: Settings, page: Page, chosen: dict[str, str | None]) -> float:
    """Seconds of the page's queries one after the other, and of nothing else."""
    with open_published(settings) as connection:
        started = time.perf_counter()
        for question in page.questions:
            if not question.needs or chosen.get(question.needs):
                sql = limited(sql_of(question, page.filters, chosen), question)
                connection.execute(sql).fetchall()
        return time.perf_counter() - started


def processor_seconds() -> float:
    """What the server has taken of the processors."""
    total = 0.0
    for one in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if "carehouse.cli" in one.cmdline():
                times = one.cpu_times()
                total += times.user + times.system
    return total


class Visitor:
    """Somebody at the dashboard."""

    def __init__(self, browser: webdriver.Chrome, url: str, settings: Settings):
        self.browser, self.url, self.settings = browser, url, settings

    def open(self, page: Page) -> tuple[float, float]:
        """Seconds to the first figures and to the last, with nothing remembered by the server."""
        self.browser.get("about:blank")
        os.utime(self.settings.published)  # as if another file had been published
        started = time.perf_counter()
        self.browser.get(f"{self.url}/?page={page.path}")
        wait_for(lambda: self.browser.execute_script(FIRST_FIGURES), f"{page.path} has no figures")
        first = time.perf_counter() - started
        wait_for(lambda: self.browser.execute_script(IS_DONE), f"{page.path} is not done")
        return first, time.perf_counter() - started

    def choose(self, page: Page, name: str) -> float:
        """Seconds from the key that chooses the next value to the last figure that follows."""
        box = self.browser.find_element(
            "css selector", f".st-key-filter-{name} input[role='combobox']"
        )
        box.click()
        box.send_keys(Keys.ARROW_DOWN)
        started = time.perf_counter()
        box.send_keys(Keys.ENTER)
        wait_for(lambda: f"{name}=" in self.browser.current_url, f"{name} does not reach the URL")
        wait_for(lambda: self.browser.execute_script(IS_DONE), f"{page.path} is not done")
        return time.perf_counter() - started


def next_choice(settings: Settings, page: Page) -> tuple[str, str] | None:
    """The page's first filter that has rows, and the value one further down than its default."""
    with open_published(settings) as connection:
        for one in page.filters:
            values = [None, *(str(row[0]) for row in connection.execute(one.choices).fetchall())]
            place = values.index(one.default) + 1
            if place < len(values):
                return one.name, values[place]
    return None


def has_rows(settings: Settings, page: Page) -> bool:
    """Whether the page has something to show; the demo trains no model."""
    with open_published(settings) as connection:
        return connection.execute(f"select exists (from {page.mart})").fetchone()[0]


def measure(visitor: Visitor, page: Page) -> Cost:
    """The medians of some rounds, each the page and then its queries alone."""
    settings = visitor.settings
    defaults = {one.name: one.default for one in page.filters}
    chosen = next_choice(settings, page)
    opened, filtered = [], []
    for _ in range(ROUNDS):
        before = processor_seconds()
        first, whole = visitor.open(page)
        used = processor_seconds() - before
        opened.append((first, whole, used, bare(settings, page, defaults)))
        if chosen:
            name, value = chosen
            before = processor_seconds()
            seconds = visitor.choose(page, name)
            used = processor_seconds() - before
            filtered.append((seconds, used, bare(settings, page, {**defaults, name: value})))
    rounds = [*zip(*opened, strict=True), *zip(*filtered, strict=True)]
    return Cost(page.path, *map(statistics.median, rounds))


def main() -> int:
    """Grow, measure and print; 1 where a page takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--published", type=Path, help="Default: that of a demo made now.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="carehouse-bench-") as folder:
        settings = Settings(home=Path(folder) / "home")
        if options.published:
            settings.published.parent.mkdir(parents=True)
            shutil.copyfile(options.published, settings.published)
        else:
            subprocess.run(
                [sys.executable, "-m", "carehouse.cli", "demo"],
                env={**os.environ, "CAREHOUSE_HOME": str(settings.home)},
                stdout=subprocess.DEVNULL,
                check=True,
            )
        started = time.perf_counter()
        counts = grow(settings.published, options.rows)
        size = settings.published.stat().st_size / 2**30
        print(f"grown to {size:.1f} GiB in {time.perf_counter() - started:.0f} s:", end=" ")
        print(", ".join(f"{name} {count:,}" for name, count in counts.items()))
        browser = open_browser(Path(folder) / "profile")
        try:
            with served(settings) as url:
                visitor = Visitor(browser, url, settings)
                visitor.open(PAGES[0])  # the server loads its libraries once
                costs = [measure(visitor, page) for page in PAGES if has_rows(settings, page)]
        finally:
            browser.quit()
    return report(costs)


def report(costs: list[Cost]) -> int:
    """Print the table; 1 where a limit is passed."""
    print(f"\nmedian of {ROUNDS} rounds; seconds, and the page's share over its bare queries")
    heads = ("first", "whole", "cpu", "bare", "ratio", "filter", "cpu", "bare", "ratio")
    print(f"{'page':<8}" + "".join(f"{head:>8}" for head in heads))
    is_late = False
    for one in costs:
        figures = [one.first, one.whole, one.processor, one.bare, one.whole / one.bare]
        if one.filtered is not None:
            ratio = one.filtered / one.bare_filtered
            figures += [one.filtered, one.processor_filtered, one.bare_filtered, ratio]
        late = one.first > FIRST_SECONDS or (one.filtered or 0) > FILTER_SECONDS
        is_late = is_late or late
        print(f"{one.page:<8}" + "".join(f"{figure:>8.2f}" for figure in figures), end="")
        print("  too long" if late else "")
    return int(is_late)


if __name__ == "__main__":
    sys.exit(main())
