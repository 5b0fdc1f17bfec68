"""The home's secret key, from which every keyed hash, date shift and database's key is made.

It is 64 hexadecimal digits: in CAREHOUSE_KEY, in the system's keyring (CAREHOUSE_KEYRING), in the
file of CAREHOUSE_KEY_FILE, or in `key` of the home, the first of these that is set. Beside it
stand, while it is changed, the next one, and afterwards those from before, which open old backups.
Who has it can tell which person a hash stands for: it does not travel with what was published.
"""

import base64
import hashlib
import hmac
import re
import secrets
from pathlib import Path
from typing import Protocol

from carehouse.errors import BadKey
from carehouse.settings import Settings
from carehouse.store import write_private

BYTES = 32
NEXT, BEFORE = ".next", ".before"


class KeyPlace(Protocol):
    """Where a key is kept, with the next one and those from before under a name of their own."""

    told: str  # as a person is told of it

    def read(self, suffix: str = "") -> str | None:
        """The digits; None where there are none. Raises BadKey."""

    def write(self, digits: str, suffix: str = "") -> None:
        """Keep digits. Raises BadKey where that cannot be done from here."""

    def remove(self, suffix: str) -> None:
        """Forget digits."""


class KeyFile:
    """A file that only this account can read, and its neighbours."""

    def __init__(self, path: Path):
        self._path = path
        self.told = str(path)

    def read(self, suffix: str = "") -> str | None:
        """The text of the file. Raises BadKey where it cannot be read."""
        path = self._at(suffix)
        try:
            return path.read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise BadKey(f"the key file {path} cannot be read ({type(error).__name__})") from None

    def write(self, digits: str, suffix: str = "") -> None:
        """Replace the file whole."""
        write_private(self._at(suffix), digits + "\n")

    def remove(self, suffix: str) -> None:
        """Delete the file."""
        self._at(suffix).unlink(missing_ok=True)

    def _at(self, suffix: str) -> Path:
        return self._path.with_name(self._path.name + suffix)


class KeyEnvironment:
    """CAREHOUSE_KEY, which whoever starts carehouse sets; with CAREHOUSE_KEY_BEFORE beside it."""

    told = "CAREHOUSE_KEY"

    def __init__(self, settings: Settings):
        self._held = {"": settings.key, BEFORE: settings.key_before}

    def read(self, suffix: str = "") -> str | None:
        """The setting's value."""
        held = self._held.get(suffix)
        return held.get_secret_value() if held else None

    def write(self, digits: str, suffix: str = "") -> None:
        """Say who can. Raises BadKey."""
        raise BadKey(
            "the key comes from CAREHOUSE_KEY: put what it holds into CAREHOUSE_KEY_BEFORE and 64 "
            "new hexadecimal digits into CAREHOUSE_KEY, then run `carehouse key rotate`"
        )

    def remove(self, suffix: str) -> None:
        """Nothing: it goes with its process."""


class KeyRing:
    """An entry of the system's keyring: Keychain, Credential Locker, Secret Service."""

    def __init__(self, name: str):
        self._name = name
        self.told = f"the keyring's entry {name}"

    def read(self, suffix: str = "") -> str | None:
        """The entry. Raises BadKey where there is no keyring, or it stays locked."""
        return self._ask("get_password", suffix)

    def write(self, digits: str, suffix: str = "") -> None:
        """Replace the entry."""
        self._ask("set_password", suffix, digits)

    def remove(self, suffix: str) -> None:
        """Delete the entry."""
        if self.read(suffix) is not None:
            self._ask("delete_password", suffix)

    def _ask(self, what: str, suffix: str, *digits: str) -> str | None:
        try:
            import keyring
        except ModuleNotFoundError:
            raise BadKey(
                "CAREHOUSE_KEYRING is set and the package keyring is missing: pip install keyring, "
                "or use CAREHOUSE_KEY_FILE"
            ) from None
        try:
            return getattr(keyring, what)("carehouse", self._name + suffix, *digits)
        except keyring.errors.KeyringError as error:
            raise BadKey(
                f"the system's keyring does not answer ({type(error).__name__}): unlock it, or use "
                "CAREHOUSE_KEY_FILE"
            ) from None


