"""What a page is made of: questions, the SQL on published marts that answers them, and charts.

Nothing here computes: a figure is a column of a mart, or the sum of one, as the SQL says.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from carehouse.sql import literal

BLACK_TO_GREY = ["#1b4f72", "#b9770e", "#5d6d7e", "#7b241c", "#148f77", "#9a7d0a", "#4a235a"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 5], [1, 4], [4, 4]]
FULL_HEIGHT = 320
MOST_TICKS = 9  # on an axis of time
WORDS = "replace(datum.label, /_/g, ' ')"  # a legend says `no shows`, not `no_shows`


@dataclass(frozen=True)
class Chart:
    """How an answer is drawn: columns of the SQL, and what the axes say, units included."""

    kind: str  # line, bar (parts of a whole), beside (side by side), point, heat or facets
    x: str
    y: str
    x_title: str
    y_title: str
    series: str | None = None
    low: str | None = None  # of an interval around y
    high: str | None = None
    shows: str = ",.0f"  # how numbers of y are written
    x_shows: str = "%b %Y"  # how dates of x are written, or, as .0%, shares


@dataclass(frozen=True)
class Question:
    """One question of a page.

    `sql` holds `{name}` for each filter it takes, which becomes that filter's condition, or true.
    `marts` are what it reads, the first the one whose meaning is told beside it. Without a chart
    the answer is a table, or, where `is_figures`, one row of figures: a column `x_change` is shown
    as the change of `x`. `needs` is a filter that must be chosen before it is asked.
    """

    title: str
    marts: tuple[str, ...]
    sql: str
    chart: Chart | None = None
    is_figures: bool = False
    in_report: bool = False
    needs: str | None = None
    none: str = "Nothing to show."
    todo: str | None = None


@dataclass(frozen=True)
class Filter:
    """A choice at the top of a page, kept in the URL; `condition` holds `{value}`."""

    name: str
    label: str
    choices: str  # SQL: value, and what is shown of it
    condition: str
    mart: str
    default: str | None = None  # else: all


@dataclass(frozen=True)
class Page:
    """A page: its address and title, the domain whose freshness it shows, and its questions."""

    path: str
    title: str
    domain: str | None
    mart: str | None  # has rows when there is anything to show
    empty: str
    questions: tuple[Question, ...]
    filters: tuple[Filter, ...] = ()
    has_problems: bool = False  # what can be mended is told below


@dataclass(frozen=True)
class Answer:
    """Columns, their DuckDB types, and rows."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple, ...]

    def dicts(self) -> list[dict]:
        """Rows by column, as JSON can hold them."""
        return [
            {name: _plain(value) for name, value in zip(self.columns, row, strict=True)}
            for row in self.rows
        ]


def sql_of(question: Question, filters: Iterable[Filter], chosen: dict[str, str | None]) -> str:
    """The question's SQL under the filters chosen; a value is always a literal."""
    conditions = {}
    for one in filters:
        value = chosen.get(one.name)
        conditions[one.name] = (
            "true" if value is None else f"({one.condition.format(value=literal(value))})"
        )
    return question.sql.format(**conditions)


