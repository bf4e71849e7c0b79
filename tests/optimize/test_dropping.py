"""Single cases of leaving paths out: what is named, what goes with it, what hides the rest."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from layerscope.errors import UsageError
from layerscope.model.entry import Entry
from layerscope.optimize.naming_dropped import check_drop
from layerscope.optimize.steps import Range, Steps
from layerscope.spool import TEMP_VARIABLE
from tests.optimize.stacks import Optimized, tar_of
from tests.optimize.test_cases import names_in
from tests.union.dsl import directory, file, hardlink, opaque, symlink, visible_paths, whiteout


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))


def dropped(layers: Sequence[Sequence[Entry]], *drops: str, own: int = 0, **steps: object) -> Optimized:
    """What is left of a stack."""
    return Optimized([tar_of(entries) for entries in layers], Steps(drop=drops, **steps), own)  # type: ignore[arg-type]


def test_own_layers_do_not_ship_it_and_the_empty_directory_stays() -> None:
    result = dropped([[directory("d"), file("d/x.log", b"four"), file("y", b"x")]], "*.log")

    assert names_in(result.tars[0]) == ["d", "y"]
    assert result.saved_bytes == 4
    assert result.work.removed[0].saved_bytes == 4


def test_what_was_hidden_already_goes_from_the_layer_that_ships_it() -> None:
    """Such as a secret that a later layer deletes."""
    result = dropped([[file("key", b"four"), file("x")], [whiteout("key"), file("y")]], "/key")

    assert names_in(result.tars[0]) == ["x"]
    assert (result.saved_bytes, result.work.removed[0].visible) == (4, False)


def test_in_the_base_it_is_hidden_and_the_base_stays() -> None:
    base = tar_of([file("d/a", b"four"), file("d/b")])

    result = Optimized([base, tar_of([file("x")]), tar_of([file("y")])], Steps(drop=("/d/a",)), 1)

    assert result.tars[0] == base
    assert names_in(result.tars[2]) == ["d/.wh.a", "y"]
    [removed] = result.work.removed
    assert (removed.layers, removed.saved_bytes, removed.hidden_in) == ((), 0, 2)


def test_one_whiteout_hides_a_whole_directory_of_the_base() -> None:
    result = dropped([[file("d/e/a"), file("d/e/b")], [file("x")]], "/d/e/", own=1)

    assert names_in(result.tars[1]) == ["d/.wh.e", "x"]


def test_a_layer_that_is_written_anew_anyway_gets_the_whiteout() -> None:
    result = dropped([[file("a")], [file("b.a", b"x"), file("c")], [file("y")]], "a", "*.a", own=1)

    assert names_in(result.tars[1]) == [".wh.a", "c"]
    assert names_in(result.tars[2]) == ["y"]


def test_what_an_own_layer_put_over_the_bases_file_does_not_let_it_shine_through() -> None:
    result = dropped([[file("a", b"x")], [file("a", b"y")], [file("z")]], "/a", own=1)

    assert visible_paths(result.index) == ["z"]


def test_with_the_base_included_nothing_has_to_be_hidden() -> None:
    result = dropped([[file("a", b"four"), file("b")], [file("x")]], "/a", own=1, include_base=True)

    assert [names_in(tar) for tar in result.tars] == [["b"], ["x"]]
    assert result.saved_bytes == 4


def test_layers_of_the_base_that_are_joined_lose_it_too() -> None:
    layers = [[file("a", b"four"), file("b")], [file("c")], [file("x")]]

    result = dropped(layers, "/a", own=2, squash=(Range(0, 1),))

    assert [names_in(tar) for tar in result.tars] == [["b", "c"], ["x"]]


def test_a_link_to_what_is_dropped_becomes_the_file() -> None:
    result = dropped([[file("a", b"four")], [hardlink("b", "a")], [file("x")]], "/a")

    with tarfile.open(fileobj=io.BytesIO(result.tars[1])) as tar:
        [kept] = tar.getmembers()
    assert (kept.name, kept.isreg(), kept.size) == ("b", True, 4)
    assert (result.saved_bytes, result.work.removed[0].saved_bytes) == (0, 0)


def test_what_lies_behind_a_dropped_symlink_stays_where_it_is() -> None:
    layers = [[directory("real"), symlink("via", "real")], [file("via/x", b"x")]]

    result = dropped(layers, "/via")

    assert visible_paths(result.index) == ["real", "real/x"]


def test_a_marker_in_a_dropped_directory_does_not_bring_it_back() -> None:
    result = dropped([[file("d/a"), file("b")], [opaque("d")], [file("y")]], "/d")

    assert visible_paths(result.index) == ["b", "y"]


def test_layers_without_it_stay_byte_for_byte() -> None:
    tars = [
        tar_of([file("a"), whiteout("nothing")]),
        tar_of([file("b.log")]),
        tar_of([opaque("d"), file("d/c")]),
    ]

    result = Optimized(tars, Steps(drop=("*.log",)))

    assert (result.tars[0], result.tars[2]) == (tars[0], tars[2])


def test_what_names_nothing_is_told() -> None:
    result = dropped([[file("a"), file("b")]], "/a", "/missing", "*.b")

    assert result.work.unmatched == ("/missing", "*.b")


def test_the_root_stays_whatever_is_named() -> None:
    result = dropped([[directory("", mode=0o700), file("a"), directory("d")]], "/**")

    assert visible_paths(result.index) == []
    assert names_in(result.tars[0]) == ["."]


def test_where_nothing_above_could_hide_it_that_is_refused() -> None:
    with pytest.raises(UsageError, match="no layer above it"):
        dropped([[file("a")]], "/a", own=1)


@pytest.mark.parametrize("text", ["", "/", "rule:no-such-rule", "rule:overwritten", "rule:squash-layers"])
def test_what_cannot_be_dropped_is_refused(text: str) -> None:
    with pytest.raises((ValueError, UsageError)):
        check_drop(text)


def test_copies_are_no_leftovers() -> None:
    with pytest.raises(UsageError, match="--dedupe links"):
        check_drop("rule:duplicate-files")


def test_a_rules_findings_go_and_what_is_like_them_stays() -> None:
    lists = "var/lib/apt/lists/mirror.example.com_dists_bookworm_InRelease"
    result = dropped([[file(lists, b"four"), file("srv/lists/x", b"x")]], "rule:apt-lists")

    assert "srv/lists/x" in visible_paths(result.index)
    assert [one.path for one in result.work.removed] == [lists]
    assert {one.because for one in result.work.removed} == {"rule:apt-lists"}
