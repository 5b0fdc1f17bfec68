"""A model card as a page that needs no server: figures, calibration, and each feature's shape."""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

import pandas as pd

WIDTH, HEIGHT, EDGE = 320, 150, 30
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:1080px;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:.5em 0}td,th{padding:.2em .8em;border-bottom:1px solid #ddd;
text-align:left}td.n{text-align:right}figure{display:inline-block;margin:.5em 1em .5em 0}
figcaption{font-size:13px}.verdict{font-size:1.2em;padding:.5em;background:#f2f4f7}
svg{background:#fafafa}line.zero{stroke:#bbb}polyline{fill:none;stroke:#1f5fa8;stroke-width:1.6}
rect{fill:#1f5fa8}text{font-size:10px;fill:#555}
"""


def write_pages(done: Sequence, folder: Path) -> list[Path]:
    """One page a model and `metrics.json` over all, below `folder`; give the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    metrics = folder / "metrics.json"
    cards = json.loads(metrics.read_text()) if metrics.exists() else {}
    for one in done:
        path = folder / f"{one.card['model_name']}.html"
        path.write_text(page(one.card, one.terms, one.model.words), encoding="utf-8")
        paths.append(path)
        cards[one.card["model_name"]] = json.loads(json.dumps(one.card, default=str))
    metrics.write_text(json.dumps(cards, indent=2) + "\n", encoding="utf-8")
    return [*paths, metrics]


def page(card: dict, terms: pd.DataFrame, words: dict[str, str]) -> str:
    """The card as HTML; `words` describe the features."""
    name = escape(card["model_name"])
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title>",
        f"<style>{STYLE}</style><h1>Model card: {name}</h1>",
        f"<p class=verdict>{escape(card['verdict'])}</p>",
    ]
    if "auc" in card:
        parts += [_figures(card), _baselines(card), _calibration(card), _groups(card)]
        parts += [_shapes(terms, words), _drift(card)]
    return "\n".join([*parts, "</html>\n"])


def _figures(card: dict) -> str:
    rows = [
        ("version", card["model_version"]),
        (
            "rows",
            f"{card['train_rows']:,} to fit, {card['calibrate_rows']:,} to calibrate, "
            f"{card['test_rows']:,} to test",
        ),
        ("fitted on", f"{card['train_from']} to {card['calibrate_from']}"),
        ("tested on", f"{card['test_from']} to {card['test_until']}"),
        ("base rate", f"{card['base_rate']:.3f}"),
        ("AUC", f"{card['auc']:.3f} ({card['auc_low']:.3f} to {card['auc_high']:.3f})"),
        ("average precision", f"{card['average_precision']:.3f}"),
        ("Brier score", f"{card['brier']:.4f}, skill {card['brier_skill']:.3f}"),
        (
            "calibration slope",
            f"{card['calibration_slope']:.2f} ({card['calibration_slope_low']:.2f} to "
            f"{card['calibration_slope_high']:.2f}; 1 is right)",
        ),
        ("highest fifth", f"{card['top_fifth_lift']:.2f} times the base rate"),
        (
            f"{card['calls_a_day']} calls a day",
            f"{card['precision_at_capacity']:.3f} of those called, "
            f"{card['recall_at_capacity']:.3f} of all with the outcome",
        ),
    ]
    return "<h2>On rows it had not seen</h2>" + _table(("", ""), rows)


def _baselines(card: dict) -> str:
    rows = [("this model", card["auc"], card["brier"], card["top_fifth_lift"])]
    for name, one in card["baselines"].items():
        rows.append((name, one.get("auc"), one.get("brier"), one.get("top_fifth_lift")))
    return "<h2>Beside what is simpler</h2>" + _table(
        ("", "AUC", "Brier", "highest fifth"), [tuple(_short(v) for v in row) for row in rows]
    )


def _calibration(card: dict) -> str:
    points = [(one["predicted"], one["observed"]) for one in card["calibration_curve"]]
    top = max(max(point) for point in points) or 1
    marks = "".join(
        f"<circle cx={_x(p / top):.1f} cy={_y(o / top):.1f} r=3 fill='#1f5fa8'/>" for p, o in points
    )
    diagonal = f"<line class=zero x1={_x(0)} y1={_y(0)} x2={_x(1)} y2={_y(1)} />"
    labels = (
        f"<text x={EDGE} y={HEIGHT - 8}>predicted, 0 to {top:.2f}</text>"
        f"<text x=4 y=12>observed, 0 to {top:.2f}</text>"
    )
    return f"<h2>Calibration by tenths</h2>{_svg(diagonal + marks + labels)}"


def _groups(card: dict) -> str:
    if not card["subgroups"]:
        return ""
    rows = [
        (
            one["group"].replace("_", " "),
            one["value"],
            f"{one['rows']:,}",
            *(
                _short(one[name])
                for name in ("predicted", "base_rate", "auc", "brier_skill", "top_fifth_lift")
            ),
        )
        for one in card["subgroups"]
    ]
    heads = ("group", "", "rows", "predicted", "observed", "AUC", "Brier skill", "highest fifth")
    return "<h2>By group</h2>" + _table(heads, rows)


def _shapes(terms: pd.DataFrame, words: dict[str, str]) -> str:
    drawn = []
    for name, own in terms[terms.kind != "intercept"].groupby("feature", sort=False):
        weight = own.train_rows.fillna(0)
        moves = float((own.contribution.abs() * weight).sum() / max(1, weight.sum()))
        if moves > 0.001:
            drawn.append((moves, str(name), own))
    figures = [
        f"<figure>{_shape(own)}<figcaption><b>{escape(name)}</b> moves the log odds by "
        f"{moves:.2f} on average<br>{escape(words.get(name, ''))}</figcaption></figure>"
        for moves, name, own in sorted(drawn, key=lambda one: -one[0])
    ]
    note = "<p>Above the line: more likely. Features that move nothing are not drawn.</p>"
    return "<h2>What each feature adds</h2>" + note + "".join(figures)


def _shape(own: pd.DataFrame) -> str:
    bins = own[own.kind == "bin"]
    others = own[(own.kind == "category") | ((own.kind == "missing") & (own.train_rows > 0))]
    shown = pd.concat([bins, others])
    low, high = min(0, shown.contribution.min()), max(0, shown.contribution.max())
    span = (high - low) or 1

    def y(value: float) -> float:
        return _y((value - low) / span)

    parts = [f"<line class=zero x1={EDGE} x2={WIDTH - 8} y1={y(0):.1f} y2={y(0):.1f} />"]
    if len(bins):
        edges = [*bins.lower.dropna()]
        first, last = (edges[0], edges[-1]) if edges else (0.0, 1.0)
        reach = (last - first) or 1
        points = []
        for one in bins.itertuples():
            left = 0 if pd.isna(one.lower) else 0.05 + 0.75 * (one.lower - first) / reach
            right = 0.85 if pd.isna(one.upper) else 0.05 + 0.75 * (one.upper - first) / reach
            points += [(left, one.contribution), (right, one.contribution)]
        line = " ".join(f"{_x(x):.1f},{y(v):.1f}" for x, v in points)
        parts.append(f"<polyline points='{line}'/>")
        parts.append(f"<text x={EDGE} y={HEIGHT - 6}>{first:g} to {last:g}</text>")
    for place, one in enumerate(others.itertuples()):
        x = 0.9 if len(bins) else place / max(1, len(others))
        top, bottom = sorted((y(0), y(one.contribution)))
        name = "missing" if one.kind == "missing" else str(one.category)
        parts.append(
            f"<rect x={_x(x):.1f} y={top:.1f} width=8 height={max(1, bottom - top):.1f}>"
            f"<title>{escape(name)}</title></rect>"
        )
    parts.append(f"<text x=2 y=12>{high:+.2f}</text><text x=2 y={HEIGHT - 20}>{low:+.2f}</text>")
    return _svg("".join(parts))


def _drift(card: dict) -> str:
    rows = [(one["feature"], f"{one['index']:.3f}") for one in card["drift"][:10]]
    note = "<p>Population stability index, test rows against training: above 0.25 is a drift.</p>"
    return "<h2>Drift</h2>" + note + _table(("feature", "index"), rows)


def _short(value) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or pd.isna(value) else f"{value:.3f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _x(share: float) -> float:
    return EDGE + share * (WIDTH - EDGE - 8)


def _y(share: float) -> float:
    return HEIGHT - 20 - share * (HEIGHT - 30)


def _svg(content: str) -> str:
    return f"<svg width={WIDTH} height={HEIGHT} role=img>{content}</svg>"
