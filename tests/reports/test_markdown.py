"""``--markdown``, as a renderer of Markdown reads it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from layerscope.extensions import Verdict
from layerscope.inspection import Inspection, Options, inspect
from layerscope.model.people import size
from layerscope.reports.markdown import REPORT
from tests.reports.hostile import HOSTILE, hostile_image, hostile_verdicts, written
from tests.sources.images import file, inspected, layer, steps, whiteout, without_layers
from tests.sources.samples import WASTEFUL

OURS = {"h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "strong", "code", "details", "summary"}
OURS |= {"ol", "ul", "li", "br", "pre"}
COMMENT_LIMIT = 65_536


class Page(HTMLParser):
    """The tags of a page, and the cells of each of its rows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.rows: list[list[str]] = []
        self.codes: list[str] = []
        self._in: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002, D102
        self.tags.add(tag)
        self._in.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "code":
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: D102
        while self._in and self._in.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:  # noqa: D102
        if "td" in self._in or "th" in self._in:
            self.rows[-1][-1] += data
        if "code" in self._in:
            self.codes[-1] += data


def page(inspection: Inspection, verdicts: list[Verdict]) -> Page:
    """The comment as it is seen."""
    text = written(REPORT.id, inspection, verdicts).decode()
    return Page(MarkdownIt("commonmark").enable("table").render(text))


def test_no_name_becomes_markup(tmp_path: Path) -> None:
    found = page(hostile_image(tmp_path), hostile_verdicts())

    assert found.tags - OURS == set()


def test_names_stand_in_their_cells_as_they_are(tmp_path: Path) -> None:
    found = page(hostile_image(tmp_path), hostile_verdicts())

    wasted = [row for row in found.rows if row[1:2] == ["deleted"]]
    assert [len(row) for row in wasted] == [4] * len(HOSTILE)
    plain = [name for name in HOSTILE if name.isprintable() and "\\" not in name]
    assert len(plain) > 5
    paths = {row[3] for row in wasted}
    assert {f"/gone/{name.replace('/', '-')}" for name in plain} - paths == set()


def test_nobody_is_called_and_nothing_is_linked_outside_of_code(tmp_path: Path) -> None:
    """A forge looks at the text that is left when entities are resolved, comments cut it apart."""
    text = written(REPORT.id, hostile_image(tmp_path), hostile_verdicts()).decode()
    prose = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", text, flags=re.DOTALL)

    assert re.findall(r"[@#!~$&]\w", re.sub(r"&#\d+;", lambda found: chr(int(found[0][2:-1])), prose)) == []
    assert "://" not in prose
    assert "www." not in prose


def test_the_figures_are_those_of_the_image() -> None:
    inspection = inspect(str(WASTEFUL), Options(base_layers=1))
    totals = inspection.analysis.totals

    rows = {row[0]: row[1:] for row in page(inspection, []).rows if len(row) == 3}

    assert rows["layers, uncompressed"][0] == size(totals.tar_bytes)
    assert rows["wasted"] == [size(totals.wasted_bytes), f"{totals.wasted_ratio * 100:.1f} %"]
    assert rows["visible"][0] == size(totals.visible_bytes)
    assert rows["wasted by the image's own layers"][0] == size(totals.own_wasted_bytes or 0)


@pytest.mark.parametrize(
    ("passed", "warning", "said"),
    [(True, False, "✅ **pass**"), (False, False, "❌ **fail**: max-dir"), (False, True, "⚠️ 1 warning")],
)
def test_the_verdict_stands_at_the_top(said: str, tmp_path: Path, *, passed: bool, warning: bool) -> None:
    verdict = Verdict(gate="max-dir", measured="1", limit="2", passed=passed, warning=warning)

    lines = written(REPORT.id, inspected(tmp_path, layer()), [verdict]).decode().splitlines()

    assert said in lines[4]


def test_without_gates_there_is_no_verdict(tmp_path: Path) -> None:
    text = written(REPORT.id, inspected(tmp_path, layer()), []).decode()

    assert "pass" not in text
    assert "fail" not in text


def test_the_first_suggestions_come_with_their_rewrite() -> None:
    inspection = inspect(str(WASTEFUL))
    rewrites = [one.rewrite for one in inspection.suggestions if one.rule == "chmod-copy"]

    found = page(inspection, [])

    assert [f"{rewrite}\n" in found.codes for rewrite in rewrites] == [True]


def test_a_comment_stays_within_what_a_forge_takes(tmp_path: Path) -> None:
    """As many layers as an image may have, with long names and instructions, wasted all of them."""
    names = [b"d/%03d-" % number + b"n" * 240 for number in range(60)]
    layers = [layer(*(file(name, b"1" * 10) for name in names)), layer(*map(whiteout, names))]
    layers += [layer(file(b"x" * 200 + b"%d" % number, b"2")) for number in range(125)]
    inspection = inspected(tmp_path, *layers, history=steps(*(f"RUN {'i' * 500}" for _ in layers)))

    text = written(REPORT.id, inspection, hostile_verdicts()).decode()

    assert len(text) < COMMENT_LIMIT


def test_a_secret_in_an_instruction_is_not_repeated(tmp_path: Path) -> None:
    inspection = inspected(
        tmp_path, layer(file(b"a", b"1")), history=steps("RUN TOKEN=s3cr3tvalue make && echo done")
    )

    assert "s3cr3tvalue" not in written(REPORT.id, inspection, []).decode()


def test_an_empty_image_has_a_comment_too(tmp_path: Path) -> None:
    text = written(REPORT.id, inspect(str(without_layers(tmp_path))), []).decode()

    assert text.startswith("## layerscope: `empty:1`\n")
    assert "nan" not in text.lower()
