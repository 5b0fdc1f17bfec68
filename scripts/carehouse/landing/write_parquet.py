"""Write raw rows from a reader's child process, a batch at a time, so that memory stays flat.

A reader must import lxml before this module (its name sorts after theirs): loaded the other way
round, the first allocation asks for more address space than the child's limit leaves, and sound
files are refused for their memory.
"""

from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from carehouse.landing.sandbox import WARNINGS

BATCH_ROWS = 20_000


def write_warnings(out_dir: Path, warnings: list[str]) -> None:
    """Leave what the keeper of a file should know, though it lands, beside its rows."""
    if warnings:
        (out_dir / WARNINGS).write_text("\n".join(warnings), encoding="utf-8")


class RowWriter:
    """Collects rows as tuples and writes them to one Parquet file per raw table."""

    def __init__(self, path: Path, columns: dict[str, pa.DataType]):
        self._schema = pa.schema(list(columns.items()))
        # an open file, since finding the file system for a path costs ten times the writing
        self._file = pq.ParquetWriter(pa.OSFile(str(path), "wb"), self._schema, compression="none")
        self._rows: list[tuple] = []
        self.row_count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._flush()
        self._file.close()

    def write(self, row: tuple) -> None:
        """Add one row, its values in the order of the columns."""
        self._rows.append(row)
        self.row_count += 1
        if len(self._rows) >= BATCH_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            arrays = [
                pa.array(values, type=field.type)
                for values, field in zip(zip(*self._rows, strict=True), self._schema, strict=True)
            ]
            self._file.write_batch(pa.record_batch(arrays, schema=self._schema))
            self._rows = []
