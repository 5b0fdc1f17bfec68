"""Readers that do what strangers' files make real ones do; a child process imports them."""

import os
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from carehouse.errors import Refused
from carehouse.landing.workbooks.cells import read as read_workbook


def sound(data: bytes, out_dir: Path) -> dict[str, int]:
    """Count the bytes."""
    return {"bytes": len(data)}


def hang(data: bytes, out_dir: Path) -> dict[str, int]:
    """Never return."""
    time.sleep(999)
    return {}


def allocate(data: bytes, out_dir: Path) -> dict[str, int]:
    """Ask for ten gigabytes at once."""
    return {"bytes": len(bytearray(10**10))}


def grow(data: bytes, out_dir: Path) -> dict[str, int]:
    """Fill memory piece by piece, and keep going where Python says stop."""
    held = []
    while True:
        try:
            held.append(bytearray(2**20))
        except MemoryError:
            time.sleep(999)


def abort(data: bytes, out_dir: Path) -> dict[str, int]:
    """End as native code does when it meets what it cannot bear."""
    os.abort()


def leave(data: bytes, out_dir: Path) -> dict[str, int]:
    """End as if nothing were wrong."""
    os._exit(0)


def panic(data: bytes, out_dir: Path) -> dict[str, int]:
    """Raise what is not an Exception, as a Rust panic does; its text quotes a cell."""

    class PanicException(BaseException):
        pass

    raise PanicException("SECRET cell")


def chatter(data: bytes, out_dir: Path) -> dict[str, int]:
    """Print on the channel that answers go through, as libraries do."""
    os.write(1, b'{"rows": {"bytes": -1}}\n')
    print('{"rows": {"bytes": -2}}', flush=True)
    return {"bytes": len(data)}


def by_content(data: bytes, out_dir: Path) -> dict[str, int]:
    """Do what the file says."""
    if data == b"refuse":
        raise Refused("is refused")
    return {"hang": hang, "abort": abort, "grow": grow}.get(data.decode(), sound)(data, out_dir)


def without_room(data: bytes, out_dir: Path) -> dict[str, int]:
    """Find the disk full, as a writer of Parquet says it."""
    raise OSError("Error writing bytes to file. Detail: [errno 28] No space left on device")


def drifting(data: bytes, out_dir: Path) -> dict[str, int]:
    """A workbook's cells with a column more, one less, and one of another type."""
    rows = read_workbook(data, out_dir)
    path = out_dir / "cells.parquet"
    table = pq.read_table(path).drop_columns(["row_span"])
    place = table.column_names.index("column_number")
    words = ["first", *(str(number) for number in table["column_number"].to_pylist()[1:])]
    table = table.set_column(place, "column_number", pa.array(words))
    table = table.append_column("colour", pa.array(["red"] * table.num_rows))
    pq.write_table(table, path)
    return rows
