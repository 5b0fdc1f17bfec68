"""The dashboard in a browser: every page shows the marts' figures, whatever the home holds."""

import re
import shutil
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest
import yaml
from selenium.webdriver.common.keys import Keys

from browser_support import browser  # noqa: F401  (a fixture)
from carehouse.apps.dashboard.question import Answer, alt_text, shown, sql_of
from carehouse.apps.dashboard.subjects import PAGES
from carehouse.publish import OWN_TABLES
from carehouse.published import open_published
from carehouse.settings import PROJECT_DIR, Settings
from dashboard_support import IS_DONE, served, wait_for


def text_of(browser, url: str) -> str:  # noqa: F811
    """The text of a page once it has been drawn, which must be without any error."""
    browser.get("about:blank")
    browser.get_log("browser")  # what an earlier page complained of
    browser.get(url)
    wait_for(lambda: browser.execute_script(IS_DONE), f"{url} is not done")
    time.sleep(0.5)  # its charts are drawn after it
    no_error(browser)
    return browser.execute_script("return document.body.innerText")


def no_error(browser) -> None:  # noqa: F811
    assert not browser.find_elements("css selector", '[data-testid="stException"]')
    severe = [one["message"] for one in browser.get_log("browser") if one["level"] == "SEVERE"]
    assert not severe


@pytest.fixture(scope="module")
def demo(built_demo: Settings) -> Iterator[str]:
    with served(built_demo) as url:
        yield url


@pytest.fixture
def copy(built_demo: Settings, tmp_path: Path) -> Settings:
    """A home of one's own with the demo's published file."""
    settings = Settings(home=tmp_path / "home")
    settings.published.parent.mkdir(parents=True)
    shutil.copyfile(built_demo.published, settings.published)
    return settings


