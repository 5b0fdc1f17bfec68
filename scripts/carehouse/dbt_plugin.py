"""What dbt-duckdb calls to open the warehouse, so that dbt opens it as everything else here does.

`profiles.yml` names this module. The key never stands in a profile, where dbt would keep it.
"""

from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from carehouse.database import CATALOG, WAREHOUSE_PART, attach, options, prepare
from carehouse.errors import CarehouseError
from carehouse.settings import Settings


class Plugin(BasePlugin):
    """Attach the warehouse to dbt's database in memory, and make it the one in use."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Add to the profile's configuration what holds for every opening."""
        config.update({**options(Settings()), **config})

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Attach it before dbt does, which finds it there then. Raises DbtRuntimeError."""
        (path,) = [one.path for one in self.creds.attach if one.alias == CATALOG]
        settings = Settings()
        try:
            prepare(conn, settings)
            attach(conn, settings, Path(path), CATALOG, WAREHOUSE_PART)
        except CarehouseError as error:
            raise DbtRuntimeError(str(error)) from None

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """A cursor begins in memory again."""
        cursor.execute(f"use {CATALOG}")
