"""How a page is shown: freshness, filters, and each question with its answer and its meaning."""

import io
import re
from collections.abc import Iterator

import duckdb
import streamlit as st

from carehouse.apps.dashboard import data
from carehouse.apps.dashboard.question import (
    Answer,
    Filter,
    Page,
    Question,
    alt_text,
    heading,
    shown,
    spec,
    sql_of,
)
from carehouse.described import Column
from carehouse.errors import BadKey, NothingPublished
from carehouse.tables import write_csv

SHOWN = 25  # rows of a table on a page
DOWNLOADED = 10_000  # rows of a download; `carehouse export` has no limit
ALL = "All"
NOT_FOR_ROLE = "This needs columns that the file of your role (CAREHOUSE_ROLE) does not hold."


def show(page: Page) -> None:
    """Show a page, or what to do while it has no data."""
    st.title(page.title)
    try:
        with data.reading():
            _show(page)
    except (NothingPublished, BadKey) as error:
        if data.stamp():
            st.warning(str(error))
        else:
            show_nothing_published()


def _show(page: Page) -> None:
    if page.domain:
        _show_freshness(page.domain)
    if page.mart and not data.has_rows(page.mart):
        st.info(page.empty)
        return
    chosen = _choose(page.filters)
    for question in page.questions:
        _show_question(question, page.filters, chosen)
    if page.has_problems:
        _show_problems()


def show_nothing_published() -> None:
    """The first page of a home without data."""
    st.info(
        "Nothing has been published yet. In a terminal: `carehouse demo` makes up a clinic to look "
        "at; `carehouse init` makes the inbox for your own files, and `carehouse run` reads them. "
        "This page then fills by itself."
    )


def _show_problems() -> None:
    """Files, rows and spellings to mend, worst first, with what to do."""
    st.header("What can be mended, worst first?", divider="gray")
    try:
        found = data.problems()
    except duckdb.BinderException:
        st.caption(NOT_FOR_ROLE)
        return
    if not found:
        st.caption("Nothing: every row became a fact and every spelling is known.")
        return
    st.table(
        [
            {
                "what": f"{one.kind}, {one.source}",
                "rows": f"{one.count:,}",
                "where": as_text(one.where),
                "why": as_text(one.what),
                "what to do": as_text(one.command or one.todo),
            }
            for one in found[:SHOWN]
        ],
        alt=f"{len(found)} things to mend.",
        hide_index=True,
    )
    more = f"The first {SHOWN} of {len(found)}. " if len(found) > SHOWN else ""
    st.caption(f"{more}The page with every row and its text: `carehouse problems`.")


