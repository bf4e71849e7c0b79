"""Sparse files: logical size in the tree, stored size apart (LAYER_CASES 80)."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.errors import ImageError
from layerscope.extensions import Probe
from layerscope.oci.tar.scanner import scan_tar
from tests.oci.tar.raw import END, GNU, base256, entries, header, member, only, outcome, pax, scan
from tests.oci.tar.sparse import ENCODINGS, Encoding, Map, old_gnu, pax_0_0, pax_0_1, pax_1_0

encodings = pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)


@encodings
def test_case_80_logical_and_stored_size_of_every_encoding(encode: Encoding) -> None:
    data = b"a" * 600 + b"b" * 10
    tar = encode(b"s", [(512, 600), (4096, 10)], data, 10_000) + member(b"next") + END

    scanned = scan(tar)

    assert [(e.path, e.size_bytes, e.stored_bytes) for e in scanned.entries] == [
        ("s", 10_000, 610),
        ("next", 0, 0),
    ]
    assert scanned.content_bytes == 610
    assert tar[scanned.entries[0].offset :].startswith(data)


@encodings
def test_case_80_more_chunks_than_a_header_holds(encode: Encoding) -> None:
    """Old GNU needs extension blocks: 4 + 21 + 21 + 4."""
    chunks = [(1000 * number, 3) for number in range(50)]
    tar = encode(b"s", chunks, b"xyz" * 50, 100_000) + member(b"next") + END

    assert [(e.path, e.size_bytes, e.stored_bytes) for e in entries(tar)] == [
        ("s", 100_000, 150),
        ("next", 0, 0),
    ]


@encodings
@pytest.mark.parametrize("chunks", [[(0, 0)], [(1000, 0)]])
def test_case_80_a_file_that_is_one_hole(encode: Encoding, chunks: Map) -> None:
    """As in gnu-nil-sparse-hole and pax-nil-sparse-hole of Go."""
    tar = encode(b"s", chunks, b"", 1000) + member(b"next") + END

    assert [(e.path, e.size_bytes, e.stored_bytes) for e in entries(tar)] == [
        ("s", 1000, 0),
        ("next", 0, 0),
    ]


@encodings
def test_case_80_sixty_gigabytes_of_hole_cost_nothing(encode: Encoding) -> None:
    size = 60 * 10**9
    tracemalloc.start()

    entry = only(encode(b"s", [(size - 4, 4)], b"tail", size) + END)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (entry.size_bytes, entry.stored_bytes) == (size, 4)
    assert peak_bytes < 1 << 20


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 3000)), max_size=60),
    st.integers(0, 100_000),
    st.binary(min_size=1, max_size=8),
)
def test_case_80_the_same_map_and_data_have_the_same_hash_in_all_encodings(
    gaps: list[tuple[int, int]], hole: int, seed: bytes
) -> None:
    chunks: Map = []
    end = 0
    for gap, length in gaps:
        chunks.append((end + gap, length))
        end += gap + length
    chunks.append((end + hole, 0))  # GNU tar ends every map so
    data = (seed * (end + 1))[: sum(length for _, length in chunks)]

    found = [only(encode(b"s", chunks, data, end + hole) + END) for encode in ENCODINGS.values()]

    assert {e.content_hash for e in found} == {found[0].content_hash}
    assert {(e.path, e.size_bytes, e.stored_bytes) for e in found} == {("s", end + hole, len(data))}


@encodings
def test_case_80_another_map_or_other_data_have_another_hash(encode: Encoding) -> None:
    variants = [
        encode(b"s", [(0, 4)], b"data", 1000),
        encode(b"s", [(1, 4)], b"data", 1000),
        encode(b"s", [(0, 4)], b"date", 1000),
        encode(b"s", [(0, 4)], b"data", 1001),
        encode(b"s", [(0, 2), (500, 2)], b"data", 1000),
    ]

    assert len({only(tar + END).content_hash for tar in variants}) == len(variants)


@encodings
@pytest.mark.parametrize(
    ("chunks", "data"),
    [
        ([(0, 600), (500, 100)], bytes(700)),
        ([(500, 100), (0, 100)], bytes(200)),
        ([(900, 101)], bytes(101)),
        ([(1 << 62, 4)], b"data"),
        ([(0, 1 << 62)], b"data"),
        ([(0, 4)], b"more than that"),
        ([(0, 40)], b"less"),
    ],
)
def test_case_80_a_map_that_cannot_be_is_a_clean_error(encode: Encoding, chunks: Map, data: bytes) -> None:
    with pytest.raises(ImageError):
        scan(encode(b"s", chunks, data, 1000) + END)


@encodings
def test_case_80_a_sparse_file_that_is_cut_off_is_a_clean_error(encode: Encoding) -> None:
    whole = encode(b"s", [(1000 * n, 30) for n in range(30)], bytes(900), 100_000)

    for length in range(512, len(whole) - 511, 97):
        assert str(outcome(whole[:length], [512])).startswith("ImageError")


@pytest.mark.parametrize(
    "text", [b"x", b"1", b"1,2,3", b"1,,2", b",", b"-1,2", b"1,-2", b"1;2", b"9" * 5000 + b",1"]
)
def test_a_garbled_map_record_is_a_clean_error(text: bytes) -> None:
    tar = pax((b"GNU.sparse.size", b"1000"), (b"GNU.sparse.map", text)) + member(b"s", b"x")

    with pytest.raises(ImageError):
        scan(tar + END)


@pytest.mark.parametrize(
    "content",
    [
        b"x\n",
        b"1\n",
        b"1\n0\n",
        b"-1\n",
        b"2000000\n",
        b"9" * 5000,
        b"9" * 600 + b"\n",
        b"\n" * 512,
        b"1 0 1",
        b"",
        b"1\n0\n4\n",
    ],
)
def test_a_garbled_leading_map_is_a_clean_error(content: bytes) -> None:
    records = (
        (b"GNU.sparse.major", b"1"),
        (b"GNU.sparse.minor", b"0"),
        (b"GNU.sparse.realsize", b"1000"),
    )

    with pytest.raises(ImageError):
        scan(pax(*records) + member(b"s", content) + END)


@pytest.mark.parametrize("key", [b"GNU.sparse.size", b"GNU.sparse.realsize"])
@pytest.mark.parametrize("text", [b"", b"x", b"-1", b"9" * 5000])
def test_a_sparse_file_without_a_logical_size_is_a_clean_error(key: bytes, text: bytes) -> None:
    one = pax((b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"), (key, text))
    zero = pax((b"GNU.sparse.map", b"0,1"), (key, text))

    for records in (one, zero):
        with pytest.raises(ImageError):
            scan(records + member(b"s", b"1\n0\n1\n".ljust(512, b"\0") + b"x") + END)


def test_offsets_and_lengths_that_do_not_alternate_are_a_clean_error() -> None:
    tar = pax((b"GNU.sparse.size", b"10"), (b"GNU.sparse.offset", b"0"), (b"GNU.sparse.offset", b"1"))

    with pytest.raises(ImageError, match="alternate"):
        scan(tar + member(b"s") + END)


def test_extension_blocks_without_end_are_a_clean_error() -> None:
    first = header(b"s", b"S", 0, magic=GNU, at_482=b"\1")
    endless = (bytes(504) + b"\1").ljust(512, b"\0")

    with pytest.raises(ImageError, match="truncated"):
        scan(first + endless * 2000)


def test_a_negative_number_in_an_old_map_is_a_clean_error() -> None:
    tar = header(b"s", b"S", 0, magic=GNU, at_386=base256(-5) + base256(5), at_483=base256(100))

    with pytest.raises(ImageError):
        scan(tar + END)


def test_a_probe_sees_the_holes_of_a_sparse_file() -> None:
    """Data and holes in order, with the sum of them the logical size."""
    fed: list[bytes | int] = []

    class Recorder:
        """Keeps what it is fed."""

        def feed(self, piece: memoryview) -> None:
            """Keep a piece."""
            fed.append(bytes(piece))

        def feed_hole(self, length: int) -> None:
            """Keep a hole's length."""
            fed.append(length)

        def finish(self) -> int:
            """How much it was."""
            return len(fed)

    probe = Probe(id="all", version=1, paths=None, begin=lambda _path, _size: Recorder())
    for encode in (old_gnu, pax_0_0, pax_0_1, pax_1_0):
        fed.clear()
        scan_tar(iter([encode(b"s", [(10, 2), (20, 2)], b"abcd", 30) + END]), [probe])

        assert [item for item in fed if item] == [10, b"ab", 8, b"cd", 8]
