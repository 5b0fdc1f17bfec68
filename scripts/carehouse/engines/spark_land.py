"""Land claims with Spark from a job: `spark-submit`, a Databricks job, or a Connect client.

    spark-submit spark_land.py s3://bucket/drop /shared/folder
    python -m carehouse.engines.spark_land s3://bucket/drop /shared/folder   # with SPARK_REMOTE

Prints what was landed and what was refused; ends with status 1 where something was refused.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from carehouse.engines.spark_claims import land_claims_on_spark
from carehouse.errors import CarehouseError
from carehouse.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; give the exit status."""
    from pyspark.sql import SparkSession

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("place", help="s3://bucket/prefix, or a folder that all workers see")
    parser.add_argument("folder", type=Path, help="where the Parquet is kept; all workers see it")
    parser.add_argument("--force", action="store_true", help="read what is known too")
    options = parser.parse_args(arguments)
    spark = SparkSession.builder.appName("carehouse land claims").getOrCreate()
    try:
        landing = land_claims_on_spark(
            spark, Settings(), options.place, options.folder, options.force
        )
    except CarehouseError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        spark.stop()
    print(f"{len(landing.landed)} landed ({landing.row_count:,} rows)")
    print(f"{len(landing.unchanged)} unchanged, {len(landing.retired)} retired")
    for name, reason in landing.refused.items():
        print(f"refused: {name} {reason}", file=sys.stderr)
    return 1 if landing.refused else 0


if __name__ == "__main__":
    sys.exit(main())