def as_text(value: str) -> str:
    """A value for a cell or a line, where Streamlit reads Markdown: what a person typed must not
    become a heading, a formula or a picture that is fetched from elsewhere."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", value)


def _show_freshness(domain: str) -> None:
    fresh = data.freshness().get(domain)
    if fresh is None or fresh.built_at is None:
        return
    st.caption(f"As of {fresh.as_of_date} · built {fresh.built_at:%Y-%m-%d %H:%M}")
    if not fresh.is_current:
        st.warning(
            f"The {domain} figures are those of {fresh.built_at:%Y-%m-%d %H:%M}: {fresh.reason}. "
            "`carehouse status` lists what failed."
        )


def _choose(filters: tuple[Filter, ...]) -> dict[str, str | None]:
    """A choice box a filter; what is chosen stands in the URL."""
    chosen: dict[str, str | None] = {}
    filters = tuple(one for one in filters if data.has_rows(one.mart))
    if not filters:
        return chosen
    for place, one in zip(st.columns(len(filters)), filters, strict=True):
        try:
            rows = data.ask(one.choices).rows
        except duckdb.BinderException:  # a column that this role does not get
            continue
        labels = {str(value): str(label) for value, label in rows if value is not None}
        options = [ALL, *labels]
        told = st.query_params.get(one.name, one.default or ALL)
        picked = place.selectbox(
            one.label,
            options,
            index=options.index(told) if told in options else 0,
            format_func=lambda value, labels=labels: labels.get(value, ALL),
            key=f"filter-{one.name}",
        )
        if picked == (one.default or ALL):
            st.query_params.pop(one.name, None)
        else:
            st.query_params[one.name] = picked
        chosen[one.name] = None if picked == ALL else picked
    return chosen


def _show_question(
    question: Question, filters: tuple[Filter, ...], chosen: dict[str, str | None]
) -> None:
    st.header(question.title, divider="gray")
    missing = [mart for mart in question.marts if not data.has_rows(mart)]
    if missing:
        st.caption(f"{question.none} ({', '.join(missing)} has no rows.)")
        return
    if question.needs and chosen.get(question.needs) is None:
        label = next(one.label for one in filters if one.name == question.needs)
        st.caption(f"Choose one above: {label}.")
        return
    sql = sql_of(question, filters, chosen)
    try:
        answer = data.ask(limited(sql, question))
    except duckdb.BinderException:
        st.caption(NOT_FOR_ROLE)
        return
    if not answer.rows:
        st.caption(question.none)
    elif question.is_figures:
        _show_figures(answer)
    elif question.chart:
        st.vega_lite_chart(
            spec=spec(question, answer),
            width="stretch",
            theme=None,
            alt=alt_text(question, answer),
        )
    else:
        _show_table(question, answer)
    if question.todo and answer.rows:
        st.caption(question.todo)
    _show_meaning(question, answer, sql)


def limited(sql: str, question: Question) -> str:
    """A table reads one row more than it shows, to know whether there are more."""
    if question.chart or question.is_figures:
        return sql
    return f"select * from ({sql}) limit {SHOWN + 1}"


def _show_figures(answer: Answer) -> None:
    values = dict(zip(answer.columns, answer.rows[0], strict=True))
    names = [name for name in answer.columns if not name.endswith("_change")]
    with st.container(horizontal=True):
        for name in names:
            change = values.get(f"{name}_change")
            st.metric(
                heading(name).capitalize(),
                shown(values[name], name),
                None if change is None else shown(change, name),
                delta_color="off",
                width="content",
            )


def _show_table(question: Question, answer: Answer) -> None:
    rows = answer.rows[:SHOWN]
    st.table(
        [
            {heading(name): as_text(shown(value, name)) for name, value in _pairs(answer, row)}
            for row in rows
        ],
        alt=f"{question.title} {len(rows)} rows.",
        hide_index=True,
    )
    if len(answer.rows) > SHOWN:
        st.caption(f"The first {SHOWN}; a download has up to {DOWNLOADED:,}.")


def _pairs(answer: Answer, row: tuple) -> Iterator[tuple[str, object]]:
    return zip(answer.columns, row, strict=True)


def _show_meaning(question: Question, answer: Answer, sql: str) -> None:
    """Where the figures come from, and the files; a file is read only when it is asked for."""
    mart = data.meaning(question.marts[0])
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover(f"{mart.full_name}: {_grain(mart.description)}", type="tertiary"):
            st.markdown(mart.description)
            for formula in _formulas(question, answer):
                st.markdown(formula)
            columns = {column.name: column.meaning for column in mart.columns}
            told = [
                f"- **{heading(name)}**: {columns[name]}"
                for name in answer.columns
                if columns.get(name)
            ]
            st.markdown("\n".join(told))
        name = re.sub("[^a-z0-9]+", "-", question.title.lower()).strip("-")
        st.download_button(
            "CSV",
            lambda: _csv(sql),
            f"{name}.csv",
            "text/csv",
            key=f"csv-{name}",
            on_click="ignore",
            help="Of what is shown; texts cannot run as formulas.",
        )
        st.download_button(
            "Excel",
            lambda: _excel(sql, question),
            f"{name}.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key=f"xlsx-{name}",
            on_click="ignore",
            help="With typed dates and money.",
        )


def _grain(description: str) -> str:
    found = re.search(r"\*\*Grain\*\*:\s*(.+?)(?:\n\n|$)", description, re.S)
    told = " ".join(found[1].split()).rstrip(".") if found else "its meaning"
    return told[:1].lower() + told[1:]


def _formulas(question: Question, answer: Answer) -> Iterator[str]:
    """Formula, filter and grain of each KPI of the answer, where the domain writes them down."""
    if not data.has_rows("clinic.kpi_definitions"):
        return
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in answer.columns)
    schema, table = question.marts[0].split(".")
    rows = data.ask(
        "select kpi_name, formula, filter_text, grain_text from clinic.kpi_definitions "
        f"where domain = '{schema}' and mart_name in ('{table}', '{schema}.{table}', "
        f"'{schema}__{table}') and kpi_name in ({names}) order by kpi_name"
    ).rows
    for name, formula, condition, grain in rows:
        yield (f"- **{heading(name)}** = {formula}; of {condition}; per {grain}")


def _csv(sql: str) -> bytes:
    answer = data.ask(f"select * from ({sql}) limit {DOWNLOADED}")
    text = io.StringIO()
    write_csv(text, answer.columns, answer.rows)
    return text.getvalue().encode("utf-8-sig")


def _excel(sql: str, question: Question) -> bytes:
    from carehouse.spreadsheets import add_sheet, new_book

    answer = data.ask(f"select * from ({sql}) limit {DOWNLOADED}")
    columns = [Column(*one, "") for one in zip(answer.columns, answer.types, strict=True)]
    mart = data.meaning(question.marts[0])
    meanings = {column.name: column.meaning for column in mart.columns}
    told = [(name, meanings.get(name, "")) for name in answer.columns]
    file = io.BytesIO()
    with new_book(file) as book:
        add_sheet(book, mart.name, columns, answer.rows)
        texts = [Column("column", "VARCHAR", ""), Column("meaning", "VARCHAR", "")]
        add_sheet(book, "Meaning of columns", texts, [(mart.full_name, mart.description), *told])
    return file.getvalue()
