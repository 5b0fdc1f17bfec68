"""Which indexes an analytics copy of an OpenDental database lacks; create them only when asked."""

import csv
import re
from dataclasses import dataclass, field

import duckdb

from carehouse.errors import CannotConnect, NoAnalyticsCopy
from carehouse.landing.opendental.mysql import Address, Session, attach, detach, parse_address
from carehouse.settings import PROJECT_DIR, Settings

WANTED = PROJECT_DIR / "seeds" / "opendental" / "opendental_wanted_indexes.csv"
ALIAS = "opendental_analytics"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass
class WantedIndex:
    """An index of the list, how it stands, and how its sample query is planned."""

    table: str
    columns: list[str]
    purpose: str
    sample_query: str
    state: str = "missing"  # present, missing, created or impossible
    served_by: str | None = None
    plan_before: list[dict[str, str | None]] = field(default_factory=list)
    plan_after: list[dict[str, str | None]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name under which it is created."""
        return f"carehouse_{'_'.join(self.columns)}"[:64]

    @property
    def statement(self) -> str:
        """The statement that creates it."""
        columns = ", ".join(f"`{column}`" for column in self.columns)
        return f"create index `{self.name}` on `{self.table}` ({columns})"


def check_indexes(settings: Settings, apply: bool = False) -> list[WantedIndex]:
    """Compare the wanted indexes with the analytics copy's; with `apply` create what is missing.

    Raises NoAnalyticsCopy when none is set, or when it is the live database or its replica.
    """
    address = _analytics_copy(settings)
    wanted = wanted_indexes()
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        attach(connection, address, ALIAS, read_only=not apply)
        session = Session(connection, address, ALIAS)
        try:
            columns, indexes = _structure(session, wanted)
            for index in wanted:
                _judge(session, index, columns, indexes)
                if apply and index.state == "missing":
                    _create(session, index)
                    index.state = "created"
                    index.plan_after = _explain(session, index.sample_query)
        finally:
            detach(connection, ALIAS)
    return wanted


def wanted_indexes() -> list[WantedIndex]:
    """The editable list. Raises NoAnalyticsCopy naming the line that cannot be used."""
    found = []
    with WANTED.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            columns = [column.strip() for column in row["index_columns"].split(",")]
            query = row["sample_query"].strip()
            names = [row["table_name"], *columns]
            if not all(NAME.fullmatch(name) for name in names):
                raise NoAnalyticsCopy(
                    f"{WANTED.name}, line {number}: a table or column name has other "
                    "characters than letters, digits and _"
                )
            if not query.lower().startswith("select ") or ";" in query:
                raise NoAnalyticsCopy(
                    f"{WANTED.name}, line {number}: sample_query must be one select, "
                    "without a semicolon"
                )
            found.append(WantedIndex(row["table_name"], columns, row["purpose"], query))
    return found


def _analytics_copy(settings: Settings) -> Address:
    if not settings.opendental_analytics_url:
        raise NoAnalyticsCopy(
            "set OPENDENTAL_ANALYTICS_URL to the analytics copy: indexes are never proposed for, "
            "nor made in, the live database"
        )
    name = "OPENDENTAL_ANALYTICS_URL"
    address = parse_address(settings.opendental_analytics_url.get_secret_value(), name)
    for other, url in (
        ("OPENDENTAL_URL", settings.opendental_url),
        ("OPENDENTAL_REPLICA_URL", settings.opendental_replica_url),
    ):
        if url and address.same_database(parse_address(url.get_secret_value(), other)):
            raise NoAnalyticsCopy(
                f"{name} is the database of {other}: an index slows down every write there, so "
                "indexes are made in a copy only"
            )
    return address


def _structure(
    session: Session, wanted: list[WantedIndex]
) -> tuple[set[tuple[str, str]], dict[str, dict[str, list[str]]]]:
    """Columns, and indexes by table and name, all in lower case."""
    tables = ", ".join(sorted({f"'{index.table.lower()}'" for index in wanted}))
    where = f"where table_schema = database() and lower(table_name) in ({tables})"
    columns = session.rows(
        f"select lower(table_name), lower(column_name) from information_schema.columns {where}"
    )
    indexes: dict[str, dict[str, list[str]]] = {}
    for table, name, column, part in session.rows(
        "select lower(table_name), index_name, lower(column_name), cast(sub_part as signed) "
        f"from information_schema.statistics {where} order by table_name, index_name, seq_in_index"
    ):
        # an index of a column's first characters does not serve what one of the column does
        indexes.setdefault(table, {}).setdefault(name, []).append(column if not part else "")
    return set(columns), indexes


def _judge(
    session: Session,
    index: WantedIndex,
    columns: set[tuple[str, str]],
    indexes: dict[str, dict[str, list[str]]],
) -> None:
    table, names = index.table.lower(), [column.lower() for column in index.columns]
    if any((table, name) not in columns for name in names):
        index.state = "impossible"
        return
    for name, parts in indexes.get(table, {}).items():
        if parts[: len(names)] == names:
            index.state, index.served_by = "present", name
    index.plan_before = _explain(session, index.sample_query)


def _create(session: Session, index: WantedIndex) -> None:
    try:
        session.run(
            f"from mysql_execute('{session.alias}', '{index.statement}')"  # names are checked
        )
        session.run(f"from mysql_query('{session.alias}', 'analyze table `{index.table}`')")
    except Exception as error:
        raise CannotConnect(
            f"{session.address}: the index on {index.table} ({', '.join(index.columns)}) was not "
            f"created: may the user create indexes there? ({error})"
        ) from None


def _explain(session: Session, query: str) -> list[dict[str, str | None]]:
    """The server's plan: table, access, index used and rows to look at."""
    relation = session.relation(f"explain {query}")
    rows = session.run(f'select "table", "type", "key", "rows" from {relation}')
    names = ("table", "access", "index", "rows")
    return [
        dict(zip(names, (None if v is None else str(v) for v in row), strict=True)) for row in rows
    ]
