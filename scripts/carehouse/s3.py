"""S3 and whatever speaks its protocol: list, fetch and put objects, and say why it fails.

Credentials, profile, region and endpoint are the usual AWS ones (`AWS_ACCESS_KEY_ID`,
`AWS_PROFILE`, `AWS_REGION`, `AWS_ENDPOINT_URL`, `~/.aws`), found by boto3.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from carehouse.errors import CannotReach

if TYPE_CHECKING:
    from botocore.client import BaseClient

SCHEME = "s3://"
FINGERPRINT = "carehouse-fingerprint"
PATIENCE = {"connect_timeout": 10, "read_timeout": 60}
RETRIES = {"mode": "standard", "max_attempts": 4}
# What a refusing server says, and what the person who reads it can do.
REASONS = {
    "NoSuchBucket": "there is no such bucket: check the name and AWS_ENDPOINT_URL",
    "InvalidBucketName": "this is not a valid bucket name: give s3://bucket/prefix",
    "NoSuchKey": "the object was deleted meanwhile: run again",
    "404": "there is nothing at this address: check the bucket name and AWS_ENDPOINT_URL",
    "AccessDenied": "access was denied: ask for permission to list, read and (to export) write",
    "AllAccessDisabled": "access to the bucket is switched off: ask its owner",
    "403": "access was denied: check the credentials and their permissions",
    "InvalidAccessKeyId": "the server does not know the access key: check AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "the secret key does not match the access key: check "
    "AWS_SECRET_ACCESS_KEY",
    "ExpiredToken": "the session has expired: sign in again (aws sso login)",
    "InvalidToken": "the session token is not valid: check AWS_SESSION_TOKEN",
    "RequestTimeTooSkewed": "this computer's clock is wrong: set it",
    "AuthorizationHeaderMalformed": "the bucket is in another region: set AWS_REGION",
    "PermanentRedirect": "the bucket is in another region: set AWS_REGION",
    "301": "the bucket is in another region: set AWS_REGION",
    "SlowDown": "the server is overloaded: try again later",
    "PreconditionFailed": "the object changed while it was read: run again",
    "412": "the object changed while it was read: run again",
}


@dataclass(frozen=True)
class Location:
    """A bucket and the prefix below which everything stands; the prefix is empty or ends in /."""

    bucket: str
    prefix: str

    @property
    def url(self) -> str:
        """`s3://bucket/prefix`."""
        return f"{SCHEME}{self.bucket}/{self.prefix}"


@dataclass(frozen=True)
class Item:
    """One object: its name below the prefix, its whole key, its ETag and size in bytes."""

    name: str
    key: str
    etag: str
    size: int


def is_s3(place: object) -> bool:
    """Whether a place is given as an S3 URL."""
    return isinstance(place, str) and place.lower().startswith(SCHEME)


def parse(url: str) -> Location:
    """Split `s3://bucket/prefix`; raises CannotReach where no bucket is named."""
    bucket, _, prefix = url[len(SCHEME) :].partition("/")
    if not bucket:
        raise CannotReach(f"{url} names no bucket: give s3://bucket/prefix")
    prefix = prefix.strip("/")
    return Location(bucket, f"{prefix}/" if prefix else "")


def connect(location: Location) -> BaseClient:
    """A client with the usual credentials; raises CannotReach where the settings cannot be used."""
    import boto3
    from botocore.config import Config

    with explained(location):
        # stores beside Amazon's do not all know the newer checksums, nor buckets as host names
        checksums = {
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
        session = boto3.session.Session()
        client = session.client("s3", config=Config(**PATIENCE, **checksums, retries=RETRIES))
        if "amazonaws.com" in client.meta.endpoint_url:
            return client
        config = Config(**PATIENCE, **checksums, retries=RETRIES, s3={"addressing_style": "path"})
        return session.client("s3", config=config)


def items(client: BaseClient, location: Location) -> Iterator[Item]:
    """Every object below the prefix, by name; or the one object that the URL names."""
    pages = client.get_paginator("list_objects_v2")
    with explained(location):
        for page in pages.paginate(Bucket=location.bucket, Prefix=location.prefix):
            for entry in page.get("Contents", ()):
                name = entry["Key"][len(location.prefix) :]
                if name and not name.endswith("/"):
                    yield Item(name, entry["Key"], entry["ETag"].strip('"'), entry["Size"])


def fetch(client: BaseClient, location: Location, item: Item, path: Path) -> None:
    """Write the object to `path`, if it is still the one that was listed."""
    with explained(location, item.name):
        answer = client.get_object(Bucket=location.bucket, Key=item.key, IfMatch=item.etag)
        with path.open("wb") as file:
            for block in answer["Body"].iter_chunks(2**20):
                file.write(block)
    if path.stat().st_size != item.size:
        raise CannotReach(
            f"{location.url}{item.name}: the connection ended before the whole file "
            "arrived: run again"
        )


def last_byte(client: BaseClient, location: Location, item: Item) -> bytes:
    """The object's last byte; nothing where it is empty."""
    if not item.size:
        return b""
    with explained(location, item.name):
        answer = client.get_object(Bucket=location.bucket, Key=item.key, Range="bytes=-1")
        return answer["Body"].read()


