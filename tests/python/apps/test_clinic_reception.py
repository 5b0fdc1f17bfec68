"""The call list, the reminders (to a real SMTP server) and the API (a real uvicorn)."""

import csv
import email
import email.policy
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import duckdb
import httpx
import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner

from carehouse.cli import main
from carehouse.errors import CannotSend
from carehouse.reminders import remind
from carehouse.settings import PROJECT_DIR
from carehouse.tables import harmless
from clinic_support import settings_at
from reception_support import DAY, call, free_port, publish_calls


@pytest.fixture
def settings(tmp_path):
    settings = settings_at(tmp_path / "home")
    publish_calls(settings, call(123))
    return settings


@pytest.fixture
def command(settings, monkeypatch):
    monkeypatch.setenv("CAREHOUSE_HOME", str(settings.home))
    return lambda *arguments: CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("start", ["=1+1", "+49", "-2", "@SUM", "\t=1", "\r=1", " =1", "＝1"])
def test_a_text_that_would_run_as_a_formula_is_neutralized(start):
    assert harmless(start) == "'" + start


@pytest.mark.parametrize("cell", ["Smith", "", None, -20.5, 3, "a=b", "2025-09-05"])
def test_other_cells_stay_as_they_are(cell):
    assert harmless(cell) == cell


def test_the_call_list_is_csv_that_no_spreadsheet_runs(settings, command, tmp_path):
    publish_calls(settings, call(1, name="=HYPERLINK(0)"), call(2, name='O"Neil, Jo', hour=9))
    out = tmp_path / "calls.csv"
    result = command("priorities", "--day", "2025-09-05", "--out", str(out))
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["patient_name"] for row in rows] == ['O"Neil, Jo', "'=HYPERLINK(0)"]
    assert rows[0]["phone"] == "'+49-170-1234567"
    assert [rows[0][name] for name in ("appt_start", "appt_end", "booked_at")] == [
        "2025-09-05T09:00:00+02:00",
        "2025-09-05T09:45:00+02:00",
        "2025-08-20T10:00:00+02:00",
    ]
    assert rows[0]["is_new_patient"] == "true"
    assert command("priorities").output == out.read_text(encoding="utf-8")


def test_a_day_without_bookings_is_an_empty_list(command):
    result = command("priorities", "--day", "2030-01-01")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) == 1


def test_before_anything_is_published_the_commands_say_so(tmp_path, monkeypatch):
    monkeypatch.setenv("CAREHOUSE_HOME", str(tmp_path / "nothing"))
    for arguments in (["priorities", "--day", "2025-09-05"], ["remind", "--day", "2025-09-05"]):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 1
        assert "carehouse run" in result.output


def outbox(settings) -> dict[str, email.message.EmailMessage]:
    return {
        path.name: email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted(settings.outbox.glob("*.eml"))
    }


def test_one_reminder_an_appointment_with_consent_and_an_address(settings):
    publish_calls(
        settings,
        call(1),
        call(2, address="pat@example.org", hour=11),
        call(3, consent=0),
        call(4, consent=None),
        call(5, phone=None),
        call(6, name="Evil\r\nBcc: all@example.org", hour=12),
    )
    result = remind(settings, DAY)
    assert (len(result.written), result.without_consent, result.without_address) == (3, 2, 1)
    messages = outbox(settings)
    assert list(messages) == result.written
    assert [message["To"].addresses[0].addr_spec for message in messages.values()] == [
        "+491701234567@sms.invalid",
        "pat@example.org",
        "+491701234567@sms.invalid",
    ]
    for message in messages.values():
        assert not message.defects
        assert message["Bcc"] is None
        assert {"From", "To", "Date", "Message-ID", "Subject"} <= set(message.keys())
        assert "05 September 2025" in message.get_content()
    if os.name != "nt":
        assert settings.outbox.stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in settings.outbox.iterdir())


