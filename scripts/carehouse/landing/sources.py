"""The sources that `carehouse land` knows, in the order `carehouse run` lands them."""

from pathlib import Path

from carehouse.landing.frame import Landing
from carehouse.landing.sandboxed import FileSource, land_files
from carehouse.settings import Settings

WORKBOOKS = FileSource(
    name="workbooks",
    schema="raw_workbooks",
    tables=("cells", "sheets"),
    suffixes=frozenset(
        {".xlsx", ".xlsm", ".xls", ".ods"}
        | {".xlsb", ".xltx", ".xltm", ".xlt", ".xlam", ".xla", ".fods"}  # told apart by content
    ),
    read="carehouse.landing.workbooks.cells:read",
    noun="workbook",
)
NOTES = FileSource(
    name="notes",
    schema="raw_notes",
    tables=("blocks",),
    suffixes=frozenset({".docx", ".docm", ".dotx", ".dotm", ".doc"}),
    read="carehouse.landing.notes:read",
    noun="Word file",
)
FILE_SOURCES = {source.name: source for source in (WORKBOOKS, NOTES)}
PRACTICE_DATABASE = "mysql://"  # the one, or its replica, that the settings name


def land_source(
    name: str,
    settings: Settings,
    place: Path | str,
    force: bool = False,
    verify: bool = False,
    replace: bool = False,
) -> Landing:
    """Land one source from a folder, claims and opendental also from a URL.

    Each loader is imported when it is called for. Raises NothingToLand when nothing is there.
    """
    if name == "opendental" and isinstance(place, str):
        from carehouse.landing.opendental.database import land_database

        url = None if place == PRACTICE_DATABASE else place
        return land_database(settings, url, force=force, verify=verify)
    if name == "opendental":
        from carehouse.landing.opendental.files import land_folder

        return land_folder(settings, place, force=force)
    if name == "claims" and settings.target == "spark":
        from carehouse.engines.spark import land_claims_there

        return land_claims_there(settings, place, force=force)
    if name == "claims":
        from carehouse.landing.claims import land_claims

        return land_claims(settings, place, force=force)
    if name == "clinic":
        from carehouse.landing.clinic import land_clinic

        return land_clinic(settings, Path(place), force=force)
    return land_files(FILE_SOURCES[name], settings, Path(place), force=force, replace=replace)


def default_place(name: str, settings: Settings, folder: Path | None = None) -> Path | str:
    """Where a source is looked for: its URL from the settings, else its folder in the inbox."""
    if folder in (None, settings.inbox):
        if name == "claims" and settings.claims_url:
            return settings.claims_url
        if name == "opendental" and settings.has_opendental:
            return PRACTICE_DATABASE
    return (folder or settings.inbox) / name