def answer_of(settings: Settings, page, question) -> Answer:
    defaults = {one.name: one.default for one in page.filters}
    with open_published(settings) as connection:
        found = connection.execute(sql_of(question, page.filters, defaults))
        names = tuple(name for name, *_ in found.description)
        kinds = tuple(str(kind) for _, kind, *_ in found.description)
        return Answer(names, kinds, tuple(found.fetchall()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_a_page_shows_what_the_marts_hold(page, demo, browser, built_demo):  # noqa: F811
    text = text_of(browser, f"{demo}/?page={page.path}")
    plain = " ".join(text.split())
    if page.path == "models":  # the demo trains none
        assert "carehouse train" in plain
        return
    labels = {
        element.get_attribute("aria-label") or ""
        for element in browser.find_elements("css selector", "[aria-label]")
    }
    checked = 0
    for question in page.questions:
        assert question.title in plain
        if question.needs:
            continue
        answer = answer_of(built_demo, page, question)
        if not answer.rows:
            assert question.none.split("(")[0].strip() in plain
        elif question.chart:
            alt = alt_text(question, answer)
            assert any(alt in label for label in labels), question.title
            checked += 1
        else:
            row = dict(zip(answer.columns, answer.rows[0], strict=True))
            for name, value in row.items():
                if not name.endswith("_change"):
                    words = " ".join(shown(value, name).split())
                    assert words in plain, (question.title, name)
                    checked += 1
    assert checked > 3


def test_every_question_reads_columns_that_the_contracts_have():
    with duckdb.connect(":memory:") as connection:
        for path in (PROJECT_DIR / "models" / "marts").rglob("*__*.yml"):
            for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ()):
                schema, table = model["name"].split("__", 1)
                columns = ", ".join(
                    f'"{one["name"]}" {"double" if "{" in one["data_type"] else one["data_type"]}'
                    for one in model["columns"]
                )
                connection.execute(f"create schema if not exists {schema}")
                connection.execute(f"create table {schema}.{table} ({columns})")
        for table, columns in OWN_TABLES.items():
            body = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.execute(f"create table quality.{table} ({body})")
        for page in PAGES:
            for one in page.filters:
                connection.execute(one.choices)
            for question in page.questions:
                for value in (None, "1"):
                    chosen = {one.name: value for one in page.filters}
                    connection.execute(sql_of(question, page.filters, chosen))


TERMS = """
    insert into ml.scorecard_terms by name
    select 'attendance' as model_name, 'one' as model_version, feature as term, feature,
        'bin' as kind, 1 + position as term_number, label as term_label, effect as contribution,
        100 as train_rows, 0.4 as average_effect, rank as feature_rank
    from (values
        ('lead_days', 1, 0, 'up to 0', -0.5), ('lead_days', 1, 1, '1 or more', 0.25),
        ('weekday', 2, 0, 'Monday', 0.125), ('weekday', 2, 1, 'Tuesday to Sunday', -0.0625),
        ('seventh', 7, 0, 'any value', 9)
    ) as made_up (feature, rank, position, label, effect)
"""


def test_a_models_largest_inputs_are_drawn_as_shapes(copy, browser):  # noqa: F811
    with duckdb.connect(str(copy.published)) as connection:
        connection.execute(
            "insert into ml.model_cards by name select 'attendance' as model_name, 'one' as "
            "model_version, true as has_skill, true as is_current, false as is_suspect, "
            "'{}' as card, false as is_small_sample, now()::timestamp as fitted_at"
        )
        connection.execute(TERMS)
    with served(copy) as url:
        assert "What do its largest inputs do?" in text_of(browser, f"{url}/?page=models")
        labels = [
            element.get_attribute("aria-label")
            for element in browser.find_elements("css selector", "[aria-label]")
        ]
    told = "lowest -0.50 (attendance: lead days, up to 0), highest 0.25 (attendance: lead days, 1 "
    assert any(told in label for label in labels), "the seventh input is not among the largest"


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland"])
def test_charts_name_the_marts_months_and_days_wherever_the_browser_is(
    zone,
    demo,
    browser,  # noqa: F811
    built_demo,
):
    with open_published(built_demo) as connection:
        months = connection.execute(
            "select strftime(month, '%b %Y') from dental.practice_overview_monthly"
        ).fetchall()
        weeks = connection.execute(
            "select strftime(week_start_date, '%d %b %y') from clinic.kpi_trend_weekly"
        ).fetchall()
    for page, days in (("dental", months), ("clinic", weeks)):
        try:
            browser.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": zone})
            text_of(browser, f"{demo}/?page={page}")
            texts = '[data-testid="stVegaLiteChart"] svg text'
            shown_days = [one.text for one in browser.find_elements("css selector", texts)]
        finally:
            browser.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": ""})
        shown_days = [one for one in shown_days if re.search("[A-Z][a-z]{2} [0-9]{2,4}$", one)]
        assert len(shown_days) > 3
        assert {(one,) for one in shown_days} <= set(days)


def test_what_is_chosen_stands_in_the_url(demo, browser, built_demo):  # noqa: F811
    with open_published(built_demo) as connection:
        participant, name = connection.execute(
            "select participant_id, participant_name from care.participant_outcomes "
            "where participant_name is not null order by participant_id limit 1"
        ).fetchone()
        (first,) = connection.execute(
            f"select max(interaction_date) from care.fact_interventions "
            f"where participant_id = '{participant}' and not is_duplicate"
        ).fetchone()
    text = text_of(browser, f"{demo}/?page=care&participant={participant}")
    assert name in text
    assert str(first) in text  # of the timeline
    assert "Choose one above" not in text
    assert f"participant={participant}" in browser.current_url


def test_a_newly_published_file_is_picked_up_and_a_stale_domain_named(
    copy,
    browser,  # noqa: F811
):
    reason = "test revenue_adds_up failed"
    with served(copy) as url:
        assert reason not in text_of(browser, f"{url}/?page=clinic")
        new = copy.published.with_suffix(".new")
        shutil.copyfile(copy.published, new)
        with duckdb.connect(str(new)) as connection:
            connection.execute(
                "update quality.published_domains set is_current = false, "
                f"reason = '{reason}' where domain = 'clinic'"
            )
        new.replace(copy.published)
        shows = "return document.body.innerText.includes(arguments[0])"
        wait_for(lambda: browser.execute_script(shows, reason), "the new file is not shown")
        no_error(browser)


def test_domains_without_data_say_how_to_get_some(copy, browser):  # noqa: F811
    with duckdb.connect(str(copy.published)) as connection:
        connection.execute("drop schema claims cascade")  # never built
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'dental'"
        ).fetchall():
            connection.execute(f"delete from dental.{table}")  # built of nothing
    with served(copy) as url:
        assert "inbox/claims/" in text_of(browser, f"{url}/?page=claims")
        assert "OPENDENTAL_URL" in text_of(browser, f"{url}/?page=dental")
        assert "Which recalls are overdue?" in text_of(browser, f"{url}/?page=today")


def test_a_home_without_anything_says_where_to_begin(tmp_path, browser):  # noqa: F811
    with served(Settings(home=tmp_path / "nothing")) as url:
        assert "carehouse demo" in text_of(browser, url)
        assert "carehouse demo" in text_of(browser, f"{url}/?page=data")