def key_place(settings: Settings) -> KeyPlace:
    """Where the key is, or would be made."""
    if settings.key:
        return KeyEnvironment(settings)
    if settings.keyring:
        return KeyRing(settings.keyring)
    return KeyFile(settings.key_file or settings.home / "key")


def read_key(settings: Settings) -> bytes | None:
    """The key; None where none was set up. Raises BadKey."""
    place = key_place(settings)
    digits = place.read()
    if digits is not None:
        return key_of(digits, place.told)
    if settings.key_file or settings.keyring:
        raise BadKey(
            f"the settings name {place.told}, which is not there: put the key back, or make one "
            "with `carehouse key new`"
        )
    return None


def key_in(path: Path) -> bytes | None:
    """The key of a file; None where there is no file. Raises BadKey."""
    digits = KeyFile(path).read()
    return None if digits is None else key_of(digits, str(path))


def key_of(digits: str, told: str) -> bytes:
    """A key as bytes. Raises BadKey, which names its place and nothing of it."""
    if not re.fullmatch(r"[0-9a-f]{64}", digits.strip()):
        raise BadKey(f"{told} is no key: it must hold 64 hexadecimal digits and nothing else")
    return bytes.fromhex(digits.strip())


def need_key(settings: Settings) -> bytes:
    """The key. Raises BadKey where there is none."""
    key = read_key(settings)
    if key is None:
        raise BadKey("there is no key yet: make one with `carehouse key new`")
    return key


def every_key(settings: Settings) -> list[bytes]:
    """The key, the next one while it is changed, and those from before; none where none is kept."""
    place = key_place(settings)
    held = [place.read(suffix) for suffix in ("", NEXT, BEFORE)]
    return [key_of(one, place.told) for text in held if text for one in text.split()]


def new_key(settings: Settings) -> str:
    """Make a key at random; gives its place. Raises BadKey where there is one already."""
    place = key_place(settings)
    if place.read() is not None:
        raise BadKey(f"{place.told} holds a key already: `carehouse key rotate` makes another")
    place.write(new_digits())
    return place.told


def begin_rotation(settings: Settings) -> bytes:
    """The key that is to follow; one that was begun and cut off is gone on with. Raises BadKey.

    In CAREHOUSE_KEY it stands already, and the one before in CAREHOUSE_KEY_BEFORE.
    """
    place, key = key_place(settings), need_key(settings)
    if settings.key:
        if not settings.key_before:
            place.write("")
        return key
    digits = place.read(NEXT)
    if digits is None or key_of(digits, place.told) == key:
        digits = new_digits()
        place.write(digits, NEXT)
    return key_of(digits, place.told)


def end_rotation(settings: Settings) -> str:
    """Put the next key in the place of the key, which is kept for old backups; gives its place."""
    place = key_place(settings)
    if not settings.key:
        former = (place.read() or "").strip()
        before = (place.read(BEFORE) or "").split()
        if former not in before:
            place.write("\n".join([former, *before]), BEFORE)
        place.write((place.read(NEXT) or "").strip())
        place.remove(NEXT)
    return place.told


def is_rotating(settings: Settings) -> bool:
    """Whether a change of the key was begun and has not ended."""
    return key_place(settings).read(NEXT) is not None


def new_digits() -> str:
    """A key at random, as it is kept."""
    return secrets.token_hex(BYTES)


def derived(key: bytes, purpose: str) -> bytes:
    """A key for one purpose: what is known of one says nothing of another."""
    return hmac.digest(key, f"carehouse {purpose}".encode(), hashlib.sha256)


def database_key(key: bytes, part: str) -> str:
    """The key of one of the home's databases, as DuckDB takes it: base64 of 256 bits.

    An analyst can be given that of the analysts' file, which opens nothing else.
    """
    return base64.b64encode(derived(key, f"database {part}")).decode("ascii")


def pads(key: bytes) -> tuple[str, str]:
    """HMAC-SHA256's inner and outer block as hexadecimal digits, for engines without HMAC."""
    block = key.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in block).hex(), bytes(b ^ 0x5C for b in block).hex()
