"""Beyond this computer the practice's database is read encrypted, or not at all."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest

from carehouse.errors import CannotConnect
from carehouse.landing.opendental.mysql import is_here, parse_address, read_only_session
from mariadb_support import PASSWORD, USER, missing, running

pytestmark = pytest.mark.skipif(bool(missing()), reason=str(missing()))


def own_address() -> str:
    """This computer's address in its network; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.77", 9))
            return one.getsockname()[0]
        except OSError:
            pytest.skip("this computer has no network")


def cipher(url: str) -> str:
    """What a session is encrypted with, as the server says; empty where it is not."""
    with (
        closing(duckdb.connect(":memory:")) as connection,
        read_only_session(connection, parse_address(url, "OPENDENTAL_URL")) as session,
    ):
        ((_, found),) = session.rows("show session status like 'Ssl_cipher'")
        return found


def test_without_tls_a_server_elsewhere_is_refused_unless_the_address_says_so():
    host = own_address()
    with running("--bind-address=0.0.0.0", "--skip-ssl") as server:
        server.run(f"create database practice; grant select on practice.* to '{USER}'@'%'")
        url = server.reader_url("practice")
        assert cipher(url) == ""  # on this computer
        there = url.replace("127.0.0.1", host)
        with pytest.raises(CannotConnect, match="let the server speak TLS") as told:
            cipher(there)
        assert PASSWORD not in str(told.value)
        assert cipher(f"{there}?ssl_mode=disabled") == ""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the server's own account can read too."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_with_tls_a_server_elsewhere_is_read_encrypted(open_folder):
    host = own_address()
    cert, key = open_folder / "cert.pem", open_folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=practice", "-addext", f"subjectAltName=IP:{host}", "-out", cert, "-keyout", key],
        check=True, capture_output=True,
    )  # fmt: skip
    for path in (cert, key):
        path.chmod(0o644)
    with running("--bind-address=0.0.0.0", f"--ssl-cert={cert}", f"--ssl-key={key}") as server:
        server.run(f"create database practice; grant select on practice.* to '{USER}'@'%'")
        there = server.reader_url("practice").replace("127.0.0.1", host)
        assert cipher(f"{there}?ssl_ca={cert}")
        with pytest.raises(CannotConnect, match="ssl_ca=FILE"):  # by nobody who is trusted
            cipher(there)
        assert cipher(f"{there}?ssl_mode=preferred")


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.0.0.1", True), ("127.8.0.1", True), ("::1", True)]
    + [("192.0.2.9", False), ("db.practice.example", False), ("10.0.0.1", False)],
)
def test_this_computer_is_told_from_others(host, here):
    assert is_here(host) is here
