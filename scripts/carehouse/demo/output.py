"""How the made-up files are written: truth as CSV, zip files without clocks in them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path


def fixed_zip(data: bytes, patch: Callable[[str, bytes], bytes] | None = None) -> bytes:
    """The same zip without clocks in it, its parts passed through `patch`."""
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            body = source.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2025-01-01T00:00:00Z", body)
            body = patch(name, body) if patch else body
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, body)
    return result.getvalue()


def plain_zip(parts: dict[str, str | bytes], stored: Iterable[str] = ()) -> bytes:
    """A zip of these parts by name, without clocks in it; `stored` ones are not compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, body in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            target.writestr(entry, body)
    return buffer.getvalue()


def write_truth(folder: Path, name: str, columns: Iterable[str], rows: list[dict]) -> None:
    """One truth file as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
