"""The made-up practice in a real MariaDB is the one in the files, with what only a server holds."""

import duckdb
import pytest

from carehouse.demo.opendental import generate
from carehouse.demo.opendental_output import source_columns, source_tables
from carehouse.errors import DatabaseNotEmpty
from carehouse.landing.opendental.database import land_database
from carehouse.settings import Settings
from conftest import query
from mariadb_support import mariadb  # noqa: F401

EMPTIED = {"commlog": "CommDateTime", "refattach": "RefDate", "schedule": "SchedDate"}


def test_the_database_mirrors_to_the_rows_of_the_files(mariadb, tmp_path):  # noqa: F811
    home = Settings(home=tmp_path / "home")
    mariadb.run("create database made_up character set utf8mb4")
    url = mariadb.url("made_up")
    generate(tmp_path, scale=0.15, seed=4, into=url)
    generate(tmp_path, scale=0.15, seed=4)
    landing = land_database(home, url)
    assert not landing.refused, landing.refused
    for table in source_tables():
        left_out = (EMPTIED.get(table.name), "DateTStamp" if table.name in EMPTIED else None)
        columns = ", ".join(f'"{name}"' for name in source_columns(table) if name not in left_out)
        path = tmp_path / "opendental" / f"{table.name}.parquet"
        if table.name == "preference":  # only those that reports need are mirrored
            continue
        mirrored = query(home, f"select {columns} from {table.full_name} order by all")
        expected = duckdb.sql(f"select {columns} from '{path}' order by all").fetchall()
        assert mirrored == expected, table.name
    for table, column in EMPTIED.items():
        (zeros,) = mariadb.run(
            f"select count(*) from {table} where {column} = '0000-00-00'", "made_up"
        ).split()
        assert int(zeros) == 1, table
    secrets = mariadb.run("select count(*) from patient where SSN = 'secret'", "made_up")
    assert int(secrets) > 0
    columns = query(home, "select column_name from duckdb_columns() where column_name ilike 'ssn'")
    assert columns == []


def test_a_database_that_holds_a_practice_is_left_alone(mariadb, tmp_path):  # noqa: F811
    mariadb.run("create database taken; create table taken.patient (PatNum bigint)")
    with pytest.raises(DatabaseNotEmpty, match="1 of OpenDental's tables"):
        generate(tmp_path, scale=0.15, seed=4, into=mariadb.url("taken"))
    assert mariadb.run("show tables", "taken").split() == ["patient"]
