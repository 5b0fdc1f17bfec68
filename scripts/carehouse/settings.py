"""Settings from the environment or a `.env` file; nothing else in the package reads either."""

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    target: str = "duckdb"
    as_of: date | None = None
    timezone: str = "Europe/Berlin"
    date_order: Literal["dmy", "mdy"] = "dmy"
    read_memory_mb: int = Field(default=256, ge=32, description="limit for reading one file")
    read_seconds: int = Field(default=60, ge=1, description="limit for reading one file")
    memory_limit: str | None = Field(
        default=None,
        pattern=r"^[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B$",
        description="for building and publishing, as 2GB; what needs more goes to disk meanwhile",
    )
    wait_seconds: float = Field(default=0, ge=0, description="for a warehouse that is in use")
    clinic_rejected_share_limit: float = Field(default=0.02, ge=0, le=1)
    claims_url: str | None = Field(default=None, description="s3://bucket/prefix, or a folder")
    api_token: str | None = Field(default=None, description="the API asks for it when set")
    reminder_sender: str = Field(default="Reception <reception@clinic.invalid>")
    sms_domain: str = Field(default="sms.invalid", description="mail-to-SMS gateway")

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

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"no time zone is called {value!r}; try Europe/Berlin") from error
        return value

    @cached_property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.timezone)

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
    def manifest(self) -> Path:
        """What dbt last parsed of the project."""
        return self.home / "dbt" / "manifest.json"

    @property
    def built_manifest(self) -> Path:
        """What the tables were last built from; dbt compares the project with it."""
        return self.home / "dbt" / "built" / "manifest.json"

    @property
    def published(self) -> Path:
        """The database that people read."""
        return self.home / "published" / "carehouse.duckdb"
