"""Tokens of persons for the API: each with a role and an end, kept as a hash only.

They stand in `tokens.json` of the home. A token has 256 bits of chance, so that a plain SHA-256 of
it tells nothing.
"""

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from carehouse.errors import NoToken
from carehouse.settings import Settings
from carehouse.store import write_private

BYTES = 32
MARK = "ch_"  # so that a token that leaked is known for one


@dataclass(frozen=True)
class Token:
    """Whose token, what it may see and until when; times are UTC, as ISO text."""

    name: str
    role: str
    digest: str
    created_at: str
    ends_at: str
    revoked_at: str | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it may still be used."""
        return self.revoked_at is None and now < datetime.fromisoformat(self.ends_at)


def new_token(settings: Settings, name: str, role: str, days: int) -> tuple[str, Token]:
    """Make a token; its text is given this once. Raises NoToken where the name has a good one."""
    now = datetime.now(UTC)
    tokens = read_tokens(settings)
    if any(one.name == name and one.is_good(now) for one in tokens):
        raise NoToken(f"{name} has a token already: revoke it first, `carehouse token revoke`")
    text = MARK + secrets.token_urlsafe(BYTES)
    ends_at = (now + timedelta(days=days)).isoformat(timespec="seconds")
    made = Token(name, role, _digest(text), now.isoformat(timespec="seconds"), ends_at)
    _write(settings, [*tokens, made])
    return text, made


def revoke(settings: Settings, name: str) -> int:
    """End a person's tokens; gives how many. Raises NoToken where there is none."""
    now = datetime.now(UTC)
    tokens = read_tokens(settings)
    ended = [one for one in tokens if one.name == name and one.is_good(now)]
    if not ended:
        raise NoToken(f"{name} has no token that could be revoked: see `carehouse token list`")
    at = now.isoformat(timespec="seconds")
    _write(settings, [replace(one, revoked_at=at) if one in ended else one for one in tokens])
    return len(ended)


def find_token(settings: Settings, text: str) -> Token | None:
    """The token that this is the text of; None where it is none, has ended or was revoked."""
    digest, now = _digest(text), datetime.now(UTC)
    for one in read_tokens(settings):
        if secrets.compare_digest(one.digest, digest) and one.is_good(now):
            return one
    return None


def read_tokens(settings: Settings) -> list[Token]:
    """All tokens, also those that have ended. Raises NoToken where the file cannot be read."""
    path = _file(settings)
    try:
        return [Token(**one) for one in json.loads(path.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise NoToken(f"{path} cannot be read: delete it and make new tokens") from error


def _write(settings: Settings, tokens: list[Token]) -> None:
    write_private(_file(settings), json.dumps([asdict(one) for one in tokens], indent=2))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _file(settings: Settings) -> Path:
    return settings.home / "tokens.json"
