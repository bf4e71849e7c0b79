"""What a pull costs, against times worked out by hand."""

from __future__ import annotations

import pytest

from layerscope.model.changeset import Changeset, Spent
from layerscope.model.digest import Digest
from layerscope.model.image import Descriptor, Image, ImageConfig, Layer
from layerscope.union.pull import Pull, arrivals_s, pull_of

MB = 1_000_000
SECOND_NS = 1_000_000_000


def blob(compressed_mb: int, tar_mb: int, codec: str = "gzip", seconds: float = 0.0) -> Changeset:
    """A layer of so many megabytes, which took so long to decompress."""
    return Changeset(
        entries=[],
        content_bytes=0,
        tar_bytes=tar_mb * MB,
        compressed_bytes=compressed_mb * MB,
        compression=codec,
        decompressing=Spent(round(seconds * SECOND_NS)),
    )


def pull(*blobs: Changeset, same: bool = False, measured: bool = False, pushed: bool = True) -> Pull:
    """The cost of an image of these; ``same`` makes them one blob, ``pushed`` gives it a manifest."""
    layers = tuple(
        Layer(
            number=number,
            blob=f"blob {number}",
            descriptor=Descriptor(
                media_type="",
                digest=Digest(f"sha256:{0 if same else number:064x}"),
                size_bytes=one.compressed_bytes,
            ),
        )
        for number, one in enumerate(blobs)
    )
    digest = Digest(f"sha256:{1:064x}") if pushed else None
    image = Image(reference="image", digest=digest, config=ImageConfig(), layers=layers)
    return pull_of(image, blobs, measured=measured)


@pytest.mark.parametrize(
    ("sizes", "arrivals"),
    [
        ([], []),
        ([60], [6]),
        ([0, 0], [0, 0]),
        ([30, 30, 30], [9, 9, 9]),
        # Shared by two until the small one is there at 2 s, then the other has the line.
        ([10, 40], [2, 5]),
        # The fourth begins when the first is there, at 3 s, and takes 1.5 s; 15 and 15 are left then.
        ([10, 30, 30, 5], [3, 7.5, 7.5, 4.5]),
    ],
)
def test_three_blobs_at_a_time_share_the_line(sizes: list[int], arrivals: list[float]) -> None:
    assert arrivals_s(sizes, 10) == pytest.approx(arrivals)


def test_the_line_is_never_idle() -> None:
    assert max(arrivals_s(list(range(100)), 7)) == pytest.approx(sum(range(100)) / 7)


def test_a_layer_is_unpacked_when_it_is_there_and_those_below_it_are_done() -> None:
    """100 Mbit/s are 12.5 MB/s, gzip gives 200 MB/s: 600 MB take 3 s, 100 MB 0.5 s.

    25 MB beside 25 MB are there after 4 s, both; the lower one is done at 7 s, the upper one at 7.5 s.
    """
    found = pull(blob(25, 600), blob(25, 100))

    by_speed = {time.mbit_per_s: time for time in found.times}
    assert (by_speed[100].download_s, by_speed[100].total_s) == (4, 7.5)
    # 6.25 MB/s and 125 MB/s: 8 s and 0.4 s until all is there, and 3.5 s.
    assert (by_speed[50].download_s, by_speed[50].total_s) == (8, 11.5)
    assert (by_speed[1000].download_s, by_speed[1000].total_s) == (0.4, 3.9)
    assert (found.transfer_bytes, found.unpacked_bytes, found.unpack_s) == (50 * MB, 700 * MB, 3.5)
    assert (found.estimated, found.measured) == (False, False)


def test_unpacking_goes_on_while_the_next_layer_comes() -> None:
    """At 100 Mbit/s: 25 MB are there at 4 s, the other 100 MB at 10 s; 400 MB take 2 s, 200 MB 1 s."""
    found = pull(blob(25, 400), blob(100, 200))

    assert found.times[1].download_s == 10
    assert found.times[1].total_s == 11


def test_the_largest_layer_is_named_with_the_time_it_takes_alone() -> None:
    found = pull(blob(10, 10), blob(25, 10), blob(25, 10))

    assert (found.largest_layer, found.largest_layer_bytes) == (1, 25 * MB)
    assert [time.largest_layer_s for time in found.times] == [4, 2, 0.2]


def test_a_blob_that_is_two_layers_comes_once_and_is_unpacked_twice() -> None:
    found = pull(blob(25, 200), blob(25, 200), same=True)

    assert found.transfer_bytes == 25 * MB
    assert found.times[1].download_s == 2
    assert found.times[1].total_s == 4


def test_what_was_measured_takes_the_place_of_the_usual_rate() -> None:
    """400 MB in 1 s of processor time; without it 2 s."""
    blobs = (blob(25, 300, seconds=0.75), blob(25, 100, seconds=0.25))

    measured, usual = (pull(*blobs, measured=which) for which in (True, False))

    assert (measured.unpack_s, measured.measured) == (1, True)
    assert (usual.unpack_s, usual.measured) == (2, False)


def test_of_little_data_no_rate_is_measured() -> None:
    found = pull(blob(5, 10, seconds=1), measured=True)

    assert (found.unpack_s, found.measured) == (0.05, False)


def test_each_codec_has_a_rate_of_its_own() -> None:
    found = pull(blob(10, 200), blob(10, 600, "zstd"), blob(1, 30, "bzip2"), blob(1, 80, "xz"))

    assert found.unpack_s == 4


def test_layers_of_an_engine_s_archive_are_estimated_as_gzip_leaves_them() -> None:
    """Of 500 MB come 200, and inflating 500 MB takes 2.5 s."""
    found = pull(blob(500, 500, "none"), pushed=False)

    assert found.estimated
    assert (found.transfer_bytes, found.unpack_s) == (200 * MB, 2.5)


def test_a_layer_that_is_pushed_uncompressed_comes_as_it_is() -> None:
    found = pull(blob(100, 100, "none"), blob(25, 200))

    assert not found.estimated
    assert (found.transfer_bytes, found.unpack_s) == (125 * MB, 1)


def test_an_image_without_layers_costs_nothing() -> None:
    found = pull()

    assert (found.transfer_bytes, found.largest_layer, found.estimated) == (0, None, False)
    assert [time.total_s for time in found.times] == [0, 0, 0]
