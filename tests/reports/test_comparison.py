"""A comparison as JSON, Markdown, a page and text: described by its schema, harmless whatever the names."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from layerscope.comparison.comparing import Comparison
from layerscope.comparison.subject import Subject, subject_of
from layerscope.extensions import Verdict
from layerscope.inspection import inspect
from layerscope.model.people import size
from layerscope.reports.comparison_data import comparison_data
from layerscope.reports.comparison_files import write_html, write_json, write_markdown
from layerscope.reports.comparison_terminal import comparison_gate_lines, comparison_lines
from layerscope.reports.paint import Paint
from layerscope.reports.terminal import Page as TextPage
from tests.comparison.images import compared, reported, stacked
from tests.oci.tar.raw import member
from tests.reports.hostile import HOSTILE, UNSAFE
from tests.reports.page import Page
from tests.reports.test_html_browser import browser
from tests.reports.test_json import parts_of
from tests.reports.test_markdown import OURS
from tests.reports.test_markdown import Page as MarkdownPage
from tests.sources.images import file, inspected, layer, steps
from tests.sources.samples import SAMPLES

__all__ = ["browser"]

VERDICTS = [
    Verdict(gate="max-growth", measured="5.0 %", limit="1.0 %", passed=False, because="<b>&"),
    Verdict(gate="max-update", measured="1 B", limit="2 B", passed=True),
]


@cache
def schema() -> dict[str, Any]:
    """The schema as it is installed."""
    found: dict[str, Any] = json.loads(
        files("layerscope.reports").joinpath("comparison.schema.json").read_bytes()
    )
    return found


def faults(data: dict[str, Any]) -> list[str]:
    """What is wrong with a comparison as it is written."""
    stream = io.BytesIO()
    write_json(data, stream)
    errors = Draft202012Validator(schema()).iter_errors(json.loads(stream.getvalue()))
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]


@cache
def sample(name: str) -> Subject:
    """A sample."""
    return subject_of(inspect(str(SAMPLES / f"{name}.tar")))


def samples(old: str, new: str) -> dict[str, Any]:
    """Two samples, compared."""
    return comparison_data(Comparison(old=sample(old), new=sample(new)), VERDICTS)


def hostile(folder: Path) -> dict[str, Any]:
    """An image in which everything that has a name has a hostile one, against one that has nothing."""
    names = [name.replace("/", "-").encode("utf-8", "surrogateescape") for name in HOSTILE]
    said = [name.replace("\udce9", "") for name in HOSTILE]
    config = {
        "Env": [f"{name}=x" for name in said],
        "Labels": {name: name for name in said},
        "Cmd": said,
        **dict.fromkeys(said, "x"),
        "ExposedPorts": {name: {} for name in said},
    }
    inspection = inspected(
        folder,
        *(layer(file(b"d" + name + b"/" + name, b"%d" % number)) for number, name in enumerate(names)),
        history=steps(*(f"RUN {name}" for name in said)),
        config=config,
    )
    image = msgspec.structs.replace(inspection.image, reference=HOSTILE[1], names=HOSTILE)
    new = subject_of(msgspec.structs.replace(inspection, image=image))
    return comparison_data(Comparison(old=stacked(), new=new), VERDICTS)


def page_of(data: dict[str, Any]) -> str:
    """The page as it is written."""
    stream = io.BytesIO()
    write_html(data, stream)
    return stream.getvalue().decode()


def markdown_of(data: dict[str, Any]) -> str:
    """The comment as it is written."""
    stream = io.BytesIO()
    write_markdown(data, stream)
    return stream.getvalue().decode()


def text_of(data: dict[str, Any]) -> str:
    """The page of a terminal."""
    return "\n".join(comparison_lines(data, TextPage(160, Paint(False))))


def test_the_schema_describes_all_of_its_values_and_leaves_nothing_open() -> None:
    Draft202012Validator.check_schema(schema())
    objects = [part for part in parts_of(schema()) if "properties" in part]
    values = [value for part in objects for value in part["properties"].values()]

    assert [part for part in objects if part["additionalProperties"] is not False] == []
    assert [part for part in objects if sorted(part["required"]) != sorted(part["properties"])] == []
    assert [value for value in values if not value.get("description", "").endswith((".", "…"))] == []
    text = json.dumps(schema())
    assert [name for name in schema()["$defs"] if f'"#/$defs/{name}"' not in text] == []


@pytest.mark.parametrize("new", ["lean", "wasteful", "odd"])
@pytest.mark.parametrize("old", ["lean", "wasteful", "odd"])
def test_the_comparison_of_any_two_samples_is_as_the_schema_says(old: str, new: str) -> None:
    assert faults(samples(old, new)) == []


def test_the_comparison_with_reports_and_with_nothing_is_as_the_schema_says(tmp_path: Path) -> None:
    told = reported(sample("lean"), tmp_path / "lean.json")

    comparisons = [(told, sample("odd")), (sample("odd"), told), (told, told), (stacked(), stacked())]

    assert [faults(comparison_data(Comparison(old=old, new=new), [])) for old, new in comparisons] == [[]] * 4


def weight(row: dict[str, Any]) -> int:
    """The bytes that came and went."""
    return 0 if row.get("change") == "metadata_only" else (row["old_bytes"] or 0) + (row["new_bytes"] or 0)


@pytest.mark.parametrize("table", ["files", "packages"])
@pytest.mark.parametrize("most", [0, 1, 7, 60])
def test_what_a_table_leaves_out_is_told_and_is_neither_first_nor_heavy(table: str, most: int) -> None:
    comparison = Comparison(old=sample("lean"), new=sample("wasteful"))
    whole = comparison_data(comparison, [], most_rows=None)[table]

    thin = comparison_data(comparison, [], most_rows=most)[table]

    left_out = [row for row in whole["rows"] if row not in thin["rows"]]
    first = most // 2
    assert thin["rows"] == [row for row in whole["rows"] if row in thin["rows"]]
    assert thin["rows"][:first] == whole["rows"][:first]
    assert len(thin["rows"]) == min(most, whole["count"])
    assert (thin["count"], thin["more"]) == (whole["count"], len(left_out))
    assert thin["more_bytes"] == sum(map(weight, left_out))
    assert max(map(weight, left_out), default=0) <= min(map(weight, thin["rows"][first:]), default=1 << 62)


def test_the_files_listed_and_those_left_out_are_all_that_came_and_went() -> None:
    data = comparison_data(Comparison(old=sample("lean"), new=sample("wasteful")), [], most_rows=5)

    counts, files = data["file_counts"], data["files"]
    assert counts["added_bytes"] + counts["removed_bytes"] == files["more_bytes"] + sum(
        map(weight, files["rows"])
    )
    assert files["count"] == sum(counts[kind] for kind in ("added", "removed", "modified", "metadata_only"))


def test_directories_that_are_left_out_still_count() -> None:
    comparison = Comparison(old=sample("lean"), new=sample("wasteful"))
    whole = comparison_data(comparison, [], most_rows=None)["directories"]

    thin = comparison_data(comparison, [], most_rows=3)["directories"]

    assert whole["telling"] == thin["telling"] == sum(row["telling"] for row in whole["rows"]) > 3
    assert (len(thin["rows"]), thin["more"], whole["more"]) == (3, whole["count"] - 3, 0)


@pytest.mark.parametrize("form", [markdown_of, page_of, text_of])
def test_a_form_counts_what_it_does_not_list(form: Callable[[dict[str, Any]], str]) -> None:
    comparison = Comparison(old=sample("lean"), new=sample("wasteful"))

    whole, thin = (form(comparison_data(comparison, [], most_rows=most)) for most in (None, 2))

    assert re.findall(r"Files: [\d,a-z ]+|Files</b> \(\d+\)|>[\d,]+</span></h2>", whole) == re.findall(
        r"Files: [\d,a-z ]+|Files</b> \(\d+\)|>[\d,]+</span></h2>", thin
    )
    assert len(re.findall(r"(?:and|And) [\d,]+ more", thin)) >= 3


def test_hostile_names_are_as_the_schema_says(tmp_path: Path) -> None:
    assert faults(hostile(tmp_path)) == []


def test_no_name_becomes_an_element_of_the_page(tmp_path: Path) -> None:
    text = page_of(hostile(tmp_path))

    page, plain = Page(text), Page(page_of(samples("lean", "wasteful")))
    assert page.elements.keys() <= plain.elements.keys() | {"ul", "li"}
    assert page.open == []
    assert {name for _, name, _ in page.attributes} <= {name for _, name, _ in plain.attributes}
    assert not set(UNSAFE) & set(text)
    assert "</details><script>alert(1)</script>" in page.text


def test_the_page_asks_for_nothing_and_its_policy_allows_only_what_is_in_it() -> None:
    page = Page(page_of(samples("lean", "wasteful")))

    policy = next(value for _, name, value in page.attributes if name == "content" and "default-src" in value)
    hashes = [
        "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for _, text in page.raw
    ]
    assert policy.startswith("default-src 'none'; ")
    assert sorted(re.findall(r"'(sha256-[^']+)'", policy)) == sorted(hashes)
    assert [value for _, name, value in page.attributes if name in ("src", "srcset", "action")] == []
    assert [value for _, name, value in page.attributes if name == "href" and not value.startswith("#")] == []
    assert [name for _, name, _ in page.attributes if name.startswith("on") or name == "style"] == []


@pytest.mark.parametrize("width", [1400, 390])
def test_nothing_is_wrong_in_a_browser(browser: Callable[..., tuple[str, list[str]]], width: int) -> None:
    document, said = browser(page_of(samples("lean", "wasteful")), width)

    assert said == []
    page = Page(document)
    assert "js" in page.values("class")
    assert 'class="show-all"' in document


def test_nothing_in_an_image_becomes_markdown(tmp_path: Path) -> None:
    text = markdown_of(hostile(tmp_path))

    found = MarkdownPage(MarkdownIt("commonmark").enable("table").render(text))
    assert found.tags - OURS == set()
    assert not set(UNSAFE) & set(text)
    plain = [name for name in HOSTILE if name.isprintable() and "\\" not in name and "/" not in name]
    assert {f"/d{name}/{name}" for name in plain} - set(found.codes) == set()
    prose = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", text, flags=re.DOTALL)
    assert re.findall(r"[@#!~$&]\w", re.sub(r"&#\d+;", lambda one: chr(int(one[0][2:-1])), prose)) == []


@pytest.mark.parametrize("width", [60, 80, 160])
def test_nothing_in_an_image_moves_the_cursor_or_breaks_a_line(width: int, tmp_path: Path) -> None:
    data = hostile(tmp_path)
    page = TextPage(width, Paint(False))

    lines = [*comparison_lines(data, page), *comparison_gate_lines(data, VERDICTS, page)]

    assert [line for line in lines if set(UNSAFE) & set(line) or "\n" in line] == []


def test_secrets_are_left_out_of_every_form(tmp_path: Path) -> None:
    old = [("RUN login --password hunter2hunter2", layer(member(b"a", b"1")))]
    new = [("RUN login --password hunter3hunter3", layer(member(b"a", b"2")))]
    comparison = compared(tmp_path, old, new, config={"Env": ["API_TOKEN=abcdefgh12345678"]})
    data = comparison_data(comparison, [])

    written = [
        markdown_of(data),
        page_of(data),
        msgspec.json.encode(data).decode(),
        "\n".join(comparison_lines(data, TextPage(160, Paint(False)))),
    ]

    assert [text for text in written if "hunter" in text or "abcdefgh" in text] == []
    assert all("API_TOKEN" in text for text in written)


@pytest.mark.parametrize("form", [markdown_of, page_of])
def test_a_form_says_what_is_unknown(form: Callable[[dict[str, Any]], str], tmp_path: Path) -> None:
    told = reported(sample("lean"), tmp_path / "lean.json")

    text = form(comparison_data(Comparison(old=told, new=sample("wasteful")), []))

    assert "unknown: a saved report does not tell of single files" in text.lower()


@pytest.mark.parametrize("form", [markdown_of, page_of])
def test_the_figures_are_those_of_the_images(form: Callable[[dict[str, Any]], str]) -> None:
    old, new = sample("lean"), sample("wasteful")
    grown = new.sums.tar_bytes - old.sums.tar_bytes
    pulled = sum(
        layer.tar_bytes for layer in new.layers if layer.diff_id not in {one.diff_id for one in old.layers}
    )

    text = form(samples("lean", "wasteful"))

    assert f"+{size(grown)}" in text
    assert f"{size(pulled)} of {size(new.sums.compressed_bytes)}" in text


@pytest.mark.parametrize(
    ("old", "new", "rows"),
    [
        (4, 4, [["0–3", "0–3", "=", "same"]]),
        (3, 2, [["0", "0", "=", "same"], ["1", "1", "=", "same"], ["2", "−", "gone"]]),
        (14, 1, [["0", "0", "=", "same"], ["1–13", "−", "gone"]]),
        (1, 14, [["0", "0", "=", "same"], ["1–13", "+", "new"]]),
    ],
)
def test_very_many_layers_in_a_row_are_one_line(
    old: int, new: int, rows: list[list[str]], tmp_path: Path
) -> None:
    layers = [(f"RUN step{number}", layer(member(b"%d" % number, b"x"))) for number in range(14)]

    lines = comparison_lines(
        comparison_data(compared(tmp_path, layers[:old], layers[:new]), []), TextPage(80, Paint(False))
    )

    start = next(number for number, line in enumerate(lines) if line.startswith("Layers")) + 2
    assert [line.split()[: len(row)] for line, row in zip(lines[start:], rows, strict=False)] == rows
    assert not "".join(lines[start + len(rows) : start + len(rows) + 1]).strip()


def test_what_is_rebuilt_above_does_not_count_the_layer_that_is_to_blame(tmp_path: Path) -> None:
    """As after a build without the cache."""
    old, new = (
        [(f"RUN {name!r}", layer(member(name, b"x", mtime=time))) for name in (b"a", b"b")] for time in (1, 2)
    )

    text = markdown_of(comparison_data(compared(tmp_path, old, new), []))

    one = size(len(new[1][1]))
    assert f"Then {one} in 1 layer above it, {one} rebuilt without any change." in text


@pytest.mark.parametrize(
    ("verdicts", "said"), [(VERDICTS, "❌ **fail**: max-growth"), (VERDICTS[1:], "✅ **pass**")]
)
def test_the_verdict_stands_at_the_top_of_the_comment(verdicts: list[Verdict], said: str) -> None:
    data = comparison_data(Comparison(old=sample("lean"), new=sample("odd")), verdicts)

    assert markdown_of(data).splitlines()[2] == said
