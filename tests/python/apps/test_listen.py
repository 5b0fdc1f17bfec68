"""The API on real sockets: slow clients are cut off while others are served, TLS, bad settings."""

import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from carehouse.apps.api import serve
from carehouse.errors import CannotServe
from carehouse.settings import Settings
from reception_support import free_port

SECONDS = 1.0
SLOW_CLIENTS = 300


@contextmanager
def served(home: Path, **settings: str) -> Iterator[int]:
    """`carehouse api` as a process of its own; gives its port."""
    port = free_port()
    told = {f"CAREHOUSE_{name.upper()}": value for name, value in settings.items()}
    with subprocess.Popen(
        [sys.executable, "-m", "carehouse.cli", "api", "--port", str(port)],
        env={**os.environ, "CAREHOUSE_HOME": str(home), **told},
        stderr=subprocess.PIPE,
    ) as process:
        try:
            until = time.monotonic() + 60
            while time.monotonic() < until:
                with socket.socket() as client:
                    if client.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, process.stderr.read()
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this computer, and its key, as openssl makes them."""
    paths = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
         "-out", paths[0], "-keyout", paths[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return paths


def is_cut_off(client: socket.socket) -> bool:
    client.settimeout(0.01)
    try:
        return client.recv(1000) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_slow_clients_are_cut_off_and_others_are_served_meanwhile(tmp_path):
    with served(tmp_path, api_seconds=str(SECONDS)) as port, ExitStack() as stack:
        begun = time.monotonic()
        slow = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            for _ in range(SLOW_CLIENTS)
        ]
        silent, dripping = slow[: SLOW_CLIENTS // 2], slow[SLOW_CLIENTS // 2 :]
        for client in dripping:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")
        waited = []
        cut = 0
        while cut < SLOW_CLIENTS and time.monotonic() - begun < 30:
            asked = time.monotonic()
            answer = httpx.get(f"http://127.0.0.1:{port}/health", timeout=10)
            assert answer.status_code == 200
            waited.append(time.monotonic() - asked)
            for client in dripping:
                try:
                    client.sendall(b"a")
                except OSError:
                    continue
            cut = sum(is_cut_off(client) for client in [*silent, *dripping])
        assert cut == SLOW_CLIENTS
        assert max(waited) < 5


def test_who_does_not_read_the_answer_is_cut_off_too_and_who_comes_back_is_not(tmp_path):
    with served(tmp_path, api_seconds=str(SECONDS)) as port:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 2000)
            until = time.monotonic() + 30
            while time.monotonic() < until:  # it reads nothing; at last a write says so
                try:
                    client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                except OSError:
                    break
                time.sleep(0.1)
            else:
                raise AssertionError("still connected")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as patient:
            for _ in range(4):  # one connection, longer in all than one request may take
                assert patient.get("/health").status_code == 200
                time.sleep(SECONDS / 2)


def test_with_a_certificate_the_api_speaks_tls_only(tmp_path):
    cert, key = certificate(tmp_path)
    with served(tmp_path, api_certificate=str(cert), api_certificate_key=str(key)) as port:
        context = ssl.create_default_context(cafile=cert)
        answer = httpx.get(f"https://127.0.0.1:{port}/health", verify=context, timeout=20)
        assert answer.status_code == 200
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{port}/health", timeout=20)


@pytest.mark.parametrize("what", ["not there", "no certificate", "key alone", "key of another"])
def test_a_certificate_that_cannot_be_used_is_refused_plainly(tmp_path, what):
    cert, key = certificate(tmp_path)
    settings = Settings(home=tmp_path, api_certificate=cert, api_certificate_key=key)
    change = {
        "not there": {"api_certificate": tmp_path / "other.pem"},
        "no certificate": {"api_certificate": key},
        "key alone": {"api_certificate": None},
        "key of another": {"api_certificate_key": None},
    }[what]
    with pytest.raises(CannotServe, match="CAREHOUSE_API_CERTIFICATE"):
        serve(settings.model_copy(update=change), "127.0.0.1", free_port())
