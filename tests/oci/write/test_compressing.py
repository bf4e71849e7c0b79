"""Compressors: what they write is read by others, and depends on the data alone."""

from __future__ import annotations

import gzip
import io
import random
import subprocess
import sys
import zlib

import pytest
import zstandard

from layerscope.oci.write import compressing
from layerscope.oci.write.compressing import BLOCK_BYTES, Codec, compressor, parse_codec
from tests.conftest import PROJECT

ALIKE = b"".join(b"line %d of a text that goes on\n" % (number % 5000) for number in range(120_000))
RANDOM = random.Random(1).randbytes(2 * BLOCK_BYTES + 12345)
DATA = {"nothing": b"", "a byte": b"x", "one block": bytes(BLOCK_BYTES), "alike": ALIKE, "random": RANDOM}


def compressed(codec: Codec, data: bytes) -> bytes:
    """All of it, block by block."""
    stream = compressor(codec)
    blocks = [data[start : start + BLOCK_BYTES] for start in range(0, len(data), BLOCK_BYTES)]
    return b"".join(map(stream.compress, blocks)) + stream.flush()


@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
@pytest.mark.parametrize("level", [1, 6, 9])
def test_python_reads_the_gzip(data: bytes, level: int) -> None:
    written = compressed(Codec("gzip", level), data)

    assert gzip.decompress(written) == data
    stream = zlib.decompressobj(31)
    assert (stream.decompress(written), stream.eof, stream.unused_data) == (data, True, b"")


def test_gzip_tells_neither_name_nor_time() -> None:
    assert compressed(Codec("gzip", 6), b"x")[:10] == bytes.fromhex("1f8b08000000000000ff")


def test_blocks_refer_to_what_is_before_them() -> None:
    """Else a repeated block would take its room again."""
    block = random.Random(2).randbytes(20_000)

    written = compressed(Codec("gzip", 6), bytes(BLOCK_BYTES - len(block)) + block + block)

    assert len(written) < 1.2 * len(block)


@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_the_zstd_library_reads_the_zstd_with_its_checksum(data: bytes) -> None:
    written = compressed(Codec("zstd", 9), data)

    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(written)) as reader:
        assert reader.read() == data
    assert zstandard.get_frame_parameters(written).has_checksum


PEAK = """
import random, resource, sys
from layerscope.oci.write import compressing
compressing._threads = lambda: compressing._MOST_THREADS
blocks = [random.Random(seed).randbytes(1 << 14) for seed in range(200)]
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
compressor = compressing.compressor(compressing.parse_codec(sys.argv[1]))
before, order = peak(), random.Random(1)
for _ in range(24):
    compressor.compress(b"".join(order.choices(blocks, k=64)))
compressor.flush()
print(peak() - before)
"""


@pytest.mark.parametrize("text", ["gzip:6", "zstd:3", "zstd:9"])
def test_the_bytes_are_the_same_for_any_number_of_processors(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = set()
    for threads in (1, 2, 4):
        monkeypatch.setattr(compressing, "_threads", lambda threads=threads: threads)
        written.add(compressed(parse_codec(text), ALIKE))

    assert len(written) == 1


def test_zstd_finds_what_is_the_same_far_apart() -> None:
    """Six megabytes between: out of reach of the usual window at that level."""
    block = random.Random(3).randbytes(1 << 20)

    written = compressed(Codec("zstd", 3), block + bytes(6 << 20) + block)

    assert len(written) < 1.1 * len(block)


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("none", Codec("none", 0)),
        ("gzip", Codec("gzip", 6)),
        ("gzip:9", Codec("gzip", 9)),
        ("zstd", Codec("zstd", 9)),
        ("zstd:19", Codec("zstd", 19)),
    ],
)
def test_an_algorithm_and_its_level_are_read(text: str, codec: Codec) -> None:
    assert parse_codec(text) == codec


@pytest.mark.parametrize(
    "text", ["", "lz4", "gzip:0", "gzip:10", "zstd:20", "none:1", "gzip:", "gzip:-1", "Zstd"]
)
def test_what_is_no_algorithm_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write none, gzip|has levels"):
        parse_codec(text)


@pytest.mark.parametrize("text", ["zstd:9", "zstd:12", "zstd:13"])
def test_no_level_takes_much_memory_however_many_processors(text: str) -> None:
    """By the peak of a process of its own, beside what it took before."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, text], capture_output=True, text=True, check=True, cwd=PROJECT
    )

    assert int(done.stdout) < 120_000
