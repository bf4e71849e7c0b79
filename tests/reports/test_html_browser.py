"""The page in a real browser: what its script draws, and what it does for a hand, a key, an eye."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from layerscope.inspection import Options, inspect
from layerscope.model.people import percent, size
from tests.reports.page import Page, page_of
from tests.sources.images import file, inspected, layer
from tests.sources.samples import SAMPLES, samples

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HANDS = Path(__file__).with_name("hands.js").read_text(encoding="utf-8")


@cache
def wasteful() -> str:
    """The page of the wasteful sample."""
    options = Options(base_layers=samples()["wasteful.tar"].base_layers)
    return page_of(inspect(str(SAMPLES / "wasteful.tar"), options))


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[str, list[str]]]:
    """Return a function that gives a page as it stands after its script ran, and what the console said."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")

    def show(text: str, width: int = 1400) -> tuple[str, list[str]]:
        folder = tmp_path_factory.mktemp("browser")
        (folder / "page.html").write_text(text, encoding="utf-8")
        run = subprocess.run(
            [
                *(
                    path,
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--no-first-run",
                    "--disable-dev-shm-usage",
                ),
                *("--disable-background-networking", f"--user-data-dir={folder}/profile", "--dump-dom"),
                *("--enable-logging=stderr", "--v=0", f"--window-size={width},1000"),
                *("--virtual-time-budget=20000", (folder / "page.html").as_uri()),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return run.stdout, re.findall(r"CONSOLE.*", run.stderr)

    return show


@pytest.fixture(scope="session")
def hands(browser: Callable[..., tuple[str, list[str]]]) -> Callable[..., Any]:
    """Return a function that runs actions in a copy of a page without its policy, and gives their result."""

    def act(actions: str, text: str | None = None, width: int = 1400) -> Any:
        open_page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text or wasteful())
        copy = open_page.replace("</body>", f"<script>{HANDS.replace('ACTIONS', actions)}</script></body>")
        document, said = browser(copy, width)
        told = re.search(r'<pre id="told">(.*?)</pre>', document, re.DOTALL)
        assert said == []
        assert told is not None
        return json.loads(Page(told[0]).text)

    return act


@pytest.mark.parametrize("width", [1400, 390])
def test_the_map_is_drawn_under_the_policy_and_nothing_is_wrong(
    browser: Callable[..., tuple[str, list[str]]], width: int
) -> None:
    document, said = browser(wasteful(), width)

    page = Page(document)
    labels = [value for tag, name, value in page.attributes if tag == "button" and name == "aria-label"]
    assert said == []
    assert any(label.startswith("/usr. ") for label in labels)
    assert sum(value.startswith("box ") for value in page.values("class")) > 50


def test_a_script_that_got_in_would_not_run(browser: Callable[..., tuple[str, list[str]]]) -> None:
    document, said = browser(wasteful().replace("<main", "<script>document.title = 'mine'</script><main"))

    assert "<title>mine" not in document
    assert len(said) == 1
    assert "Content Security Policy" in said[0]


def test_boxes_are_as_large_as_their_bytes_and_say_so(hands: Callable[..., Any], tmp_path: Path) -> None:
    sizes = {"a": 600_000, "b": 300_000, "c": 99_000, "d": 1_000}
    inspection = inspected(
        tmp_path, layer(*(file(name.encode(), b"x" * count) for name, count in sizes.items()))
    )

    told = hands(
        """
        return outer().map((box) => ({
          text: label(box),
          area: box.offsetWidth * box.offsetHeight,
          right: box.offsetLeft + box.offsetWidth - $("#map").clientWidth,
          bottom: box.offsetTop + box.offsetHeight - $("#map").clientHeight,
        }));
        """,
        page_of(inspection),
    )

    whole = sum(box["area"] for box in told)
    assert max(box["right"] for box in told) == pytest.approx(0, abs=2)
    assert max(box["bottom"] for box in told) == pytest.approx(0, abs=2)
    assert [box["text"].split(". ")[0] for box in told] == [f"/{name}" for name in sizes]
    for box, count in zip(told, sizes.values(), strict=True):
        assert f"{size(count)}, {percent(count / 1_000_000)} of /" in box["text"]
        assert box["area"] / whole == pytest.approx(count / 1_000_000, rel=0.05, abs=0.002)


def test_keys_walk_the_map(hands: Callable[..., Any]) -> None:
    told = hands(
        """
        const path = () => label(document.activeElement).split(". ")[0];
        const found = [];
        outer()[0].focus();
        found.push(path()); key("ArrowRight"); found.push(path()); key("ArrowLeft"); found.push(path());
        document.activeElement.click();
        found.push(way().join(" "), path());
        key("Backspace");
        found.push(way().join(" "), path(), all('#map [tabindex="0"]').length, $("#said").textContent);
        return found;
        """
    )

    assert told[:4] == ["/usr", "/app", "/usr", "/ usr"]
    assert told[4].startswith("/usr/")
    assert told[5:8] == ["/", "/usr", 1]
    assert told[8].startswith("/: 534 kB")


def test_the_map_is_grouped_and_coloured_as_asked(hands: Callable[..., Any]) -> None:
    told = hands(
        """
        const found = {};
        choose("#map-group", "layer");
        found.layers = outer().map((box) => label(box).split(". ")[0]);
        choose("#map-colour", "layer");
        found.hues = all("#map .hue-0").length > 0;
        choose("#map-group", "family");
        found.families = outer().map((box) => label(box).split(". ")[0]);
        choose("#map-shown", "wasted");
        found.wasted = $("#map-reading").textContent;
        return found;
        """
    )

    shipping = {f"layer {number.number}" for number in inspect(str(SAMPLES / "wasteful.tar")).analysis.layers}
    assert set(told["layers"]) <= shipping | {label for label in told["layers"] if "smaller" in label}
    assert told["hues"] is True
    assert "programs and libraries" in told["families"]
    assert "248 kB" in told["wasted"]


def test_a_search_dims_what_does_not_match(hands: Callable[..., Any]) -> None:
    told = hands(
        """
        type("#map-search", "VENDOR.js"); await wait(300);
        const bright = outer().filter((box) => !box.classList.contains("dimmed"));
        return [bright.map((box) => label(box).split(". ")[0]), $("#said").textContent];
        """
    )

    assert sorted(told[0]) == ["/app", "/srv"]
    assert told[1].startswith("4 files with “VENDOR.js” in the path")


def test_tables_sort_search_and_open(hands: Callable[..., Any]) -> None:
    told = hands(
        """
        const found = { first: cells("#waste-table", 0).length };
        const paths = $("#waste-table thead th:last-child button");
        paths.click(); paths.click();
        found.order = $("#waste-table thead th:last-child").getAttribute("aria-sort");
        $("#waste-table").closest("section").querySelector(".show-all").click();
        found.paths = cells("#waste-table", 4);
        $("#waste-table thead button").click();
        found.sizes = all("#waste-table tbody tr").map((row) => Number(row.cells[0].dataset.value));
        type("[data-filters=waste-table]", "vendor.js");
        found.matches = cells("#waste-table", 4);
        return found;
        """
    )

    assert told["first"] == 12
    assert told["order"] == "descending"
    assert told["paths"] == sorted(told["paths"], reverse=True)
    assert len(told["paths"]) == len(inspect(str(SAMPLES / "wasteful.tar")).analysis.waste)
    assert told["sizes"] == sorted(told["sizes"], reverse=True)
    assert told["matches"]
    assert all("vendor.js" in path for path in told["matches"])


def test_a_path_and_a_layer_lead_to_the_map(hands: Callable[..., Any]) -> None:
    told = hands(
        """
        const found = [];
        const path = $("#largest-table tbody button.path");
        found.push(path.textContent); path.click(); found.push($("#map-reading .reading-path").textContent);
        $("#layer-0 summary").click(); $("[data-layer='0']").click();
        found.push(way());
        return found;
        """
    )

    assert told[0] == told[1]
    assert told[2] == ["all layers", "layer 0"]


def test_the_theme_is_switched_and_text_stays_readable(hands: Callable[..., Any]) -> None:
    """The least contrast that WCAG asks of text, 4.5, in both themes."""
    told = hands(
        """
        const found = [];
        for (let time = 0; time < 2; time += 1) {
          $("#theme").click();
          await wait(50);
          const page = getComputedStyle(document.body).backgroundColor;
          found.push([document.documentElement.dataset.theme, page, ...worstContrast()]);
        }
        return found;
        """
    )

    assert sorted(theme for theme, *_ in told) == ["dark", "light"]
    assert told[0][1] != told[1][1]
    assert [(theme, ratio, what) for theme, _, ratio, what in told if ratio < 4.5] == []


def test_whatever_can_be_used_has_a_name(hands: Callable[..., Any]) -> None:
    told = hands(
        """
        return {
          nameless: all("button, a, select, input, summary").filter((element) => !named(element)).length,
          levels: all("h1, h2, h3").map((element) => Number(element.tagName[1])),
          unlabelled: all("section").filter((element) => !titleOf(element)).length,
          twice: all("[id]").length - new Set(all("[id]").map((element) => element.id)).size,
          wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        };
        """,
        width=500,
    )

    steps = zip(told["levels"], told["levels"][1:], strict=False)
    assert (told["nameless"], told["unlabelled"], told["twice"], told["wide"]) == (0, 0, 0, 0)
    assert told["levels"].count(1) == 1
    assert all(lower - upper <= 1 for upper, lower in steps)


def test_the_fix_is_copied(hands: Callable[..., Any]) -> None:
    told = hands(
        """
        let copied = null;
        const clipboard = { writeText: async (text) => { copied = text; } };
        Object.defineProperty(navigator, "clipboard", { value: clipboard });
        const button = $("#suggestions .copy");
        button.click(); await wait(50);
        return [copied, button.textContent, $("#suggestions .fix p").textContent];
        """
    )

    assert told[0] == told[2]
    assert told[1] == "Copied"
