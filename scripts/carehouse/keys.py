"""The home's secret key, from which every keyed hash and date shift is made.

It stands in the file of CAREHOUSE_KEY_FILE, else in `key` of the home: 64 hexadecimal digits. Who
has it can tell which person a hash stands for, so it does not travel with what was published.
"""

import hashlib
import hmac
import re
import secrets
from pathlib import Path

from carehouse.errors import BadKey
from carehouse.settings import Settings
from carehouse.store import write_private

BYTES = 32


def key_file(settings: Settings) -> Path:
    """Where the key is, or would be made."""
    return settings.key_file or settings.home / "key"


def read_key(settings: Settings) -> bytes | None:
    """The key; None where none was set up. Raises BadKey."""
    path = key_file(settings)
    try:
        return key_in(path)
    except FileNotFoundError:
        if settings.key_file:
            raise BadKey(
                f"CAREHOUSE_KEY_FILE names {path}, which is not there: put the key back, or make "
                "one with `carehouse key new`"
            ) from None
        return None


def key_in(path: Path) -> bytes:
    """The key of a file. Raises BadKey, and FileNotFoundError where there is none."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise BadKey(f"the key file {path} cannot be read ({type(error).__name__})") from None
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise BadKey(f"{path} is no key: it must hold 64 hexadecimal digits and nothing else")
    return bytes.fromhex(text)


def need_key(settings: Settings) -> bytes:
    """The key. Raises BadKey where there is none."""
    key = read_key(settings)
    if key is None:
        raise BadKey("there is no key yet: make one with `carehouse key new`")
    return key


def new_key(settings: Settings, *, replace: bool = False) -> Path:
    """Make a key at random. Raises BadKey where there is one and `replace` is not set."""
    path = key_file(settings)
    if path.exists() and not replace:
        raise BadKey(f"{path} holds a key already: `carehouse key rotate` makes another")
    write_private(path, new_digits())
    return path


def new_digits() -> str:
    """A key at random, as it stands in its file."""
    return secrets.token_hex(BYTES) + "\n"


def derived(key: bytes, purpose: str) -> bytes:
    """A key for one purpose: what is known of one says nothing of another."""
    return hmac.digest(key, f"carehouse {purpose}".encode(), hashlib.sha256)


def pads(key: bytes) -> tuple[str, str]:
    """HMAC-SHA256's inner and outer block as hexadecimal digits, for engines without HMAC."""
    block = key.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in block).hex(), bytes(b ^ 0x5C for b in block).hex()
