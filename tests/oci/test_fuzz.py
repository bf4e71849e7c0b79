"""Damaged archives by the thousand: a value or one of our errors, in bounded time and memory.

LAYERSCOPE_FUZZ_SECONDS is how long all of it may take (10 if it is not said). A case that fails
names its seed, which makes the same case again on any machine.
"""

from __future__ import annotations

import gzip
import os
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
import zstandard

from layerscope.errors import ImageError, LayerscopeError, SourceError, UsageError
from layerscope.model.changeset import Changeset
from layerscope.model.image import Image
from layerscope.oci.opened import OpenedBlobs
from layerscope.union.apply import build_index
from layerscope.union.waste import find_waste
from tests.oci.build import (
    LAYERS,
    Built,
    Files,
    as_tar,
    both_ways,
    built,
    docker_archive,
    hybrid,
    layout,
    open_pipe,
    open_tar,
    v1_archive,
)
from tests.oci.mutation import damaged
from tests.oci.tar.raw import END, GNU, long_name, member, pax
from tests.oci.tar.sparse import old_gnu, pax_0_0, pax_0_1, pax_1_0

SECONDS = float(os.environ.get("LAYERSCOPE_FUZZ_SECONDS", "10"))
CASE_LIMIT_S = 10
MEMORY_LIMIT_BYTES = 400 << 20

CHUNKS = [(0, 5), (600, 700), (9000, 1)]
DATA = b"01234" + b"#" * 701
RICH = (
    member(b"./", typeflag=b"5", mode=0o755)
    + long_name(b"long/" * 60) + member(b"x", b"content", magic=GNU)
    + long_name(b"target/" * 40, b"K") + member(b"sym", typeflag=b"2", magic=GNU)
    + pax((b"path", b"p/" * 90 + b"q"), (b"mtime", b"1.5"), (b"SCHILY.xattr.user.x", b"\0\1"))
    + member(b"x", b"y" * 600)
    + pax((b"mtime", b"1.5")) + member(b"timed", b"y" * 600)
    + pax((b"uid", b"5"), (b"comment", b"global"), typeflag=b"g")
    + old_gnu(b"s1", CHUNKS, DATA, 10_000)
    + pax_0_0(b"s2", CHUNKS, DATA, 10_000)
    + pax_0_1(b"s3", CHUNKS, DATA, 10_000)
    + pax_1_0(b"s4", CHUNKS, DATA, 10_000)
    + member(b"d/file", b"z" * 1000) + member(b"d/hard", typeflag=b"1", link=b"d/file")
    + member(b"dev", typeflag=b"3", devmajor=1, devminor=3)
    + member(b"d/.wh.gone") + member(b"e/.wh..wh..opq") + member(b"d/file", b"again")
    + END
)  # fmt: skip

PACKERS: tuple[Callable[[Built], Files], ...] = (docker_archive, layout, hybrid, v1_archive)
CODECS: tuple[Callable[[bytes], bytes], ...] = (
    bytes,
    lambda data: gzip.compress(data, 1, mtime=0),
    zstandard.ZstdCompressor(level=1, write_checksum=False).compress,
)


def stacked(changesets: Sequence[Changeset]) -> None:
    """Stack the layers and account for them: the figures must add up, and the cache can keep them."""
    index = build_index(changesets)
    waste, visible_bytes = find_waste(index)
    content_bytes = sum(entry.stored_bytes for one in changesets for entry in one.entries)
    # test_hostile has files in the place of the root.
    if all(entry.path or not entry.stored_bytes for one in changesets for entry in one.entries):
        assert content_bytes == visible_bytes + sum(one.size_bytes for one in waste)
    assert all(one.size_bytes > 0 for one in waste)
    for changeset in changesets:
        try:
            msgspec.msgpack.encode(changeset)
        except UnicodeEncodeError:
            continue


def read(opened: OpenedBlobs) -> tuple[Image, list[Changeset]]:
    """The image and the layers that are there."""
    present = [layer for layer in opened.image.layers if layer.missing is None]
    return opened.image, [opened.read_layer(layer) for layer in present]


