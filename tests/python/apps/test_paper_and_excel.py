"""What people print, mail and mend: exports, call list, problems, map, init and the report."""

import csv
import email
import email.policy
import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from carehouse import build as build_module
from carehouse.aliases import KINDS, map_spelling
from carehouse.build import run_dbt
from carehouse.cli import main
from carehouse.described import Column
from carehouse.errors import CannotInit, CannotMap
from carehouse.graph import read_graph
from carehouse.init import init, month_names
from carehouse.landing.sources import land_source
from carehouse.mart_docs import feeds, write_mart_docs
from carehouse.problems import problem_lines, read_problems, rejected_rows, write_problems
from carehouse.published import open_published
from carehouse.registry import KINDS as KIND_NAMES
from carehouse.registry import REPORT_DOMAINS
from carehouse.report_mail import send_due
from carehouse.settings import PROJECT_DIR, Settings
from carehouse.spreadsheets import add_sheet, new_book
from carehouse.warehouse import open_warehouse
from carehouse.weekly_report import DOMAINS, to_pdf
from conftest import query, write_workbook

MARTS = ("care.participant_outcomes", "clinic.daily_kpis", "claims.review_list")
MARTS_TABS = {"participant_outcomes", "daily_kpis", "review_list"}


@pytest.fixture
def command(built_demo, monkeypatch):
    monkeypatch.setenv("CAREHOUSE_HOME", str(built_demo.home))
    return lambda *arguments: CliRunner().invoke(main, list(arguments))


def rows_of(settings: Settings, sql: str) -> list[tuple]:
    with open_published(settings) as connection:
        return connection.execute(sql).fetchall()


# Excel


def test_a_workbook_of_marts_holds_every_row_and_every_cent(command, built_demo, tmp_path):
    out = tmp_path / "marts.xlsx"
    result = command("export", *MARTS, "--out", str(out))
    assert result.exit_code == 0, result.output
    book = openpyxl.load_workbook(out, read_only=True)
    assert book.sheetnames == [name.split(".")[1] for name in MARTS] + ["Meaning of columns"]
    for mart in MARTS:
        header, *rows = book[mart.split(".")[1]].iter_rows(values_only=True)
        described = rows_of(built_demo, f"describe {mart}")
        assert list(header) == [name for name, *_ in described]
        (count,) = rows_of(built_demo, f"select count(*) from {mart}")[0]
        assert len(rows) == count > 0
        for place, (name, kind, *_) in enumerate(described):
            cells = [row[place] for row in rows if row[place] is not None]
            if kind.startswith("DECIMAL"):
                (total,) = rows_of(built_demo, f'select sum("{name}") from {mart}')[0]
                assert round(sum(Decimal(str(cell)) for cell in cells), 4) == (total or 0), name
            if kind == "DATE" and cells:
                assert all(isinstance(cell, datetime) for cell in cells), name
    meanings = {row[:2]: row[3] for row in book["Meaning of columns"].iter_rows(values_only=True)}
    assert "spent" in meanings["care.participant_outcomes", "total_spend_amount"].lower()


