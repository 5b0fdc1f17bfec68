"""`carehouse report weekly`: a domain's page for a board meeting, as HTML, PDF or mail.

It answers the questions of the dashboard's page that are marked for it, by the same SQL.
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from carehouse.apps.dashboard.question import (
    Answer,
    Page,
    Question,
    alt_text,
    heading,
    shown,
    spec,
    sql_of,
)
from carehouse.apps.dashboard.subjects import PAGES
from carehouse.described import describe, names_of_marts
from carehouse.errors import CannotReport, CannotSend
from carehouse.mail import Outcome, open_server
from carehouse.pages import page, write_page
from carehouse.published import open_published
from carehouse.settings import Settings
from carehouse.sql import literal

DOMAINS = {one.domain: one for one in PAGES if any(q.in_report for q in one.questions)}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
MOST_ROWS = 20
WIDTH = 760  # pixels of a chart, as wide as a page
PDF_SECONDS = 60


@dataclass(frozen=True)
class Part:
    """One question with its answer as the template shows it."""

    title: str
    note: str | None
    figures: list[tuple[str, str, str | None]]
    svg: str | None
    alt: str
    header: list[str]
    rows: list[list[str]]
    is_cut: bool
    source: str


def weekly(settings: Settings, domain: str, out: Path | None, *, as_pdf: bool) -> Path:
    """Write the report of a domain; gives its path. Raises CannotReport where it has no data."""
    values = _values(settings, domain)
    suffix = "pdf" if as_pdf else "html"
    path = out or settings.home / "exports" / f"weekly-{domain}-{values['as_of']}.{suffix}"
    if not as_pdf:
        return write_page(path, "weekly", settings, **values)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(to_pdf(page("weekly", settings, **values)))
    return path


def mail_message(settings: Settings, domain: str, to: str) -> EmailMessage:
    """The report as a message: the page in the text, and as a file beside it."""
    values = _values(settings, domain)
    html = page("weekly", settings, **values)
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.reminder_sender
    message["To"] = to
    message["Subject"] = f"{values['title']}: the week up to {values['as_of']}"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{values['title']} as of {values['as_of']}: see the page attached.\n")
    name = f"weekly-{domain}-{values['as_of']}"
    try:
        message.add_attachment(
            to_pdf(html), maintype="application", subtype="pdf", filename=f"{name}.pdf"
        )
    except CannotReport:  # no browser here: the page itself opens everywhere
        message.add_attachment(html, subtype="html", filename=f"{name}.html")
    return message


def send_weekly(settings: Settings, domain: str, to: str) -> None:
    """Send the report through the mail server. Raises CannotSend, CannotReport."""
    outcome = deliver_weekly(settings, domain, to, lambda: True)
    if outcome != "sent":
        raise CannotSend(
            f"the mail server did not take the report ({outcome}): check the address, and whether "
            "it came before you send it again"
        )


def deliver_weekly(
    settings: Settings, domain: str, to: str, may_end: Callable[[], bool]
) -> Outcome:
    """Hand the report to CAREHOUSE_SMTP_URL's server, as `Server.deliver` says."""
    message = mail_message(settings, domain, to)
    with open_server(settings.smtp_url.get_secret_value(), settings.smtp_seconds) as server:
        return server.deliver(message, may_end)


def to_pdf(html: str) -> bytes:
    """The page as PDF, by a headless browser. Raises CannotReport where there is none."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise CannotReport(
            "a PDF needs Chromium, Chrome or Edge on this computer: install one, or leave out --pdf"
        )
    with TemporaryDirectory(prefix="carehouse-") as folder:
        source, target = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_text(html, encoding="utf-8")
        try:
            subprocess.run(
                [
                    browser,
                    *("--headless", "--disable-gpu", "--no-sandbox", "--no-pdf-header-footer"),
                    *("--disable-background-networking", "--disable-sync", "--no-first-run"),
                    f"--user-data-dir={folder}/profile",
                    f"--print-to-pdf={target}",
                    source.as_uri(),
                ],
                capture_output=True,
                timeout=PDF_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CannotReport(f"{browser} did not print within {PDF_SECONDS} s") from error
        if not target.exists():
            raise CannotReport(f"{browser} could not print the page: leave out --pdf")
        return target.read_bytes()


def _values(settings: Settings, domain: str) -> dict[str, object]:
    chosen = DOMAINS[domain]
    with open_published(settings) as connection:
        there = set(names_of_marts(connection))
        if chosen.mart not in there or not _has_rows(connection, chosen.mart):
            raise CannotReport(f"{domain} has no data yet: run `carehouse run` on its files")
        fresh = connection.execute(
            "select is_current, built_at, as_of_date, reason from quality.published_domains "
            f"where domain = {literal(domain)}"
        ).fetchone()
        parts = [
            part
            for question in chosen.questions
            if question.in_report and there.issuperset(question.marts)
            if (part := _part(connection, chosen, question))
        ]
    is_current, built_at, as_of, reason = fresh
    return {
        "title": chosen.title,
        "parts": parts,
        "as_of": as_of,
        "built_at": f"{built_at:%Y-%m-%d %H:%M}",
        "stale": None if is_current else reason,
    }


def _has_rows(connection: duckdb.DuckDBPyConnection, mart: str) -> bool:
    return connection.execute(f"select exists (from {mart})").fetchone()[0]


def _part(connection: duckdb.DuckDBPyConnection, chosen: Page, question: Question) -> Part | None:
    defaults = {one.name: one.default for one in chosen.filters}
    sql = sql_of(question, chosen.filters, defaults)
    if not question.chart:
        sql = f"select * from ({sql}) limit {MOST_ROWS + 1}"
    try:
        found = connection.execute(sql)
    except duckdb.BinderException:  # a column that the file of this role does not hold
        return None
    columns = tuple(name for name, *_ in found.description)
    types = tuple(str(kind) for _, kind, *_ in found.description)
    answer = Answer(columns, types, tuple(found.fetchall()))
    figures, svg, header, rows = [], None, [], []
    if question.is_figures and answer.rows:
        values = dict(zip(columns, answer.rows[0], strict=True))
        figures = [
            (heading(name), shown(values[name], name), _change(values, name))
            for name in columns
            if not name.endswith("_change")
        ]
    elif question.chart and answer.rows:
        svg = _svg(question, answer)
    else:
        header = [heading(name) for name in columns]
        rows = [
            [shown(value, name) for name, value in zip(columns, row, strict=True)]
            for row in answer.rows[:MOST_ROWS]
        ]
    mart = describe(connection, *question.marts[0].split("."))
    return Part(
        question.title,
        question.todo,
        figures,
        svg,
        alt_text(question, answer) if question.chart else "",
        header,
        rows,
        len(answer.rows) > MOST_ROWS and not question.chart,
        mart.full_name,
    )


def _change(values: dict[str, object], name: str) -> str | None:
    change = values.get(f"{name}_change")
    if change is None:
        return None
    return f"{'+' if change > 0 else ''}{shown(change, name)}"


def _svg(question: Question, answer: Answer) -> str:
    """The chart as SVG in the page, drawn here: nothing is fetched and nothing runs."""
    import vl_convert

    svg = vl_convert.vegalite_to_svg(spec(question, answer, width=WIDTH))
    return svg[svg.index("<svg") :]
