"""Read from a MySQL or MariaDB server through DuckDB's scanner, and never write.

The database is attached read only; one connection is open, or two for the checksums of a large
InnoDB table; its time zone is UTC.
The scanner resets the connection between two queries, so no transaction spans them: each query
sees one moment of its table. No password leaves this module: not in an error, a log or a `repr`;
DuckDB gets it as a secret that lives in memory.
"""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import duckdb

from carehouse.database import load_bundled
from carehouse.errors import BadText, CannotConnect, ConnectionLost, QueryFailed
from carehouse.sql import literal

CONNECT_SECONDS = 10
ATTEMPTS = 5
OPTIONS = ("compression", "ssl_mode", "ssl_ca", "ssl_capath", "ssl_cert", "ssl_key")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Address:
    """Where a database is and who asks; printing it shows neither user nor password."""

    host: str
    port: int
    database: str
    user: str = field(repr=False)
    password: str = field(repr=False)
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"mysql://{host}:{self.port}/{self.database}"

    def same_database(self, other: "Address") -> bool:
        """Whether two addresses reach the same database, whoever asks and by whatever name."""
        if (self.port, self.database.lower()) != (other.port, other.database.lower()):
            return False
        return self.host.lower() == other.host.lower() or bool(_ips(self.host) & _ips(other.host))


