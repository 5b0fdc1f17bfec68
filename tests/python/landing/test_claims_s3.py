"""Claims in a bucket: the same as a folder, and a plain word for each way S3 fails."""

import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner

from carehouse import s3
from carehouse.cli import main
from carehouse.errors import CannotReach, NothingToLand
from carehouse.landing.claims import land_claims
from carehouse.settings import Settings
from claims_support import (
    MEMBERS,
    claim,
    counts,
    raw,
    settings_at,
    write_csv,
    write_inbox,
    write_parquet,
)
from s3_support import AWS, client, s3_server, unused_port, upload

BUCKET = "payer-exports"


@pytest.fixture(scope="module")
def endpoint():
    with s3_server() as url:
        yield url


@pytest.fixture
def bucket(endpoint, monkeypatch):
    """An empty bucket, and the environment that reaches it."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    own = client(endpoint)
    own.create_bucket(Bucket=BUCKET)
    yield own
    for item in own.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        own.delete_object(Bucket=BUCKET, Key=item["Key"])
    own.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def settings(tmp_path) -> Settings:
    return settings_at(tmp_path / "home")


def test_a_prefix_lands_as_a_folder_does(bucket, settings, tmp_path):
    folder = write_inbox(tmp_path / "in")
    write_parquet(
        folder / "claims" / "year=2024" / "month=2" / "part.parquet",
        f"select * exclude (year, month) from read_csv('{folder / 'claims.csv'}')",
    )
    upload(bucket, BUCKET, folder, "daily/drop/")
    bucket.put_object(Bucket=BUCKET, Key="daily/drop/_SUCCESS", Body=b"")
    bucket.put_object(Bucket=BUCKET, Key="daily/dropped/claims.csv", Body=b"not of this prefix")
    url = f"s3://{BUCKET}/daily/drop"
    landing = land_claims(settings, url)
    assert counts(landing) == (4, 0, 0, 0)
    assert not landing.ignored
    landed = {table: raw(settings, table) for table in ("claims", "members", "providers")}
    local = Settings(home=tmp_path / "local")
    land_claims(local, folder)
    for table, rows in landed.items():
        assert [row[:-2] for row in rows] == [row[:-2] for row in raw(local, table)]
    assert counts(land_claims(settings, url + "/")) == (0, 4, 0, 0)
    assert {table: raw(settings, table) for table in landed} == landed


def test_objects_are_tracked_by_etag(bucket, settings, tmp_path):
    folder = write_inbox(tmp_path / "in")
    upload(bucket, BUCKET, folder, "")
    url = f"s3://{BUCKET}"
    assert counts(land_claims(settings, url)) == (3, 0, 0, 0)
    upload(bucket, BUCKET, folder, "")  # the same bytes again
    assert counts(land_claims(settings, url)) == (0, 3, 0, 0)
    write_csv(folder / "claims.csv", [claim(1, "DENIED", paid="0")])
    upload(bucket, BUCKET, folder, "")
    bucket.delete_object(Bucket=BUCKET, Key="providers.csv")
    assert counts(land_claims(settings, url)) == (1, 1, 0, 1)
    assert raw(settings, columns="claim_id, status") == [("C1", "DENIED")]
    assert raw(settings, "providers") == []


def test_a_broken_object_is_refused_and_one_object_may_be_named(bucket, settings, tmp_path):
    folder = write_inbox(tmp_path / "in")
    upload(bucket, BUCKET, folder, "in/")
    url = f"s3://{BUCKET}/in"
    land_claims(settings, url)
    before = raw(settings)
    data = (folder / "claims.csv").read_bytes()
    bucket.put_object(Bucket=BUCKET, Key="in/claims.csv", Body=data[:-1])
    write_csv(folder / "members.csv", MEMBERS[:1])
    bucket.upload_file(str(folder / "members.csv"), BUCKET, "in/members.csv")
    landing = land_claims(settings, url)
    assert counts(landing) == (1, 1, 1, 0)
    assert "breaks off in row 3" in landing.refused["claims.csv"]
    assert raw(settings) == before
    bucket.put_object(Bucket=BUCKET, Key="in/claims.csv", Body=data)
    assert counts(land_claims(settings, f"{url}/claims.csv")) == (1, 0, 0, 0)


def test_more_objects_than_one_page_of_a_listing(bucket, settings, monkeypatch):
    for number in range(5):
        bucket.put_object(Bucket=BUCKET, Key=f"x/{number}", Body=b"x")
    where = s3.parse(f"s3://{BUCKET}/x")
    own = s3.connect(where)
    listing = own.list_objects_v2

    def two_at_a_time(**arguments):
        return listing(**arguments, MaxKeys=2)

    monkeypatch.setattr(own, "list_objects_v2", two_at_a_time)
    assert [item.name for item in s3.items(own, where)] == ["0", "1", "2", "3", "4"]


def test_an_object_that_changed_while_it_was_read_is_refused(bucket, tmp_path):
    bucket.put_object(Bucket=BUCKET, Key="a.csv", Body=b"old")
    where = s3.parse(f"s3://{BUCKET}")
    own = s3.connect(where)
    (item,) = s3.items(own, where)
    bucket.put_object(Bucket=BUCKET, Key="a.csv", Body=b"newer")
    with pytest.raises(CannotReach, match="changed while it was read: run again"):
        s3.fetch(own, where, item, tmp_path / "a.csv")


def refused(settings, url) -> str:
    with pytest.raises(NothingToLand) as error:
        land_claims(settings, url)
    return str(error.value)


def test_a_bucket_that_is_not_there_and_an_empty_one(bucket, settings):
    assert "there is no such bucket" in refused(settings, "s3://no-such-bucket/x")
    assert "names no bucket" in refused(settings, "s3://")
    assert "not a valid bucket name" in refused(settings, "s3://Not A Bucket/x")
    assert "Nothing was retired" in refused(settings, f"s3://{BUCKET}/empty")


def test_no_credentials_and_an_unknown_profile(bucket, settings, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "profile that AWS_PROFILE names" in refused(settings, f"s3://{BUCKET}")
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    assert "no credentials were found" in refused(settings, f"s3://{BUCKET}")


def test_a_profile_gives_credentials_and_endpoint(
    bucket, settings, monkeypatch, tmp_path, endpoint
):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name)
    config, keys = tmp_path / "config", tmp_path / "credentials"
    config.write_text(f"[profile payer]\nregion = eu-central-1\nendpoint_url = {endpoint}\n")
    keys.write_text("[payer]\naws_access_key_id = testing\naws_secret_access_key = testing\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(keys))
    monkeypatch.setenv("AWS_PROFILE", "payer")
    upload(bucket, BUCKET, write_inbox(tmp_path / "in"), "")
    assert counts(land_claims(settings, f"s3://{BUCKET}")) == (3, 0, 0, 0)


def test_a_server_that_is_not_there_and_an_endpoint_that_is_no_url(bucket, settings, monkeypatch):
    monkeypatch.setattr(s3, "RETRIES", {"mode": "standard", "max_attempts": 1})
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused_port()}")
    assert "the server cannot be reached" in refused(settings, f"s3://{BUCKET}")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost:1")
    assert "AWS_ENDPOINT_URL is not a URL" in refused(settings, f"s3://{BUCKET}")


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "AccessDenied", "access was denied"),
        (403, "InvalidAccessKeyId", "does not know the access key"),
        (403, "SignatureDoesNotMatch", "the secret key does not match"),
        (400, "ExpiredToken", "the session has expired"),
        (403, "RequestTimeTooSkewed", "clock is wrong"),
        (400, "AuthorizationHeaderMalformed", "another region"),
        (400, "Unheard", "the server answered Unheard"),
    ],
)
def test_what_a_server_answers_is_said_in_words(bucket, settings, monkeypatch, status, code, words):
    """moto knows no rights, so a server of our own answers as S3 documents it."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            body = f"<Error><Code>{code}</Code><Message>told-in-confidence</Message></Error>"
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        message = refused(settings, f"s3://{BUCKET}/in")
        server.shutdown()
    assert words in message
    assert f"s3://{BUCKET}/in" in message
    assert "confidence" not in message
    assert AWS["AWS_SECRET_ACCESS_KEY"] not in message


def test_the_command_takes_a_url_and_says_what_failed(bucket, settings, monkeypatch, tmp_path):
    monkeypatch.setenv("CAREHOUSE_HOME", str(settings.home))
    upload(bucket, BUCKET, write_inbox(tmp_path / "in"), "in/")
    result = CliRunner().invoke(main, ["land", "claims", f"s3://{BUCKET}/in"])
    assert result.exit_code == 0, result.output
    assert "3 landed (5 rows)" in result.output
    monkeypatch.setenv("CAREHOUSE_CLAIMS_URL", f"s3://{BUCKET}/in")
    result = CliRunner().invoke(main, ["land", "claims"])
    assert "3 unchanged" in result.output
    result = CliRunner().invoke(main, ["land", "claims", "s3://no-such-bucket"])
    assert result.exit_code == 1
    assert "there is no such bucket" in result.output
    assert len(raw(settings)) == 2
