"""A place that holds files: a folder, or a prefix of a bucket that speaks S3.

Loaders list, read and tell files apart through it; exports replace and remove them.
"""

import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Protocol

from carehouse import s3
from carehouse.errors import CannotReach, Refused

FINGERPRINT = "carehouse_fingerprint"
PREFIX = "carehouse-"  # of folders that hold fetched objects for a moment


class Store(Protocol):
    """What a folder and a bucket can both do; files are named by their path below it."""

    location: str
    is_whole: bool  # not one single file

    def names(self) -> list[str]:
        """The names of all files, sorted."""

    def content_hash(self, name: str) -> str | None:
        """What tells a file's content; None where it cannot be read."""

    def local(self, name: str) -> Iterator[Path]:
        """The file on this computer, for as long as the context lasts."""

    def last_byte(self, name: str) -> bytes:
        """A file's last byte; nothing where it is empty."""

    def put(self, name: str, path: Path, fingerprint: str) -> None:
        """Replace a file by that at `path`; a reader sees the whole old or the whole new one."""

    def fingerprint(self, name: str) -> str | None:
        """The fingerprint with which a Parquet file was put; None where it has none."""

    def remove(self, name: str) -> None:
        """Delete a file, and the folders that it leaves empty."""


def open_store(place: Path | str, suffixes: frozenset[str] = frozenset()) -> Store:
    """The store at a folder, at one file, or at an `s3://` URL.

    A URL names one object when it ends in one of `suffixes`. Raises CannotReach.
    """
    if s3.is_s3(place):
        return Bucket(str(place), suffixes)
    if "://" in str(place) or ":/" in str(place)[2:]:
        raise CannotReach(f"{place} cannot be used: give a folder, a file or s3://bucket/prefix")
    return Folder(Path(place))


class Folder:
    """Files of a folder, or one file."""

    def __init__(self, path: Path):
        path = path.expanduser()
        self.is_whole = not path.is_file()
        self.root = path.resolve() if self.is_whole else path.parent.resolve()
        self._only = None if self.is_whole else path.name
        self.location = file_name(str(path.resolve()))

    def names(self) -> list[str]:
        """The names of all files below the folder; none where there is no folder."""
        if self._only:
            return [file_name(self._only)]
        return [name for name, _ in files_below(self.root)]

    def content_hash(self, name: str) -> str | None:
        """SHA-256 of the bytes; None where the file cannot be read."""
        path = self._path(name)
        return None if problem(path, self.root) else file_hash(path)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """The file itself. Raises Refused where it is none, or lies elsewhere."""
        path = self._path(name)
        if reason := problem(path, self.root):
            raise Refused(reason)
        yield path

    def last_byte(self, name: str) -> bytes:
        """Read from the end of the file; nothing where it cannot be read."""
        path = self._path(name)
        return b"" if problem(path, self.root) else last_byte(path)

    def _path(self, name: str) -> Path:
        return self.root / path_text(name)

    def put(self, name: str, path: Path, fingerprint: str) -> None:
        """Write beside the old file and rename; the fingerprint is in the file itself."""
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        for leftover in target.parent.glob(f".{target.name}.*.new"):  # of a writer that was killed
            leftover.unlink(missing_ok=True)
        # same file system, so that the rename is one step; another suffix, so that no glob finds it
        beside = target.with_name(f".{target.name}.{os.getpid()}.new")
        try:
            shutil.copyfile(path, beside)
            sync(beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)

    def fingerprint(self, name: str) -> str | None:
        """From the Parquet file's own metadata, where the writer put it as FINGERPRINT."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pa.OSFile(str(self.root / name)) as file:
                found = (pq.read_metadata(file).metadata or {}).get(FINGERPRINT.encode())
        except (pa.ArrowException, OSError):  # half written by somebody else: to be replaced
            return None
        return found and found.decode()

    def remove(self, name: str) -> None:
        """Delete a file, and the two folders above it where they are empty then."""
        path = self.root / name
        path.unlink()
        for folder in (path.parent, path.parent.parent):
            if not any(folder.iterdir()):
                folder.rmdir()


class Bucket:
    """Objects below an S3 prefix, or one object; what is read is downloaded first."""

    def __init__(self, url: str, suffixes: frozenset[str] = frozenset()):
        last = PurePosixPath(url)
        self._only = last.name if last.suffix.lower() in suffixes else None
        self._where = s3.parse(url.removesuffix(self._only) if self._only else url)
        self._client = s3.connect(self._where)
        self.is_whole = self._only is None
        self.location = url
        self._items: dict[str, s3.Item] = {}

    def names(self) -> list[str]:
        """The names of all objects below the prefix."""
        listed = s3.items(self._client, self._where)
        self._items = {item.name: item for item in listed if self._only in (None, item.name)}
        return sorted(self._items)

    def content_hash(self, name: str) -> str | None:
        """The ETag, marked as such, since it is no SHA-256."""
        return f"etag:{self._items[name].etag}"

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """A copy that lasts as long as the context. Raises Refused."""
        with TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as folder:
            path = Path(folder) / "object"
            try:
                s3.fetch(self._client, self._where, self._items[name], path)
            except CannotReach as error:
                raise Refused(f"could not be fetched: {error}") from None
            yield path

    def last_byte(self, name: str) -> bytes:
        """Only that byte is asked for."""
        return s3.last_byte(self._client, self._where, self._items[name])

    def put(self, name: str, path: Path, fingerprint: str) -> None:
        """One put; the fingerprint is kept in the object's metadata."""
        s3.put(self._client, self._where, name, path, fingerprint)

    def fingerprint(self, name: str) -> str | None:
        """From the object's metadata."""
        return s3.fingerprint(self._client, self._where, name)

    def remove(self, name: str) -> None:
        """Delete an object."""
        s3.remove(self._client, self._where, name)


