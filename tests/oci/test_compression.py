"""Decompression: told by the first bytes, all of it or an error, in bounded memory (93, 96)."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
import zstandard

from layerscope.errors import ImageError, LimitExceeded
from layerscope.extensions import ScanOptions
from layerscope.oci.compression import Decompressed, compression_of
from layerscope.oci.layer import Budget, read_changeset
from layerscope.oci.tar.scanner import scan_tar
from tests.oci.tar.raw import END, header, member

READ_BYTES = 1 << 18
"""How much a decoder reads at a time: where the bytes of a stream are cut."""


def random_bytes(count: int, seed: int = 1) -> bytes:
    """Bytes that no codec makes smaller."""
    return random.Random(seed).randbytes(count)


def zstd(data: bytes, *, checksum: bool = True) -> bytes:
    """One zstd frame."""
    return zstandard.ZstdCompressor(write_checksum=checksum).compress(data)


def skippable(data: bytes, number: int = 0) -> bytes:
    """A skippable frame (RFC 8878, 3.1.2)."""
    return bytes((0x50 + number,)) + b"\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data


def plain(data: bytes) -> bytes:
    """No compression."""
    return data


CODECS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "zstd": zstd,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}
codecs = pytest.mark.parametrize("name", CODECS)

SMALL = random_bytes(300) + bytes(5000) + b"text " * 100


def unpacked(stored: bytes) -> bytes:
    """The uncompressed bytes."""
    return b"".join(Decompressed(io.BytesIO(stored)))


@codecs
@pytest.mark.parametrize("data", [b"", b"x", SMALL, random_bytes(3 * READ_BYTES + 1)], ids=len)
def test_a_compressed_stream_gives_its_bytes(name: str, data: bytes) -> None:
    source = Decompressed(io.BytesIO(CODECS[name](data)))

    assert source.compression == name
    assert b"".join(source) == data


@pytest.mark.parametrize("data", [b"", b"x", b"plain text", SMALL, random_bytes(3 * READ_BYTES + 1)])
def test_a_plain_stream_is_passed_on(data: bytes) -> None:
    source = Decompressed(io.BytesIO(data))

    assert (source.compression, source.compressed) == ("none", False)
    assert b"".join(source) == data
    assert (source.compressed_bytes, source.points) == (len(data), [])


@codecs
@pytest.mark.parametrize("sizes", [[1000, 1000], [0, 1000], [1000, 0], [0, 0], [1000, 0, 1000]])
def test_streams_one_behind_the_other_are_one(name: str, sizes: list[int]) -> None:
    """Multi-member gzip, several zstd frames, several xz and bzip2 streams; empty ones too."""
    parts = [random_bytes(size, seed) for seed, size in enumerate(sizes)]

    assert unpacked(b"".join(CODECS[name](part) for part in parts)) == b"".join(parts)


@codecs
def test_many_small_streams_are_one_as_bgzip_writes_them(name: str) -> None:
    parts = [random_bytes(300, seed) for seed in range(300)]

    assert unpacked(b"".join(CODECS[name](part) for part in parts)) == b"".join(parts)


@codecs
@pytest.mark.parametrize("count", [*range(1, 40), 64, 100, 511])
def test_a_stream_may_begin_anywhere_in_what_is_read_at_a_time(
    name: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The magic number of a later stream is cut in two by the end of a read."""
    monkeypatch.setattr("layerscope.oci.compression._READ_BYTES", count)
    parts = [random_bytes(size, size) for size in range(50, 60)]

    assert unpacked(b"".join(CODECS[name](part) for part in parts)) == b"".join(parts)


def test_a_bzip2_stream_may_begin_at_the_last_byte_of_a_read() -> None:
    """The same without touching anything: the first stream ends one byte before."""
    data = random_bytes(READ_BYTES - 2000)
    first = bz2.compress(data)
    for end in range(-3, 1):
        filler = _bzip2_of_length(READ_BYTES + 8 + end - len(first))

        assert unpacked(filler + first + bz2.compress(b"last")).endswith(b"last")


def _bzip2_of_length(length: int) -> bytes:
    streams = (bz2.compress(random_bytes(size, seed)) for size in range(300) for seed in range(8))
    return next(stream for stream in streams if len(stream) == length)


@pytest.mark.parametrize("padding", [4, 8, 512, READ_BYTES, READ_BYTES + 4])
def test_xz_streams_may_be_padded_with_zeros(padding: int) -> None:
    """The xz format, 2.2: stream padding, in fours."""
    first, second = lzma.compress(b"first"), lzma.compress(b"second")

    assert unpacked(first + bytes(padding) + second) == b"firstsecond"
    assert unpacked(first + bytes(padding)) == b"first"


