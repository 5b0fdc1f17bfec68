"""Every speed and memory claim, as ratios taken in one run; `make bench` prints this table.

Each pair is run in turns, three rounds, and the medians are compared: machines are noisy, the
ratio of two neighbours less so. Memory is the peak of resident memory of all processes together.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

ROUNDS = 3
PANDAS_READS = """
import sys, warnings
from pathlib import Path
import pandas as pd
warnings.simplefilter("ignore")
for path in sorted(Path(sys.argv[1]).iterdir()):
    pd.read_excel(path, sheet_name=None, header=None, engine="openpyxl")
"""


@dataclass(frozen=True)
class Cost:
    """What one command took."""

    seconds: float
    peak_mib: float


def measure(command: list[str], environment: dict[str, str] | None = None) -> Cost:
    """Run a command to its end; give its wall time and peak memory, its children's included.

    Where it fails the bench ends with what the command said.
    """
    with tempfile.TemporaryFile() as told:
        started = time.perf_counter()
        process = psutil.Popen(
            command,
            env={**os.environ, **(environment or {})},
            stdout=told,
            stderr=subprocess.STDOUT,
        )
        peak = 0
        while process.poll() is None:
            try:
                family = [process, *process.children(recursive=True)]
                peak = max(peak, sum(one.memory_info().rss for one in family))
            except psutil.NoSuchProcess:
                pass
            time.sleep(0.005)
        seconds = time.perf_counter() - started
        if process.returncode:
            told.seek(0)
            said = told.read().decode(errors="replace")
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    return Cost(seconds, peak / 2**20)


def median(costs: list[Cost]) -> Cost:
    """The median time and the highest peak."""
    return Cost(statistics.median(c.seconds for c in costs), max(c.peak_mib for c in costs))


def workbooks(folder: Path) -> None:
    """300 workbooks: landing them against pandas with openpyxl merely reading them."""
    carehouse = [sys.executable, "-m", "carehouse.cli"]
    subprocess.run(
        [*carehouse, "generate", "--out", str(folder), "--scale", "15", "--source", "workbooks"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    inputs = folder / "xlsx"
    inputs.mkdir()
    files = [p for p in sorted((folder / "workbooks").iterdir()) if p.suffix in (".xlsx", ".xlsm")]
    for path in files[:300]:
        shutil.copy(path, inputs)
    home = folder / "home"
    environment = {"CAREHOUSE_HOME": str(home)}
    land = [*carehouse, "land", "workbooks", str(inputs)]
    pandas, first, again = [], [], []
    for _ in range(ROUNDS):
        pandas.append(measure([sys.executable, "-c", PANDAS_READS, str(inputs)]))
        shutil.rmtree(home, ignore_errors=True)
        first.append(measure(land, environment))
        again.append(measure(land, environment))
    build = measure([*carehouse, "build", "--quiet"], environment)
    base = median(pandas)
    print(f"{len(files[:300])} workbooks (.xlsx), median of {ROUNDS} rounds in turns")
    print(f"{'':46}{'seconds':>9}{'peak MiB':>10}{'ratio':>8}")
    for name, cost in (
        ("pandas with openpyxl reads them", base),
        ("carehouse land workbooks", median(first)),
        ("carehouse land workbooks, nothing changed", median(again)),
        ("carehouse build (all models and tests)", build),
    ):
        ratio = cost.seconds / base.seconds
        print(f"{name:46}{cost.seconds:9.2f}{cost.peak_mib:10.0f}{ratio:8.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="carehouse-bench-") as temporary:
        workbooks(Path(temporary))
