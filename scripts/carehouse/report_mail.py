"""After a run: the weekly reports of CAREHOUSE_REPORT_MAIL, each once a week."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from carehouse.errors import CannotReport, CannotSend, NothingPublished
from carehouse.settings import Settings
from carehouse.store import write_private
from carehouse.weekly_report import deliver_weekly


def send_due(settings: Settings) -> Iterator[tuple[str, bool]]:
    """Send what has not gone out this calendar week; lines for a person, and whether it failed.

    It is noted just before the server may take it, so that a run that is killed or tried again
    sends nothing twice; what the server did not take is tried by the next run.
    """
    wanted = settings.reports_to_mail
    if not wanted:
        return
    if settings.smtp_url is None:
        yield "CAREHOUSE_REPORT_MAIL needs CAREHOUSE_SMTP_URL, the mail server", True
        return
    day = settings.as_of or datetime.now(settings.zone).date()
    week = f"{day:%G-W%V}"
    path = settings.outbox / "weekly_reports.json"
    for domain, to in wanted:
        sent = _read(path)
        if sent.get(f"{domain}:{to}") == week:
            continue
        noted = sent | {f"{domain}:{to}": week}
        try:
            outcome = deliver_weekly(settings, domain, to, lambda noted=noted: _write(path, noted))
        except (CannotSend, CannotReport, NothingPublished) as error:
            yield f"the weekly report of {domain} was not mailed: {error}", True
            continue
        if outcome == "sent":
            yield f"{'mailed':<11}the report of {domain} for {week}", False
        elif outcome == "uncertain":
            yield (
                f"whether the weekly report of {domain} came is not known: ask before you send it "
                f"again with `carehouse report weekly --domain {domain} --mail ADDRESS`",
                True,
            )
        else:
            _write(path, sent)
            yield f"the mail server did not take the weekly report of {domain} ({outcome})", True


def _read(path: Path) -> dict[str, str]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _write(path: Path, sent: dict[str, str]) -> bool:
    write_private(path, json.dumps(sent, indent=2))
    return True