@pytest.mark.parametrize("padding", [1, 100, 512, READ_BYTES])
def test_gzip_members_may_be_padded_with_zeros(padding: int) -> None:
    member_bytes = CODECS["gzip"](b"data")

    assert unpacked(member_bytes + bytes(padding)) == b"data"
    assert unpacked(member_bytes + bytes(padding) + member_bytes) == b"datadata"


@pytest.mark.parametrize("garbage", [b"garbage that is long enough", b"\x1f", b"\x1f\x8b", b"x"])
def test_garbage_behind_a_gzip_member_is_an_error_as_it_is_for_engines(garbage: bytes) -> None:
    """Go's reader says "invalid header", and containerd reads the blob to its end."""
    with pytest.raises(ImageError, match="gzip"):
        unpacked(CODECS["gzip"](b"data") + garbage)


@pytest.mark.parametrize(
    "frames",
    [
        [skippable(b"first"), zstd(SMALL)],
        [zstd(SMALL), skippable(b"table of contents " * 100, 14)],
        [zstd(SMALL[:100]), skippable(b""), skippable(b"x", 15), zstd(SMALL[100:])],
        [skippable(bytes(READ_BYTES)), zstd(SMALL)],
    ],
)
def test_skippable_zstd_frames_hold_nothing(frames: list[bytes]) -> None:
    """zstd:chunked keeps its table of contents in one."""
    source = Decompressed(io.BytesIO(b"".join(frames)))

    assert (source.compression, b"".join(source)) == ("zstd", SMALL)
    assert source.compressed_bytes == sum(map(len, frames))


def is_refused(stored: bytes) -> bool:
    """Whether unpacking raises our error."""
    try:
        unpacked(stored)
    except ImageError:
        return True
    return False


@codecs
def test_a_stream_that_is_cut_off_anywhere_is_an_error(name: str) -> None:
    """All lengths that still show the magic number; shorter ones are no longer compressed."""
    stored = CODECS[name](SMALL)

    assert [n for n in range(6, len(stored)) if not is_refused(stored[:n])] == []


@codecs
def test_the_second_of_two_streams_that_is_cut_off_is_an_error(name: str) -> None:
    first, second = CODECS[name](b"first"), CODECS[name](SMALL)

    assert [n for n in range(6, len(second)) if not is_refused(first + second[:n])] == []


def test_a_skippable_zstd_frame_that_is_cut_off_is_an_error() -> None:
    whole, frame = zstd(SMALL), skippable(b"table of contents")

    assert [n for n in range(1, len(frame)) if not is_refused(whole + frame[:n])] == []


@codecs
@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_a_flipped_byte_is_an_error_or_other_bytes_but_nothing_else(name: str, flip: int) -> None:
    stored = CODECS[name](SMALL)
    for place in range(len(stored)):
        damaged = bytearray(stored)
        damaged[place] ^= flip
        try:
            unpacked(bytes(damaged))
        except ImageError as error:
            assert error.message  # noqa: PT017 - either outcome is right, nothing else is


@codecs
def test_a_flipped_byte_in_the_data_is_found_by_the_checksum(name: str) -> None:
    stored = bytearray(CODECS[name](random_bytes(5000)))
    stored[2500] ^= 1

    with pytest.raises(ImageError, match=name):
        unpacked(bytes(stored))


@codecs
def test_offset_points_ascend_and_end_at_the_totals(name: str) -> None:
    data = random_bytes(2 << 20) + b"some text " * (1 << 18)
    stored = CODECS[name](data)
    source = Decompressed(io.BytesIO(stored))
    for _ in source:
        pass

    pairs = [(point.compressed, point.uncompressed) for point in source.points]
    assert pairs == sorted(pairs)
    assert pairs[-1] == (len(stored), len(data))
    assert source.compressed_bytes == len(stored)
    steps = [b - a for (_, a), (_, b) in pairwise(pairs)]
    assert max(steps) <= 4 << 20
    assert len(pairs) >= 4


