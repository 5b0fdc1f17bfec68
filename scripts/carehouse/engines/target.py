"""What `CAREHOUSE_TARGET` asks for beyond DuckDB, told by its name; DuckDB itself needs nothing."""

from carehouse.settings import Settings


def environment(settings: Settings) -> dict[str, str]:
    """What dbt's profile of the target reads from the environment."""
    if settings.target == "postgres":
        from carehouse.engines.postgres import environment

        return environment(settings)
    return {}


def check(settings: Settings) -> None:
    """See that the target can be used, before anything lands; raises EngineNotReady."""
    if settings.target == "postgres":
        from carehouse.engines.postgres import check

        check(settings)


def bring(settings: Settings) -> None:
    """Bring what landed to the engine that builds."""
    if settings.target == "postgres":
        from carehouse.engines.postgres import copy_raw

        copy_raw(settings)
