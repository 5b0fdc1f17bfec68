"""Only this account may read the home: folders 0700, files 0600, whatever the umask was.

`keep_private` is called once, at the start of each command, so that all that this process and its
children make is closed from the first byte on: databases, spill, dbt's artifacts, temporary files.
`close_home` closes what was there before. Windows gives a user's own folders to that user alone;
there is nothing to do there.
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
MOST_NAMED = 5


def keep_private() -> None:
    """From now on this process and its children make files that only this account can open."""
    os.umask(OTHERS)


def close_home(home: Path) -> None:
    """Make the home and what is below it closed to other accounts.

    Links are not followed. Left as it is, and named by `open_paths`: what belongs to another
    account, and a home that is no folder of carehouse's own, since other programs need it open.
    """
    if os.name == "nt" or not home.is_dir() or _is_shared(home):
        return
    for path, mode in _open(home):
        with contextlib.suppress(FileNotFoundError, PermissionError):
            path.chmod(mode & ~OTHERS)


def open_paths(home: Path) -> list[str]:
    """What other accounts may read or enter, below the home; nothing where the home is closed."""
    if os.name == "nt" or not home.is_dir() or not _is_open(home.stat()):
        return []
    if _is_shared(home):
        return [str(home)]
    return [str(path) for path, _ in _open(home)]


def open_line(paths: list[str]) -> str:
    """What is open, and what to do, in one line."""
    named = ", ".join(paths[:MOST_NAMED])
    more = f" and {len(paths) - MOST_NAMED:,} more" if len(paths) > MOST_NAMED else ""
    return (
        f"open to other accounts of this computer: {named}{more}. The next `carehouse run` closes "
        "what is yours; close the rest as its owner (chmod -R go= PATH). A home that holds other "
        "things too is left open: set CAREHOUSE_HOME to a folder of its own"
    )


def _open(home: Path) -> Iterator[tuple[Path, int]]:
    status = home.stat()
    if _is_open(status):
        yield home, stat.S_IMODE(status.st_mode)
    folders = [home]
    while folders:
        try:
            entries = list(os.scandir(folders.pop()))
        except (FileNotFoundError, PermissionError):  # gone meanwhile, or closed to us too
            continue
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if stat.S_ISDIR(status.st_mode):
                folders.append(Path(entry.path))
            if _is_open(status) and stat.S_IFMT(status.st_mode) in (stat.S_IFREG, stat.S_IFDIR):
                yield Path(entry.path), stat.S_IMODE(status.st_mode)


def _is_shared(home: Path) -> bool:
    """A folder that everybody may write to, as /tmp, or one that holds a user's own folder."""
    return bool(home.stat().st_mode & stat.S_ISVTX) or Path.home().is_relative_to(home)


def _is_open(status: os.stat_result) -> bool:
    return bool(status.st_mode & OTHERS)
