"""A real MariaDB that the tests start themselves: a temporary directory, a free loopback port."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from carehouse.demo.opendental_ddl import script

USER, PASSWORD = "reader", "p@ss/w:ö rd"  # what a URL must quote


@dataclass(frozen=True)
class Server:
    """A running server. `root` has no password; `reader` may only read."""

    port: int
    socket: Path
    folder: Path
    process: subprocess.Popen

    def url(self, database: str, user: str = "root", password: str = "") -> str:
        """The address of a database, as a user would set it."""
        from urllib.parse import quote

        secret = f":{quote(password, safe='')}" if password else ""
        return f"mysql://{user}{secret}@127.0.0.1:{self.port}/{database}"

    def reader_url(self, database: str) -> str:
        """The same, for the user who may only read."""
        return self.url(database, USER, PASSWORD)

    def run(self, sql: str, database: str | None = None, charset: str = "utf8mb4") -> str:
        """Run statements in the `mariadb` client; give what it prints, tab separated."""
        command = [
            *(program("mariadb"), "--no-defaults", "--user=root", f"--socket={self.socket}"),
            *("--batch", "--skip-column-names", f"--default-character-set={charset}"),
            *([database] if database else []),
        ]
        result = subprocess.run(command, input=sql.encode(), capture_output=True, check=False)
        assert result.returncode == 0, result.stderr.decode(errors="replace")[:2000]
        return result.stdout.decode(errors="replace")

    def create(self, database: str, engine: str = "MyISAM", tables: tuple[str, ...] = ()) -> str:
        """Make a database anew with OpenDental's tables (default: all); give its address."""
        self.run(
            f"drop database if exists `{database}`; "
            f"create database `{database}` character set utf8 collate utf8_general_ci; "
            f"grant select on `{database}`.* to '{USER}'@'%';"
        )
        self.run(script(engine, tables), database)
        return self.url(database)


def program(name: str) -> str | None:
    """Where a program is; Debian keeps servers out of a user's path."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def missing() -> str | None:
    """Why no server can be started here, or None."""
    absent = [name for name in ("mariadbd", "mariadb-install-db", "mariadb") if not program(name)]
    if not absent:
        return None
    return f"{', '.join(absent)} not found: install mariadb-server to run the OpenDental tests"


@contextmanager
def running(*options: str) -> Iterator[Server]:
    """Start a server with further options, and stop it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="carehouse-mariadb-"))
    as_user = []
    if os.getuid() == 0:
        as_user = ["--user=mysql"]
        shutil.chown(folder, "mysql", "mysql")
    folder.chmod(0o755)
    data, log = folder / "data", folder / "log"
    process = None
    try:
        with log.open("wb") as output:
            subprocess.run(
                [program("mariadb-install-db"), "--no-defaults", *as_user, f"--datadir={data}",
                 "--auth-root-authentication-method=normal", "--skip-test-db"],
                check=True, stdout=output, stderr=output,
            )  # fmt: skip
            port = free_port()
            process = subprocess.Popen(
                [program("mariadbd"), "--no-defaults", *as_user, f"--datadir={data}",
                 f"--socket={folder / 's'}", f"--pid-file={folder / 'pid'}", f"--port={port}",
                 "--bind-address=127.0.0.1", "--skip-name-resolve", "--sql-mode=",
                 "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=64M",
                 "--key-buffer-size=64M", "--max-allowed-packet=64M", *options],
                stdout=output, stderr=output,
            )  # fmt: skip
        server = Server(port, folder / "s", folder, process)
        _wait(server, log)
        server.run(
            f"create user '{USER}'@'%' identified by '{PASSWORD}'; "
            f"create user 'nobody'@'%' identified by '{PASSWORD}'; "
            "create user if not exists 'root'@'127.0.0.1'; "
            "grant all on *.* to 'root'@'127.0.0.1' with grant option;"
        )
        yield server
    finally:
        if process:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _wait(server: Server, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        with socket.socket() as client:
            if server.socket.exists() and client.connect_ex(("127.0.0.1", server.port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"MariaDB did not start:\n{log.read_text(errors='replace')[-3000:]}")


@cache
def _skip_or_fail() -> None:
    reason = missing()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(f"in CI a skip is a failure: {reason}", pytrace=False)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """One server for the session; each test makes a database of its own in it."""
    _skip_or_fail()
    with running() as server:
        yield server
