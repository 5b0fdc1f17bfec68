"""What mirroring an OpenDental table costs, against pandas and the mariadb client, in one run.

    python tests/bench/bench_opendental.py [rows] [MyISAM|InnoDB]

The table is procedurelog with 17 of its columns. Whole processes are timed; memory is the peak of
the process itself. `pandas` is a read_sql loop in chunks over PyMySQL that keeps nothing.
"""

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from bench import Cost, measure

from carehouse.demo.opendental_ddl import mysql_columns

sys.path.insert(0, str(Path(__file__).parents[1] / "python" / "support"))

from mariadb_support import Server, program, running  # noqa: E402

COLUMNS = (
    *("ProcNum", "PatNum", "AptNum", "ProcDate", "ProcFee", "Surf", "ToothNum", "Priority"),
    *("ProcStatus", "ProvNum", "ClinicNum", "CodeNum", "UnitQty", "BaseUnits", "DateTP"),
    *("DateTStamp", "DateComplete"),
)
PANDAS = """
import sys, warnings
import pandas, pymysql
from pymysql.cursors import SSCursor
warnings.simplefilter("ignore")
with pymysql.connect(host="127.0.0.1", port=int(sys.argv[1]), user="root", database=sys.argv[2],
                     cursorclass=SSCursor) as connection:
    rows = sum(len(chunk) for chunk in
               pandas.read_sql("select * from procedurelog", connection, chunksize=50_000))
print(rows)
"""


def make(server: Server, database: str, engine: str, rows: int, has_stamp: bool) -> None:
    """Fill a database with one table."""
    server.create(database, engine, ("procedurelog",))
    drop = ", ".join(
        f"drop column `{c}`" for c in mysql_columns("procedurelog") if c not in COLUMNS
    )
    keys = server.run("select distinct index_name from information_schema.statistics where "
                      f"table_schema = '{database}' and index_name <> 'PRIMARY'")  # fmt: skip
    drop += "".join(f", drop key `{key}`" for key in keys.split("\n") if key)
    stamp = "" if has_stamp else ", modify DateTStamp datetime not null"
    server.run(f"alter table procedurelog {drop}{stamp}", database)
    server.run(
        f"""
        insert into procedurelog
        select seq, 1 + seq mod 150000, seq div 3,
            date_add('2018-01-01', interval seq mod 2500 day), (seq * 37 mod 100000) / 100, '',
            1 + seq mod 32, 0, 1 + seq mod 8, 1 + seq mod 20, seq mod 5, 1 + seq mod 700, 1, 0,
            date_add('2018-01-01', interval seq mod 2500 day),
            date_add('2018-01-01', interval seq * 79 second),
            date_add('2018-01-01', interval seq mod 2500 day)
        from seq_1_to_{rows}
        """,
        database,
    )


def bench(server: Server, engine: str, rows: int, home: Path) -> None:
    """Print the table of costs."""
    carehouse = [sys.executable, "-m", "carehouse.cli", "land", "opendental"]
    make(server, "stamped", engine, rows, has_stamp=True)
    make(server, "plain", engine, rows, has_stamp=False)
    found: dict[str, list[Cost]] = {}

    def time(name: str, command: list[str], database: str = "") -> None:
        environment = {"CAREHOUSE_HOME": str(home / database)}
        if database:
            environment["OPENDENTAL_URL"] = server.url(database)
        found.setdefault(name, []).append(measure(command, environment))

    client = [program("mariadb"), "--no-defaults", "--user=root", f"--socket={server.socket}"]
    dump = [*client, "--quick", "--batch", "stamped", "-e", "select * from procedurelog"]
    edits = ", ".join(str(1 + i * (rows // 100)) for i in range(100))
    for number in range(int(os.environ.get("ROUNDS", "3"))):
        time("mariadb client, to /dev/null", dump)
        if not number:
            time("pandas read_sql in chunks",
                 [sys.executable, "-c", PANDAS, str(server.port), "stamped"])  # fmt: skip
        shutil.rmtree(home, ignore_errors=True)
        time("first load", carehouse, "stamped")
        time("nothing changed", carehouse, "stamped")
        server.run(f"update procedurelog set ProcFee = ProcFee + 1 where ProcNum in ({edits})",
                   "stamped")  # fmt: skip
        time("100 scattered edits", carehouse, "stamped")
        time("first load, no stamp", carehouse, "plain")
        time("nothing changed, no stamp", carehouse, "plain")
    print(f"\n{rows:,} rows, {len(COLUMNS)} columns, {engine}")
    print(f"{'':32}{'seconds':>9}{'peak MiB':>10}{'of first load':>15}")
    for name, costs in found.items():
        seconds = statistics.median(cost.seconds for cost in costs)
        base = "first load, no stamp" if name.endswith("no stamp") else "first load"
        ratio = seconds / statistics.median(cost.seconds for cost in found[base])
        print(f"{name:32}{seconds:9.2f}{max(c.peak_mib for c in costs):10.0f}{ratio:14.0%}")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    chosen = sys.argv[2:] or ["MyISAM", "InnoDB"]
    with (
        tempfile.TemporaryDirectory(prefix="carehouse-bench-") as folder,
        running("--key-buffer-size=256M", "--innodb-buffer-pool-size=1G") as started,
    ):
        for storage in chosen:
            bench(started, storage, count, Path(folder) / "home")
