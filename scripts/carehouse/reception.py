"""The call list and the reminders, from the published marts."""

import re
import smtplib
import sqlite3
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from carehouse.errors import CannotSend
from carehouse.published import open_published
from carehouse.settings import Settings
from carehouse.sql import literal

PRIORITY_COLUMNS = (
    "appointment_id",
    "patient_id",
    "patient_name",
    "phone",
    "consent_form_received",
    "physio_name",
    "appt_start",
    "appt_end",
    "booked_at",
    "day",
    "is_new_patient",
    "no_show_rate_90d",
    "risk_score",
    "risk_bucket",
    "risk_source",
    "missing_phone",
    "missing_consent",
    "priority_score",
    "priority_reason",
)
MOMENTS = ("appt_start", "appt_end", "booked_at")  # shown with the clinic's offset
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass
class Reminders:
    """What a run of `carehouse remind` did; the counts are appointments."""

    day: str
    written: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    already: int = 0
    without_consent: int = 0
    without_address: int = 0
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Visit:
    appointment_id: str
    patient_name: str | None
    phone: str | None
    email: str | None
    has_consent: bool
    has_phone: bool
    physio_name: str | None
    starts_at: datetime
    start_text: str
    is_day_only: bool


def next_day(settings: Settings) -> date | None:
    """The first day after the list's own that has booked appointments."""
    with open_published(settings) as connection:
        (day,) = connection.execute(
            "select min(day) from clinic.reception_priorities where day > list_date"
        ).fetchone()
    return day


def priorities(settings: Settings, day: date) -> list[tuple]:
    """The call list of a day, the first to call first; columns are PRIORITY_COLUMNS."""
    columns = ", ".join(f"{name}_text" if name in MOMENTS else name for name in PRIORITY_COLUMNS)
    with open_published(settings) as connection:
        return connection.execute(
            f"select {columns} from clinic.reception_priorities where day = {literal(day)} "
            "order by call_rank"
        ).fetchall()


def remind(
    settings: Settings,
    day: date,
    *,
    dry_run: bool = False,
    smtp_url: str | None = None,
    show: Callable[[str], None] = lambda text: None,
) -> Reminders:
    """Write one `.eml` per appointment of a day into the outbox, and send them where asked.

    Only where consent was given and there is an e-mail address or a phone number. The ledger in
    the outbox keeps who was written to, by appointment and start, so that nobody is twice; what
    was only written is still sent by a later run with `smtp_url`. A dry run touches nothing.
    Raises CannotSend when the server cannot be reached.
    """
    result = Reminders(day.isoformat())
    visits = list(_visits(settings, day, result))
    if dry_run:
        known = _known(settings.outbox)
        for visit in visits:
            if known.get((visit.appointment_id, visit.start_text)) in _done(smtp_url):
                result.already += 1
            else:
                result.written.append(_file_name(visit))
                show(_message(settings, visit).as_string())
        return result
    _private_folder(settings.outbox)
    with closing(_ledger(settings.outbox)) as ledger, _server(smtp_url) as server:
        for visit in visits:
            _remind_one(settings, visit, ledger, server, result)
    return result


def _visits(settings: Settings, day: date, result: Reminders) -> Iterator[_Visit]:
    with open_published(settings) as connection:
        rows = connection.execute(
            f"""
            select
                appointment_id, patient_name, phone, email, not missing_consent, not missing_phone,
                physio_name, appt_start, appt_start_text, is_day_only
            from clinic.reception_priorities
            where day = {literal(day)}
            order by appt_start, appointment_id
            """
        ).fetchall()
    for visit in (_Visit(*row) for row in rows):
        if not visit.has_consent:
            result.without_consent += 1
        elif _address(settings, visit) is None:
            result.without_address += 1
        else:
            yield visit


def _remind_one(
    settings: Settings,
    visit: _Visit,
    ledger: sqlite3.Connection,
    server: smtplib.SMTP | None,
    result: Reminders,
) -> None:
    key = (visit.appointment_id, visit.start_text)
    state = _claim(ledger, key)
    if state in _done(server):
        result.already += 1
        return
    name = _file_name(visit)
    message = _message(settings, visit)
    if state == "claimed":
        _write(settings.outbox / name, message)
        _mark(ledger, key, "written")
        result.written.append(name)
    if server is None:
        return
    _mark(ledger, key, "sending")  # a crash from here on leaves it to a person, not to a resend
    try:
        server.send_message(message)
    except (smtplib.SMTPException, OSError) as error:
        refused = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException)
        _mark(ledger, key, "written" if refused else "sending")
        result.failed[name] = (
            "the mail server refused it: check the address and CAREHOUSE_SMS_DOMAIN"
            if refused
            else "the connection was lost while sending: check in the mail server whether "
            "it was sent"
        )
        return
    _mark(ledger, key, "sent")
    result.sent.append(name)