def test_nobody_is_written_to_twice_and_a_moved_appointment_is_again(settings):
    assert len(remind(settings, DAY).written) == 1
    again = remind(settings, DAY)
    assert (again.written, again.already) == ([], 1)
    for path in settings.outbox.glob("*.eml"):
        path.unlink()  # sent by hand and tidied away: the ledger still knows
    assert remind(settings, DAY).already == 1
    publish_calls(settings, call(123, hour=15))
    assert len(remind(settings, DAY).written) == 1


def test_a_dry_run_prints_and_writes_nothing(settings, command):
    result = command("remind", "--day", "2025-09-05", "--dry-run")
    assert result.exit_code == 0
    assert "Dear Pat Smith" in result.output
    assert "1 would be written" in result.output
    assert not settings.outbox.exists()
    remind(settings, DAY)
    assert "1 already done" in command("remind", "--day", "2025-09-05", "--dry-run").output


class Inbox:
    """An SMTP server's handler that keeps what it takes and refuses one recipient."""

    def __init__(self):
        self.taken = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.startswith("refused"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.taken.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


@contextmanager
def smtp_server():
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield inbox, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def test_smtp_really_sends_once(settings):
    publish_calls(settings, call(1), call(2, address="refused@example.org", hour=11))
    remind(settings, DAY)  # written only; sending is still to come
    with smtp_server() as (inbox, url):
        result = remind(settings, DAY, smtp_url=url)
        assert (result.written, len(result.sent), len(result.failed)) == ([], 1, 1)
        assert "refused" in next(iter(result.failed.values()))
        again = remind(settings, DAY, smtp_url=url)
        assert (len(again.sent), again.already, len(again.failed)) == (0, 1, 1)
    ((recipients, content),) = inbox.taken
    assert recipients == ["+491701234567@sms.invalid"]
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert "Dear Pat Smith" in message.get_content()


def test_a_server_that_is_not_there_is_named_and_nothing_counts_as_sent(settings, command):
    with pytest.raises(CannotSend, match="cannot be used to send mail"):
        remind(settings, DAY, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    wrong = command("remind", "--day", "2025-09-05", "--smtp", "http://x")
    assert wrong.exit_code == 1
    assert "smtp" in wrong.output.lower()
    assert len(remind(settings, DAY).written) == 1


@contextmanager
def api(settings, **environment):
    port = free_port()
    variables = {
        **os.environ,
        "PYTHONPATH": str(PROJECT_DIR / "scripts"),
        "CAREHOUSE_HOME": str(settings.home),
        **environment,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "carehouse.cli", "api", "--port", str(port)],
        env=variables,
        cwd=PROJECT_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                httpx.get(f"{url}/health")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    settings = settings_at(tmp_path_factory.mktemp("served"))
    publish_calls(settings, call(123))
    with api(settings) as url:
        yield settings, url


def test_the_answer_is_the_json_that_was_agreed(served):
    _, url = served
    answer = httpx.get(f"{url}/priorities", params={"day": "2025-09-05"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "day": "2025-09-05",
        "count": 1,
        "items": [
            {
                "appointment_id": 123,
                "patient_id": 77,
                "patient_name": "Pat Smith",
                "phone": "+49-170-1234567",
                "consent_form_received": 1,
                "physio_name": "Marta K",
                "appt_start": "2025-09-05T10:00:00+02:00",
                "is_new_patient": True,
                "risk_bucket": "high",
                "missing_phone": False,
                "missing_consent": False,
                "priority_score": 168.0,
                "priority_reason": "new patient, risk high",
            }
        ],
    }
    assert httpx.get(f"{url}/priorities?day=2030-01-01").json() == {
        "day": "2030-01-01",
        "count": 0,
        "items": [],
    }


def test_kpis_come_with_their_formulas(served):
    settings, url = served
    content = httpx.get(f"{url}/kpis", params={"from": "2025-06-02", "to": "2025-06-03"}).json()
    assert content["count"] == len(content["items"]) == 2
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        expected = connection.execute(
            "select show_rate, revenue_paid from clinic.daily_kpis where day = '2025-06-02'"
        ).fetchone()
    first = content["items"][0]
    assert (first["show_rate"], first["revenue_paid"]) == (expected[0], float(expected[1]))
    assert set(content["formulas"]) < set(first)
    assert first["is_complete"] is True
    assert first["show_rate_low"] < first["show_rate"] < first["show_rate_high"]
    assert content["formulas"]["show_rate"]["formula"] == "completed / (completed + no_shows)"
    assert httpx.get(f"{url}/kpis").json()["count"] > 250


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/priorities", "required"),
        ("/priorities?day=", "YYYY-MM-DD"),
        ("/priorities?day=5.9.2025", "YYYY-MM-DD"),
        ("/priorities?day=1", "YYYY-MM-DD"),
        ("/priorities?day=2025-02-30", "day value is outside"),
        ("/kpis?from=x", "YYYY-MM-DD"),
        ("/kpis?from=2025-06-03&to=2025-06-02", "must not be before"),
    ],
)
def test_bad_input_gets_a_422_that_says_what_is_wrong(served, path, word):
    answer = httpx.get(served[1] + path)
    assert answer.status_code == 422
    assert word in json.dumps(answer.json())


def test_a_foreign_name_for_this_computer_is_turned_away(served):
    answer = httpx.get(f"{served[1]}/priorities?day=2025-09-05", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert "Smith" not in answer.text


def test_a_new_file_is_served_at_once_and_no_request_fails_meanwhile(served):
    settings, url = served
    failures, stop = [], threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=url) as client:
            while not stop.is_set():
                answer = client.get("/priorities?day=2025-09-05")
                if answer.status_code != 200:
                    failures.append(answer.status_code)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(200, 206):
            publish_calls(settings, call(number))
            answer = httpx.get(f"{url}/priorities?day=2025-09-05").json()
            assert [item["appointment_id"] for item in answer["items"]] == [number]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        publish_calls(settings, call(123))
    assert not failures


def assert_schemathesis_finds_nothing(url: str, folder: Path, *options: str) -> None:
    scan = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"{url}/openapi.json",
            "--max-examples=40",
            "--seed=1",
            "--no-color",
            *options,
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        cwd=folder,
    )
    assert scan.returncode == 0, scan.stdout[-4000:]


