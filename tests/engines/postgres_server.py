"""A real Postgres server for a test: made in a folder of its own, on a socket and loopback."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import debian

PLACES = ("/usr/lib/postgresql", "/usr/local/lib/postgresql")
# nothing of it outlives the test: it need not wait for the disk
OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=256MB"


def programs() -> Path | None:
    """The folder of initdb and postgres; of the newest version that is here."""
    found = [path.parent for place in PLACES for path in Path(place).glob("*/bin/initdb")]
    if not found and (there := shutil.which("initdb")):
        found = [Path(there).parent]
    return max(found, key=lambda path: path.parent.name, default=None)


def install() -> None:
    """Install Debian's Postgres where none is here; its own cluster is not started."""
    if programs() is None:
        debian.install("postgresql")


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server with an empty database `carehouse`; gives its URL, and stops it at the end.

    Postgres refuses to run as root: then it runs as the user `postgres` that Debian's package made.
    """
    folder = programs()
    if folder is None:
        raise FileNotFoundError("there is no Postgres here: apt-get install postgresql")
    as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}
    who = as_user if os.geteuid() == 0 else {}
    with TemporaryDirectory(prefix="carehouse-postgres-") as name:
        home = Path(name)
        if who:
            os.chown(home, pwd.getpwnam("postgres").pw_uid, -1)
        else:
            home.chmod(0o700)
        port = _free_port()

        def run(program: str, *arguments: str) -> None:
            done = subprocess.run(
                [folder / program, *arguments], cwd=home, capture_output=True, text=True, **who
            )
            if done.returncode:
                raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

        data = str(home / "data")
        run("initdb", "-D", data, "-U", "carehouse", "-A", "trust", "--no-sync", "-E", "UTF8",
            "--locale=C.UTF-8")  # fmt: skip
        # its own log, or it would hold the test's pipe open
        start = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 {OPTIONS}"
        run("pg_ctl", "-D", data, "-w", "-l", str(home / "log"), "-o", start, "start")
        try:
            run("createdb", "-h", str(home), "-p", str(port), "-U", "carehouse", "carehouse")
            yield f"postgresql://carehouse@127.0.0.1:{port}/carehouse"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