def file_name(text: str) -> str:
    r"""A path as it is kept and shown: what is no printable UTF-8 as \\xHH, reversibly."""
    if not re.search(r"[\x00-\x1f\x7f\udc80-\udcff]|\\x[0-9a-f]{2}", text):
        return text
    return re.sub(
        r"[\x00-\x1f\x7f\\\udc80-\udcff]", lambda found: f"\\x{ord(found[0]) & 255:02x}", text
    )


def path_text(name: str) -> str:
    """The path that `file_name` was given."""

    def character(found: re.Match[str]) -> str:
        byte = int(found[1], 16)
        return chr(byte if byte < 128 else 0xDC00 + byte)

    return re.sub(r"\\x([0-9a-f]{2})", character, name)


def files_below(root: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of everything below a folder that is no folder, in order.

    Links to folders are listed, not followed: a link to a folder above would have no end.
    """
    for path in sorted(root.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            yield file_name(path.relative_to(root).as_posix()), path


def problem(path: Path, root: Path) -> str | None:
    """Why a path must not be opened: a pipe would never end, a link may lead to anybody's files."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return f"cannot be opened ({error.strerror}): copy the file itself here, or remove it"
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        return "is a link to something outside this folder: copy the file itself here"
    if stat.S_ISDIR(mode):
        return "is a link to a folder, which is not followed: copy the folder itself here"
    if not stat.S_ISREG(mode):
        return "is a pipe, a socket or a device and not a file: remove it"
    return None


def file_hash(path: Path) -> str | None:
    """SHA-256 of a file's bytes; None when it cannot be opened, which its reader will explain."""
    with suppress(OSError), path.open("rb") as file:
        digest = sha256()
        while block := file.read(2**20):
            digest.update(block)
        return digest.hexdigest()
    return None


def last_byte(path: Path) -> bytes:
    """A file's last byte; nothing where it is empty."""
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return b""
        file.seek(-1, os.SEEK_END)
        return file.read(1)


def write_private(path: Path, text: str) -> None:
    """Write a file whole, for its owner only: who reads sees the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.touch(mode=0o600)
    beside.write_text(text, encoding="utf-8")
    sync(beside)
    beside.replace(path)


@contextmanager
def swapped_in(beside: Path, path: Path) -> Iterator[None]:
    """Put a database that is written inside into the place of another, whole and on disk; where it
    fails, the other stays, and nothing is left beside it."""
    try:
        yield
        sync(beside)
        beside.replace(path)
        sync(path.parent)
    finally:
        for left in (beside, beside.with_name(beside.name + ".wal")):
            left.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Make sure bytes, or a folder's names, are on disk before and after a rename."""
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