@pytest.mark.parametrize(
    ("magic", "word"),
    [
        (b"\x04\x22\x4d\x18\x64\x40\xa7", "lz4"),
        (b"\x02\x21\x4c\x18\xfe\0\0\0", "lz4"),
        (b"\x89LZO\0\r\n\x1a\n", "lzop"),
        (b"\x1f\x9d\x90\x2e\x18", r"\.Z"),
        (b"hsqs\7\0\0\0", "squashfs"),
        (b"PK\x03\x04\x14\0\0\0", "zip"),
        (b"LRZI\0\6\0\x0c", "lrzip"),
        (b"\x5d\0\0\x80\0\xff\xff\xff", "lzma"),
    ],
)
def test_an_unsupported_compression_is_named(magic: bytes, word: str) -> None:
    with pytest.raises(ImageError, match=word):
        Decompressed(io.BytesIO(magic + bytes(1000)))


@pytest.mark.parametrize("name", [b"hsqs", b"LRZI", b"LRZIP/", b"]", b"PK", b"7zXZ", b"\x89LZO"])
def test_a_tar_whose_first_name_looks_like_a_magic_number_is_a_tar(name: bytes) -> None:
    scanned = scan_tar(iter(Decompressed(io.BytesIO(member(name, b"x") + END))))

    assert len(scanned.entries) == 1


def test_only_the_first_bytes_tell_the_compression() -> None:
    assert compression_of(b"") == "none"
    assert compression_of(b"\x1f") == "none"
    assert compression_of(skippable(b"")) == "zstd"
    assert compression_of(b"\x4f\x2a\x4d\x18") == "none"


def test_a_zstd_window_of_more_than_128_mib_is_refused() -> None:
    """It would have to be held in memory as a whole."""
    parameters = zstandard.ZstdCompressionParameters.from_level(
        3, window_log=28, enable_ldm=True, write_content_size=False
    )
    writer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    stored = writer.compress(b"data") + writer.flush()

    with pytest.raises(ImageError, match="zstd"):
        unpacked(stored)


def test_an_xz_dictionary_that_takes_too_much_memory_is_refused() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 20}]
    stored = bytearray(lzma.compress(b"data", filters=filters))
    # The block header's dictionary size and its checksum (xz format, 3.1.5 and 3.1.7).
    assert stored[15] == 1
    stored[12:24] = stored[12:16] + b"\x28" + stored[17:20] + bytes(4)
    stored[20:24] = zlib.crc32(stored[12:20]).to_bytes(4, "little")

    with pytest.raises(ImageError, match="xz"):
        unpacked(bytes(stored))


def bomb(name: str, size: int) -> bytes:
    """So many zeros, made in small steps."""
    step = bytes(1 << 20)
    encoders: dict[str, Callable[[], Any]] = {
        "gzip": lambda: zlib.compressobj(1, zlib.DEFLATED, 31),
        "bzip2": lambda: bz2.BZ2Compressor(1),
        "xz": lambda: lzma.LZMACompressor(preset=0),
        "zstd": lambda: zstandard.ZstdCompressor().compressobj(),
    }
    encoder = encoders[name]()
    return b"".join([*(encoder.compress(step) for _ in range(size // len(step))), encoder.flush()])


@pytest.mark.parametrize(("name", "size"), [("gzip", 1 << 30), ("zstd", 1 << 30), ("xz", 1 << 26)])
def test_case_96_a_bomb_takes_no_memory(name: str, size: int) -> None:
    """A gibibyte of zeros in a file that the layer claims."""
    content = header(b"bomb", size=b"%011o\0" % size)
    stored = CODECS[name](content) + bomb(name, size) + CODECS[name](END)
    tracemalloc.start()
    try:
        scanned = scan_tar(iter(Decompressed(io.BytesIO(stored))))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert scanned.entries[0].size_bytes == size
    assert peak_bytes < 16 << 20


@codecs
def test_case_96_a_budget_stops_a_bomb(name: str) -> None:
    stored = bomb(name, 64 << 20)

    with pytest.raises(LimitExceeded, match="unpacks to more than") as caught:
        read_changeset(io.BytesIO(stored), "layer", ScanOptions(), Budget(8 << 20))

    assert caught.value.exit_code == 4
    assert "--max-unpacked" in (caught.value.hint or "")


def test_a_budget_is_shared_by_all_layers() -> None:
    budget = Budget(3000)
    layer = member(b"file", b"x") + END

    read_changeset(io.BytesIO(layer), "one", ScanOptions(), budget)
    with pytest.raises(LimitExceeded, match="two"):
        read_changeset(io.BytesIO(layer), "two", ScanOptions(), budget)


def test_a_decoder_stops_where_nobody_reads_on() -> None:
    """The first block of a bomb is all that is made."""
    blocks: Iterator[bytes] = iter(Decompressed(io.BytesIO(bomb("gzip", 64 << 20))))

    assert len(next(blocks)) <= 4 << 20
