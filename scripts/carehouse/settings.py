"""Settings from the environment or a `.env` file; nothing else in the package reads either."""

import os
import re
from collections.abc import Iterable, Iterator
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from carehouse.registry import REPORT_DOMAINS

PROJECT_DIR = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """What a clinic may set. Each field is the environment variable of the same name."""

    model_config = SettingsConfigDict(
        env_file=PROJECT_DIR / ".env",
        env_prefix="CAREHOUSE_",
        extra="ignore",
        env_ignore_empty=True,
        populate_by_name=True,
    )

    home: Path = PROJECT_DIR / "data"
    key_file: Path | None = Field(default=None, description="of the key; else `key` in the home")
    keyring: str | None = Field(default=None, description="the key's entry in the system's keyring")
    key: SecretStr | None = Field(default=None, description="the key itself, 64 hex digits")
    key_before: SecretStr | None = Field(
        default=None, description="the keys before CAREHOUSE_KEY, with a blank between"
    )
    encrypt: bool = Field(default=False, description="databases and spill, with the key")
    role: Literal["full", "analyst", "reception"] = Field(
        default="full", description="which of the published files is read"
    )
    target: str = "duckdb"
    postgres_url: SecretStr | None = Field(
        default=None, description="of target postgres: postgresql://user:password@host/database"
    )
    as_of: date | None = None
    timezone: str = "Europe/Berlin"
    date_order: Literal["dmy", "mdy"] = "dmy"
    read_memory_mb: int = Field(default=256, ge=32, description="limit for reading one file")
    read_seconds: int = Field(default=60, ge=1, description="limit for reading one file")
    memory_limit: str | None = Field(
        default=None,
        description="for building and publishing, as 2GB; what needs more goes to disk meanwhile",
    )
    wait_seconds: float = Field(default=0, ge=0, description="for a warehouse that is in use")
    clinic_rejected_share_limit: float = Field(default=0.02, ge=0, le=1)
    claims_url: str | None = Field(default=None, description="s3://bucket/prefix, or a folder")
    api_token: str | None = Field(default=None, description="the API asks for it when set")
    api_certificate: Path | None = Field(
        default=None, description="the API speaks TLS with this PEM file"
    )
    api_certificate_key: Path | None = Field(
        default=None, description="of the certificate, where it is not in the same file"
    )
    api_seconds: float = Field(default=15, gt=0, description="a request and its answer may take")
    reminder_sender: str = Field(default="Reception <reception@clinic.invalid>")
    call_capacity: int = Field(default=20, ge=1, description="calls reception can make a day")
    protected_features: bool = Field(default=False, description="models may use age and sex")
    sms_domain: str = Field(default="sms.invalid", description="mail-to-SMS gateway")
    smtp_url: SecretStr | None = Field(
        default=None, description="smtp+starttls://user:password@host:port, or smtps://, smtp://"
    )
    report_mail: str | None = Field(
        default=None, description="clinic:owner@clinic.example, care:board@clinic.example"
    )
    smtp_seconds: float = Field(default=30, gt=0, description="to wait for the mail server")

    opendental_url: SecretStr | None = Field(default=None, validation_alias="OPENDENTAL_URL")
    opendental_replica_url: SecretStr | None = Field(
        default=None, validation_alias="OPENDENTAL_REPLICA_URL"
    )
    opendental_analytics_url: SecretStr | None = Field(
        default=None, validation_alias="OPENDENTAL_ANALYTICS_URL"
    )
    opendental_recheck_days: int = Field(
        default=7, ge=0, description="read tables whole again that are else told by their stamps"
    )

    @field_validator("home", "key_file", "api_certificate", "api_certificate_key")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value and value.expanduser().resolve()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            told = _nearest(value, available_timezones()) or "a name like Europe/Berlin"
            raise ValueError(f"no time zone has this name; try {told}") from error
        return value

    @field_validator("memory_limit")
    @classmethod
    def _a_size(cls, value: str | None) -> str | None:
        if (
            value == "-1"
        ):  # as dbt is told that there is none; a later reader in this process sees it
            return None
        if value is not None and not re.fullmatch(r"[0-9]+(\.[0-9]+)? ?[KMGT]i?B", value):
            raise ValueError("write it as 4GB or 800MB")
        return value

    @field_validator("report_mail")
    @classmethod
    def _domains_with_addresses(cls, value: str | None) -> str | None:
        for domain, to in _pairs(value):
            if domain not in REPORT_DOMAINS or not re.fullmatch(r"[^@\s]+@[^@\s]+", to):
                raise ValueError(
                    f"write DOMAIN:ADDRESS with a comma between; DOMAIN is one of "
                    f"{', '.join(REPORT_DOMAINS)}"
                )
        return value

    @field_validator("date_order", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("target")
    @classmethod
    def _known_target(cls, value: str) -> str:
        if value != "duckdb":
            import yaml

            profiles = yaml.safe_load((PROJECT_DIR / "profiles" / "profiles.yml").read_text())
            names = sorted(profiles["carehouse"]["outputs"])
            if value not in names:
                raise ValueError(f"profiles/profiles.yml has {', '.join(names)}")
        return value

    @cached_property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def reports_to_mail(self) -> list[tuple[str, str]]:
        """Domain and address of each report that goes out once a week, after a run."""
        return _pairs(self.report_mail)

    @property
    def has_opendental(self) -> bool:
        """Whether the address of a practice database, or of its replica, is set."""
        return bool(self.opendental_url or self.opendental_replica_url)

    @property
    def inbox(self) -> Path:
        """Where users put their files, one folder a source."""
        return self.home / "inbox"

    @property
    def demo_inputs(self) -> Path:
        """Where `carehouse demo` makes up its inputs."""
        return self.home / "demo"

    @property
    def outbox(self) -> Path:
        """Where reminders and the ledger of who was written to are kept."""
        return self.home / "outbox"

    @property
    def warehouse(self) -> Path:
        """The database that loaders and dbt write."""
        return self.home / "warehouse" / "carehouse.duckdb"

    @property
    def dbt_folder(self) -> Path:
        """Where dbt keeps what it parsed; each engine has its own, since the SQL differs."""
        return self.home / ("dbt" if self.target == "duckdb" else f"dbt-{self.target}")

    @property
    def manifest(self) -> Path:
        """What dbt last parsed of the project."""
        return self.dbt_folder / "manifest.json"

    @property
    def built_manifest(self) -> Path:
        """What the tables were last built from; dbt compares the project with it."""
        return self.dbt_folder / "built" / "manifest.json"

    @property
    def published(self) -> Path:
        """The database that people read."""
        return self.home / "published" / "carehouse.duckdb"

    def published_for(self, role: str) -> Path:
        """The published file of a role."""
        name = "carehouse" if role == "full" else role
        return self.home / "published" / f"{name}.duckdb"


def _pairs(value: str | None) -> list[tuple[str, str]]:
    parts = [one.partition(":") for one in (value or "").split(",") if one.strip()]
    return [(domain.strip().lower(), to.strip()) for domain, _, to in parts]


def cannot_be_used(error: ValidationError) -> str:
    """The settings that cannot be used, named and quoted as they are typed, and what would do."""
    told = []
    for one in error.errors():
        name = _variable(str(one["loc"][0]))
        is_secret = SecretStr in _types(name) or "TOKEN" in name
        typed = "" if is_secret else f" is {one['input']!s}"
        words = one["msg"].removeprefix("Value error, ").replace("Input should", "it should")
        told.append(f"{name}{typed}: {words}")
    return "a setting cannot be used: " + "; ".join(told)


def unknown_settings() -> Iterator[tuple[str, str | None]]:
    """Names in the environment or in .env that no setting has, each with the nearest that one has.

    A mistyped name would else change nothing, without a word.
    """
    known = {_variable(name) for name in Settings.model_fields}
    told = {*os.environ, *_in_env_file()}
    for name in sorted(told):
        if name.startswith("CAREHOUSE_") and name not in known and not name.startswith(_OTHERS):
            yield name, _nearest(name, known)


# read by the Airflow DAG, not by the package
_OTHERS = ("CAREHOUSE_DAG_",)


def _in_env_file() -> Iterable[str]:
    from dotenv import dotenv_values

    path = Settings.model_config["env_file"]
    return dotenv_values(path) if Path(path).exists() else ()


def _variable(field_name: str) -> str:
    if field_name.isupper():
        return field_name
    alias = Settings.model_fields[field_name].validation_alias
    return str(alias) if alias else f"CAREHOUSE_{field_name.upper()}"


def _types(variable: str) -> tuple:
    for name, field in Settings.model_fields.items():
        if _variable(name) == variable:
            return getattr(field.annotation, "__args__", (field.annotation,))
    return ()


def _nearest(typed: str, known: Iterable[str]) -> str | None:
    by_lower = {name.lower(): name for name in known}
    found = get_close_matches(typed.lower(), by_lower, n=1, cutoff=0.7)
    return by_lower[found[0]] if found else None
