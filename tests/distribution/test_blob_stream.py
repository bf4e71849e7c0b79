"""Blobs that break off, lie, trickle or are not there."""

from __future__ import annotations

import gzip
import random
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from layerscope.distribution.blob_stream import BlobStream
from layerscope.errors import BlobMismatch, ImageError, IncompleteImage, SourceError
from layerscope.model.digest import Digest
from tests.distribution.reading import QUICK, connected, opened, quick, read
from tests.distribution.server import FakeRegistry, Handler, Misdeed, times
from tests.oci.build import Built, built, digest
from tests.oci.tar.raw import END, member

CONTENT = random.Random(1).randbytes(3_000_000)
BLOBS = r"/blobs/sha256:"


def stream_of(
    registry: FakeRegistry, *, size_bytes: int | None = None, pieces: int = 1 << 18, **patience: float
) -> bytes:
    """The content of the one blob, read piece by piece."""
    registry.blobs[digest(CONTENT)] = CONTENT
    length = len(CONTENT) if size_bytes is None else size_bytes
    with (
        connected(registry.host, patience=quick(**patience)) as client,
        closing(BlobStream(client, Digest(digest(CONTENT)), length)) as stream,
    ):
        taken = []
        while piece := stream.read(pieces):
            taken.append(piece)
        assert [len(piece) for piece in taken[:-1]] == [pieces] * (len(taken) - 1)
        return b"".join(taken)