def _done(server: object) -> tuple[str, ...]:
    """The states of the ledger in which an appointment needs nothing more."""
    return ("sent", "sending") if server else ("written", "sent", "sending")


def _ledger(outbox: Path) -> sqlite3.Connection:
    path = outbox / "ledger.sqlite"
    ledger = sqlite3.connect(path, isolation_level=None, timeout=30)
    path.chmod(0o600)
    ledger.execute(
        "create table if not exists reminders (appointment_id text, starts_at text, state text, "
        "changed_at text default current_timestamp, primary key (appointment_id, starts_at))"
    )
    return ledger


def _claim(ledger: sqlite3.Connection, key: tuple[str, str]) -> str:
    """Enter the appointment into the ledger if it is not there; give its state."""
    ledger.execute(
        "insert or ignore into reminders (appointment_id, starts_at, state) values (?, ?, ?)",
        (*key, "claimed"),
    )
    (state,) = ledger.execute(
        "select state from reminders where appointment_id = ? and starts_at = ?", key
    ).fetchone()
    return state


def _mark(ledger: sqlite3.Connection, key: tuple[str, str], state: str) -> None:
    ledger.execute(
        "update reminders set state = ?, changed_at = current_timestamp "
        "where appointment_id = ? and starts_at = ?",
        (state, *key),
    )


def _known(outbox: Path) -> dict[tuple[str, str], str]:
    path = outbox / "ledger.sqlite"
    if not path.exists():
        return {}
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as ledger:
        rows = ledger.execute("select appointment_id, starts_at, state from reminders").fetchall()
    return {(appointment_id, starts_at): state for appointment_id, starts_at, state in rows}


def _message(settings: Settings, visit: _Visit) -> EmailMessage:
    """An RFC 5322 message. Names are kept on one line, so that none can add a header."""
    name = _one_line(visit.patient_name) or "patient"
    with_whom = f" with {_one_line(visit.physio_name)}" if visit.physio_name else ""
    start = visit.starts_at
    clock = "" if visit.is_day_only else f" at {start:%H:%M}"
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.reminder_sender
    message["To"] = Address(name, addr_spec=_address(settings, visit))
    message["Subject"] = f"Your appointment on {start:%d %B %Y}{clock}"
    message["Date"] = format_datetime(datetime.now(settings.zone))
    domain = parseaddr(settings.reminder_sender)[1].rpartition("@")[2] or "clinic.invalid"
    moment = re.sub("[^0-9]", "", visit.start_text)
    message["Message-ID"] = f"<reminder-{_plain(visit.appointment_id)}-{moment}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"Dear {name},\n\n"
        f"this is a reminder of your appointment{with_whom} on {start:%A, %d %B %Y}{clock}.\n\n"
        "If you cannot come, please call us as early as you can, so that somebody else can have "
        "the time.\n\n"
        "Your reception\n"
    )
    return message


def _address(settings: Settings, visit: _Visit) -> str | None:
    """The e-mail address, else the phone number at the mail-to-SMS gateway, else None."""
    if visit.email and ADDRESS.fullmatch(visit.email):
        return visit.email
    if visit.has_phone and visit.phone:
        digits = re.sub("[^0-9]", "", visit.phone)
        plus = "+" if visit.phone.strip().startswith("+") else ""
        return f"{plus}{digits}@{settings.sms_domain}"
    return None


def _one_line(text: str | None) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text or "").split())


def _plain(text: str) -> str:
    return re.sub("[^A-Za-z0-9]", "_", text)


def _file_name(visit: _Visit) -> str:
    moment = re.sub("[^0-9]", "", visit.start_text[:16])
    return f"{moment[:8]}-{moment[8:]}-{_plain(visit.appointment_id)}.eml"


def _write(path: Path, message: EmailMessage) -> None:
    """Write it whole or not at all, readable by its owner only."""
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(message.as_bytes())
    part.replace(path)


def _private_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


@contextmanager
def _server(url: str | None) -> Iterator[smtplib.SMTP | None]:
    """A connection to `smtp://[user:password@]host[:port]`, `smtp+starttls://` or `smtps://`."""
    if url is None:
        yield None
        return
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise CannotSend("the port in the SMTP address is not a number") from error
    if parts.scheme not in ("smtp", "smtp+starttls", "smtps") or not host:
        raise CannotSend("the SMTP address must be smtp://host:port, smtp+starttls:// or smtps://")
    try:
        if parts.scheme == "smtps":
            context = ssl.create_default_context()
            server = smtplib.SMTP_SSL(host, port or 465, timeout=30, context=context)
        else:
            server = smtplib.SMTP(host, port or (587 if "tls" in parts.scheme else 25), timeout=30)
        with server:
            if parts.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            yield server
    except (OSError, smtplib.SMTPException) as error:
        raise CannotSend(
            f"{host} cannot be used to send mail ({type(error).__name__}): check the "
            "address, user and password"
        ) from error
