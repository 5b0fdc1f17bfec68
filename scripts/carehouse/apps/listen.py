"""Listen for the API: by TLS where a certificate is set, and not for ever for slow clients."""

import asyncio
import os
import socket
import ssl

from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from carehouse.errors import CannotServe
from carehouse.registry import THIS_COMPUTER
from carehouse.settings import Settings


class _InTime(H11Protocol):
    """Cuts a connection whose request, from its first byte to the last of the answer, takes too
    long.

    uvicorn waits without end for a client that sends its head byte by byte, or does not read: a
    few hundred of them use up the process's sockets.
    """

    seconds = 15.0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._start()

    def data_received(self, data: bytes) -> None:
        self._start()
        super().data_received(data)

    def on_response_complete(self) -> None:
        self._stop()
        super().on_response_complete()  # begins with the next request, where one has come already
        if self.transport.get_write_buffer_size() or not self.cycle.response_complete:
            self._start()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _start(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.seconds, self.transport.abort)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def listen(app: ASGIApp, settings: Settings, host: str, port: int) -> None:
    """Serve until stopped. Raises CannotServe where that cannot be done on this address."""
    import uvicorn

    _can_listen(host, port)
    _check_certificate(settings)

    class InTime(_InTime):
        seconds = settings.api_seconds

    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="error",  # a warning is written for each request that is no HTTP
        access_log=False,
        http=InTime,
        ws="none",
        server_header=False,
        ssl_certfile=settings.api_certificate,
        ssl_keyfile=settings.api_certificate_key,
    )


def address(settings: Settings, host: str, port: int) -> str:
    """Where the API is, as a browser takes it."""
    name = f"[{host}]" if ":" in host else host
    return f"{'https' if settings.api_certificate else 'http'}://{name}:{port}"


def is_seen_on_the_way(settings: Settings, host: str) -> bool:
    """Whether tokens and lists would cross a network unencrypted."""
    return host not in THIS_COMPUTER and settings.api_certificate is None


def _check_certificate(settings: Settings) -> None:
    certificate, key = settings.api_certificate, settings.api_certificate_key
    if certificate is None and key is None:
        return
    if certificate is None:
        raise CannotServe("CAREHOUSE_API_CERTIFICATE_KEY needs CAREHOUSE_API_CERTIFICATE beside it")
    for path in filter(None, (certificate, key)):
        if not path.is_file():
            raise CannotServe(f"{path} is not there: CAREHOUSE_API_CERTIFICATE names PEM files")
    try:  # an empty password: OpenSSL would else ask for one on the terminal
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise CannotServe(
            f"{certificate} cannot be used as a certificate ({type(error).__name__}): it must be a "
            "PEM file, with its key in it or in CAREHOUSE_API_CERTIFICATE_KEY, without a password"
        ) from error


def _can_listen(host: str, port: int) -> None:
    """Raises CannotServe, in place of a server's own words much later."""
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with socket.socket(places[0][0], socket.SOCK_STREAM) as one:
            if os.name != "nt":
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(places[0][4])
    except OSError as error:
        raise CannotServe(
            f"nothing can be served on {host} port {port} ({error.strerror}): another program has "
            "it, or it is not this computer's: choose another with --port"
        ) from error