def parse_address(url: str, name: str) -> Address:
    """Read `mysql://user:password@host:3306/database`; `name` is what the message calls it.

    Raises CannotConnect when it is no such address; the message does not repeat it.
    """
    form = f"{name} must look like mysql://user:password@host:3306/opendental"
    try:
        parts = urlsplit(url)
        port = parts.port or 3306
    except ValueError:
        raise CannotConnect(f"{form}: its host or port cannot be read") from None
    database = unquote(parts.path.removeprefix("/"))
    if parts.scheme not in ("mysql", "mariadb") or not parts.hostname or not database:
        raise CannotConnect(f"{form}; a %, @, : or / in the password is written %25, %40, %3A, %2F")
    options = tuple(parse_qsl(parts.query))
    if unknown := {option for option, _ in options} - set(OPTIONS):
        raise CannotConnect(
            f"{name}: there is no option {', '.join(sorted(unknown))}; use {', '.join(OPTIONS)}"
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if "/" in database or "\0" in user + password + database:
        raise CannotConnect(form)
    return Address(parts.hostname, port, database, user, password, options)


@dataclass(frozen=True)
class Session:
    """An attached database that is only read; each query is a session of its own on the server."""

    connection: duckdb.DuckDBPyConnection
    address: Address
    alias: str

    def relation(self, sql: str) -> str:
        """SQL text of a DuckDB relation that is the result of a query on the server."""
        return f"mysql_query({literal(self.alias)}, {literal(sql)})"

    def rows(self, sql: str) -> list[tuple]:
        """The rows of a query on the server. Raises ConnectionLost, BadText or QueryFailed."""
        return self.run(f"from {self.relation(sql)}")

    def run(self, sql: str) -> list[tuple]:
        """Run DuckDB SQL that reads from the server to its end; its errors as this module's."""
        try:
            return self.connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise _failure(error) from None


def load_scanner(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the MySQL scanner from its wheel, never from the network, and set how it reads."""
    load_bundled(connection, "mysql_scanner", CannotConnect)
    for setting, value in {
        "mysql_enable_transactions": "false",  # they would not span queries, only idle
        "mysql_pool_size": "1",
        "mysql_pool_connection_idle_timeout_millis": "0",
        "mysql_query_timeout_enabled": "false",  # it ends a long read after five minutes
        "mysql_session_time_zone": "'+00:00'",
        "mysql_tinyint1_as_boolean": "false",  # some hold 2
        "mysql_bit1_as_boolean": "false",
        "mysql_time_as_time": "false",  # they can be negative or beyond a day
        "mysql_incomplete_dates_as_nulls": "true",
    }.items():
        connection.execute(f"set global {setting} = {value}")


@contextmanager
def read_only_session(
    connection: duckdb.DuckDBPyConnection, address: Address, alias: str = "opendental_source"
) -> Iterator[Session]:
    """A session on a server, its scanner loaded; closed at the end. Raises CannotConnect."""
    attach(connection, address, alias)
    try:
        yield Session(connection, address, alias)
    finally:
        detach(connection, alias)


def attach(
    connection: duckdb.DuckDBPyConnection, address: Address, alias: str, read_only: bool = True
) -> None:
    """Attach a database. Raises CannotConnect in words for the person who keeps the address."""
    load_scanner(connection)
    _knock(address)
    fields = {
        "host": _ip4(address.host),
        "port": str(address.port),
        "user": address.user,
        "password": address.password,
        "database": address.database,
        **dict(address.options),
    }
    # else it is on, and over a local network takes more time than anything; no secret knows it
    compression = fields.pop("compression", "disabled")
    if compression not in ("disabled", "preferred", "required"):
        raise CannotConnect(f"{address}: compression is disabled, preferred or required")
    if "ssl_mode" not in fields and not is_here(address.host):
        fields["ssl_mode"] = "required"  # this driver then tests the certificate and its name too
    listed = ", ".join(f"{name} {literal(value)}" for name, value in fields.items() if value)
    try:
        connection.execute(f"create or replace temporary secret {alias} (type mysql, {listed})")
    except duckdb.Error:
        raise CannotConnect(
            f"{address}: DuckDB cannot use this address: check the ssl options"
        ) from None
    try:
        mode = ", read_only" if read_only else ""
        connection.execute(
            f"attach 'compression={compression}' as {alias} (type mysql, secret {alias}{mode})"
        )
        connection.execute(f"from mysql_query({literal(alias)}, 'select 1')").fetchall()
    except duckdb.Error as error:
        detach(connection, alias)
        raise _refusal(address, str(error)) from None


def detach(connection: duckdb.DuckDBPyConnection, alias: str) -> None:
    """Close a database's connections and forget its password."""
    with suppress(duckdb.Error):  # a transaction that has failed cannot detach; closing will
        connection.execute(f"detach database if exists {alias}")
        connection.execute(f"drop secret if exists {alias}")


def with_retries(work: Callable[[], Result], notice: Callable[[str], None]) -> Result:
    """Do `work` again, after a growing pause, when the connection was lost; else let it fail."""
    try:
        return work()
    except ConnectionLost as error:
        notice(f"{error}; trying again")
    from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

    retrying = Retrying(
        retry=retry_if_exception_type((ConnectionLost, CannotConnect)),
        wait=wait_exponential(multiplier=0.2, max=30),
        stop=stop_after_attempt(ATTEMPTS),
        before_sleep=lambda state: notice(f"{state.outcome.exception()}; trying again"),
        reraise=True,
    )
    return retrying(work)


def _knock(address: Address) -> None:
    """Open and close a plain connection, since the driver would wait minutes for a silent host."""
    try:
        socket.create_connection((_ip4(address.host), address.port), CONNECT_SECONDS).close()
    except socket.gaierror:
        raise CannotConnect(
            f"{address}: no host has this name: check its spelling, or the VPN"
        ) from None
    except TimeoutError:
        raise CannotConnect(
            f"{address}: no answer within {CONNECT_SECONDS} seconds: does a firewall block it?"
        ) from None
    except ConnectionRefusedError:
        raise CannotConnect(
            f"{address}: no server answers on this port: is it running, and is the port right?"
        ) from None
    except OSError as error:
        raise CannotConnect(f"{address}: cannot be reached ({error.strerror or 'error'})") from None


def is_here(host: str) -> bool:
    """Whether a host is this computer, to which nobody listens on the way."""
    try:
        return ip_address(_ip4(host)).is_loopback
    except (ValueError, OSError):
        return False


REFUSALS = (  # what the server's or the driver's text says, and what to tell
    (r"to database '", "the user may not read this database: grant it select on the database"),
    (r"access denied", "the user or the password is wrong, or this computer may not connect"),
    (r"unknown database", "the server has no database of this name: check the end of the address"),
    (
        r"too many connections|max_user_connections",
        "the server has no free connection: try again later",
    ),
    (
        r"is blocked because|is not allowed to connect",
        "the server does not accept connections from this computer",
    ),
    (r"must change|password has expired", "the user's password has expired: set a new one"),
    (
        r"tls|ssl|certificate",
        "no encrypted connection could be made: let the server speak TLS with a certificate for "
        "this host, and name what signed it by ?ssl_ca=FILE. ?ssl_mode=preferred takes any "
        "certificate, ?ssl_mode=disabled is for a network that nobody else uses",
    ),
    (
        r"plugin",
        "this driver cannot sign in the way the server asks: use mysql_native_password for "
        "this user",
    ),
    (
        r"lost connection|gone away|handshake",
        "the server ended the connection while it was being opened: try again",
    ),
    (r"can't connect|timed out|timeout", "the server does not answer"),
)


def _refusal(address: Address, text: str) -> CannotConnect:
    text = text.lower()
    for pattern, meaning in REFUSALS:
        if re.search(pattern, text):
            return CannotConnect(f"{address}: {meaning}")
    return CannotConnect(
        f"{address}: the server refused the connection and gave no reason that carehouse knows"
    )


def _failure(error: duckdb.Error) -> Exception:
    """What a query's failure means; the text of DuckDB's error may hold the query or a value."""
    text = str(error).lower()
    if query := re.search(r'mysql query ".*":([^"]*)\Z', text, re.DOTALL):
        text = query[1]  # what the server said; nothing when the connection broke off in a row
        if not text.strip():
            return ConnectionLost("the connection to the database was lost")
    lost = r"lost connection|gone away|can't connect|connection was killed|shutdown in progress"
    if re.search(lost, text):
        return ConnectionLost("the connection to the database was lost")
    if "failed to connect" in text:
        return ConnectionLost("the connection to the database was lost and not opened again")
    if re.search(r"unicode|utf-?8", text):
        return BadText("a text column has damaged characters")
    if re.search(r"command denied|access denied", text):
        return QueryFailed("the user may not read it: grant it select on the database")
    if re.search(
        r"max_statement_time|maximum statement execution|query execution was interr", text
    ):
        return QueryFailed("an administrator or a time limit on the server ended the query")
    if "crashed" in text or "corrupt" in text:
        return QueryFailed(
            "the server says that the table is damaged: ask who keeps the database to repair it"
        )
    if "lock wait timeout" in text or "deadlock" in text:
        return QueryFailed("the server was waiting for a lock too long: try again")
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryFailed("it needs more memory than carehouse gives it")
    return QueryFailed(f"the query failed ({type(error).__name__})")


def _ip4(host: str) -> str:
    """The driver takes `localhost` for a socket file, whatever the port."""
    return "127.0.0.1" if host.lower() == "localhost" else host


def _ips(host: str) -> set[str]:
    try:
        return {info[4][0] for info in socket.getaddrinfo(_ip4(host), None)}
    except OSError:
        return set()