def spec(question: Question, answer: Answer, *, width: int | str = "container") -> dict:
    """The Vega-Lite chart of an answer: titles and units on both axes, told apart without color."""
    chart = question.chart
    x_type = _axis_type(answer, chart.x)
    encoding: dict = {
        "x": _x_axis(chart, x_type, answer),
        "y": {
            "field": chart.y,
            "type": "quantitative",
            "title": chart.y_title,
            "axis": {"format": chart.shows, "titleLimit": 260},
        },
    }
    tooltip = [
        {"field": name, "type": _axis_type(answer, name), "title": name.replace("_", " ")}
        for name in answer.columns
    ]
    is_bar = chart.kind in ("bar", "beside")
    if is_bar and x_type == "nominal":
        encoding = {"y": {**encoding["x"], "axis": {"labelLimit": 260}}, "x": encoding["y"]}
    if chart.series:
        encoding["color"] = {
            "field": chart.series,
            "type": "nominal",
            "title": None,
            "scale": {"range": BLACK_TO_GREY},
            "sort": None,
            "legend": {"orient": "bottom", "columns": 3, "labelLimit": 220, "labelExpr": WORDS},
        }
    if chart.kind == "beside":
        offset = "yOffset" if x_type == "nominal" else "xOffset"
        encoding[offset] = {"field": chart.series, "sort": None}
    if chart.kind == "facets":
        return _facets(question, answer, {**encoding, "tooltip": tooltip})
    layers: list[dict] = []
    if chart.low and chart.high:
        band = {"field": chart.low, "type": "quantitative"}
        layers.append(
            {
                "mark": {"type": "area", "opacity": 0.2, "color": "#5d6d7e"},
                "encoding": {
                    "x": encoding["x"],
                    "y": {**encoding["y"], **band},
                    "y2": {"field": chart.high},
                },
            }
        )
    layers.append(
        {"mark": _mark(chart), "encoding": {**encoding, **_more(chart), "tooltip": tooltip}}
    )
    return {
        **_frame(question, answer),
        "width": width,
        "height": {"step": 18} if chart.kind == "heat" else FULL_HEIGHT,
        "layer": layers,
    }


def _frame(question: Question, answer: Answer) -> dict:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": alt_text(question, answer),
        "data": {"values": answer.dicts()},
        "config": {
            "axis": {"labelFontSize": 12, "titleFontSize": 12, "gridColor": "#dddddd"},
            "legend": {"labelFontSize": 12},
            "view": {"stroke": None},
        },
    }


def _facets(question: Question, answer: Answer, encoding: dict) -> dict:
    """A small chart of bars for each of the series, in the order of the rows; zero is a line."""
    x, y = encoding["x"], encoding["y"]
    labels = {"labelAngle": -45, "labelOverlap": True, "labelLimit": 110, "title": None}
    bars = {
        **encoding,
        "x": {**x, "axis": labels},
        "y": {**y, "axis": {**y["axis"], "tickCount": 4}},
    }
    del bars["color"]
    return {
        **_frame(question, answer),
        "facet": {
            "field": question.chart.series,
            "type": "nominal",
            "sort": None,
            "title": None,
            "header": {"labelFontSize": 13, "labelFontWeight": "bold", "labelExpr": WORDS},
        },
        "columns": 3,
        "spec": {
            "width": 300,
            "height": 150,
            "layer": [
                {"mark": {"type": "bar", "color": BLACK_TO_GREY[0]}, "encoding": bars},
                {
                    "mark": {"type": "rule", "color": BLACK_TO_GREY[2]},
                    "encoding": {"y": {"datum": 0}},
                },
            ],
        },
        "resolve": {"scale": {"x": "independent"}},
    }


def _x_axis(chart: Chart, x_type: str, answer: Answer) -> dict:
    axis = {"field": chart.x, "type": x_type, "title": chart.x_title, "sort": None}
    labels: dict = {"labelAngle": 0, "labelOverlap": True}
    if x_type == "temporal" and chart.kind == "bar":  # a bar a month, as wide as there is room
        return {
            **axis,
            "type": "ordinal",
            "timeUnit": "yearmonth",
            "axis": {**labels, "format": chart.x_shows},
        }
    if x_type == "temporal":
        return {
            **axis,
            "axis": {**labels, "format": chart.x_shows, "values": _ticks(answer, chart.x)},
        }
    if chart.kind == "heat":
        return {**axis, "type": "ordinal", "axis": labels}
    if x_type == "nominal":
        return {**axis, "axis": {"labelAngle": 0, "labelLimit": 160, "labelExpr": WORDS}}
    if "%" in chart.x_shows and not chart.x_shows.startswith("%"):  # a share
        return {**axis, "axis": {**labels, "format": chart.x_shows}}
    return {**axis, "axis": {**labels, "tickMinStep": 1, "format": ",d"}}


