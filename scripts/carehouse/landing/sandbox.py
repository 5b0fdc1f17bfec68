"""Read a file in a child process with a memory and a time limit.

Spreadsheet and document readers are native code fed with strangers' bytes: a 25 KB file can ask
for gigabytes, panic or never return. The child may die; the landing does not. One child serves
many files and is replaced when it had to be killed.
"""

import contextlib
import json
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import psutil

from carehouse.errors import Refused, too_much_memory

POLL_SECONDS = 0.05
SANE_BYTES = 4 * 2**30  # no sound file makes its reader ask for so much at once
WARNINGS = "warnings.txt"  # what a reader leaves beside its rows for the keeper, a line each
OUT_OF_MEMORY = ("memory allocation of", "bad_alloc", "MemoryError", "Cannot allocate memory")


@dataclass(frozen=True)
class Answer:
    """What became of one reading: rows written per raw table, or why there are none."""

    rows: dict[str, int]
    content_hash: str | None = None
    refusal: str | None = None
    trouble: str | None = None  # of the machine, not of the file
    warnings: tuple[str, ...] = ()

    def check(self) -> None:
        """Raises Refused where the file is at fault, OSError where the machine is."""
        if self.trouble:
            raise OSError(self.trouble)
        if self.refusal:
            raise Refused(self.refusal)


class Reader:
    """A child process that reads one file at a time."""

    def __init__(self, read: str, memory_mb: int, seconds: int):
        """`read` is `module:function`, called in the child as `function(data, out_dir)`."""
        self._command = [sys.executable, "-m", "carehouse.landing.child", read, str(memory_mb)]
        self._memory_mb = memory_mb
        self._seconds = seconds
        self._child: subprocess.Popen | None = None
        self._last_words = TemporaryFile()  # noqa: SIM115 (it lives as long as the reader)

    def read(self, path: Path, out_dir: Path) -> Answer:
        """Read `path`; the child leaves one Parquet file per raw table in `out_dir`."""
        if self._child is None:
            self._start()
        try:
            self._child.stdin.write(json.dumps([str(path), str(out_dir)]) + "\n")
            self._child.stdin.flush()
            return self._wait()
        except (BrokenPipeError, EOFError):
            return Answer({}, refusal=self._why_it_ended())

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def _why_it_ended(self) -> str:
        """The refusal of a file whose reader ended: native code that gets no memory aborts."""
        self.close()
        self._last_words.seek(0)
        words = self._last_words.read()[-4000:].decode(errors="replace")
        asked = re.search(r"memory allocation of (\d+) bytes", words)
        is_sane = not asked or int(asked[1]) < SANE_BYTES
        if is_sane and any(sign in words for sign in OUT_OF_MEMORY):
            return too_much_memory(self._memory_mb)
        return (
            "crashed the program that reads it: it is damaged, or unsafe. Open it only if you know "
            "who sent it, and save a fresh copy"
        )

    def _start(self) -> None:
        self._last_words.seek(0)
        self._last_words.truncate()
        self._child = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._last_words,
            text=True,
            encoding="utf-8",
        )
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(
            target=_pass_on, args=(self._child.stdout, self._answers), daemon=True
        ).start()
        self._process = psutil.Process(self._child.pid)
        self._base_memory = int(self._next_line(30))

    def _next_line(self, seconds: float) -> str:
        line = self._answers.get(timeout=seconds)
        if not line:
            raise EOFError
        return line

    def _wait(self) -> Answer:
        deadline = time.monotonic() + self._seconds
        limit = self._base_memory + self._memory_mb * 2**20
        while True:
            try:
                return Answer(**json.loads(self._next_line(POLL_SECONDS)))
            except queue.Empty:
                with contextlib.suppress(psutil.NoSuchProcess):
                    if self._process.memory_info().rss > limit:
                        self.close()
                        return Answer({}, refusal=too_much_memory(self._memory_mb))
            if time.monotonic() > deadline:
                self.close()
                return Answer(
                    {},
                    refusal=f"takes longer than {self._seconds} seconds to read: save a copy "
                    "with only the sheets that are needed, or raise CAREHOUSE_READ_SECONDS",
                )


@contextmanager
def reader(read: str, memory_mb: int, seconds: int) -> Iterator[Reader]:
    """A `Reader` whose child is gone at the end."""
    one = Reader(read, memory_mb, seconds)
    try:
        yield one
    finally:
        one.close()


def _pass_on(stream, answers: queue.SimpleQueue) -> None:
    for line in stream:
        answers.put(line)
    answers.put("")
