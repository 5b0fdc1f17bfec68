"""The dashboard as its users start it, for tests and for the README's pictures."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from carehouse.settings import Settings

WAIT = 150  # seconds, of a busy computer
IS_DONE = """
    const app = document.querySelector('[data-testid="stApp"]');
    return !!app && app.dataset.testScriptState === 'notRunning'
        && document.querySelectorAll('h1').length > 0
        && !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"]');
"""


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """`carehouse dashboard` on this home, as its users start it; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "carehouse.cli", "dashboard", "--port", str(port)],
        env={**os.environ, "CAREHOUSE_HOME": str(settings.home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(f"{url}/_stcore/health"), "the dashboard does not answer")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def answers(url: str) -> bool:
    """Whether a server is there."""
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def wait_for(condition: Callable[[], object], told: str) -> None:
    """Until it holds; the test fails with what is told."""
    until = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < until, told
        time.sleep(0.1)