def _mark(chart: Chart) -> dict:
    color = {} if chart.series else {"color": BLACK_TO_GREY[0]}
    match chart.kind:
        case "line":
            return {"type": "line", "point": {"size": 25}, "strokeWidth": 2, **color}
        case "bar" | "beside":
            return {"type": "bar", **color}
        case "point":
            return {"type": "point", "filled": True, "size": 70, "opacity": 0.7, **color}
        case _:
            return {"type": "rect"}


def _more(chart: Chart) -> dict:
    if chart.kind == "line" and chart.series:  # told apart on a black and white print
        dash = {"field": chart.series, "type": "nominal", "scale": {"range": DASHES}}
        return {"strokeDash": {**dash, "legend": None, "sort": None}}
    if chart.kind == "heat":
        return {
            "y": {"field": chart.series, "type": "ordinal", "title": heading(chart.series)},
            "color": {
                "field": chart.y,
                "type": "quantitative",
                "title": chart.y_title,
                "scale": {"scheme": "greys", "domain": [0, 1]},
                "legend": {"format": chart.shows, "orient": "bottom"},
            },
        }
    return {}


def alt_text(question: Question, answer: Answer) -> str:
    """A chart in words: what it shows, over what, and its lowest, highest and last value."""
    chart = question.chart
    if not answer.rows:
        return f"{question.title} No data."
    x, y = answer.columns.index(chart.x), answer.columns.index(chart.y)
    known = [row for row in answer.rows if row[y] is not None]
    over = f"{chart.y_title} by {chart.x_title}, {len(answer.rows)} values"
    if not known:
        return f"{question.title} {over}, none known."
    low, high, last = min(known, key=_by(y)), max(known, key=_by(y)), known[-1]
    parts = [answer.columns.index(chart.series), x] if chart.kind == "facets" else [x]
    told = ", ".join(
        f"{word} {shown(one[y])} ({', '.join(shown(one[part]) for part in parts)})"
        for word, one in (("lowest", low), ("highest", high), ("last", last))
    )
    return f"{question.title} {over}: {told}."


def _by(place: int):
    return lambda row: row[place]


def _axis_type(answer: Answer, name: str) -> str:
    kind = answer.types[answer.columns.index(name)].upper()
    if kind.startswith(("DATE", "TIMESTAMP")):
        return "temporal"
    if kind.startswith(("VARCHAR", "BOOLEAN", "ENUM")):
        return "nominal"
    return "quantitative"


def _ticks(answer: Answer, name: str) -> list[dict]:
    """Some of the days that a line has points at, so that none is labelled that has none."""
    place = answer.columns.index(name)
    days = sorted({row[place] for row in answer.rows if row[place] is not None})
    step = -(-len(days) // MOST_TICKS) or 1
    return [{"year": day.year, "month": day.month, "date": day.day} for day in days[::-step]]


def _plain(value: object) -> object:
    """A value as JSON holds it. Trap: browsers read `2025-06-01` as a moment in UTC, which is the
    day and the month before in America; with a clock time it is one of their own zone."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00"
    return value


def shown(value: object, name: str = "") -> str:
    """A value as people read it: thousands apart, cents, percent of a rate, local times."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date) and value.day == 1 and name.endswith("month"):
        return f"{value:%B %Y}"
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, float):
        is_share = name.endswith(
            ("_rate", "_rate_30d", "_rate_low", "_rate_high", "_share", "_yield", "_probability")
        )
        return f"{100 * value:.1f} %" if is_share or name == "probability" else f"{value:,.2f}"
    if isinstance(value, int) and not name.endswith(("_id", "year")):
        return f"{value:,}"
    return str(value)


def heading(name: str) -> str:
    """A column's name as a heading."""
    return name.removeprefix("_").replace("_", " ")