def outcome(way: Callable[[], OpenedBlobs]) -> tuple[Image, list[Changeset]] | LayerscopeError:
    """What comes out: values, or an error that says something."""
    try:
        image, changesets = read(way())
    except (ImageError, SourceError, UsageError) as error:
        assert error.message.strip()  # noqa: PT017 - either outcome is right, nothing else is
        return error
    stacked(changesets)
    return image, changesets


def examine(data: bytes, folder: Path, seed: int) -> None:
    """One case through both readers; where both read it, they read the same."""
    began, memory = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        filed = outcome(lambda: open_tar(data, folder))
        piped = outcome(lambda: open_pipe(data, where=str(folder / "image.tar")))
        if isinstance(filed, tuple) and isinstance(piped, tuple):
            assert filed == piped
    except Exception as error:
        (folder / f"seed-{seed}.tar").write_bytes(data)
        error.add_note(f"seed {seed}, kept as {folder / f'seed-{seed}.tar'}")
        raise
    unit = 1 if sys.platform == "darwin" else 1024
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) * unit
    assert time.monotonic() - began < CASE_LIMIT_S, f"seed {seed}"
    assert grown < MEMORY_LIMIT_BYTES, f"seed {seed}"


def run(make: Callable[[random.Random], bytes], folder: Path, seconds: float) -> int:
    """As many cases as there is time for; at least fifty."""
    end = time.monotonic() + seconds
    seed = 0
    while seed < 50 or time.monotonic() < end:
        examine(make(random.Random(seed)), folder, seed)
        seed += 1
    return seed


def test_damaged_archives_that_were_built_give_values_or_our_errors(tmp_path: Path) -> None:
    whole = [as_tar(pack(built(*LAYERS, RICH))) for pack in PACKERS]

    def make(rng: random.Random) -> bytes:
        return damaged(rng, rng.choice(whole))

    assert run(make, tmp_path, SECONDS * 0.3) >= 50


def test_damaged_layers_in_sound_archives_give_values_or_our_errors(tmp_path: Path) -> None:
    """Digests and sizes fit, and the layer may be compressed: the damage reaches the scanner."""

    def make(rng: random.Random) -> bytes:
        layers = [damaged(rng, layer) if rng.random() < 0.5 else layer for layer in (*LAYERS, RICH)]
        codec = rng.choice(CODECS)
        stored = [codec(layer) for layer in layers]
        if rng.random() < 0.2:
            stored = [damaged(rng, layer) for layer in stored]
        return as_tar(rng.choice(PACKERS)(Built(tuple(stored), built(*layers).config, ("app:1",))))

    assert run(make, tmp_path, SECONDS * 0.3) >= 50


def test_damaged_compressed_archives_give_values_or_our_errors(tmp_path: Path) -> None:
    whole = [codec(as_tar(pack(built(*LAYERS)))) for pack in PACKERS for codec in CODECS[1:]]

    def make(rng: random.Random) -> bytes:
        return damaged(rng, rng.choice(whole))

    assert run(make, tmp_path, SECONDS * 0.1) >= 50


def test_damaged_real_archives_give_values_or_our_errors(shared_dir: Path, tmp_path: Path) -> None:
    """The small ones of all formats."""
    paths = sorted((shared_dir / "images" / "archives").iterdir())
    small = [path.read_bytes() for path in paths if path.stat().st_size < 64 << 10]
    assert len(small) > 30

    def make(rng: random.Random) -> bytes:
        return damaged(rng, rng.choice(small))

    assert run(make, tmp_path, SECONDS * 0.3) >= 50


@pytest.mark.parametrize(
    "data", [b"", b"\0", bytes(512), bytes(20_000), END, RICH, b"\x1f\x8b", b"(\xb5/\xfd"]
)
def test_what_is_no_archive_gives_our_error(data: bytes, tmp_path: Path) -> None:
    for way in both_ways(data, tmp_path):
        with pytest.raises(ImageError):
            read(way())


def test_the_same_seed_gives_the_same_case() -> None:
    whole = as_tar(docker_archive(built()))

    assert [damaged(random.Random(n), whole) for n in range(20)] == [
        damaged(random.Random(n), whole) for n in range(20)
    ]
