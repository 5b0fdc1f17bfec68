"""Each reminder once: two senders, kills, cut connections and bad addresses, to a real server."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from contextlib import contextmanager

import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner

from carehouse import reminders
from carehouse.cli import main
from carehouse.errors import CannotSend
from carehouse.mail import parse
from carehouse.reminder_ledger import known
from carehouse.reminders import remind, settle
from clinic_support import settings_at
from reception_support import DAY, call, free_port, publish_calls

THOROUGH = bool(os.environ.get("CAREHOUSE_TEST_THOROUGH"))
MESSAGES, KILLS = (1000, 50) if THOROUGH else (80, 8)


class Mailbox:
    """Keeps what it has taken; `behave` may refuse, cut or stall a message."""

    def __init__(self, behave=lambda moment, name: None):
        self.taken = Counter()
        self.rest = set()  # known before
        self.behave = behave

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answer = self.behave("rcpt", address)
        if answer == "cut":
            server.transport.abort()
            await asyncio.sleep(0)
        if isinstance(answer, str) and answer[:3].isdigit():
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        (name,) = envelope.rcpt_tos
        answer = self.behave("data", name)
        if answer == "cut before taking":
            server.transport.abort()
            return "250 OK"
        if isinstance(answer, str) and answer[:3].isdigit():
            return answer
        self.taken[name] += 1
        if answer == "cut":
            server.transport.abort()
        elif answer == "stall":
            await asyncio.sleep(3)
        return "250 OK"


@contextmanager
def mail_server(behave=lambda moment, name: None):
    mailbox = Mailbox(behave)
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        # the next command is read only after the answer, so that an abort comes in its place
        server_hostname="mail.test",
    )
    controller.start()
    try:
        yield mailbox, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


@pytest.fixture
def settings(tmp_path):
    return settings_at(tmp_path / "home").model_copy(update={"smtp_seconds": 1.0})


def publish(settings, count: int, **more) -> None:
    publish_calls(
        settings, *(call(n, address=f"p{n}@example.org", **more) for n in range(1, count + 1))
    )


def states(settings) -> Counter:
    return Counter(known(settings.outbox).values())


SENDER = textwrap.dedent(
    """
    import sys
    from datetime import date
    from pathlib import Path
    from carehouse.errors import CarehouseError
    from carehouse.reminders import remind
    from carehouse.settings import Settings
    settings = Settings(home=Path(sys.argv[1]), smtp_seconds=5)
    print("ready", flush=True)
    try:
        result = remind(settings, date.fromisoformat(sys.argv[2]), smtp_url=sys.argv[3])
    except CarehouseError as error:
        sys.exit(str(error))
    print(len(result.sent), len(result.uncertain), len(result.failed), result.with_another)
    """
)


def start_sender(settings, url) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, "-c", SENDER, str(settings.home), DAY.isoformat(), url],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def test_two_senders_and_kills_deliver_each_once_or_name_it_as_uncertain(settings):
    publish(settings, MESSAGES)
    chance = random.Random(15)
    senders: list[subprocess.Popen] = []
    seen, killed = [], []

    def kill_now_and_then(moment, name):
        """Both senders, or one, within milliseconds of every so many-th message."""
        seen.append((moment, name))
        if len(seen) % (2 * MESSAGES // KILLS) == 0 and len(killed) < KILLS:
            for one in chance.sample(senders, chance.choice((1, 2))):
                threading.Timer(chance.uniform(0, 0.01), one.kill).start()
            killed.append(name)

    with mail_server(kill_now_and_then) as (mailbox, url):
        started = time.monotonic()
        while sum(states(settings)[one] for one in ("sent", "uncertain", "handing")) < MESSAGES:
            senders[:] = [start_sender(settings, url) for _ in range(2)]
            for one in senders:
                one.communicate(timeout=300)
        last = remind(settings, DAY, smtp_url=url)
    found = states(settings)
    print(f"{time.monotonic() - started:.0f} s, {len(killed)} kills, {dict(found)}")
    assert len(killed) >= KILLS - 1
    assert (last.failed, last.with_another) == ({}, 0)
    assert max(mailbox.taken.values()) == 1
    assert set(found) <= {"sent", "uncertain"}
    assert found["uncertain"] == len(last.uncertain) <= 2 * KILLS
    by_state = {state: set() for state in found}
    for (number, _), state in known(settings.outbox).items():
        by_state[state].add(number)
    delivered = {name.partition("@")[0].removeprefix("p") for name in mailbox.taken}
    assert by_state["sent"] <= delivered
    assert delivered | by_state.get("uncertain", set()) == set(map(str, range(1, MESSAGES + 1)))


@pytest.mark.parametrize("moment", ["take", "hand_over", "end"])
def test_a_kill_at_each_step_is_told_as_what_it_was(settings, moment):
    publish(settings, 3)
    code = f"""
        import os, signal, sys
        from datetime import date
        from pathlib import Path
        from carehouse import reminder_ledger
        from carehouse.reminders import remind
        from carehouse.settings import Settings
        before = reminder_ledger.Ledger.{moment}
        def killed(*values):
            if {moment!r} != "end":
                before(*values)
            os.kill(os.getpid(), signal.SIGKILL)
        reminder_ledger.Ledger.{moment} = killed
        remind(Settings(home=Path(sys.argv[1])), date(2025, 9, 5), smtp_url=sys.argv[2])
    """
    with mail_server() as (mailbox, url):
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), str(settings.home), url], check=False
        )
        assert done.returncode == -signal.SIGKILL
        after = remind(settings, DAY, smtp_url=url)
        if moment == "take":  # nothing had been handed over: it is simply sent
            assert (len(after.sent), after.uncertain) == (3, [])
            assert sorted(mailbox.taken.values()) == [1, 1, 1]
            return
        assert len(after.sent) == 2
        assert after.uncertain == ["20250905-1000-1.eml"]
        arrived = mailbox.taken["p1@example.org"] == 1
        assert arrived is (moment == "end")
        assert remind(settings, DAY, smtp_url=url).already == 2  # and not 3
        answer = {"arrived": after.uncertain, "not_arrived": []}
        settle(settings, *(answer.values() if arrived else reversed(answer.values())))
        remind(settings, DAY, smtp_url=url)
    assert sorted(mailbox.taken.values()) == [1, 1, 1]
    assert states(settings) == {"sent": 3}


def once(answers):
    """Behave as told for each name, the first time only."""
    left = dict(answers)

    def behave(moment, name):
        return left.pop((moment, name), None)

    return behave


def test_a_server_that_refuses_cuts_and_stalls_harms_only_those_messages(settings):
    publish(settings, 8)
    answers = {
        ("rcpt", "p1@example.org"): "550 no such mailbox",
        ("data", "p2@example.org"): "451 try later",
        ("rcpt", "p3@example.org"): "421 closing",
        ("data", "p4@example.org"): "554 spam",
        ("data", "p5@example.org"): "stall",
        ("data", "p6@example.org"): "cut before taking",
    }
    with mail_server(once(answers)) as (mailbox, url):
        first = remind(settings, DAY, smtp_url=url)
        names = {n: f"20250905-1000-{n}.eml" for n in range(1, 9)}
        assert first.sent == [names[7], names[8]]
        assert set(first.failed) == {names[1], names[2], names[3], names[4]}
        assert first.uncertain == [names[5], names[6]]
        assert first.stopped is None
        second = remind(settings, DAY, smtp_url=url)
        assert second.sent == [names[1], names[2], names[3], names[4]]
        assert second.uncertain == [names[5], names[6]]
        settle(settings, [names[5]], [names[6]])
        assert remind(settings, DAY, smtp_url=url).sent == [names[6]]
        assert remind(settings, DAY, smtp_url=url).already == 8
    assert mailbox.taken == {f"p{n}@example.org": 1 for n in range(1, 9)}


def test_a_server_that_cuts_everything_is_left_alone_and_nothing_is_lost(settings):
    publish(settings, 10)
    with mail_server(lambda moment, name: "421 closing" if moment == "rcpt" else None) as (
        box,
        url,
    ):
        result = remind(settings, DAY, smtp_url=url)
        assert "3 messages in a row" in result.stopped
    assert not box.taken
    with mail_server() as (mailbox, url):
        assert len(remind(settings, DAY, smtp_url=url).sent) == 10


@pytest.mark.parametrize(
    "address",
    [
        "maria..x@example.org",
        ".maria@example.org",
        "maria@example",
        "maria@-example.org",
        "maria x@example.org",
        f"{'m' * 65}@example.org",
        "maria@example..org",
        "maria@example.org, other@example.org",
        "maria\r\nBcc: all@example.org",
        "märia@example.org",
    ],
)
def test_a_bad_address_is_refused_alone(settings, address):
    publish_calls(
        settings,
        call(1, address="a@example.org"),
        call(2, address=address, phone=None),
        call(3, address=address),  # has a phone number: written to there
        call(4, address="b@example.org"),
    )
    with mail_server() as (mailbox, url):
        result = remind(settings, DAY, smtp_url=url)
    assert list(result.failed) == ["20250905-1000-2.eml"]
    assert address not in str(result)
    assert set(mailbox.taken) == {"a@example.org", "b@example.org", "+491701234567@sms.invalid"}


def test_a_sender_that_was_taken_for_dead_cannot_send_any_more(settings, monkeypatch):
    publish(settings, 1)
    with mail_server() as (mailbox, url):
        before = reminders.Ledger.hand_over

        def slow(ledger, key):
            with sqlite3.connect(settings.outbox / "ledger.sqlite") as other:
                other.execute("update reminders set state = 'written', holder = null")
            return before(ledger, key)

        monkeypatch.setattr(reminders.Ledger, "hand_over", slow)
        assert remind(settings, DAY, smtp_url=url).sent == []
        assert not mailbox.taken
        monkeypatch.undo()
        assert len(remind(settings, DAY, smtp_url=url).sent) == 1


def test_what_an_earlier_version_left_in_the_middle_is_uncertain(settings):
    publish(settings, 3)
    settings.outbox.mkdir(parents=True)
    with sqlite3.connect(settings.outbox / "ledger.sqlite") as ledger:
        ledger.execute(
            "create table reminders (appointment_id text, starts_at text, state text, "
            "changed_at text default current_timestamp, primary key (appointment_id, starts_at))"
        )
        for number, state in ((1, "sent"), (2, "sending"), (3, "claimed")):
            ledger.execute(
                "insert into reminders (appointment_id, starts_at, state) values (?, ?, ?)",
                (str(number), "2025-09-05T10:00:00+02:00", state),
            )
    ledger.close()
    with mail_server() as (mailbox, url):
        result = remind(settings, DAY, smtp_url=url)
    assert (result.already, result.uncertain) == (1, ["20250905-1000-2.eml"])
    assert set(mailbox.taken) == {"p3@example.org"}


def test_a_ledger_that_cannot_be_read_sends_nothing(settings):
    publish(settings, 1)
    settings.outbox.mkdir(parents=True)
    (settings.outbox / "ledger.sqlite").write_bytes(b"not a database" * 100)
    with mail_server() as (mailbox, url), pytest.raises(CannotSend, match="who was written to"):
        remind(settings, DAY, smtp_url=url)
    assert not mailbox.taken


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("smtp://user:secret@mail.example:25", True),
        ("smtp://user:secret@192.0.2.1", True),
        ("smtp://user:secret@127.0.0.1:2525", False),
        ("smtp://user:secret@localhost", False),
        ("smtp://user:secret@[::1]:25", False),
        ("smtp://mail.example", False),
        ("smtp+starttls://user:secret@mail.example", False),
        ("smtps://user:secret@mail.example", False),
        ("smtp://127.0.0.1.example:25x", True),
        ("http://mail.example", True),
    ],
)
def test_a_password_never_goes_over_the_network_in_the_clear(url, refused):
    if not refused:
        parse(url, 1)
        return
    with pytest.raises(CannotSend) as error:
        parse(url, 1)
    assert "secret" not in str(error.value)


def test_the_server_is_a_setting_and_no_password_is_taken_from_the_command_line(
    settings, monkeypatch
):
    publish(settings, 1, name="Zoë Ünal")
    monkeypatch.setenv("CAREHOUSE_HOME", str(settings.home))
    run = CliRunner().invoke
    typed = run(main, ["remind", "--day", "2025-09-05", "--smtp", "smtps://u:secret@mail.example"])
    assert (typed.exit_code, "secret" in typed.output) == (2, False)
    assert run(main, ["remind", "--day", "2025-09-05", "--send"]).exit_code == 2
    shown = run(main, ["remind", "--day", "2025-09-05", "--dry-run"]).output
    assert "To: Zoë Ünal <p1@example.org>" in shown
    assert (
        "Dear Zoë Ünal,\n\nthis is a reminder of your appointment with Marta K on Friday" in shown
    )
    with mail_server() as (mailbox, url):
        monkeypatch.setenv("CAREHOUSE_SMTP_URL", url)
        sent = run(main, ["remind", "--day", "2025-09-05", "--send"])
    assert sent.exit_code == 0, sent.output
    assert mailbox.taken == {"p1@example.org": 1}


def test_uncertain_ones_are_named_and_asked_about(settings, monkeypatch):
    publish(settings, 2)
    monkeypatch.setenv("CAREHOUSE_HOME", str(settings.home))
    with mail_server(once({("data", "p1@example.org"): "cut"})) as (mailbox, url):
        monkeypatch.setenv("CAREHOUSE_SMTP_URL", url)
        monkeypatch.setenv("CAREHOUSE_SMTP_SECONDS", "2")
        run = CliRunner().invoke
        first = run(main, ["remind", "--day", "2025-09-05", "--send"])
        assert first.exit_code == 1
        assert "uncertain: 20250905-1000-1.eml" in first.stderr
        assert "--arrived" in first.stderr
        wrong = run(main, ["remind", "--arrived", "20250905-1000-2.eml"])
        assert wrong.exit_code == 1 and "is not uncertain" in wrong.output
        assert run(main, ["remind", "--arrived", "20250905-1000-1.eml"]).exit_code == 0
        last = run(main, ["remind", "--day", "2025-09-05", "--send"])
    assert last.exit_code == 0, last.output
    assert "2 already done" in last.output
    assert mailbox.taken == {"p1@example.org": 1, "p2@example.org": 1}
