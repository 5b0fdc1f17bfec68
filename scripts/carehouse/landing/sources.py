"""The sources that `carehouse land` knows, in the order `carehouse run` lands them."""

from pathlib import Path

from carehouse.landing.claims import land_claims
from carehouse.landing.clinic import land_clinic
from carehouse.landing.core import FileSource, Landing, land_files
from carehouse.settings import Settings

WORKBOOKS = FileSource(
    name="workbooks",
    schema="raw_workbooks",
    tables=("cells", "sheets"),
    suffixes=frozenset(
        {".xlsx", ".xlsm", ".xls", ".ods"}
        | {".xlsb", ".xltx", ".xltm", ".xlt", ".xlam", ".xla", ".fods"}  # told apart by content
    ),
    read="carehouse.landing.workbooks:read",
    noun="workbook",
)
NOTES = FileSource(
    name="notes",
    schema="raw_notes",
    tables=("blocks",),
    suffixes=frozenset({".docx", ".doc"}),
    read="carehouse.landing.notes:read",
    noun="Word file",
)
FILE_SOURCES = {source.name: source for source in (WORKBOOKS, NOTES)}
SOURCES = (*FILE_SOURCES, "clinic", "claims")


def land_source(name: str, settings: Settings, path: Path | str, again: bool = False) -> Landing:
    """Land one source from a folder (claims: or a URL); raises NothingToLand when it is empty."""
    if name == "claims":
        return land_claims(settings, path, again=again)
    if name == "clinic":
        return land_clinic(settings, Path(path), again=again)
    return land_files(FILE_SOURCES[name], settings, Path(path), again=again)


def default_place(name: str, settings: Settings, folder: Path | None = None) -> Path | str:
    """Where a source is looked for: its URL from the settings, else its folder in the inbox."""
    if name == "claims" and settings.claims_url and folder in (None, settings.inbox):
        return settings.claims_url
    return (folder or settings.inbox) / name
