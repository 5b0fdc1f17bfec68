"""Hand a message to a mail server, and know for certain whether it was taken.

A server has a message from the moment it reads the line with the single dot, and not before. So
the dot is sent on its own: whatever breaks earlier was not sent, and only between the dot and the
server's answer is it open whether it was.
"""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Literal
from urllib.parse import unquote, urlsplit

from carehouse.errors import CannotSend

SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
ENDS = 421  # "closing the connection", which a server may answer to anything

Outcome = Literal["sent", "refused", "later", "not sent", "uncertain"]


@dataclass(frozen=True)
class Place:
    """A mail server, and how to speak to it."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str
    seconds: float


def parse(url: str, seconds: float) -> Place:
    """Read `smtp://[user:password@]host[:port]`, `smtp+starttls://` or `smtps://`.

    Raises CannotSend, also where a password would go over the network in the clear.
    """
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise CannotSend("the port in the SMTP address is not a number up to 65535") from error
    if parts.scheme not in SCHEMES or not host:
        raise CannotSend("the SMTP address must be smtp://host:port, smtp+starttls:// or smtps://")
    user = unquote(parts.username) if parts.username else None
    if user and parts.scheme == "smtp" and not _is_this_computer(host):
        raise CannotSend(
            f"smtp:// would send the password to {host} unencrypted: write smtp+starttls:// or "
            "smtps://"
        )
    password = unquote(parts.password or "")
    return Place(parts.scheme, host, port or SCHEMES[parts.scheme], user, password, seconds)


def _is_this_computer(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Server:
    """A mail server that is connected when it is needed, and again after a lost connection."""

    def __init__(self, place: Place):
        self._place = place
        self._smtp: smtplib.SMTP | None = None

    def connect(self) -> None:
        """Connect if we are not. Raises CannotSend, naming the server and no credentials."""
        if self._smtp is not None:
            return
        place = self._place
        try:
            if place.scheme == "smtps":
                context = ssl.create_default_context()
                smtp = smtplib.SMTP_SSL(
                    place.host, place.port, timeout=place.seconds, context=context
                )
            else:
                smtp = smtplib.SMTP(place.host, place.port, timeout=place.seconds)
            try:
                if place.scheme == "smtp+starttls":
                    smtp.starttls(context=ssl.create_default_context())
                if place.user:
                    smtp.login(place.user, place.password)
                smtp.ehlo_or_helo_if_needed()
            except BaseException:
                smtp.close()
                raise
        except (OSError, smtplib.SMTPException) as error:
            raise CannotSend(
                f"{place.host} cannot be used to send mail ({type(error).__name__}): check the "
                "address, user and password"
            ) from error
        self._smtp = smtp

    def close(self) -> None:
        """End the session; a server that is gone does not mind."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def deliver(self, message: EmailMessage, may_end: Callable[[], bool]) -> Outcome:
        """Send one message to its one recipient.

        `may_end` is asked just before the dot; where it says no, nothing is sent. Gives `refused`
        (this recipient, for good), `later` (the server says not now), `not sent` (the connection
        was lost before the dot) or `uncertain` (lost after it). Raises CannotSend where the server
        cannot be reached, or refuses the sender and so every message.
        """
        self.connect()
        try:
            sender = message["From"].addresses[0].addr_spec
            if (refusal := self._refusal(self._smtp.mail(sender))) == "refused":
                raise CannotSend(
                    f"{self._place.host} refuses the sender: check CAREHOUSE_REMINDER_SENDER, and "
                    "whether the server wants a user and password"
                )
            refusal = refusal or self._refusal(
                self._smtp.rcpt(message["To"].addresses[0].addr_spec)
            )
            if not refusal:
                code, text = self._smtp.docmd("DATA")
                refusal = None if code == 354 else self._refusal((code, text)) or "later"
            if refusal:
                if self._smtp is not None:
                    self._smtp.rset()
                return refusal
            self._smtp.send(_stuffed(message.as_bytes()))
        except (OSError, smtplib.SMTPException):
            self._drop()
            return "not sent"
        if not may_end():
            self._drop()  # a message without its dot is thrown away
            return "not sent"
        try:
            self._smtp.send(b".\r\n")
            answer = self._smtp.getreply()
        except (OSError, smtplib.SMTPException):
            self._drop()
            return "uncertain"
        return self._refusal(answer) or "sent"

    def _refusal(self, answer: tuple[int, bytes]) -> Outcome | None:
        code, _ = answer
        if 200 <= code < 300:
            return None
        if code == ENDS or code < 0:
            self._drop()
            return "not sent"
        return "refused" if code >= 500 else "later"


def _stuffed(content: bytes) -> bytes:
    """A message as it goes over the wire: a line that begins with a dot gets another."""
    content = re.sub(rb"(?m)^\.", b"..", content)
    return content if content.endswith(b"\r\n") else content + b"\r\n"


@contextmanager
def open_server(url: str | None, seconds: float) -> Iterator[Server | None]:
    """A connected server, or None without an address. Raises CannotSend."""
    if url is None:
        yield None
        return
    server = Server(parse(url, seconds))
    server.connect()
    try:
        yield server
    finally:
        server.close()
