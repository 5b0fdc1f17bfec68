"""Tokens with a role and an end, the log of who read what, and an API that bears trouble."""

import json
import socket
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from carehouse import tokens
from carehouse.access_log import access_log, broken_at, note_access
from carehouse.apps.api import create_app, serve
from carehouse.cli import main
from carehouse.errors import CannotServe, NoToken
from carehouse.settings import Settings
from clinic_support import settings_at
from reception_support import call, free_port, publish_calls

LIST = "/priorities?day=2025-09-05"


@pytest.fixture
def settings(tmp_path) -> Settings:
    return settings_at(tmp_path / "home")


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def test_a_token_is_asked_for_opens_the_list_and_is_logged(settings):
    publish_calls(settings, call(1), call(2))
    text, made = tokens.new_token(settings, "anna", "reception", 30)
    other, _ = tokens.new_token(settings, "data", "analyst", 30)
    api = TestClient(create_app(settings))
    assert api.get(LIST).status_code == 401
    assert api.get(LIST, headers=bearer(text + "x")).status_code == 401
    assert api.get(LIST, headers=bearer(other)).status_code == 403
    assert api.get(LIST, headers=bearer(text)).json()["count"] == 2
    (line,) = access_log(settings).read_text().splitlines()
    told = json.loads(line)
    assert (told["who"], told["role"], told["table"]) == (
        "anna", "reception", "clinic.reception_priorities",
    )  # fmt: skip
    assert (told["filter"], told["rows"]) == ("day 2025-09-05", 2)
    assert "Smith" not in line
    tokens.revoke(settings, "anna")
    assert api.get(LIST, headers=bearer(text)).status_code == 401
    assert len(text) > 43
    stored = (settings.home / "tokens.json").read_text()
    assert text not in stored and made.digest in stored


def test_the_clinics_own_token_still_opens(settings):
    publish_calls(settings, call(1))
    api = TestClient(create_app(settings.model_copy(update={"api_token": "s3cret"})))
    assert api.get(LIST).status_code == 401
    assert api.get(LIST, headers=bearer("s3cret")).status_code == 200


def test_a_token_ends(settings):
    text, made = tokens.new_token(settings, "anna", "reception", 1)
    assert tokens.find_token(settings, text) == made
    assert made.is_good(datetime.now(UTC) + timedelta(hours=23))
    assert not made.is_good(datetime.now(UTC) + timedelta(hours=25))
    with pytest.raises(NoToken, match="has a token already"):
        tokens.new_token(settings, "anna", "full", 1)


def test_the_commands_show_a_token_once(settings, monkeypatch):
    monkeypatch.setenv("CAREHOUSE_HOME", str(settings.home))
    run = CliRunner().invoke
    text = run(main, ["token", "new", "anna"]).output.splitlines()[-1]
    assert tokens.find_token(settings, text).role == "reception"
    listed = run(main, ["token", "list"]).output
    assert "anna" in listed and "good" in listed and text not in listed
    assert run(main, ["token", "revoke", "anna"]).exit_code == 0
    assert "revoked" in run(main, ["token", "list"]).output
    assert run(main, ["token", "revoke", "anna"]).exit_code == 1


@pytest.mark.parametrize("change", ["removed", "edited", "cut off", "all"])
def test_a_changed_log_shows(settings, change):
    for number in range(5):
        note_access(settings, who="anna", role="full", table="t", filtered="", rows=number)
    assert broken_at(settings) is None
    path = access_log(settings)
    lines = path.read_text().splitlines(keepends=True)
    match change:
        case "removed":
            del lines[1]
        case "edited":
            lines[1] = lines[1].replace('"rows": 1', '"rows": 9')
        case "cut off":
            del lines[-1]
        case "all":
            lines = []
    path.write_text("".join(lines))
    assert broken_at(settings) == {"removed": 2, "edited": 2, "cut off": 5, "all": 1}[change]


def test_health_answers_when_the_file_is_damaged(settings):
    settings.published.parent.mkdir(parents=True)
    settings.published.write_bytes(b"no database" * 1000)
    api = TestClient(create_app(settings), raise_server_exceptions=False)
    assert api.get("/health").json()["status"] == "damaged"
    answer = api.get(LIST)
    assert (answer.status_code, "cannot be read" in answer.text) == (503, True)


def test_the_docs_page_needs_nothing_from_elsewhere(settings):
    page = TestClient(create_app(settings)).get("/docs").text
    assert "/priorities" in page and "Clinic-local day" in page
    assert "http" not in page.replace("https://", "http://").replace("http://127.0.0.1", "")


def test_a_port_that_is_taken_is_refused_plainly(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CannotServe, match="choose another with --port"):
            serve(settings, "127.0.0.1", taken.getsockname()[1])
    with pytest.raises(CannotServe):
        serve(settings, "192.0.2.1", free_port())
