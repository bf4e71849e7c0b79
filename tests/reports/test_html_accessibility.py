"""The pages under axe-core, the usual judge of accessibility: in both themes, wide and on a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from layerscope.comparison.comparing import Comparison
from layerscope.comparison.subject import subject_of
from layerscope.gates.baseline import Against
from layerscope.gates.max_update import GATE as MAX_UPDATE
from layerscope.gates.max_waste import GATE
from layerscope.history.series import series_of
from layerscope.inspection import Inspection, inspect
from layerscope.reports.comparison_data import comparison_data
from layerscope.reports.page.comparison import render_comparison
from layerscope.reports.page.trend import render_trend
from tests.comparison.images import reported
from tests.conftest import engine_missing
from tests.gates.test_max_package import LAYERS
from tests.history.runs import run
from tests.reports.page import page_of
from tests.reports.test_html_browser import BROWSERS
from tests.sources.images import inspected
from tests.sources.samples import LEAN, WASTEFUL

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = {"wide": 1400, "phone": 390}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser without a screen."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        engine_missing(f"none of {', '.join(BROWSERS)} is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages by their names: of an image that failed, with packages, of a history, of two images."""
    folder = tmp_path_factory.mktemp("pages")
    inspection = inspect(str(WASTEFUL))
    runs = [run(verdict="pass"), run("shop/api:2", 3000, verdict="fail"), run("web")]
    texts = {
        "failed": page_of(inspection, [GATE.judge(inspection, GATE.parse("1%"))]),
        "packages": page_of(inspected(folder, *LAYERS)),
        "trend": render_trend(series_of(runs)).decode(),
        "comparison": comparison_page(inspect(str(LEAN)), inspection),
        "comparison with a report": comparison_page(inspection, inspection, report=folder / "old.json"),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


def comparison_page(before: Inspection, after: Inspection, report: Path | None = None) -> str:
    """The page of two images, of which a report may tell of the old one."""
    old, new = subject_of(before), subject_of(after)
    comparison = Comparison(old=reported(old, report) if report is not None else old, new=new)
    limit = Against(comparison, MAX_UPDATE.parse("1"))
    return render_comparison(comparison_data(comparison, [MAX_UPDATE.judge(after, limit)])).decode()


@pytest.fixture
def opened(
    chromium: Browser, pages: dict[str, Path], name: str, theme: str, width: str
) -> Iterator[tuple[Page, list[str]]]:
    """Give a page as it is seen, and a list of what it asked for and what went wrong."""
    context = chromium.new_context(
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": WIDTHS[width], "height": 900},
        bypass_csp=True,  # or axe itself would not get in; the policy has tests of its own
    )
    page = context.new_page()
    said: list[str] = []
    page.on("request", lambda request: said.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(pages[name].as_uri())
    yield page, said
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["failed", "packages", "trend", "comparison", "comparison with a report"])
def test_axe_finds_nothing_and_the_page_asks_for_nothing(
    opened: tuple[Page, list[str]], pages: dict[str, Path], name: str
) -> None:
    page, said = opened
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))

    found: dict[str, Any] = page.evaluate("(rules) => axe.run(document, { runOnly: rules })", RULES)

    assert len(found["passes"]) > 15
    told = [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in found["violations"]]
    assert told == []
    assert said == [pages[name].as_uri()]


@pytest.mark.parametrize("width", ["phone"])
@pytest.mark.parametrize("theme", ["light"])
@pytest.mark.parametrize("name", ["failed", "comparison"])
def test_on_a_phone_a_path_has_room_and_nothing_but_a_table_is_wider(opened: tuple[Page, list[str]]) -> None:
    page, _ = opened

    rooms = page.locator("table.long tr:not([hidden]) td:last-child, table.stack td:last-child").evaluate_all(
        "(cells) => cells.map((cell) => cell.getBoundingClientRect()).map((box) => [box.width, box.right])"
    )
    assert len(rooms) > 20
    assert [room for room in rooms if room[0] < 100 or room[1] > WIDTHS["phone"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS["phone"]


@pytest.mark.parametrize("width", ["wide"])
@pytest.mark.parametrize("theme", ["light"])
@pytest.mark.parametrize("name", ["failed"])
def test_whoever_asks_for_all_rows_with_a_key_is_taken_to_the_next_one(
    opened: tuple[Page, list[str]],
) -> None:
    page, _ = opened
    shown = page.locator("#waste-table tbody tr:not([hidden])")
    before = shown.count()

    page.locator("#waste .show-all").press("Enter")

    rows = page.locator("#waste-table tbody tr")
    assert shown.count() == rows.count() > before
    assert rows.nth(before).evaluate("(row) => row === document.activeElement")


@pytest.mark.parametrize("width", ["wide"])
@pytest.mark.parametrize("theme", ["light"])
@pytest.mark.parametrize("name", ["packages"])
def test_the_map_is_grouped_by_package(opened: tuple[Page, list[str]]) -> None:
    page, _ = opened

    page.get_by_label("Group by").select_option("package")

    labels = page.locator("#map > button.box").evaluate_all(
        "(boxes) => boxes.map((box) => box.getAttribute('aria-label').split(', ')[0])"
    )
    assert labels == [
        "not there any more. 9.00 kB",
        "dpkg: tool 1. 700 B",
        "npm: tool 1. 300 B",
        "npm: tool 1. 250 B",
        "npm: left-pad 1. 160 B",
        labels[-1],
    ]
    assert labels[-1].startswith("in no package. ")
