"""What an image could be, by hand."""

from __future__ import annotations

import msgspec
import pytest

from layerscope.advice.potential import counted, potential
from layerscope.union.analysis import Totals
from tests.gates.test_findings_gates import suggestion
from tests.rules.dsl import case, step
from tests.union.dsl import file

SURE = suggestion("apt-lists", net_bytes=300)
LIKELY = suggestion("locales", net_bytes=200, confidence="medium")
UNSURE = suggestion("python-bytecode", net_bytes=50, confidence="low")
OF_THE_BASE = suggestion("man-pages", net_bytes=100, base=True)
ADVICE = suggestion("squash-layers")
ALL = (SURE, LIKELY, UNSURE, OF_THE_BASE, ADVICE)


def totals(content_bytes: int, compressed_bytes: int) -> Totals:
    """Totals of an image of these sizes."""
    found = case(step("COPY a", file("a", b"a" * content_bytes))).analysis.totals
    return msgspec.structs.replace(found, compressed_bytes=compressed_bytes)


@pytest.mark.parametrize(
    ("assume", "rules"),
    [
        ((), ["apt-lists"]),
        (("locales",), ["apt-lists", "locales"]),
        (("python-bytecode", "man-pages", "squash-layers"), ["apt-lists", "python-bytecode"]),
    ],
)
def test_what_is_sure_or_assumed_counts_and_nothing_of_the_base(
    assume: tuple[str, ...], rules: list[str]
) -> None:
    assert [one.rule for one in counted(ALL, assume)] == rules


def test_sizes_are_what_is_left() -> None:
    packed = [msgspec.structs.replace(one, compressed_bytes=one.net_bytes // 5) for one in (SURE, LIKELY)]

    could = potential(totals(1000, 400), packed)

    assert (could.content_bytes, could.saved_bytes, could.saved_ratio) == (500, 500, 0.5)
    assert (could.compressed_bytes, could.saved_compressed_bytes) == (300, 100)
    assert could.suggestion_count == 2


def test_an_estimate_never_takes_more_than_there_is() -> None:
    assert potential(totals(1000, 40), [SURE]).compressed_bytes == 0


def test_an_empty_image_could_not_be_less() -> None:
    assert potential(totals(0, 0), []).saved_ratio == 0.0
