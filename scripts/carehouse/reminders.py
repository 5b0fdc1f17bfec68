"""Reminders of a coming day's appointments: one each, written into the outbox and sent once."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import blake2s
from pathlib import Path

from carehouse import mail
from carehouse.errors import CannotSend
from carehouse.private import keep_private
from carehouse.published import open_published
from carehouse.reminder_ledger import Key, Ledger, known, open_ledger
from carehouse.settings import Settings
from carehouse.sql import literal

ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
LONGEST_NAME, LONGEST_ADDRESS = 64, 254  # RFC 5321
MOST_LOST = 3  # connections in a row, after which the server is left alone

# what Python's header classes raise at addresses and names that they cannot take
CANNOT_BE_WRITTEN = (ValueError, LookupError, TypeError, AttributeError, MessageError)

WHY = {
    "refused": "the mail server refused it: check the address and CAREHOUSE_SMS_DOMAIN",
    "later": "the mail server does not take it now: the next run tries again",
    "not sent": "the connection was lost before it was sent: the next run tries again",
}


@dataclass
class Reminders:
    """What a run of `carehouse remind` did; the counts are appointments."""

    day: str
    written: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    already: int = 0
    with_another: int = 0  # another sender has them at this moment
    without_consent: int = 0
    without_address: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    uncertain: list[str] = field(default_factory=list)  # a person has to say whether they arrived
    stopped: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing waits for a person."""
        return not (self.failed or self.uncertain or self.stopped)


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

    @property
    def key(self) -> Key:
        return self.appointment_id, self.start_text


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
    the outbox keeps the state of each message, by appointment and start, so that nobody is written
    to twice, also by two senders at once; what was only written is still sent by a later run with
    `smtp_url`. What a sender was cut off from is named in `uncertain` until `settle` says what
    became of it. A dry run touches nothing. Raises CannotSend when the server cannot be reached.
    """
    result = Reminders(day.isoformat())
    visits = list(_visits(settings, day, result))
    if dry_run:
        _show(settings, visits, known(settings.outbox), smtp_url, result, show)
        return result
    if not ADDRESS.fullmatch(parseaddr(settings.reminder_sender)[1]):
        raise CannotSend("CAREHOUSE_REMINDER_SENDER must be: Reception <reception@clinic.example>")
    keep_private()
    settings.outbox.mkdir(parents=True, exist_ok=True)
    settings.outbox.chmod(0o700)
    with (
        open_ledger(settings.outbox) as ledger,
        mail.open_server(smtp_url, settings.smtp_seconds) as server,
    ):
        ready = list(_write_all(settings, visits, ledger, server is not None, result))
        if server is not None:
            _send_all(ready, ledger, server, result)
        ledger.give_back()
        result.uncertain = [file_of(key) for key in ledger.uncertain() if key[1][:10] >= result.day]
    return result


def reminder_lines(result: Reminders, dry_run: bool) -> Iterator[tuple[str, bool]]:
    """What a run has to say, each line with whether it is for stderr."""
    done = f"{len(result.written)} {'would be written' if dry_run else 'written'}"
    busy = f", {result.with_another} with another sender" if result.with_another else ""
    yield (
        f"{result.day}: {done}, {len(result.sent)} sent, {result.already} already done{busy}, "
        f"{result.without_consent} without consent, {result.without_address} without address",
        False,
    )
    for name, reason in result.failed.items():
        yield f"failed: {name}: {reason}", True
    for name in result.uncertain:
        yield f"uncertain: {name}: its sender was cut off as the mail server took it", True
    if result.uncertain:
        yield (
            "look in the mail server's log or ask the patient, then `carehouse remind --arrived "
            "NAME` or `--not-arrived NAME`; until then they count neither as sent nor as waiting",
            True,
        )
    if result.stopped:
        yield f"stopped: {result.stopped}", True


def settle(settings: Settings, arrived: list[str], not_arrived: list[str]) -> list[str]:
    """Note what a person found out of uncertain messages, by file name; gives those settled.

    What did not arrive is sent by the next run. Raises CannotSend for a name that is not uncertain.
    """
    done = []
    with open_ledger(settings.outbox) as ledger:
        keys = {file_of(key): key for key in ledger.uncertain()}
        for names, state in ((arrived, "sent"), (not_arrived, "written")):
            for name in keys if "all" in names else names:
                if name not in keys:
                    raise CannotSend(f"{name} is not uncertain: `carehouse remind` names those")
                if ledger.settle(keys[name], state):
                    done.append(name)
    return done


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
        elif _address(settings, visit):
            yield visit
        elif visit.email and visit.email.strip():
            result.failed[file_of(visit.key)] = (
                "the e-mail address is none that mail can be sent to, and there is no phone "
                "number: correct it in the clinic's book"
            )
        else:
            result.without_address += 1


def _show(
    settings: Settings,
    visits: list[_Visit],
    states: dict[Key, str],
    smtp_url: str | None,
    result: Reminders,
    show: Callable[[str], None],
) -> None:
    waiting = (None, "written", "refused") if smtp_url else (None,)
    for visit in visits:
        state = states.get(visit.key)
        if state in waiting:
            result.written.append(file_of(visit.key))
            show(_readable(_message(settings, visit)))
        elif state in ("handing", "uncertain"):
            result.uncertain.append(file_of(visit.key))
        else:
            result.already += 1


def _write_all(
    settings: Settings, visits: list[_Visit], ledger: Ledger, is_sent: bool, result: Reminders
) -> Iterator[tuple[_Visit, EmailMessage]]:
    """Write what is new; gives what may be sent."""
    for visit in visits:
        name, state = file_of(visit.key), ledger.state(visit.key)
        if state is None or (is_sent and state in ("written", "refused")):
            try:
                message = _message(settings, visit)
            except CANNOT_BE_WRITTEN:
                result.failed[name] = "its address or name cannot stand in a mail: correct it"
                continue
            if state is None:
                # first the file, then the ledger: a crash between them writes the same file again
                _write(settings.outbox / name, message)
                if ledger.enter(visit.key):
                    result.written.append(name)
            yield visit, message
        elif state in ("taken", "handing"):
            result.with_another += 1
        elif state != "uncertain":
            result.already += 1


def _send_all(
    ready: list[tuple[_Visit, EmailMessage]],
    ledger: Ledger,
    server: mail.Server,
    result: Reminders,
) -> None:
    lost = 0
    for visit, message in ready:
        if not ledger.take(visit.key):
            result.with_another += 1
            continue
        name = file_of(visit.key)
        try:
            outcome = server.deliver(message, lambda key=visit.key: ledger.hand_over(key))
        except CannotSend as error:
            ledger.end(visit.key, "written")
            result.stopped = f"{error}. What is not sent yet stays in the outbox"
            return
        ledger.end(visit.key, {"later": "written", "not sent": "written"}.get(outcome, outcome))
        if outcome == "sent":
            result.sent.append(name)
        elif outcome != "uncertain":
            result.failed[name] = WHY[outcome]
        lost = lost + 1 if outcome in ("not sent", "uncertain") else 0
        if lost == MOST_LOST:
            result.stopped = (
                f"the mail server cut off {MOST_LOST} messages in a row: see to it, and run "
                "`carehouse remind` again. What is not sent yet stays in the outbox"
            )
            return


def _message(settings: Settings, visit: _Visit) -> EmailMessage:
    """An RFC 5322 message. Names are kept on one line, so that none can add a header."""
    name = _one_line(visit.patient_name) or "patient"
    with_whom = f" with {_one_line(visit.physio_name)}" if visit.physio_name else ""
    start = visit.starts_at
    clock = "" if visit.is_day_only else f" at {start:%H:%M}"
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))  # which every server takes
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


def _readable(message: EmailMessage) -> str:
    """A message as its reader sees it, whatever its transfer encoding."""
    heads = "\n".join(f"{name}: {message[name]}" for name in ("To", "Subject"))
    return f"{heads}\n\n{message.get_content().rstrip()}\n"


def _address(settings: Settings, visit: _Visit) -> str | None:
    """The e-mail address, else the phone number at the mail-to-SMS gateway, else None."""
    email = (visit.email or "").strip()
    if ADDRESS.fullmatch(email) and len(email) <= LONGEST_ADDRESS:
        name, _, _ = email.rpartition("@")
        if len(name) <= LONGEST_NAME:
            return email
    if visit.has_phone and visit.phone:
        digits = re.sub("[^0-9]", "", visit.phone)
        plus = "+" if visit.phone.strip().startswith("+") else ""
        if 0 < len(digits) < LONGEST_NAME:
            return f"{plus}{digits}@{settings.sms_domain}"
    return None


def _one_line(text: str | None) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text or "").split())


def _plain(text: str) -> str:
    """A text as part of a file name; another text gives another one."""
    plain = re.sub("[^A-Za-z0-9]", "_", text)[:40]
    if plain == text:
        return plain
    return f"{plain}-{blake2s(text.encode('utf-8', 'replace'), digest_size=4).hexdigest()}"


def file_of(key: Key) -> str:
    """The name of a message's file in the outbox."""
    appointment_id, start_text = key
    moment = re.sub("[^0-9]", "", start_text[:16])
    return f"{moment[:8]}-{moment[8:]}-{_plain(appointment_id)}.eml"


def _write(path: Path, message: EmailMessage) -> None:
    """Write it whole or not at all."""
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(message.as_bytes())
    part.replace(path)
