"""Compare the marts of two warehouses that should know the same."""

from pathlib import Path

import duckdb


def differences(one: Path, other: Path, schema: str) -> tuple[int, dict[str, tuple[int, int]]]:
    """How many marts a schema has; by mart how many rows only the one and only the other has."""
    wrong = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        marts = connection.execute(
            "select table_name from duckdb_tables() "
            f"where database_name = 'one' and schema_name = '{schema}' order by 1"
        ).fetchall()
        for (mart,) in marts:
            rows = tuple(
                connection.execute(
                    f"select count(*) from (select * from {left}.{schema}.{mart} "
                    f"except all select * from {right}.{schema}.{mart})"
                ).fetchone()[0]
                for left, right in (("one", "other"), ("other", "one"))
            )
            if any(rows):
                wrong[mart] = rows
    return len(marts), wrong
