"""``--html``: one file that asks for nothing, says what the accounts say, and lets no hostile name in."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from layerscope.extensions import Verdict
from layerscope.inspection import Inspection, Options, inspect
from layerscope.model.people import size
from layerscope.reports.html import REPORT
from layerscope.reports.page.families import (
    ARCHIVES,
    FAMILIES,
    OTHER,
    PROGRAMS,
    TEXT,
    VERSIONS,
    WEB,
    family_of,
)
from layerscope.reports.page.leaves import leaves_of
from layerscope.reports.page.thinning import thinned
from tests.oci.build import built, docker_archive
from tests.oci.tar.raw import END, member
from tests.reports.page import LARGEST_PAGE_BYTES, Page, page_of, rows_of
from tests.sources.images import file, inspected, layer, packed, steps, whiteout, without_layers
from tests.sources.samples import NAMES, SAMPLES, samples

STATES = (None, "deleted", "overwritten", "metadata_only")
HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "</style><svg onload=alert(1)>",
    "</script ><img src=x>",
    "<!--<script ",
    "\"' onmouseover='alert(1)' x=\"",
    "{{ 7 * 7 }}{% raw %}",
    "esc\x1b[31m",
    "line\nbreak",
    "bidi\u202eover",
    "c1\x9b",
    "latin\udce9",
    "&lt;amp&#60;",
)


@cache
def sample(name: str) -> Inspection:
    """A sample, its seam told."""
    return inspect(str(SAMPLES / name), Options(base_layers=samples()[name].base_layers))


@cache
def page_of_sample(name: str) -> Page:
    """The page of a sample."""
    return Page(page_of(sample(name)))


def hostile(folder: Path, text: str) -> Inspection:
    """An image that says a text wherever it can: paths, waste, twins, remarks, tags, history, config."""
    name = text.encode("utf-8", "surrogateescape").replace(b"/", b"|")
    said = text.encode("utf-8", "replace").decode()
    return inspected(
        folder,
        layer(file(name + b"/gone", b"1"), file(b"/" + name + b"/same", b"22"), file(name + b"/twin", b"22")),
        layer(whiteout(name + b"/gone"), file(b"etc/apt/" + name, b"3" * 900)),
        names=[f"tag:{said}"],
        history=steps(f"COPY {said} /", f"RUN {said} && rm {said}"),
        author=said,
        config={"Env": [f"PATH={said}"], "Labels": {said: said}, "Cmd": [said], "User": said},
    )


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_hostile_text_adds_no_element_and_no_attribute(text: str, tmp_path: Path) -> None:
    plain = Page(page_of(hostile(tmp_path, "plain")))

    page = Page(
        page_of(hostile(tmp_path, text), [Verdict(gate="max-x", measured=text, limit="1", passed=True)])
    )

    verdict = Page(
        page_of(hostile(tmp_path, "plain"), [Verdict(gate="g", measured="2", limit="1", passed=True)])
    )
    assert page.elements == verdict.elements
    assert page.open == plain.open == []
    assert Counter(name for _, name, _ in page.attributes) == Counter(
        name for _, name, _ in verdict.attributes
    )


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_nothing_that_misleads_a_reader_is_written(text: str, tmp_path: Path) -> None:
    verdict = Verdict(gate="max-x", subject=text, measured=text, limit=text, passed=False, because=text)

    page = page_of(hostile(tmp_path, text), [verdict])

    misleading = {char for char in page if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n"}
    assert misleading == set()


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_document_in_the_page_holds_what_could_be_markup(text: str, tmp_path: Path) -> None:
    """A browser looks for more than ``</script>`` there; without a ``<`` it finds nothing."""
    page = page_of(hostile(tmp_path, text))

    documents = re.findall(r'<script type="application/json" id="\w+">(.*?)</script>\n', page, re.DOTALL)
    assert len(documents) == 2
    assert [mark for mark in "<>&" if mark in "".join(documents)] == []


def test_a_hostile_name_is_told_as_it_is(tmp_path: Path) -> None:
    page = Page(page_of(hostile(tmp_path, "<b>\x1b")))

    assert r"/<b>\x1b/gone" in page.text
    assert {name for _, name, *_ in rows_of(page.document("tree"))} == {"gone", "same", "twin", r"<b>\x1b"}


def test_the_policy_allows_this_style_and_this_script_only() -> None:
    page = page_of_sample("wasteful.tar")

    policy = next(value for value in page.values("content") if "default-src" in value)
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    style = next(text for attributes, text in page.raw if attributes[""] == "style")
    script = next(text for attributes, text in page.raw if attributes == {"": "script"})
    assert directives["default-src"] == "'none'"
    assert directives["style-src"] == f"'sha256-{sha256(style)}'"
    assert directives["script-src"] == f"'sha256-{sha256(script)}'"
    assert directives["img-src"] == "data:"
    assert page.values("style") == []
    assert [name for _, name, _ in page.attributes if name.startswith("on")] == []


def sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_the_page_leads_out_of_it(name: str) -> None:
    page = page_of_sample(name)

    targets = {*page.values("href"), *page.values("src"), *page.values("action"), *page.values("srcset")}
    identities = page.values("id")
    assert {target for target in targets if not target.startswith("#")} == set()
    assert {target[1:] for target in targets} <= set(identities)
    assert len(identities) == len(set(identities))
    assert not any(
        re.search(r"url\(|@import|https?:", text) for attributes, text in page.raw if len(attributes) == 1
    )


@pytest.mark.parametrize("limit_bytes", [10**9, 3_000, 700, 1])
@pytest.mark.parametrize("name", NAMES)
def test_every_content_byte_is_in_the_tree_once(name: str, limit_bytes: int) -> None:
    analysis = sample(name).analysis

    rows = list(rows_of(json.loads(thinned(leaves_of(analysis), limit_bytes))))

    wasted: Counter[tuple[str | None, int]] = Counter()
    for *_, size_bytes, (layer_number, state, *_) in rows:
        wasted[STATES[state], layer_number] += size_bytes
    for number, totals in enumerate(analysis.layers):
        shipped = {state: wasted[state, number] for state in STATES}
        assert sum(shipped.values()) == totals.content_bytes
        assert sum(shipped.values()) - shipped[None] == totals.waste_shipped_bytes
    for cause, count in analysis.totals.wasted_by_cause.items():
        assert sum(wasted[cause, number] for number in range(len(analysis.layers))) == count


@pytest.mark.parametrize("name", NAMES)
def test_a_tree_with_room_names_every_file(name: str) -> None:
    analysis = sample(name).analysis
    waste = Counter((record.path, record.size_bytes) for record in analysis.waste if record.size_bytes)

    rows = list(rows_of(page_of_sample(name).document("tree")))

    assert None not in {found for _, found, *_ in rows}
    hidden = Counter(
        (leaf.path, leaf.size_bytes) for leaf in leaves_of(analysis) if leaf.hidden_by is not None
    )
    assert hidden == waste
    assert sum(1 for *_, kind in rows if kind[1]) == sum(waste.values())


def test_what_is_named_is_larger_than_what_is_summed_up() -> None:
    everything = leaves_of(sample("wasteful.tar").analysis)

    text = thinned(everything, 3_000)

    rows = list(rows_of(json.loads(text)))
    named = [size_bytes for _, name, _, size_bytes, _ in rows if name is not None]
    largest = sorted((leaf.size_bytes for leaf in everything), reverse=True)
    assert len(text) <= 3_000
    assert 0 < len(named) < len(everything)
    assert sorted(named, reverse=True) == largest[: len(named)]
    assert sum(count for _, _, count, *_ in rows) == len(everything)


def many(count: int) -> bytes:
    """A layer of files of different sizes in folders of two hundred."""
    return (
        b"".join(
            member(
                b"usr/lib/node_modules/module-%d/lib/some-file-%d.js" % (number // 200, number),
                b"x" * (1 + number % 900),
            )
            for number in range(count)
        )
        + END
    )


@pytest.mark.parametrize("count", [20_000, 90_000])
def test_the_page_of_many_files_is_under_a_megabyte(count: int, tmp_path: Path) -> None:
    inspection = inspected(tmp_path, many(count))

    page = page_of(inspection)

    rows = list(rows_of(Page(page).document("tree")))
    named = sum(1 for _, name, *_ in rows if name is not None)
    assert len(page.encode()) < LARGEST_PAGE_BYTES
    assert named >= 20_000
    assert (named == count) is (count == 20_000)
    assert sum(files for _, _, files, *_ in rows) == count
    assert sum(size_bytes for *_, size_bytes, _ in rows) == inspection.analysis.totals.content_bytes


def test_a_hard_link_stands_where_it_can_be_seen(tmp_path: Path) -> None:
    first = layer(
        file(b"z", b"content"), member(b"b", typeflag=b"1", link=b"z"), member(b"a", typeflag=b"1", link=b"z")
    )

    whole, without = (
        leaves_of(inspected(tmp_path, first, *more).analysis) for more in ((), (layer(whiteout(b"z")),))
    )

    assert [(leaf.path, leaf.size_bytes, leaf.layer) for leaf in whole] == [("z", 7, 0)]
    assert [(leaf.path, leaf.size_bytes, leaf.layer) for leaf in without] == [("a", 7, 0)]


@pytest.mark.parametrize("name", NAMES)
def test_figures_and_tables_are_there_without_a_script(name: str) -> None:
    inspection, page = sample(name), page_of_sample(name)

    totals = inspection.analysis.totals
    for figure in (totals.tar_bytes, totals.compressed_bytes, totals.wasted_bytes, totals.content_bytes):
        assert size(figure) in page.text
    assert [
        f"/{record.path}" for record in inspection.analysis.waste if f"/{record.path}" not in page.text
    ] == []
    assert [one.fix for one in inspection.suggestions if one.fix.splitlines()[0] not in page.text] == []
    assert sum(identity.startswith("layer-") for identity in page.values("id")) == len(
        inspection.image.layers
    )


def test_the_balance_bar_is_full() -> None:
    text = page_of(sample("wasteful.tar"))

    bar = text[text.index('<div class="balance">') : text.index("</svg>")]
    parts = re.findall(r'class="fill-(\w+)" x="([\d.]+)" width="([\d.]+)"', bar)
    assert [style for style, *_ in parts] == ["base", "visible", "deleted", "overwritten", "metadata_only"]
    assert sum(float(width) for *_, width in parts) == pytest.approx(1000, abs=0.1)
    assert all(
        float(start) + float(width) == pytest.approx(float(following), abs=0.02)
        for (_, start, width), (_, following, _) in pairwise(parts)
    )


@pytest.mark.parametrize(
    ("verdict", "word", "outcome"),
    [
        (Verdict(gate="max-waste", measured="9 %", limit="10 %", passed=True), "pass", "pass"),
        (
            Verdict(gate="max-waste", measured="11 %", limit="10 %", passed=False, because="layer 3"),
            "fail",
            "fail",
        ),
        (
            Verdict(gate="max-waste", measured="11 %", limit="10 %", passed=False, warning=True),
            "pass",
            "warn",
        ),
    ],
    ids=["pass", "fail", "warn"],
)
def test_the_verdict_stands_above_its_gates(verdict: Verdict, word: str, outcome: str) -> None:
    page = Page(page_of(sample("lean.tar"), [verdict]))

    assert f"Verdict: {word}" in page.text
    assert f"outcome {outcome}" in page.values("class")
    assert all(part in page.text for part in (verdict.gate, verdict.measured, verdict.limit, verdict.because))


def test_without_gates_there_is_no_verdict() -> None:
    assert "verdict" not in page_of_sample("lean.tar").values("id")


def test_a_secret_is_left_out_wherever_the_image_says_it(tmp_path: Path) -> None:
    secret = "hunter2-hunter2"
    inspection = inspected(
        tmp_path,
        layer(file(b"a", b"1")),
        history=steps(f"RUN curl https://me:{secret}@example.com --token {secret}"),
        config={"Env": [f"DB_PASSWORD=of two words: {secret}", "LANG=C"], "Labels": {"api_key": secret}},
    )

    text = page_of(inspection)

    assert secret not in text
    assert "DB_PASSWORD=…" in text
    assert "LANG=C" in text


@pytest.mark.parametrize(
    "make", [lambda path: inspect(str(without_layers(path))), lambda path: inspected(path, layer())]
)
def test_an_empty_image_has_a_page(make: Callable[[Path], Inspection], tmp_path: Path) -> None:
    page = Page(page_of(make(tmp_path)))

    assert "Nothing is wasted" in page.text
    assert list(rows_of(page.document("tree"))) == []


def test_a_page_of_parts_says_so(tmp_path: Path) -> None:
    whole = (layer(file(b"a", b"1")), layer(file(b"b", b"2")))
    files = docker_archive(built(*whole))
    del files[next(name for name, content in files.items() if content == whole[1])]

    page = Page(page_of(inspect(str(packed(tmp_path / "image.tar", files)))))

    assert "Not complete." in page.text
    assert "alert" in page.values("role")


def test_the_same_image_gives_the_same_bytes() -> None:
    streams = [io.BytesIO(), io.BytesIO()]

    for stream in streams:
        REPORT.write(inspect(str(SAMPLES / "odd.tar")), [], stream)

    first, second = (stream.getvalue() for stream in streams)
    assert first == second
    assert first.startswith(b"<!doctype html>")


def test_an_instruction_is_written_a_command_a_line(tmp_path: Path) -> None:
    inspection = inspected(
        tmp_path, layer(file(b"a", b"1")), history=steps("RUN /bin/sh -c one   two && three || four")
    )

    text = Page(page_of(inspection)).text

    assert "RUN one two \\\n  && three \\\n  || four" in text


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("usr/lib/libc.so.6", PROGRAMS),
        ("usr/bin/bash", PROGRAMS),
        ("app/bundle.JS", WEB),
        ("usr/share/doc/bash/copyright", TEXT),
        ("app/.git/objects/pack/pack-1.pack", VERSIONS),
        ("tmp/x.tar.gz", ARCHIVES),
        ("etc/passwd", OTHER),
        ("app/.env", 10),
    ],
)
def test_a_file_belongs_to_a_family_by_its_name(path: str, family: int) -> None:
    assert FAMILIES[family_of(path)] == FAMILIES[family]
