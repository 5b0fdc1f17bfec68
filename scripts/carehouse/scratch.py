"""Folders for work in progress, in the home, so that a killed process leaves nothing unseen.

What is read from a patient's file stands there unencrypted for a moment. A folder carries the
number of its process: what a dead one left is removed by the next that works in the home.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from carehouse.database import SPILL
from carehouse.settings import Settings
from carehouse.store import PREFIX


@contextmanager
def scratch(settings: Settings) -> Iterator[Path]:
    """An empty folder that only this user can read; gone at the end."""
    clear_scratch(settings)
    root = settings.home / "tmp"
    root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f"{os.getpid()}-", dir=root) as folder:
        yield Path(folder)


def clear_scratch(settings: Settings) -> None:
    """Remove what processes that are gone have left, also objects fetched from S3."""
    found = [
        *(settings.home / "tmp").glob("*-*"),
        *settings.home.glob(f"{SPILL}*-*"),
        *Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"),
    ]
    for folder in found:
        owner = folder.name.removeprefix(PREFIX).removeprefix(SPILL).partition("-")[0]
        # another program's folder may begin like ours: only a process's number makes it one
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)