def test_a_file_without_names_shows_the_rest(copy, browser):  # noqa: F811
    with duckdb.connect(str(copy.published)) as connection:
        connection.execute("alter table clinic.reception_priorities drop column patient_name")
        connection.execute("alter table quality.unmapped_values drop column value_text")
    with served(copy) as url:
        text = text_of(browser, f"{url}/?page=today")
        assert text.count("the file of your role") == 3  # two lists of people, and spellings
        assert "Which claims deserve a look first?" in text


# for everybody

WIDTHS = {"desk": (1280, 900), "phone": (390, 844)}


def size(browser, width: int, height: int) -> None:  # noqa: F811
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


@pytest.fixture(params=WIDTHS, ids=str)
def sized(request, browser) -> Iterator:  # noqa: F811
    size(browser, *WIDTHS[request.param])
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_no_page_has_a_serious_barrier(demo, sized):
    axe = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    sized.set_script_timeout(120)
    found = []
    for page in PAGES:
        text_of(sized, f"{demo}/?page={page.path}")
        sized.execute_script(axe)
        told = sized.execute_async_script(
            "axe.run(document, {resultTypes: ['violations']}).then(arguments[0])"
        )
        assert len(told["passes"]) > 10, page.path  # it looked
        found += [
            (page.path, one["id"], one["nodes"][0]["html"])
            for one in told["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert sized.execute_script(
            "return document.querySelector('.stMain').scrollWidth <= window.innerWidth"
        ), f"{page.path} scrolls sideways"
    assert not found


NAME_CONTROLS = """
    const shown = [...document.querySelectorAll("button, input, a[href], [tabindex='0']")].filter(
        e => e.getClientRects().length && e.tabIndex >= 0 && !e.disabled
            && getComputedStyle(e).visibility !== "hidden"
            && !e.closest("[role='radiogroup'], [role='toolbar']"));
    shown.forEach((e, place) => { e.dataset.control = place; });
    return shown.length;
"""
FOCUSED = """
    const e = document.activeElement, style = getComputedStyle(e);
    return [e.dataset.control ?? null, style.outlineStyle !== "none" && style.outlineWidth];
"""


def press(browser, *keys: str) -> None:  # noqa: F811
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def test_the_keyboard_reaches_every_control_and_opens_it(demo, sized):
    text_of(sized, f"{demo}/?page=clinic")
    wanted = sized.execute_script(NAME_CONTROLS)
    reached = set()
    for _ in range(2 * wanted):  # more than once round: a table may begin to scroll meanwhile
        if len(reached - {None}) == wanted:
            break
        press(sized, Keys.TAB)
        control, outline = sized.execute_script(FOCUSED)
        reached.add(control)
        assert control is None or outline == "3px", control
    assert {str(number) for number in range(wanted)} <= reached
    assert wanted > 30
    popover = sized.find_element("css selector", "[data-testid='stPopoverButton']")
    sized.execute_script("arguments[0].focus()", popover)
    press(sized, Keys.ENTER)
    wait_for(lambda: "Leaves out" in sized.page_source, "Enter does not open the meaning")
    press(sized, Keys.ESCAPE)
    box = sized.find_element("css selector", ".st-key-filter-days input")
    sized.execute_script("arguments[0].focus()", box)
    press(sized, Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)
    wait_for(lambda: "days=" in sized.current_url, "the keyboard does not choose a filter")


def test_the_keyboard_turns_the_page(demo, browser):  # noqa: F811
    text_of(browser, f"{demo}/?page=today")
    chosen = browser.find_element("css selector", "[data-testid='stMain'] button")
    browser.execute_script("arguments[0].focus()", chosen)
    press(browser, Keys.ARROW_RIGHT, Keys.ENTER)
    wait_for(lambda: "page=clinic" in browser.current_url, "the menu needs a mouse")


def test_what_people_typed_is_shown_as_it_is(copy, browser):  # noqa: F811
    typed = "# **late** ![x](http://127.0.0.1:9/x.png) $5 and $6 :smile: <b>a_b_c</b>"
    with duckdb.connect(str(copy.published)) as connection:
        connection.execute(f"update quality.unmapped_values set value_text = '{typed}'")
    with served(copy) as url:
        text = text_of(browser, f"{url}/?page=data")
        assert typed in text
        assert not browser.find_elements("css selector", "td img, td strong, td h1, td b")
