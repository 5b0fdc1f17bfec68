"""The claims models run as plain SQL, example after example, in a database in memory.

dbt compiles them once. A build through dbt takes half a minute, this a second.
"""

import json
from collections.abc import Iterable
from contextlib import redirect_stdout
from datetime import datetime
from io import StringIO
from pathlib import Path

import duckdb

from carehouse.build import run_dbt
from carehouse.contract import create_raw_tables
from carehouse.settings import Settings

WANTED = (
    "claims__fact_claims",
    "claims__fact_claim_lines",
    "claims__claim_status_history",
    "claims__member_months",
    "claims__payer_member_months",
    "claims__pmpm_monthly",
    "claims__cost_and_denial",
    "claims__feed_identity",
    "int_claims__file_accounting",
)


class Pipeline:
    """Models in an order in which each can be made, and a database to make them in."""

    def __init__(self, home: Path):
        select = ["compile", "--select", *[f"+{one}" for one in WANTED]]
        with redirect_stdout(StringIO()):  # dbt shows what it compiles
            built = run_dbt(Settings(home=home), select, quiet=True)
        assert built.ok, built.error
        manifest = json.loads((home / "dbt" / "manifest.json").read_text())
        nodes = manifest["nodes"]
        order: list[str] = []

        def visit(key: str) -> None:
            if key in order or key not in nodes:
                return
            for parent in nodes[key]["depends_on"].get("nodes", []):
                visit(parent)
            order.append(key)

        for name in WANTED:
            visit(f"model.carehouse.{name}")
        self.connection = duckdb.connect()
        self.connection.execute("attach ':memory:' as carehouse; use carehouse")
        create_raw_tables(self.connection)
        self._models: list[tuple[str, str]] = []
        for key in order:
            node = nodes[key]
            name = f"{node['schema']}.{node['alias']}"
            self.connection.execute(f"create schema if not exists {node['schema']}")
            if node["resource_type"] == "seed":
                self._seed(name, node)
            else:
                path = home / "dbt" / "compiled" / "carehouse" / node["original_file_path"]
                self._models.append((name, path.read_text()))

    def _seed(self, name: str, node: dict) -> None:
        types = node["config"]["column_types"]
        columns = ", ".join(f"{column} {kind}" for column, kind in types.items())
        self.connection.execute(f"create table {name} ({columns})")
        path = Path(node["root_path"]) / node["original_file_path"]
        names = ", ".join(types)
        self.connection.execute(
            f"insert into {name} ({names}) select {names} from read_csv(?, header = true, "
            "all_varchar = true, nullstr = '')",
            [str(path)],
        )

    def run(self, files: Iterable[tuple[str, str, datetime, list[dict[str, str | None]]]]) -> None:
        """Land files (raw table, path, moment of landing, rows) in place of all others; build."""
        run = self.connection.execute
        for table in ("claims", "members", "providers"):
            run(f"delete from raw_claims.{table}")
        run("delete from raw.load_log; delete from raw.scan_log")
        for load, (table, path, moment, rows) in enumerate(files, start=1):
            run(
                "insert into raw.load_log values"
                " (?, 'claims', ?, ?, ?, ?, ?, 'landed', null, null, null)",
                [load, path, str(load), len(rows), moment, moment],
            )
            run(
                "insert into raw.scan_log values ('claims', 'made up', false, ?, 1, 0, 0, 0)",
                [moment],
            )
            lineage = {"_source_file": path, "_load_id": load, "_extracted_at": moment}
            full = [{**row, **lineage, "_source_row": n} for n, row in enumerate(rows, start=2)]
            if full:
                names = list(full[0])
                marks = ", ".join("?" for _ in names)
                self.connection.executemany(
                    f"insert into raw_claims.{table} ({', '.join(names)}) values ({marks})",
                    [[row[name] for name in names] for row in full],
                )
        for name, sql in self._models:
            run(f"create or replace table {name} as {sql}")

    def query(self, sql: str) -> list[tuple]:
        """Rows of a query."""
        return self.connection.execute(sql).fetchall()
