"""What encryption at rest costs: a full build and publication, plain and encrypted, in turns.

The same made-up inputs are landed in two homes; each round builds both with nothing between, so
that the ratio holds on a machine that others use too. Processor seconds are compared beside those
of the clock. It fails where the build takes more than the limit.
"""

import argparse
import os
import resource
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
ROUNDS = 3
LIMIT = 1.15
STEPS = {"build": ("build", "--exclude-resource-type", "unit_test"), "publish": ("publish",)}


def carehouse(
    home: Path, *arguments: str, key: Path | None, encrypt: bool = False
) -> tuple[float, float]:
    """Run a command on a home; its seconds by the clock and of the processor."""
    set_up = {"CAREHOUSE_KEY_FILE": str(key), "CAREHOUSE_ENCRYPT": str(encrypt)} if key else {}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "carehouse.cli", *arguments],
        cwd=PROJECT,
        env={**os.environ, "CAREHOUSE_HOME": str(home), "CAREHOUSE_AS_OF": "2025-06-30", **set_up},
        capture_output=True,
        text=True,
    )
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed: {done.stdout}{done.stderr}")
    return seconds, sum(
        getattr(after, name) - getattr(before, name) for name in ("ru_utime", "ru_stime")
    )


def main() -> None:
    """Land once, copy, then build in turns and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--home", type=Path, help="one that is built already, in place of landing")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-encrypted-") as name:
        folder = Path(name)
        plain, encrypted, key = folder / "plain", folder / "encrypted", folder / "home.key"
        key.write_text(secrets.token_hex(32))
        if chosen.home:
            for part in ("warehouse", "dbt"):
                shutil.copytree(chosen.home / part, plain / part)
        else:
            carehouse(
                plain,
                *("generate", "--out", str(plain / "inbox")),
                "--scale",
                str(chosen.scale),
                key=None,
            )
            for source in ("workbooks", "notes", "clinic", "claims", "opendental"):
                carehouse(plain, "land", source, str(plain / "inbox" / source), key=None)
        shutil.copytree(plain, encrypted)
        homes = {plain: False, encrypted: True}  # both have a key, so both publish for roles
        carehouse(
            encrypted, "build", "--select", "month_names", key=key, encrypt=True
        )  # writes it afresh
        found = {(step, home): [] for step in STEPS for home in homes}
        for turn in range(chosen.rounds):
            for home in sorted(homes, reverse=bool(turn % 2)):  # who goes first changes
                for step, command in STEPS.items():
                    shutil.rmtree(home / "published", ignore_errors=True)
                    done = carehouse(home, *command, key=key, encrypt=homes[home])
                    found[step, home].append(done)
    print(f"scale {chosen.scale}, median of {chosen.rounds} rounds in turns")
    print(f"{'':<26}{'seconds':>9}{'processor':>11}{'ratio':>8}{'of proc.':>10}")
    ratios = {}
    for step in STEPS:
        clock, processor = (
            {home: statistics.median(one[at] for one in found[step, home]) for home in homes}
            for at in (0, 1)
        )
        # the median of the rounds' own ratios: what else ran in a round slowed both
        ratios[step] = statistics.median(
            sealed[1] / bare[1]
            for bare, sealed in zip(found[step, plain], found[step, encrypted], strict=True)
        )
        for home in homes:
            told = f"{step}, {home.name}"
            print(
                f"{told:<26}{clock[home]:>9.2f}{processor[home]:>11.2f}"
                f"{clock[home] / clock[plain]:>8.2f}{processor[home] / processor[plain]:>10.2f}"
            )
    if ratios["build"] > LIMIT:
        raise SystemExit(f"an encrypted build takes {ratios['build']:.2f} of a plain one's time")


if __name__ == "__main__":
    main()
