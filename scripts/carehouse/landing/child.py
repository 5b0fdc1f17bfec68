"""The child process of `sandbox.Reader`: it reads what it is told and answers in JSON lines."""

import contextlib
import hashlib
import importlib
import importlib.abc
import json
import os
import sys
from pathlib import Path

import psutil

from carehouse.errors import Refused, is_full, too_much_memory
from carehouse.landing.sandbox import WARNINGS


class _WithoutPandas(importlib.abc.MetaPathFinder):
    """pyarrow loads pandas when it can: 60 MB and half a second, for nothing in this process."""

    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ModuleNotFoundError(name, name=name)


def _serve(read: str, memory_mb: int) -> None:
    """The child: read what the parent names, answer one JSON line each, stop when it is gone."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    sys.meta_path.insert(0, _WithoutPandas())
    module, function = read.split(":")
    read_file = getattr(importlib.import_module(module), function)
    memory = psutil.Process().memory_info()
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # not on Windows, where the parent's watch alone must do

        limit = memory.vms + memory_mb * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(memory.rss, file=answers, flush=True)
    for line in sys.stdin:
        path, out_dir = json.loads(line)
        print(json.dumps(_read(read_file, path, out_dir, memory_mb)), file=answers, flush=True)


def _read(read_file, path: str, out_dir: str, memory_mb: int) -> dict:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        reason = (
            f"cannot be opened ({error.strerror}): close it elsewhere and check its permissions"
        )
        return {"rows": {}, "refusal": reason}
    try:
        rows = read_file(data, Path(out_dir))
        content_hash = hashlib.sha256(data).hexdigest()
        return {"rows": rows, "content_hash": content_hash, "warnings": _warnings(Path(out_dir))}
    except Refused as refusal:
        reason = str(refusal)
    except MemoryError:
        reason = too_much_memory(memory_mb)
    except BaseException as error:  # a Rust panic is not an Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        if is_full(error):  # of what is written; refused for it, the file would not be read again
            return {"rows": {}, "trouble": str(error)}
        reason = (
            "cannot be read: it is damaged, or uses a feature that carehouse does not know: "
            "open it in the program that made it and save a fresh copy"
        )
    return {"rows": {}, "refusal": reason}


def _warnings(out_dir: Path) -> list[str]:
    """What the reader left to be told of a file that it could read."""
    path = out_dir / WARNINGS
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