def cut(count: int, *, reset: bool = False) -> Callable[[Handler], None]:
    """Promise all that is left, send so many bytes of it and hang up."""

    def deed(handler: Handler) -> None:
        start = handler.start if handler.server.ranges else 0
        place = {"Content-Range": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"} if start else {}
        handler.begin(206 if start else 200, len(CONTENT) - start, place)
        handler.wfile.write(CONTENT[start : start + count])
        handler.hang_up(reset=reset)

    return deed


@pytest.mark.parametrize("pieces", [1, 1000, 1 << 18, 1 << 22, -1])
def test_a_blob_is_read_in_pieces_of_the_size_asked_for(pieces: int, registry: FakeRegistry) -> None:
    content = CONTENT[: 20_000 if pieces == 1 else None]
    registry.blobs[digest(content)] = content

    with (
        connected(registry.host) as client,
        closing(BlobStream(client, Digest(digest(content)), len(content))) as stream,
    ):
        taken = [stream.read(pieces) for _ in range(len(content) // pieces if pieces > 0 else 1)]
        taken.append(stream.read())
        assert stream.read(10) == stream.read() == b""

    assert b"".join(taken) == content


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("ranges", [True, False])
def test_a_blob_that_breaks_off_is_taken_up_from_there(
    ranges: bool,  # noqa: FBT001
    reset: bool,  # noqa: FBT001
    registry: FakeRegistry,
) -> None:
    """Where the registry knows no ranges it sends all of it again, and what was had is passed over."""
    registry.ranges = ranges
    registry.misdeeds.append(times(2, cut(1_200_000, reset=reset), BLOBS))

    taken = stream_of(registry)

    asked = [seen.headers.get("range") for seen in registry.asked(BLOBS)]
    assert taken == CONTENT
    assert len(asked) == 3
    assert asked[0] is None
    assert None not in asked[1:]
    if not reset and ranges:  # a reset may take with it what is still on its way
        assert asked == [None, "bytes=1200000-", "bytes=2400000-"]


def test_a_blob_that_breaks_off_again_and_again_is_given_up(registry: FakeRegistry) -> None:
    registry.misdeeds.append(times(-1, cut(1000), BLOBS))

    with pytest.raises(SourceError, match="a broken answer") as raised:
        stream_of(registry)

    assert raised.value.exit_code == 3
    assert len(registry.asked(BLOBS)) == QUICK.tries


def test_as_long_as_much_comes_each_time_it_is_not_given_up(registry: FakeRegistry) -> None:
    registry.misdeeds.append(times(2, cut(1 << 20), BLOBS))

    assert stream_of(registry, tries=2) == CONTENT


@pytest.mark.parametrize("difference", [-1, 1, -len(CONTENT), 1 << 40])
def test_a_length_other_than_declared_is_a_mismatch_at_once(difference: int, registry: FakeRegistry) -> None:
    with pytest.raises(BlobMismatch, match=f"sends {len(CONTENT)} bytes, the manifest says") as raised:
        stream_of(registry, size_bytes=len(CONTENT) + difference)

    assert raised.value.exit_code == 4
    assert len(registry.asked(BLOBS)) == 1


@pytest.mark.parametrize("difference", [-1, 1])
def test_so_it_is_where_the_registry_does_not_say_the_length(difference: int, registry: FakeRegistry) -> None:
    def chunked(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(CONTENT), CONTENT))

    registry.misdeeds.append(times(-1, chunked, BLOBS))

    with pytest.raises(BlobMismatch, match="the manifest says"):
        stream_of(registry, size_bytes=len(CONTENT) + difference)


def test_a_range_that_begins_elsewhere_is_cut_to_fit(registry: FakeRegistry) -> None:
    """A cache may give more than was asked for, as long as it says so."""

    def earlier(handler: Handler) -> None:
        start = handler.start - 500
        handler.reply(206, CONTENT[start:], {"Content-Range": f"bytes {start}-{len(CONTENT) - 1}/*"})

    registry.misdeeds += [times(1, cut(2_000_000), BLOBS), times(1, earlier, BLOBS)]

    assert stream_of(registry) == CONTENT


def test_a_range_behind_the_end_means_that_the_blob_is_shorter(registry: FakeRegistry) -> None:
    registry.misdeeds += [
        times(1, cut(2_000_000), BLOBS),
        times(1, lambda handler: handler.reply(416), BLOBS),
    ]

    with pytest.raises(BlobMismatch, match="no more than 2000000 bytes"):
        stream_of(registry)


def test_a_stalled_blob_is_taken_up_too(registry: FakeRegistry) -> None:
    def stall(handler: Handler) -> None:
        handler.begin(200, len(CONTENT))
        handler.wfile.write(CONTENT[:500_000])
        handler.wfile.flush()
        handler.server.over.wait(60)
        handler.hang_up()

    registry.misdeeds.append(times(1, stall, BLOBS))
    began = time.monotonic()

    assert stream_of(registry, read_timeout_s=1) == CONTENT
    assert time.monotonic() - began < 300


def test_a_trickle_is_as_good_as_a_stall(registry: FakeRegistry) -> None:
    """Each byte comes in time, but the last one would never."""

    def trickle(handler: Handler) -> None:
        handler.begin(200, len(CONTENT))
        for number in range(3000):
            handler.wfile.write(CONTENT[number : number + 1])
            handler.wfile.flush()
            if handler.server.over.wait(0.02):
                break
        handler.hang_up()

    registry.misdeeds.append(times(1, trickle, BLOBS))
    began = time.monotonic()

    assert stream_of(registry, slow_after_s=0.3, least_bytes=1000) == CONTENT
    assert time.monotonic() - began < 30


def wrong_bytes(handler: Handler) -> None:
    """As many as were promised, but others."""
    content = handler.server.blobs[handler.path.rpartition("/")[2]]
    handler.reply(200, content[:700] + bytes([content[700] ^ 1]) + content[701:])


@pytest.mark.parametrize("stored", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_other_bytes_than_the_digest_says_are_refused(
    stored: Callable[[bytes], bytes], registry: FakeRegistry
) -> None:
    layer = stored(member(b"a", CONTENT[:5000]) + END)
    registry.hold_image("team/app:1", built(member(b"a", CONTENT[:5000]) + END), (layer,))
    registry.misdeeds.append(times(1, wrong_bytes, digest(layer)))

    with pytest.raises(ImageError) as raised:
        read(registry.host)

    assert raised.value.exit_code == 4
    if stored is bytes:  # a compressed one no longer decompresses
        assert isinstance(raised.value, BlobMismatch)
        assert "has digest" in raised.value.message


def test_a_valid_layer_that_is_another_one_is_refused(registry: FakeRegistry) -> None:
    layer, other = (member(b"a", letter * 100) + END for letter in (b"x", b"y"))
    registry.hold_image("team/app:1", built(layer))
    registry.blobs[digest(layer)] = other

    with opened(registry.host) as image, pytest.raises(BlobMismatch, match="has digest"):
        image.read_layer(image.image.layers[0])


def not_there(image: Built) -> dict[str, Misdeed]:
    gone = {"config": digest(image.config), "layer": digest(image.layers[1])}
    return {
        what: times(-1, lambda handler: handler.refuse(404, "BLOB_UNKNOWN", "blob unknown"), blob)
        for what, blob in gone.items()
    }


@pytest.mark.parametrize("what", ["config", "layer"])
def test_a_blob_that_the_registry_lost_makes_the_image_incomplete(what: str, registry: FakeRegistry) -> None:
    registry.hold_image("team/app:1", built())
    registry.misdeeds.append(not_there(built())[what])

    with pytest.raises(IncompleteImage, match="does not have this blob"):
        read(registry.host)
