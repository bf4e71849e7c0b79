"""The summary and the gates as text: the data on its lines, not the wording around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from layerscope.extensions import Verdict
from layerscope.inspection import Inspection, Options, inspect
from layerscope.model.diagnostic import Diagnostic
from layerscope.model.instruction import instruction_of
from layerscope.model.people import size
from layerscope.model.waste import Cause
from layerscope.reports.paint import Paint
from layerscope.reports.terminal import Page, gate_report, summary
from tests.oci.tar.raw import member
from tests.sources.images import file, inspected, layer, steps, whiteout, without_layers
from tests.sources.samples import NAMES, SAMPLES, WASTEFUL, ledger_of, samples

WIDE = Page(160, Paint(enabled=False))
UNSAFE = "\x1b\x9b\x07\u202e"
TITLES = {
    "layers": "Layers",
    "instructions": "Instructions",
    "paths": "Paths",
    "duplicates": "Duplicates",
    "suggestions": "Suggestions",
    "remarks": "Remarks",
    "gates": "Gates",
}
WORDS = {"deleted": "deleted", "overwritten": "overwritten", "metadata_only": "copied up"}


def section(lines: Sequence[str], title: str) -> list[str]:
    """The lines below a title, to the next empty one."""
    start = next(number for number, line in enumerate(lines) if line.startswith(TITLES[title]))
    rest = lines[start + 1 :]
    return list(rest[: rest.index("")] if "" in rest else rest)


def cells_of(line: str) -> list[str]:
    """What stands between two blanks or more."""
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


@pytest.fixture(scope="module")
def wasteful() -> Inspection:
    """The wasteful sample."""
    return inspect(str(WASTEFUL), Options(base_layers=1))


def test_the_first_line_says_what_was_looked_at(wasteful: Inspection) -> None:
    name, *rest = cells_of(summary(wasteful, WIDE)[0])

    tar_bytes = sum(map(len, samples()["wasteful.tar"].layer_tars))
    assert name == str(WASTEFUL)
    assert rest == ["linux/amd64", size(tar_bytes), "17 layers, 1 of them base"]
    assert summary(wasteful, WIDE)[1] == "shop/api:1.4.0"


@pytest.mark.parametrize("name", NAMES)
def test_the_balance_is_printed_with_shares_of_the_content(name: str) -> None:
    ledger = ledger_of(name)
    totals = inspect(str(SAMPLES / name)).analysis.totals
    lines = summary(inspect(str(SAMPLES / name)), WIDE)
    start = lines.index("") + 1
    found = {line[2:14].strip(): cells_of(line[14:])[:2] for line in lines[start : lines.index("", start)]}

    expected = {"visible": totals.visible_bytes} | {
        WORDS[cause]: ledger.wasted_by(cause)
        for cause in ("deleted", "overwritten", "metadata_only")
        if ledger.wasted_by(cause)
    }
    for label, count in expected.items():
        assert found[label] == [size(count), f"{count / totals.content_bytes * 100:.1f} %"]
    share = f"{ledger.wasted_bytes / totals.content_bytes * 100:.1f} %"
    assert found["content"] == [
        size(totals.content_bytes),
        f"wasted {size(ledger.wasted_bytes)} = {share} of content",
    ]
    assert set(WORDS.values()) & set(found) == set(expected) - {"visible"}


def test_every_layer_has_a_line_with_its_size_and_what_it_causes(wasteful: Inspection) -> None:
    sample = samples()["wasteful.tar"]
    caused = Counter[int]()
    for item in ledger_of("wasteful.tar").waste:
        caused[item.hidden_by] += item.size_bytes

    lines = section(summary(wasteful, WIDE), "layers")[1:]
    found = [cells_of(line) for line in lines if line[:4].strip()]

    assert [row[0] for row in found] == [str(number) for number in range(17)]
    assert [row[2] for row in found] == [size(len(tar)) for tar in sample.layer_tars]
    assert [row[3] for row in found] == [
        size(caused[number]) if caused[number] else "·" for number in range(17)
    ]
    instructions = [str(instruction_of(layer.history)) for layer in wasteful.image.layers]
    assert [row[4] for row in found] == instructions
    assert instructions[-1] == "RUN rm -rf /var/lib/apt/lists/*"


def test_steps_without_a_layer_stand_between_the_layers(wasteful: Inspection) -> None:
    lines = section(summary(wasteful, WIDE), "layers")[1:]

    without = [cells_of(line) for line in lines if not line[:4].strip()]

    assert without == [
        ["CMD LABEL ENV", "3 steps without a layer"],
        ["ARG", "1 step without a layer"],
        ["WORKDIR EXPOSE USER CMD", "4 steps without a layer"],
    ]


def test_instructions_are_ranked_by_what_they_cause(wasteful: Inspection) -> None:
    caused = Counter[int]()
    by_cause = Counter[tuple[int, str]]()
    for item in ledger_of("wasteful.tar").waste:
        caused[item.hidden_by] += item.size_bytes
        by_cause[item.hidden_by, item.cause] += item.size_bytes
    worst = [number for number, _ in caused.most_common(8)]

    found = [cells_of(line) for line in section(summary(wasteful, WIDE), "instructions")[1:9]]

    assert [row[:2] for row in found] == [[size(caused[number]), str(number)] for number in worst]
    for number, row in zip(worst, found, strict=True):
        for cause, word in WORDS.items():
            count = by_cause[number, cause]
            assert (f"{word} {size(count)}" in row[2]) is bool(count)
    assert section(summary(wasteful, WIDE), "instructions")[-1].strip() == f"… and {len(caused) - 8} more"


def test_the_most_wasteful_paths_name_both_layers(wasteful: Inspection) -> None:
    worst = ledger_of("wasteful.tar").waste[:8]

    found = [cells_of(line) for line in section(summary(wasteful, WIDE), "paths")[1:9]]

    assert [[row[0], row[-2], row[-1]] for row in found] == [
        [size(item.size_bytes), f"{item.shipped_by} → {item.hidden_by}", f"/{item.path}"] for item in worst
    ]
    assert [row[2].partition(" (")[0] for row in found] == [WORDS[item.cause] for item in worst]


def test_duplicates_name_two_of_their_paths(wasteful: Inspection) -> None:
    lines = summary(wasteful, WIDE)

    row = cells_of(section(lines, "duplicates")[1])

    assert row == ["6.07 kB", "2 × 6.07 kB", "/srv/static/dist/vendor.js", "=", "/srv/static/js/vendor.js"]


def test_suggestions_begin_with_secrets_and_then_with_what_saves_most(wasteful: Inspection) -> None:
    rows = section(summary(wasteful, WIDE), "suggestions")

    *told, more, could = rows
    titles, fixes = told[::2], told[1::2]
    assert "more" in more
    assert could.startswith("  could be ")
    assert "AWS access key" in titles[0]
    assert cells_of(titles[1])[0] == size(max(one.net_bytes for one in wasteful.suggestions))
    assert all(fix.startswith(" " * 13) for fix in fixes)
    assert len(titles) == len(fixes) == 8


def test_a_long_list_ends_with_how_many_more(tmp_path: Path) -> None:
    names = [b"file-%02d" % number for number in range(11)]
    inspection = inspected(
        tmp_path, layer(*(file(name, b"same") for name in names)), layer(*map(whiteout, names[:9]))
    )

    lines = summary(inspection, WIDE)

    assert section(lines, "paths")[-1].strip() == "… and 1 more"
    assert len(section(lines, "paths")) == 1 + 8 + 1
    assert len(section(lines, "duplicates")) == 1 + 1


def test_an_image_without_waste_has_no_section_on_it(tmp_path: Path) -> None:
    lines = summary(inspected(tmp_path, layer(file(b"a", b"1"))), WIDE)

    titles = [line.split()[0].strip(":,") for line in lines if line and line[0] not in " /a"]
    assert titles == ["Pull", "Layers"]
    assert "wasted 0 B = 0.0 % of content" in "\n".join(lines)


def test_an_empty_image_has_a_balance_of_nothing(tmp_path: Path) -> None:
    text = "\n".join(summary(inspect(str(without_layers(tmp_path))), WIDE))

    assert "wasted 0 B = 0.0 % of content" in text
    assert "0 layers" in text
    assert "nan" not in text.lower()


def test_one_layer_is_no_layers(tmp_path: Path) -> None:
    assert summary(inspected(tmp_path, layer()), WIDE)[0].endswith("  1 layer")


@pytest.mark.parametrize(
    ("differing", "said"),
    [
        ({"mode": 0o600}, "copied up (mode)"),
        ({"uid": 7}, "copied up (owner)"),
        ({"mtime": 7}, "copied up (time)"),
        ({"gid": 7, "mode": 0o600, "mtime": 7}, "copied up (owner, mode, time)"),
        ({}, "copied up"),
    ],
)
def test_a_copy_up_says_what_differs(differing: dict[str, int], said: str, tmp_path: Path) -> None:
    inspection = inspected(tmp_path, layer(file(b"a", b"1")), layer(file(b"a", b"1", **differing)))

    row = cells_of(section(summary(inspection, WIDE), "paths")[1])

    assert row[2] == said


def verdict(gate: str, *, passed: bool) -> Verdict:
    """A verdict of a gate that there is not."""
    return Verdict(gate=gate, measured="7", limit="8", passed=passed, because=f"because of {gate}")


def test_what_failed_stands_first_in_the_table_of_gates(wasteful: Inspection) -> None:
    verdicts = [verdict("a", passed=True), verdict("b", passed=False), verdict("c", passed=True)]

    lines = gate_report(wasteful, verdicts, WIDE)

    assert [cells_of(line) for line in section(lines, "gates")[1:]] == [
        ["b", "7", "8", "FAIL", "because of b"],
        ["a", "7", "8", "pass", "because of a"],
        ["c", "7", "8", "pass", "because of c"],
    ]
    assert lines[-2:] == ["", "verdict: fail b"]


def test_with_colours_the_words_are_the_same(wasteful: Inspection) -> None:
    painted = gate_report(wasteful, [verdict("b", passed=False)], Page(160, Paint(enabled=True)))

    assert painted[-1] == "\x1b[1;31mverdict: fail b\x1b[0m"
    assert "\x1b[1;31mFAIL\x1b[0m" in "\n".join(painted)


@pytest.mark.parametrize("char", UNSAFE)
def test_nothing_in_an_image_reaches_the_terminal_as_it_is(char: str, tmp_path: Path) -> None:
    """Paths, instructions, tags, the platform, remarks: whatever an image may say."""
    hostile = f"{char}[2J{char}"
    name = hostile.encode()
    inspection = inspected(
        tmp_path,
        layer(file(name, b"1"), file(b"twin" + name, b"22"), file(b"/twin2" + name, b"22")),
        layer(whiteout(name), member(b"l", typeflag=b"1", link=name)),
        layer(file(b"twin" + name, b"2")),
        names=[f"{hostile}:1", f"other{hostile}:2"],
        os=f"os{hostile}",
        cpu=f"cpu{hostile}",
        history=[
            *steps(f"RUN {hostile}", f"{hostile} COPY", hostile),
            {"created_by": hostile, "empty_layer": True},
        ],
    )
    layers = (
        msgspec.structs.replace(inspection.image.layers[0], missing=f"absent {hostile}"),
        *inspection.image.layers[1:],
    )
    remark = Diagnostic(code="odd", message=hostile, path=hostile)
    image = msgspec.structs.replace(inspection.image, reference=hostile, layers=layers, diagnostics=(remark,))
    inspection = msgspec.structs.replace(inspection, image=image)
    because = verdict("max-waste", passed=False)

    for lines in (summary(inspection, WIDE), gate_report(inspection, [because], WIDE)):
        assert [line for line in lines if not set(line).isdisjoint(UNSAFE + "\n")] == []


def test_the_worst_cause_of_an_instruction_comes_first(tmp_path: Path) -> None:
    inspection = inspected(
        tmp_path,
        layer(file(b"a", b"1" * 10), file(b"b", b"2" * 20), file(b"c", b"3" * 30)),
        layer(whiteout(b"a"), file(b"b", b"other"), file(b"c", b"3" * 30, mode=0o600)),
    )

    row = cells_of(section(summary(inspection, WIDE), "instructions")[1])

    assert row[:3] == ["60 B", "1", "copied up 30 B, overwritten 20 B, deleted 10 B"]
    assert {waste.cause for waste in inspection.analysis.waste} == set(Cause)