def test_csv_has_its_mark_and_runs_nothing(built_demo, tmp_path, monkeypatch):
    settings = Settings(home=tmp_path / "home")
    settings.published.parent.mkdir(parents=True)
    shutil.copyfile(built_demo.published, settings.published)
    with duckdb.connect(str(settings.published)) as connection:
        connection.execute("update care.participant_outcomes set participant_name = '=1+1'")
    monkeypatch.setenv("CAREHOUSE_HOME", str(settings.home))
    result = CliRunner().invoke(main, ["export", "participant_outcomes", "--format", "csv"])
    assert result.exit_code == 0, result.output
    path = settings.home / "exports" / "care.participant_outcomes.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert {row["participant_name"] for row in csv.DictReader(file)} == {"'=1+1"}
    assert path.stat().st_mode & 0o077 == 0
    result = CliRunner().invoke(main, ["export", "participant_outcomes"])
    book = openpyxl.load_workbook(settings.home / "exports" / "care.participant_outcomes.xlsx")
    cell = book.worksheets[0]["C2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)


def test_parquet_holds_the_mart(command, built_demo, tmp_path):
    out = tmp_path / "claims.parquet"
    assert command("export", "claims.fact_claims", "--out", str(out)).exit_code == 0
    expected = rows_of(built_demo, "select count(*), sum(amount) from claims.fact_claims")
    assert duckdb.sql(f"select count(*), sum(amount) from '{out}'").fetchall() == expected


def test_a_mistyped_mart_is_told_its_nearest(command):
    result = command("export", "particpant_outcomes")
    assert result.exit_code == 1
    assert "is care.participant_outcomes" in result.output


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        ("DECIMAL(12,2)", Decimal("-0.10"), -0.1),
        ("HUGEINT", 2**60, str(2**60)),
        ("DOUBLE", float("nan"), None),
        ("DATE", date(1850, 1, 1), "1850-01-01"),
        ("DATE", date(9999, 12, 31), datetime(9999, 12, 31)),
        ("TIMESTAMP", datetime(2025, 3, 30, 2, 30), datetime(2025, 3, 30, 2, 30)),
        ("VARCHAR", "+49 170", "+49 170"),
        ("BOOLEAN", True, True),
        ("VARCHAR", "x" * 40_000, "x" * 32_767),
    ],
)
def test_a_cell_keeps_its_value_or_becomes_text(kind, value, held, tmp_path):
    path = tmp_path / "one.xlsx"
    with new_book(path) as book:
        rows, cut = add_sheet(book, "one", [Column("amount", kind, "")], [(value,)])
    assert rows == 1
    assert cut == (1 if value == "x" * 40_000 else 0)
    assert openpyxl.load_workbook(path).worksheets[0]["A2"].value == held


@pytest.mark.thorough  # 300 MB of LibreOffice are too much for CI
def test_libreoffice_reads_the_same_cells(command, built_demo, tmp_path):
    office = shutil.which("soffice") or shutil.which("libreoffice")
    assert office, "needs LibreOffice Calc (Debian: libreoffice-calc)"
    marts, calls = tmp_path / "marts.xlsx", tmp_path / "calls.xlsx"
    assert command("export", *MARTS, "--out", str(marts)).exit_code == 0
    assert command("priorities", "--out", str(calls)).exit_code == 0
    subprocess.run(
        [office, "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"]
        + ["--convert-to", "ods", "--outdir", str(tmp_path), str(marts), str(calls)],
        check=True,
        capture_output=True,
        timeout=300,
    )
    for path in (marts, calls):
        ours = openpyxl.load_workbook(path, read_only=True)
        theirs = CalamineWorkbook.from_path(path.with_suffix(".ods"))
        assert theirs.sheet_names == ours.sheetnames
        for name in ours.sheetnames:
            cells = [list(map(plain, row)) for row in ours[name].iter_rows(values_only=True)]
            read = [list(map(plain, row)) for row in theirs.get_sheet_by_name(name).to_python()]
            assert read == cells, name
            assert len(read) > 5, name
            kinds = {type(cell) for row in read[1:] for cell in row}
            assert name not in MARTS_TABS or {str, float, datetime} <= kinds, name


