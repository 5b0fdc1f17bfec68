"""`carehouse init`: the inbox folders, made-up samples to compare with, and `.env`."""

import hashlib
import os
import re
import shutil
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import available_timezones

from carehouse.database import is_encrypted
from carehouse.errors import CannotInit
from carehouse.keys import key_place, new_key
from carehouse.settings import PROJECT_DIR, Settings

ENV = PROJECT_DIR / ".env"
MONTHS = PROJECT_DIR / "seeds" / "workbooks" / "month_names.csv"
SAMPLES = "samples"  # below the inbox, where nothing is read from
NOTE = "READ ME.txt"
FOLDERS = {
    "workbooks": "Excel workbooks of participants (.xlsx, .xls, .ods and their kin), one a person.",
    "notes": "Case histories from Word (.docx, .doc), one a person.",
    "clinic/raw": "The clinic's whole book once: appointments, patients, physios, payments (CSV).",
    "clinic/daily": "Each day's export in a folder of its day, as 2025-09-05: the same CSV files.",
    "claims": "Claim files, members and providers (CSV, Excel, Parquet), below any folders.",
    "opendental": "Tables of OpenDental as CSV or Parquet, where its database cannot be reached.",
}


@dataclass
class Made:
    """What init made: folders, settings by name, and month names that were added to the seed."""

    inbox: Path
    env: Path
    folders: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    months: list[str] = field(default_factory=list)


def time_zone_here() -> str | None:
    """The name of this computer's time zone, where the system tells it."""
    parts = os.path.realpath("/etc/localtime").split("/zoneinfo/")
    name = parts[1] if len(parts) == 2 else None
    return name if name in available_timezones() else None


def init(
    settings: Settings,
    *,
    timezone: str,
    date_order: str,
    language: str | None,
    with_samples: bool = True,
    key_folder: Path | None = None,
    env: Path = ENV,
    months: Path = MONTHS,
) -> Made:
    """Make what is missing; files that are there stay, and so do the other lines of `.env`.

    With a `key_folder`, a home without a key gets one there, apart from the data, and its databases
    are encrypted. Raises CannotInit for a language that nobody knows.
    """
    names = month_names(language) if language else {}
    made = Made(settings.inbox, env)
    for folder in FOLDERS:
        path = settings.inbox / folder
        if not path.is_dir():
            path.mkdir(parents=True)
            made.folders.append(folder)
    (settings.inbox / NOTE).write_text(_note(), encoding="utf-8")
    if with_samples:
        _write_samples(settings.inbox / SAMPLES)
    made.settings = {"CAREHOUSE_TIMEZONE": timezone, "CAREHOUSE_DATE_ORDER": date_order}
    if key_folder is not None:
        made.settings |= _set_up_key(settings, key_folder)
    set_in_env(env, made.settings)
    made.months = _add_months(months, names)
    return made


def _set_up_key(settings: Settings, folder: Path) -> dict[str, str]:
    """Make a key where there is none; gives the settings that name it, none where one was there."""
    if key_place(settings).read() is not None or is_encrypted(settings.warehouse):
        return {}
    told = {"CAREHOUSE_ENCRYPT": "true"}
    if not settings.keyring and not settings.key_file:
        # each home has its own: a name that another home has taken must not be taken over
        where = hashlib.sha256(str(settings.home).encode("utf-8", "replace")).hexdigest()[:8]
        path = folder / f"{settings.home.name}-{where}.key"
        settings = settings.model_copy(update={"key_file": path})
        told = {"CAREHOUSE_KEY_FILE": str(path), **told}
    if key_place(settings).read() is None:  # else of a home that stood here before
        new_key(settings)
    return told


def _note() -> str:
    """What goes where; it lies in the inbox itself, since the folders hold data only."""
    lines = ["Put files here, then run: carehouse run", ""]
    for folder, what in FOLDERS.items():
        lines += [f"{folder}/", f"    {what}"]
    lines += [
        "",
        f"{SAMPLES}/ holds made-up files of each kind to compare with; nothing there is read.",
        "How a file of yours would be read: carehouse inspect FILE",
        "",
    ]
    return "\n".join(lines)


def _write_samples(folder: Path) -> None:
    """A made-up file or two of each kind, with a note beside them."""
    from carehouse.daily import DEMO_LAST_DAY
    from carehouse.demo import claims, clinic, notes, workbooks

    shutil.rmtree(folder, ignore_errors=True)
    workbooks.generate(folder, participants=1, seed=7, as_of=DEMO_LAST_DAY)
    notes.generate(folder, participants=1, seed=7, as_of=DEMO_LAST_DAY)
    clinic.generate(folder, scale=0.01, seed=7, as_of=DEMO_LAST_DAY)
    claims.generate(folder, scale=0.01, seed=7, as_of=DEMO_LAST_DAY, days=1)
    for extra in ("truth", "claims_broken"):
        shutil.rmtree(folder / extra, ignore_errors=True)
    for source in ("workbooks", "notes", "clinic", "claims"):
        about = FOLDERS.get(source) or FOLDERS[f"{source}/raw"]
        text = f"Made up, to compare with. Your own go into inbox/{source}/.\n{about}\n"
        (folder / source / NOTE).write_text(text, encoding="utf-8")


def set_in_env(path: Path, values: dict[str, str]) -> None:
    """Set names in a `.env` file: a line that names one, commented out or not, is replaced."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for name, value in values.items():
        new = f"{name}={value}"
        places = [at for at, line in enumerate(lines) if re.match(rf"#?\s*{name}\s*=", line)]
        if places:
            lines[places[0]] = new
            for at in reversed(places[1:]):
                del lines[at]
        else:
            lines.append(new)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)  # it will hold passwords
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def month_names(language: str) -> dict[str, int]:
    """Long and short names of the months in a language (de, fr, hi), without their full stops."""
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise CannotInit(
            f"no language has the code {language}: give one like de, fr, hi or pt_BR"
        ) from error
    found: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[context][width].items():
                plain = unicodedata.normalize("NFC", name).strip().rstrip(".").lower()
                if plain and all(c.isalpha() or unicodedata.combining(c) for c in plain):
                    found.setdefault(plain, number)
    return found


def _add_months(path: Path, names: dict[str, int]) -> list[str]:
    """Add the names that the seed has not; dates that hold them are read from the next run on."""
    text = path.read_text(encoding="utf-8")
    known = {line.partition(",")[0] for line in text.splitlines()}
    new = [f"{name},{number}" for name, number in names.items() if name not in known]
    if new:
        path.write_text(text.rstrip("\n") + "\n" + "\n".join(new) + "\n", encoding="utf-8")
    return new
