"""Who was reminded of which appointment: one row a message, changed only by compare-and-swap.

| state | means | next |
|---|---|---|
| written | it is in the outbox and no server has it | any sender may take it |
| taken | a sender is about to hand it over | written again when that sender is gone |
| handing | its last byte is being handed over | uncertain when that sender is gone |
| sent | a server said that it has it | – |
| refused | the server, or the address itself, does not allow it | any sender may try again |
| uncertain | the sender was cut off at the last byte | a person says whether it arrived |

A change names the state and the sender that it expects, so of two senders one wins, and one that
was taken for dead and is not can no longer send.
"""

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from carehouse.errors import CannotSend

Key = tuple[str, str]  # appointment id, start as text
VERSION = 2
OTHER_MACHINE_HOURS = 1  # so long a sender on another machine is believed to be at work


def sender() -> str:
    """This process, told from any other, also from a later one of the same number."""
    import psutil

    return f"{socket.gethostname()}/{os.getpid()}/{psutil.Process().create_time():.3f}"


class Ledger:
    """The ledger of one outbox, as one sender sees it."""

    def __init__(self, connection: sqlite3.Connection, me: str):
        self._connection = connection
        self._me = me

    def enter(self, key: Key) -> bool:
        """Note that a message is in the outbox; whether it was not known before."""
        return self._change(
            "insert or ignore into reminders (appointment_id, starts_at, state) "
            "values (?, ?, 'written')",
            *key,
        )

    def state(self, key: Key) -> str | None:
        """What is known of a message; None of one that was never written."""
        row = self._connection.execute(
            "select state from reminders where appointment_id = ? and starts_at = ?", key
        ).fetchone()
        return row and row[0]

    def take(self, key: Key) -> bool:
        """Make it ours to send; False when another sender was faster."""
        return self._swap(key, ("written", "refused"), "taken", mine=False)

    def hand_over(self, key: Key) -> bool:
        """Just before the last byte; False when it is no longer ours, and must not be sent."""
        return self._swap(key, ("taken",), "handing")

    def end(self, key: Key, state: str) -> bool:
        """What became of it."""
        return self._swap(key, ("taken", "handing", "uncertain"), state)

    def settle(self, key: Key, state: str) -> bool:
        """What a person says of an uncertain one."""
        return self._swap(key, ("uncertain",), state, mine=False)

    def uncertain(self) -> list[Key]:
        """The messages of which nobody knows whether they were sent."""
        return self._connection.execute(
            "select appointment_id, starts_at from reminders where state = 'uncertain' "
            "order by starts_at, appointment_id"
        ).fetchall()

    def give_back(self) -> None:
        """Take from senders that are gone: what was not handed over may be sent by another."""
        for *key, state, holder, hours in self._connection.execute(
            "select appointment_id, starts_at, state, holder, "
            "(julianday('now') - julianday(changed_at)) * 24 "
            "from reminders where state in ('taken', 'handing')"
        ).fetchall():
            if not _is_at_work(holder, hours):
                self._change(
                    "update reminders set state = ?, changed_at = current_timestamp "
                    "where appointment_id = ? and starts_at = ? and state = ? and holder is ?",
                    "written" if state == "taken" else "uncertain",
                    *key,
                    state,
                    holder,
                )

    def _swap(self, key: Key, expected: tuple[str, ...], state: str, mine: bool = True) -> bool:
        marks = ", ".join("?" * len(expected))
        return self._change(
            "update reminders set state = ?, holder = ?, changed_at = current_timestamp "
            f"where appointment_id = ? and starts_at = ? and state in ({marks})"
            + (" and holder = ?" if mine else ""),
            *(state, self._me, *key, *expected),
            *([self._me] if mine else []),
        )

    def _change(self, statement: str, *values: str) -> bool:
        return self._connection.execute(statement, values).rowcount == 1


def _is_at_work(holder: str | None, hours: float) -> bool:
    import psutil

    if not holder:
        return False
    host, process, started = holder.rsplit("/", 2)
    if host != socket.gethostname():
        return hours < OTHER_MACHINE_HOURS
    try:
        return abs(psutil.Process(int(process)).create_time() - float(started)) < 1
    except psutil.Error:
        return False


@contextmanager
def open_ledger(outbox: Path) -> Iterator[Ledger]:
    """The ledger of an outbox, made if there is none. Raises CannotSend where it is unusable."""
    path = outbox / "ledger.sqlite"
    try:
        # each statement is a transaction of its own, on the disk before the next step is taken
        with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as connection:
            path.chmod(0o600)
            connection.execute("pragma synchronous = full")
            _make(connection)
            ledger = Ledger(connection, sender())
            ledger.give_back()
            yield ledger
    except sqlite3.Error as error:
        raise _unusable(path, error) from error


def known(outbox: Path) -> dict[Key, str]:
    """The state of each message; no row is changed. Raises CannotSend where it is unusable."""
    path = outbox / "ledger.sqlite"
    if not path.exists():
        return {}
    try:
        # not read-only: what a killed sender was in the middle of is undone before anyone reads
        uri = f"{path.as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=60)) as ledger:
            rows = ledger.execute("select appointment_id, starts_at, state from reminders")
            return {(appointment, start): state for appointment, start, state in rows}
    except sqlite3.Error as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: sqlite3.Error) -> CannotSend:
    return CannotSend(
        f"{path} cannot be used ({error}): nobody can say who was written to. Put it back from "
        "a backup, or move it away and compare with the mail server what was sent"
    )


def _make(connection: sqlite3.Connection) -> None:
    if connection.execute("pragma user_version").fetchone()[0] == VERSION:
        return
    connection.execute("begin immediate")  # of two at once, one makes it
    connection.execute(
        "create table if not exists reminders (appointment_id text, starts_at text, state text, "
        "changed_at text default current_timestamp, primary key (appointment_id, starts_at))"
    )
    columns = {row[1] for row in connection.execute("pragma table_info(reminders)")}
    if "holder" not in columns:  # made by an earlier version
        connection.execute("alter table reminders add column holder text")
        connection.execute("delete from reminders where state = 'claimed'")
        connection.execute("update reminders set state = 'handing' where state = 'sending'")
    connection.execute(f"pragma user_version = {VERSION}")
    connection.execute("commit")
