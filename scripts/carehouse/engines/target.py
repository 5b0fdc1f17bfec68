"""What `CAREHOUSE_TARGET` asks for beyond DuckDB, told by its name; DuckDB itself needs nothing.

The warehouse file stays the place where inputs land and where a run reads what was built: its build
log is that of the target, and after a build it holds the marts.
"""

import duckdb

from carehouse.domains import BuildLog, Domain
from carehouse.lock import tell
from carehouse.settings import Settings


def environment(settings: Settings) -> dict[str, str]:
    """What dbt's profile of the target reads from the environment."""
    if settings.target == "postgres":
        from carehouse.engines import postgres

        return postgres.environment(settings)
    return {}


def packages(settings: Settings) -> tuple[str, ...]:
    """The packages whose versions decide what is built, beside dbt-core."""
    return {
        "postgres": ("dbt-postgres", "duckdb"),
        "spark": ("dbt-spark", "pyspark", "duckdb"),
    }.get(settings.target, ("dbt-duckdb", "duckdb"))


def check(settings: Settings) -> None:
    """See that the target can be used, before anything lands; raises EngineNotReady."""
    if settings.target == "postgres":
        from carehouse.engines import postgres

        postgres.check(settings)
    if settings.target == "spark":
        from carehouse.engines import spark

        spark.check(settings)


def bring(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Bring what landed to the engine that builds, and learn what it last built; gives the rows."""
    if settings.target == "postgres":
        from carehouse.engines import postgres

        tell(settings, "bringing what landed to Postgres")
        return postgres.bring(connection, settings)
    if settings.target == "spark":
        from carehouse.engines import spark

        tell(settings, "bringing what landed to Spark")
        return spark.bring(connection, settings)
    return 0


def fetch(settings: Settings) -> None:
    """Bring the marts that the engine built, and what dbt said, back into the warehouse file."""
    if settings.target == "postgres":
        from carehouse.engines import postgres

        tell(settings, "fetching the marts from Postgres")
        postgres.fetch(settings)
    if settings.target == "spark":
        from carehouse.engines import spark

        tell(settings, "fetching the marts from Spark")
        spark.fetch(settings)


def failed_rows(settings: Settings, sql: str) -> str:
    """A failed test's query as one that the warehouse file's connection can run."""
    if settings.target == "postgres":
        from carehouse.engines import postgres

        return postgres.query(sql)
    return f"({sql})"


def swap(settings: Settings, log: BuildLog, domains: dict[str, Domain]) -> None:
    """Publish on the engine's own server: what is good, as a whole; raises NotPublished."""
    if settings.target == "postgres":
        from carehouse.engines import postgres_publish

        postgres_publish.swap(settings, log, domains)


def is_swapped(settings: Settings, log: BuildLog, domains: dict[str, Domain]) -> bool:
    """Whether the engine's server already shows what would be published."""
    if settings.target == "postgres":
        from carehouse.engines import postgres_publish

        return postgres_publish.is_swapped(settings, log, domains)
    return True
