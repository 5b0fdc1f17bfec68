"""`make pictures`: the README's pictures, from the made-up data that `make demo` published."""

import html
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from selenium import webdriver

sys.path.insert(0, str(Path(__file__).parents[1] / "python" / "support"))

from browser_support import open_browser  # noqa: E402
from carehouse.settings import PROJECT_DIR, Settings  # noqa: E402
from dashboard_support import IS_DONE, served, wait_for  # noqa: E402

IMAGES = PROJECT_DIR / "docs" / "images"
PAGES = {"today": 900, "clinic": 1000, "dental": 1000}  # and how tall the picture is
WIDTH = 1280
QUERY = """
select participant_name, intervention_count, growth_change, total_spend_amount
from care.participant_outcomes
order by medical_spend_amount desc
limit 5;
""".strip()
TERMINAL = """
<body style="margin:0;background:#fff"><pre style="display:inline-block;margin:0;padding:16px 20px;
background:#1e1e1e;color:#eee;font:15px/1.35 'DejaVu Sans Mono',monospace">{}</pre></body>
"""


def main() -> None:
    """Write every picture."""
    settings = Settings()
    with TemporaryDirectory(prefix="carehouse-") as folder:
        browser = open_browser(Path(folder))
        try:
            with served(settings) as url:
                for page, height in PAGES.items():
                    _page(browser, f"{url}/?page={page}", height, IMAGES / f"dashboard-{page}.png")
            _terminal(browser, settings, Path(folder), IMAGES / "query.png")
        finally:
            browser.quit()


def _page(browser: webdriver.Chrome, url: str, height: int, out: Path) -> None:
    _size(browser, WIDTH, height)
    browser.get(url)
    wait_for(lambda: browser.execute_script(IS_DONE), f"{url} is not done")
    time.sleep(2)  # charts are drawn after the page
    browser.save_screenshot(str(out))
    print(out)


def _terminal(browser: webdriver.Chrome, settings: Settings, folder: Path, out: Path) -> None:
    """The README's query and its answer, as DuckDB's own shell shows it."""
    shell = Path(sys.executable).parent / "duckdb"
    answer = subprocess.run(
        [str(shell), "-readonly", str(settings.published), "-c", QUERY],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    ).stdout
    told = f"$ duckdb -readonly data/published/carehouse.duckdb\n{QUERY}\n\n{answer}"
    page = folder / "terminal.html"
    page.write_text(f"<meta charset='utf-8'>{TERMINAL.format(html.escape(told))}", encoding="utf-8")
    browser.get(page.as_uri())
    box = browser.find_element("css selector", "pre").rect
    _size(browser, int(box["width"]) + 1, int(box["height"]) + 1)
    browser.save_screenshot(str(out))
    print(out)


def _size(browser: webdriver.Chrome, width: int, height: int) -> None:
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


if __name__ == "__main__":
    main()
