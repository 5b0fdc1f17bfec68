"""HTML pages from templates: every value escaped, no script, nothing fetched from elsewhere."""

from datetime import datetime
from pathlib import Path

from carehouse.settings import Settings

TEMPLATES = Path(__file__).parent / "templates"


def page(template: str, settings: Settings, **values: object) -> str:
    """The HTML of a template, with the moment at which it was made, in the clinic's time."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made_at = datetime.now(settings.zone).strftime("%Y-%m-%d %H:%M")
    return environment.get_template(f"{template}.html").render(made_at=made_at, **values)


def write_page(path: Path, template: str, settings: Settings, **values: object) -> Path:
    """Write it whole, for its owner only: it may hold what people typed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    beside.write_text(page(template, settings, **values), encoding="utf-8")
    beside.replace(path)
    return path
