"""The sources that `carehouse land` knows, in the order `carehouse run` lands them."""

from pathlib import Path

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
SOURCES = (*FILE_SOURCES, "clinic", "opendental")


def land_source(name: str, settings: Settings, path: Path, again: bool = False) -> Landing:
    """Land one source from a folder; raises NothingToLand when it holds nothing of it."""
    if name == "opendental":
        from carehouse.landing.opendental_files import land_folder

        return land_folder(settings, path, again=again)
    if name == "clinic":
        from carehouse.landing.clinic import land_clinic

        return land_clinic(settings, path, again=again)
    return land_files(FILE_SOURCES[name], settings, path, again=again)
