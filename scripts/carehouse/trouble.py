"""What the machine did to us, and the way back, in one line: full, locked, damaged, read-only."""

import errno
import re
import shutil
from pathlib import Path

from carehouse.errors import is_full
from carehouse.settings import Settings

FORBIDDEN = re.compile(r"permission denied|read-only file system|not a directory", re.I)
DAMAGED = re.compile(
    r"not a valid DuckDB database|corrupt|computed checksum|could not read enough bytes"
    r"|is a directory|failed to deserialize|computed AES tag"
    r"|database has been invalidated|different.*version",
    re.I,
)
SHORT_OF_MEMORY = re.compile(r"out of memory|failed to allocate", re.I)
LOCKED = re.compile(r"set lock on file|used by another|conflicting lock", re.I)


def explain(error: BaseException | str, settings: Settings) -> str | None:
    """One line for a failure of disk, memory or file, or None when it is something else."""
    text = str(error)
    number = error.errno if isinstance(error, OSError) else None
    if is_full(error):
        return (
            f"the disk is full ({_free(settings.home)} free where {settings.home} is): make room "
            "and run `carehouse run` again. What was being written is left out, the published "
            "file is as it was"
        )
    if number in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST) or (
        FORBIDDEN.search(text)
    ):
        return (
            f"{_named(error) or settings.home} cannot be written: let this user write there, or "
            "set CAREHOUSE_HOME to another folder. Nothing was changed"
        )
    if LOCKED.search(text):
        return in_use(settings)
    if DAMAGED.search(text):
        path = settings.published if str(settings.published) in text else settings.warehouse
        return damaged(settings, path)
    if SHORT_OF_MEMORY.search(text):
        return (
            "the database ran out of memory: close other programs, or raise "
            "CAREHOUSE_MEMORY_LIMIT if it is set. The published file is as it was"
        )
    return None


def in_use(settings: Settings) -> str:
    """Another program has the warehouse open."""
    return (
        f"{settings.warehouse} is in use by another program (a run that has not ended, or an SQL "
        "tool that has it open for writing): wait for it or close it. To query, open "
        f"{settings.published} instead"
    )


def damaged(settings: Settings, path: Path) -> str:
    """A database file cannot be read."""
    if path == settings.published:
        return f"{path} is damaged: delete it and run `carehouse publish`, which writes it again"
    return (
        f"{path} is damaged; {settings.published} is as it was. Put the last backup in its place "
        f"with `carehouse restore {settings.home / 'backups'}` (or where your backups are), or "
        "move it away and run `carehouse run`, which lands every input again: only what earlier "
        "files said, and is no longer in them, is lost then"
    )


def _free(path: Path) -> str:
    while not path.exists():
        path = path.parent
    return f"{shutil.disk_usage(path).free / 2**20:,.0f} MB"


def _named(error: BaseException | str) -> str | None:
    if isinstance(error, OSError) and error.filename:
        return str(error.filename)
    found = re.search(r'file "([^"]+)"', str(error))
    return found.group(1) if found else None
