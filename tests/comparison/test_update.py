"""What has to be pulled, and what of it was there already."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from layerscope.comparison.comparing import Comparison
from layerscope.comparison.update import update_between
from tests.comparison.images import Layered, compared, reported, stored
from tests.oci.tar.raw import member
from tests.sources.images import layer

SEED = bytes(range(256)) * 40
BASE = ("ADD base /", layer(member(b"base", SEED)))
APP = ("COPY app /", layer(member(b"app", b"a" * 3000), member(b"copy", SEED)))
SAME_AGAIN = (
    "COPY app /",
    layer(member(b"app", b"a" * 3000, mtime=5), member(b"moved", SEED), member(b"x", b"n" * 7)),
)


def zipped(layers: Layered) -> list[bytes]:
    """Their blobs, as a registry would have them."""
    return [gzip.compress(tar, mtime=0) for _, tar in layers]


def in_registry(folder: Path, old: Layered, new: Layered) -> Comparison:
    """Both images with compressed blobs."""
    return Comparison(
        old=stored(folder, old, zipped(old), "old.tar"), new=stored(folder, new, zipped(new), "new.tar")
    )


def test_what_is_pulled_are_the_blobs_that_the_old_image_lacks(tmp_path: Path) -> None:
    update = in_registry(tmp_path, [BASE, APP], [BASE, SAME_AGAIN]).update

    blobs = zipped([BASE, SAME_AGAIN])
    assert [layer.number for layer in update.pulled] == [1]
    assert (update.pull_bytes, update.total_bytes) == (len(blobs[1]), sum(map(len, blobs)))
    assert update.uncompressed_bytes == 0


def test_content_that_any_old_layer_has_is_shipped_again_whatever_its_path(tmp_path: Path) -> None:
    update = in_registry(tmp_path, [BASE, APP], [BASE, SAME_AGAIN]).update

    assert update.content_bytes == 3000 + len(SEED) + 7
    assert update.again_bytes == 3000 + len(SEED)
    assert 0 < (update.again_compressed_bytes or 0) <= update.pull_bytes


def test_nothing_is_pulled_of_an_image_that_is_there(tmp_path: Path) -> None:
    update = in_registry(tmp_path, [BASE, APP], [BASE, APP]).update

    assert (update.pulled, update.pull_bytes, update.config_bytes, update.again_bytes) == ((), 0, 0, 0)


def test_a_blob_that_stands_elsewhere_in_the_old_image_is_not_pulled(tmp_path: Path) -> None:
    update = in_registry(tmp_path, [BASE, APP], [APP, BASE]).update

    assert update.pull_bytes == 0


def test_a_blob_that_two_layers_share_is_pulled_once(tmp_path: Path) -> None:
    update = in_registry(tmp_path, [BASE], [BASE, APP, ("RUN again", APP[1])]).update

    assert update.pull_bytes == len(zipped([APP])[0])
    assert update.total_bytes == sum(map(len, zipped([BASE, APP])))


def test_another_compression_has_to_be_pulled(tmp_path: Path) -> None:
    old = stored(tmp_path, [BASE], [gzip.compress(BASE[1], 1, mtime=0)], "old.tar")
    blob = gzip.compress(BASE[1], 9, mtime=0)
    new = stored(tmp_path, [BASE], [blob], "new.tar")

    assert update_between(old, new).pull_bytes == len(blob)


def test_what_docker_saved_is_said_to_be_uncompressed(tmp_path: Path) -> None:
    update = compared(tmp_path, [BASE], [BASE, APP]).update

    assert update.pull_bytes == update.uncompressed_bytes == len(APP[1])
    assert update.again_bytes == len(SEED)
    assert update.again_compressed_bytes == pytest.approx(len(SEED), abs=len(APP[1]) - 3000 - len(SEED))


def test_the_config_comes_besides(tmp_path: Path) -> None:
    comparison = in_registry(tmp_path, [BASE], [BASE, APP])

    inspection = comparison.new.inspection
    assert inspection is not None
    assert inspection.image.config_bytes is not None
    assert comparison.update.config_bytes == len(inspection.image.config_bytes)


@pytest.mark.parametrize("side", ["old", "new"])
def test_of_a_report_the_bytes_are_known_but_not_the_content(side: str, tmp_path: Path) -> None:
    comparison = in_registry(tmp_path, [BASE, APP], [BASE, SAME_AGAIN])
    known = {"old": comparison.old, "new": comparison.new}
    known[side] = reported(known[side], tmp_path / "report.json")

    update = update_between(known["old"], known["new"])

    assert update.pull_bytes == comparison.update.pull_bytes
    assert (update.again_bytes, update.again_compressed_bytes) == (None, None)


def test_what_is_above_the_layer_to_blame_is_told(tmp_path: Path) -> None:
    later = ("RUN touch", layer(member(b"t", b"t", mtime=1)))
    again = ("RUN touch", layer(member(b"t", b"t", mtime=2)))

    comparison = in_registry(tmp_path, [BASE, APP, later], [BASE, SAME_AGAIN, again])

    assert [one.number for one in comparison.above_blamed] == [2]
    assert comparison.rebuilt_bytes == len(zipped([again])[0])
