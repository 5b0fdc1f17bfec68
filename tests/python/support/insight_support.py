"""The dental models, built from a folder of extracts of a practice, and kept."""

from datetime import date
from pathlib import Path
from shutil import copy

from carehouse.build import run_dbt
from carehouse.landing.opendental.files import land_folder
from carehouse.settings import Settings

HISTORIES = [
    f"history_opendental__{name}"
    for name in (
        "patients",
        "providers",
        "fees",
        "plan_memberships",
        "treatment_plan_attachments",
        "recalls",
        "definitions",
    )
]
DENTAL_MODELS = [
    "--select",
    "path:seeds/opendental",
    "path:seeds/dental",
    "path:seeds/shared",
    "path:models/staging/landing",
    "path:models/staging/opendental",
    "path:models/intermediate/dental",
    "path:models/marts/dental",
    *HISTORIES,
]


def build_day(
    settings: Settings, folder: Path, day: date, *options: str, tests: bool = False
) -> None:
    """Land a folder of extracts as of a day and build dental models.

    dbt's unit tests are left to a whole build.
    """
    dated = settings.model_copy(update={"as_of": day})
    landing = land_folder(dated, folder)
    assert not landing.refused, landing.refused
    without = ["unit_test"] if tests else ["unit_test", "test"]
    excluded = [option for kind in without for option in ("--exclude-resource-type", kind)]
    result = run_dbt(dated, ["build", *(options or DENTAL_MODELS), *excluded], quiet=True)
    assert result.ok, (result.error, result.bad)


def keep(settings: Settings, home: Path) -> Settings:
    """Copy a warehouse to a home of its own, where it outlives the one it was built in."""
    kept = settings.model_copy(update={"home": home})
    kept.warehouse.parent.mkdir(parents=True)
    copy(settings.warehouse, kept.warehouse)
    return kept
