"""Equal files of one layer: when they become links, and when not."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import msgspec
import pytest

from layerscope.errors import ImageError
from layerscope.model.entry import Entry
from layerscope.optimize import deduping
from layerscope.optimize.steps import Steps
from layerscope.spool import TEMP_VARIABLE
from tests.optimize.stacks import Optimized, tar_of
from tests.union.archived import archive, member
from tests.union.dsl import file, hardlink

DEDUPE = Steps(dedupe=True)


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))


def links_in(tar: bytes) -> dict[str, str]:
    """The hard links of a layer, as Python's tarfile has them."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        return {one.name: one.linkname for one in opened if one.islnk()}


def test_the_second_of_two_equal_files_becomes_a_link() -> None:
    result = Optimized([tar_of([file("a", b"four"), file("b", b"four")])], DEDUPE)

    assert links_in(result.tars[0]) == {"b": "a"}
    assert result.saved_bytes == 4


@pytest.mark.parametrize(
    "other",
    [
        file("b", b"four", mode=0o600),
        file("b", b"four", uid=1),
        file("b", b"four", gid=1),
        file("b", b"four", mtime=1),
        file("b", b"four", xattrs={"user.a": b"b"}),
        file("b", b"zz"),
    ],
    ids=["mode", "owner", "group", "time", "attributes", "content"],
)
def test_what_differs_in_anything_stays_a_file(other: Entry) -> None:
    tar = tar_of([file("a", b"four"), other])

    assert Optimized([tar], DEDUPE).tars == [tar]


def test_files_of_two_layers_are_never_linked() -> None:
    tars = [tar_of([file("a", b"four")]), tar_of([file("b", b"four")])]

    assert Optimized(tars, DEDUPE).tars == tars


def test_layers_that_become_one_are_one() -> None:
    tars = [tar_of([file("a", b"four")]), tar_of([file("b", b"four")])]

    result = Optimized(tars, Steps(dedupe=True, flatten=True))

    assert links_in(result.tars[0]) == {"b": "a"}


def test_the_base_is_left_alone() -> None:
    tars = [tar_of([file("a", b"four"), file("b", b"four")]), tar_of([file("c")])]

    assert Optimized(tars, DEDUPE, own=1).tars == tars


def test_empty_files_stay_files() -> None:
    tar = tar_of([file("a"), file("b")])

    assert Optimized([tar], DEDUPE).tars == [tar]


def test_two_groups_of_links_become_one() -> None:
    layer = [file("a", b"four"), hardlink("x", "a"), file("b", b"four"), hardlink("y", "b")]

    result = Optimized([tar_of(layer)], DEDUPE)

    assert links_in(result.tars[0]) == {"x": "a", "b": "a", "y": "b"}


def test_a_link_keeps_the_files_headers_and_attributes() -> None:
    """Some engines set them from the link too."""
    pax = {"SCHILY.xattr.user.a": "b"}
    tar = archive(member("a", b"four", pax=pax), member("b", b"four", pax=pax))

    result = Optimized([tar], DEDUPE)

    with tarfile.open(fileobj=io.BytesIO(result.tars[0])) as opened:
        first, second = opened.getmembers()
    assert (second.islnk(), second.size, second.mode, second.pax_headers) == (True, 0, first.mode, pax)


def test_with_one_time_for_all_more_is_equal() -> None:
    tar = tar_of([file("b", b"four", mtime=2), file("a", b"four", mtime=1)])

    result = Optimized([tar], Steps(dedupe=True, latest_s=0))

    assert links_in(result.tars[0]) == {"b": "a"}


def test_the_same_checksum_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if two contents had been made to have one hash: what is written must not depend on it."""
    looks = deduping._looks  # noqa: SLF001

    def blind(entry: Entry, latest_ns: int | None) -> tuple[object, ...]:
        return looks(msgspec.structs.replace(entry, content_hash=b"same"), latest_ns)

    monkeypatch.setattr(deduping, "_looks", blind)
    monkeypatch.setattr(deduping, "has_copies", lambda changeset: True)  # noqa: ARG005
    monkeypatch.setattr("layerscope.optimize.preparing.has_copies", lambda changeset: True)  # noqa: ARG005

    with pytest.raises(ImageError, match="the same checksum and not the same content"):
        Optimized([tar_of([file("a", b"x"), file("b", b"y")])], DEDUPE)