def test_schemathesis_finds_nothing_from_the_openapi(served, tmp_path):
    assert_schemathesis_finds_nothing(served[1], tmp_path)


def test_schemathesis_finds_nothing_behind_a_token(served, tmp_path):
    settings, _ = served
    with api(settings, CAREHOUSE_API_TOKEN="s3cret") as url:
        assert_schemathesis_finds_nothing(url, tmp_path, "--header", "Authorization: Bearer s3cret")


def test_a_token_is_asked_for_when_set_and_an_empty_home_says_what_to_do(tmp_path):
    settings = settings_at(tmp_path / "home")
    with api(settings, CAREHOUSE_API_TOKEN="s3cret-ü") as url:
        bearer = {"Authorization": "Bearer s3cret-ü".encode()}
        assert httpx.get(f"{url}/priorities?day=2025-09-05").status_code == 401
        for wrong in ("Bearer wrong", "Basic s3cret", "Bearer"):
            headers = {"Authorization": wrong}
            assert httpx.get(f"{url}/kpis", headers=headers).status_code == 401
        answer = httpx.get(f"{url}/priorities?day=2025-09-05", headers=bearer)
        assert answer.status_code == 503
        assert "carehouse run" in answer.json()["detail"]
        assert httpx.get(f"{url}/health").json()["status"] == "nothing published"
        publish_calls(settings, call(9))
        assert httpx.get(f"{url}/priorities?day=2025-09-05", headers=bearer).json()["count"] == 1


def test_serving_beyond_this_computer_needs_a_token(command):
    result = command("api", "--host", "0.0.0.0")
    assert result.exit_code == 2
    assert "CAREHOUSE_API_TOKEN" in result.output
