"""One run at a time in a home: the second waits, or says who is at work."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from carehouse.errors import WarehouseBusy
from carehouse.private import close_home
from carehouse.settings import Settings


@contextlib.contextmanager
def only_one(settings: Settings, command: str) -> Iterator[None]:
    """Hold the home for as long as the block lasts.

    Raises WarehouseBusy, which names the process that holds it, after `wait_seconds`. The lock is
    the operating system's: it goes when its process goes, however that ends.
    """
    from filelock import FileLock, Timeout

    settings.home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.home / ".lock", timeout=settings.wait_seconds)
    try:
        lock.acquire()
    except Timeout as error:
        raise WarehouseBusy(
            f"{_at_work(settings)} is at work in {settings.home}: wait for it to end, or set "
            "CAREHOUSE_WAIT_SECONDS to wait for it here. Nothing was changed"
        ) from error
    try:
        close_home(settings.home)
        since = datetime.now(settings.zone).isoformat(timespec="seconds")
        own = {"command": command, "process": os.getpid(), "since": since, "step": "starting"}
        _put(settings, own)
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            _note(settings).unlink()
        lock.release()


def tell(settings: Settings, step: str) -> None:
    """Note what this process is doing, for the `status` of another, while it holds the home."""
    told = at_work(settings)
    if told and told["process"] == os.getpid():
        _put(settings, told | {"step": step})


def _put(settings: Settings, told: dict) -> None:
    beside = _note(settings).with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps(told), encoding="utf-8")
    beside.replace(_note(settings))


def at_work(settings: Settings) -> dict | None:
    """What the run that is going on last noted: command, process, since, step; None if none is."""
    import psutil

    try:
        told = json.loads(_note(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if psutil.pid_exists(told["process"]) else None


def _at_work(settings: Settings) -> str:
    told = at_work(settings)
    if told is None:
        return "another carehouse command"
    return f"`carehouse {told['command']}` (process {told['process']}, since {told['since']})"


def _note(settings: Settings) -> Path:
    return settings.home / ".at-work.json"


def interrupted(command: str) -> None:
    """End as Ctrl-C asks: one line, status 130."""
    print(
        f"stopped: {command} was interrupted; the published file is as it was, and the next "
        "`carehouse run` takes up what is left",
        file=sys.stderr,
    )
    sys.exit(130)