def put(client: BaseClient, location: Location, name: str, path: Path, fingerprint: str) -> None:
    """Upload a file as one object; readers see the whole old one or the whole new one."""
    with explained(location, name):
        client.upload_file(
            str(path),
            location.bucket,
            location.prefix + name,
            ExtraArgs={"Metadata": {FINGERPRINT: fingerprint}},
        )


def fingerprint(client: BaseClient, location: Location, name: str) -> str | None:
    """What `put` said the object's content is."""
    with explained(location, name):
        head = client.head_object(Bucket=location.bucket, Key=location.prefix + name)
    return head["Metadata"].get(FINGERPRINT)


def remove(client: BaseClient, location: Location, name: str) -> None:
    """Delete an object; one that is not there is no error."""
    with explained(location, name):
        client.delete_object(Bucket=location.bucket, Key=location.prefix + name)


@contextmanager
def explained(location: Location, name: str = "") -> Iterator[None]:
    """Turn what boto3 raises into a CannotReach that says what to do. Never holds a secret."""
    from boto3.exceptions import S3UploadFailedError
    from botocore import exceptions as boto

    where = location.url + name
    try:
        yield
    except boto.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        reason = REASONS.get(code, f"the server answered {code or 'with an error'}")
        raise CannotReach(f"{where}: {reason}") from None
    except S3UploadFailedError as error:
        code = next((code for code in REASONS if f"({code})" in str(error)), "")
        raise CannotReach(f"{where}: {REASONS.get(code, 'the upload failed: run again')}") from None
    except (boto.NoCredentialsError, boto.PartialCredentialsError):
        raise CannotReach(
            f"{where}: no credentials were found: set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
        ) from None
    except boto.ProfileNotFound:
        raise CannotReach(
            f"{where}: the profile that AWS_PROFILE names is not in ~/.aws/config"
        ) from None
    except (boto.TokenRetrievalError, boto.UnauthorizedSSOTokenError, boto.SSOTokenLoadError):
        raise CannotReach(
            f"{where}: the session has expired: sign in again (aws sso login)"
        ) from None
    except boto.SSLError:
        raise CannotReach(
            f"{where}: the server's certificate cannot be checked: set AWS_CA_BUNDLE"
        ) from None
    except boto.ParamValidationError:
        raise CannotReach(
            f"{where}: this is not a valid bucket name: give s3://bucket/prefix"
        ) from None
    except ValueError:
        raise CannotReach(
            f"{where}: AWS_ENDPOINT_URL is not a URL: give http(s)://host:port"
        ) from None
    except (
        boto.EndpointConnectionError,
        boto.ConnectionError,
        boto.HTTPClientError,
        boto.IncompleteReadError,
        boto.ResponseStreamingError,
    ):
        raise CannotReach(
            f"{where}: the server cannot be reached, or ended the connection: check the "
            "network and "
            "AWS_ENDPOINT_URL, and run again"
        ) from None
    except boto.BotoCoreError as error:
        raise CannotReach(f"{where}: {type(error).__name__}: check the AWS settings") from None
