"""``.dive-ci``: read strictly, measured as dive does."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.errors import UsageError
from layerscope.gates.dive_ci import DiveFigures, DiveRules, dive_figures, judge_dive, read_dive_ci
from layerscope.inspection import Inspection, inspect
from tests.oci.tar.raw import member
from tests.sources.images import file, inspected, layer, whiteout, without_layers


def figures(inspection: Inspection) -> DiveFigures:
    """What dive would say."""
    return dive_figures(inspection.changesets, inspection.analysis.index)


def reference_case(folder: Path) -> Inspection:
    """The stack by which dive's own tests are known: its score is 0.75, where ours is 0.65."""
    return inspected(
        folder,
        layer(file(b"etc/nginx/nginx.conf", b"1" * 2000), file(b"etc/nginx/public", b"2" * 3000)),
        layer(file(b"etc/nginx/nginx.conf", b"3" * 5000), file(b"etc/athing", b"4" * 10000)),
        layer(whiteout(b"etc/nginx/nginx.conf")),
    )


def test_the_reference_case_of_dive(tmp_path: Path) -> None:
    inspection = reference_case(tmp_path)

    found = figures(inspection)

    assert found.wasted_bytes == 7000
    assert found.efficiency_ratio == (3000 + 10000 + 0) / (7000 + 3000 + 10000)
    assert found.user_wasted_ratio == 7000 / 15000


def test_a_whiteout_of_a_directory_counts_what_it_removes(tmp_path: Path) -> None:
    inspection = inspected(
        tmp_path,
        layer(file(b"d/a", b"1" * 100), file(b"d/sub/b", b"2" * 50), file(b"keep", b"3" * 10)),
        layer(whiteout(b"d")),
        layer(file(b"d", b"4" * 30)),
    )

    found = figures(inspection)

    assert found.wasted_bytes == 150 + 30
    assert found.efficiency_ratio == (100 + 50 + 10 + 30) / (100 + 50 + 10 + 180)
    assert found.user_wasted_ratio == 180 / 30


def test_an_opaque_whiteout_counts_as_nothing(tmp_path: Path) -> None:
    """Not even as an occurrence of its directory's path."""
    inspection = inspected(
        tmp_path,
        layer(file(b"d/a", b"1" * 100)),
        layer(member(b"d/.wh..wh..opq")),
        layer(file(b"d", b"2" * 10)),
    )

    assert figures(inspection).wasted_bytes == 0


def test_a_directory_with_something_in_it_is_no_leaf(tmp_path: Path) -> None:
    inspection = inspected(
        tmp_path,
        layer(member(b"d/", typeflag=b"5"), file(b"d/a", b"1" * 9)),
        layer(file(b"d", b"2" * 5)),
    )

    assert figures(inspection).wasted_bytes == 0


def test_an_empty_image_is_efficient(tmp_path: Path) -> None:
    found = figures(inspect(str(without_layers(tmp_path))))

    assert (found.efficiency_ratio, found.wasted_bytes, found.user_wasted_ratio) == (1.0, 0, 0.0)


def test_waste_over_no_user_bytes_is_without_bound(tmp_path: Path) -> None:
    inspection = inspected(tmp_path, layer(file(b"a", b"1" * 9)), layer(whiteout(b"a")))

    found = figures(inspection)

    assert found.user_wasted_ratio == float("inf")
    assert not judge_dive(inspection, DiveRules())[1].passed


@pytest.mark.parametrize(
    ("rules", "passed"),
    [
        (DiveRules(lowest_efficiency=13000 / 20000, highest_user_wasted=None), True),
        (DiveRules(lowest_efficiency=0.651, highest_user_wasted=None), False),
        (DiveRules(lowest_efficiency=None, highest_user_wasted=7000 / 15000), True),
        (DiveRules(lowest_efficiency=None, highest_user_wasted=0.46), False),
        (DiveRules(lowest_efficiency=None, highest_user_wasted=None, highest_wasted_bytes=7000), True),
        (DiveRules(lowest_efficiency=None, highest_user_wasted=None, highest_wasted_bytes=6999), False),
    ],
)
def test_exactly_the_limit_passes(rules: DiveRules, tmp_path: Path, *, passed: bool) -> None:
    verdicts = judge_dive(reference_case(tmp_path), rules)

    assert [verdict.passed for verdict in verdicts] == [passed]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("", DiveRules()),
        ("rules:\n", DiveRules()),
        ("rules:\n  lowestEfficiency: 0.95\n", DiveRules(lowest_efficiency=0.95)),
        ("rules:\n  # why\n  lowestEfficiency: '0.95' # so\n", DiveRules(lowest_efficiency=0.95)),
        ('---\nrules:\n  highestWastedBytes: "20MB"', DiveRules(highest_wasted_bytes=20_000_000)),
        ("rules:\r\n  highestUserWastedPercent: 0.20\r\n", DiveRules(highest_user_wasted=0.2)),
        ("rules:\n  highestUserWastedPercent: disabled", DiveRules(highest_user_wasted=None)),
        ("rules:\n  lowestEfficiency: off", DiveRules(lowest_efficiency=None)),
        ("rules:\n  lowestEfficiency: ''", DiveRules(lowest_efficiency=None)),
        ("rules:\n  highestWastedBytes: false", DiveRules()),
    ],
)
def test_what_a_file_says_and_dives_own_limits_for_the_rest(
    text: str, rules: DiveRules, tmp_path: Path
) -> None:
    path = tmp_path / ".dive-ci"
    path.write_bytes(text.encode())

    assert read_dive_ci(str(path)) == rules


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("rules:\n  lowestEfficency: 0.9", 2, "lowestEfficency"),
        ("rules:\n\n  lowestEfficiency: much", 3, "no share"),
        ("rules:\n  highestWastedBytes: 10%", 2, "no size"),
        ("other:\n", 1, "other"),
        ("rules\n", 1, "no rule"),
        ("- rules", 1, "no rule"),
    ],
)
def test_what_cannot_be_understood_is_named_with_its_line(
    text: str, line: int, what: str, tmp_path: Path
) -> None:
    path = tmp_path / ".dive-ci"
    path.write_text(text)

    with pytest.raises(UsageError) as caught:
        read_dive_ci(str(path))

    assert caught.value.message.startswith(f"{path}:{line}: ")
    assert what in caught.value.message


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_dive_ci(str(tmp_path / "none"))