def plain(cell: object) -> object:
    """A cell as both readers give it: numbers as floats, days as moments, nothing as ''."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return round(float(cell), 9)
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)
    return "" if cell is None else cell


# the call list


def test_the_call_list_is_printed_with_local_times_and_short_numbers(command, built_demo, tmp_path):
    first = rows_of(
        built_demo,
        "select strftime(appt_start, '%H:%M'), patient_name from clinic.reception_priorities "
        "where day = (select min(day) from clinic.reception_priorities where day > list_date) "
        "order by call_rank",
    )
    printed = command("priorities", "--format", "print").output.splitlines()
    lines = [line for line in printed if line.startswith("| [ ]")]
    assert len(lines) == len(first)
    assert [line.split("|")[2].strip() for line in lines] == [time for time, _ in first]
    assert max(map(len, printed)) <= 112
    out = tmp_path / "calls.xlsx"
    assert command("priorities", "--out", str(out)).exit_code == 0
    sheet = openpyxl.load_workbook(out).worksheets[0]
    assert [row[2] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        name for _, name in first
    ]
    items = json.loads(command("priorities", "--format", "json").output)
    assert all(len(str(item["risk_score"])) <= 6 for item in items)


# problems and map


def test_problems_name_what_is_in_the_marts_and_no_text_of_rejected_rows(built_demo, command):
    found = read_problems(built_demo)
    by_kind = {
        kind: sum(one.count for one in found if one.kind == kind)
        for kind in {one.kind for one in found}
    }
    for kind, mart in (
        ("rejected row", "select count(*) from quality.rejected_rows"),
        ("unmapped spelling", "select sum(value_count) from quality.unmapped_values"),
    ):
        assert by_kind[kind] == rows_of(built_demo, mart)[0][0] > 0
    kinds = [one.kind for one in found]
    assert kinds == sorted(
        kinds,
        key=["stale domain", "refused file", "rejected row", "unmapped spelling", "finding"].index,
    )
    with open_warehouse(built_demo):
        rows = rejected_rows(built_demo)
    texts = [row.text for row in rows if row.text and len(row.text) > 12]
    assert len(texts) > len(rows) / 2
    page = write_problems(built_demo).read_text(encoding="utf-8")
    told = "\n".join(problem_lines(found)) + command("problems").output
    for text in texts:
        assert text.split(" | ")[0] in page.replace("&amp;", "&").replace("&#39;", "'")
        assert text not in told


def test_the_kinds_that_the_command_takes_are_those_that_have_a_seed():
    assert tuple(KINDS) == KIND_NAMES
    assert tuple(sorted(DOMAINS)) == tuple(sorted(REPORT_DOMAINS))
    for kind in KINDS.values():
        path = PROJECT_DIR / "seeds" / f"{kind.seed}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            assert {kind.label, kind.name} <= set(csv.DictReader(file).fieldnames)


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROJECT_DIR / "seeds", tmp_path / "seeds"))


def last_line(seeds: Path, kind: str) -> str:
    return (seeds / f"{KINDS[kind].seed}.csv").read_text(encoding="utf-8").splitlines()[-1]


@pytest.mark.parametrize(
    ("kind", "spelling", "name", "line"),
    [
        ("location", "Church  Basement!", "home", "church basement,Home"),
        ("location", "Church Basement", "Church", "church basement,Church"),
        ("risk", "Sehr HOCH", "very high", "sehr hoch,Very High,4"),
        ("growth", "geht so", "3", "geht so,3"),
        ("header", "Ort", "location", "status,location,exact,1,ort"),
        ("claim-status", "Bezahlt?", "paid", "bezahlt,PAID"),
    ],
)
def test_a_spelling_gets_the_line_that_the_models_read(kind, spelling, name, line, seeds, home):
    assert map_spelling(home, kind, spelling, name, seeds=seeds).line == line
    assert last_line(seeds, kind) == line


@pytest.mark.parametrize(
    ("kind", "spelling", "name", "told"),
    [
        ("location", "PATHWAYS-office", "Home", "already, as Pathways Office"),
        ("location", "Church", "Hme", "is Home"),
        ("status", "geht", "Aktiv", "Active"),
        ("growth", "???", "3", "no letter and no digit"),
        ("visit-status", "gone away", "canceled", "--with is_late=true"),
    ],
)
def test_what_would_not_work_is_refused_and_changes_nothing(
    kind, spelling, name, told, seeds, home
):
    before = last_line(seeds, kind)
    with pytest.raises(CannotMap, match=told):
        map_spelling(home, kind, spelling, name, seeds=seeds)
    assert last_line(seeds, kind) == before


# init


def test_init_makes_an_inbox_that_is_read_without_complaint(home, tmp_path, monkeypatch):
    env, months = tmp_path / ".env", tmp_path / "months.csv"
    env.write_text(
        "OPENDENTAL_URL=mysql://x\n#CAREHOUSE_TIMEZONE=Europe/Berlin\n", encoding="utf-8"
    )
    months.write_text("month_name,month_number\nmar,3\n", encoding="utf-8")
    for _ in range(2):  # again changes nothing
        made = init(
            home, timezone="Asia/Kolkata", date_order="dmy", language="de", env=env, months=months
        )
    assert env.read_text(encoding="utf-8").splitlines() == [
        "OPENDENTAL_URL=mysql://x",
        "CAREHOUSE_TIMEZONE=Asia/Kolkata",
        "CAREHOUSE_DATE_ORDER=dmy",
    ]
    assert "märz,3" in months.read_text(encoding="utf-8").splitlines()
    assert months.read_text(encoding="utf-8").count("märz,") == 1
    assert not made.months
    for source in ("workbooks", "notes", "clinic", "claims"):
        assert (home.inbox / "samples" / source / "READ ME.txt").is_file()
        assert len(list((home.inbox / "samples" / source).rglob("*.*"))) > 1
    monkeypatch.setenv("CAREHOUSE_HOME", str(home.home))
    result = CliRunner().invoke(main, ["run"])
    assert result.exit_code == 0, result.output
    assert "nothing" in result.output
    assert "refused" not in result.output


def test_a_language_that_nobody_knows_is_refused():
    assert month_names("fr")["août"] == 8
    with pytest.raises(CannotInit, match="de, fr"):
        month_names("xx-nobody")


# the report


def test_the_weekly_report_holds_the_marts_figures_and_charts(command, built_demo, tmp_path):
    out = tmp_path / "report.html"
    result = command("report", "weekly", "--domain", "care", "--out", str(out))
    assert result.exit_code == 0, result.output
    text = out.read_text(encoding="utf-8")
    (count, spent) = rows_of(
        built_demo, "select count(*), sum(total_spend_amount) from care.participant_outcomes"
    )[0]
    assert f"<strong>{count}</strong>" in text
    assert f"<strong>{spent:,.2f}</strong>" in text
    assert text.count("<svg") >= 3
    assert "<script" not in text
    assert out.stat().st_mode & 0o077 == 0


def test_a_domain_without_data_has_no_report(tmp_path, monkeypatch):
    monkeypatch.setenv("CAREHOUSE_HOME", str(tmp_path))
    result = CliRunner().invoke(main, ["report", "weekly", "--domain", "care"])
    assert result.exit_code == 1
    assert "carehouse run" in result.output


def test_the_report_is_printed_and_mailed(command):
    if not shutil.which("chromium"):
        pytest.skip("chromium is not installed")
    assert to_pdf("<h1>Week</h1>").startswith(b"%PDF")
    with mail_server() as (got, url):
        result = command(
            *("report", "weekly", "--domain", "clinic", "--mail", "owner@clinic.example"),
            *("--smtp", url),
        )
    assert result.exit_code == 0, result.output
    message = email.message_from_bytes(got[0].content, policy=email.policy.default)
    assert got[0].rcpt_tos == ["owner@clinic.example"]
    (attached,) = message.iter_attachments()
    assert attached.get_filename().startswith("weekly-clinic-")
    assert attached.get_content().startswith(b"%PDF")


@contextmanager
def mail_server(answer: str = "250 OK") -> Iterator[tuple[list, str]]:
    """A mail server: what it was given, and its address."""
    got = []

    class Inbox:
        async def handle_DATA(self, server, session, envelope):  # noqa: N802
            got.append(envelope)
            return answer

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Inbox(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield got, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


def test_after_a_run_a_report_is_mailed_once_a_week(built_demo, tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / "published").mkdir(parents=True)
    shutil.copyfile(built_demo.published, home / "published" / "carehouse.duckdb")
    monkeypatch.setattr("carehouse.weekly_report.BROWSERS", ())  # HTML: no browser a message

    def send(day: date, url: str, to: str = "clinic:a@b.example, care:c@d.example") -> list:
        return [*send_due(Settings(home=home, as_of=day, smtp_url=url, report_mail=to))]

    with mail_server("451 later") as (got, url):
        assert [is_error for _, is_error in send(date(2025, 7, 1), url)] == [True, True]
    with mail_server() as (got, url):
        assert [is_error for _, is_error in send(date(2025, 7, 1), url)] == [False, False]
        assert send(date(2025, 7, 6), url) == []  # the Sunday of that week
        assert len(send(date(2025, 7, 7), url)) == 2
        assert [one.rcpt_tos for one in got] == [["a@b.example"], ["c@d.example"]] * 2
    told = send(date(2025, 7, 14), "smtp://127.0.0.1:1")
    assert all(is_error and "not mailed" in line for line, is_error in told)
    assert [*send_due(Settings(home=home, report_mail="care:c@d.example"))][0][1]


@pytest.mark.parametrize("typed", ["owner@clinic.example", "shop:a@b.example", "clinic:nobody"])
def test_a_report_setting_that_names_nothing_is_refused(typed):
    with pytest.raises(ValueError, match="DOMAIN:ADDRESS"):
        Settings(report_mail=typed)


# from a spelling nobody knows to its name in the mart


def test_an_unknown_spelling_is_mapped_by_the_command_that_problems_names(
    home, tmp_path, monkeypatch
):
    project = tmp_path / "project"
    for name in ("macros", "models", "profiles", "seeds", "snapshots"):
        shutil.copytree(PROJECT_DIR / name, project / name)
    (project / "tests").mkdir()
    shutil.copytree(PROJECT_DIR / "tests" / "generic", project / "tests" / "generic")
    shutil.copy(PROJECT_DIR / "dbt_project.yml", project)
    monkeypatch.setattr(build_module, "PROJECT_DIR", project)
    write_workbook(
        home.inbox / "workbooks" / "ravi.xlsx",
        [
            ("Participant ID", "PW001"),
            ("Name", "Ravi Kumar"),
            (),
            ("Date", "Summary", "Level of Growth", "Location"),
            (date(2025, 3, 3), "Came to talk", 2, "Community Cntr."),
        ],
    )
    land_source("workbooks", home, home.inbox / "workbooks")
    wanted = ("--select", "+care__fact_interventions", "+int_care__alias_suggestions")
    build_quietly = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    assert run_dbt(home, ["build", *wanted, *build_quietly], quiet=True).ok
    text, nearest = query(
        home,
        "select value_text, nearest_value from intermediate.int_care__alias_suggestions "
        "where field = 'location'",
    )[0]
    assert (text, nearest) == ("Community Cntr.", "Community Centre")
    map_spelling(home, "location", text, nearest, seeds=project / "seeds")
    assert run_dbt(home, ["build", *wanted, *build_quietly], quiet=True).ok
    assert query(home, "select location from care.fact_interventions") == [("Community Centre",)]
    assert not query(home, "from intermediate.int_care__alias_suggestions")


# the list of marts


def test_the_list_of_marts_has_each_with_its_grain(built_demo, tmp_path):
    text = write_mart_docs(built_demo, tmp_path / "marts.html").read_text(encoding="utf-8")
    models = {path.stem for path in (PROJECT_DIR / "models" / "marts").rglob("*__*.sql")}
    assert len(models) > 100
    assert all(f"<code>{name.replace('__', '.', 1)}</code>" in text for name in models)
    assert "<td></td><td></td>" not in text
    feeding = feeds(read_graph(built_demo.manifest))
    assert "raw_clinic" in feeding["clinic"]
    assert feeding["claims"] == ["raw_claims"]
    assert feeding["care"] == ["raw_notes", "raw_workbooks"]
