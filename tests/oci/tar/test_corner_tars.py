"""Corner-case tars of other projects against what Python's tarfile and GNU tar make of them."""

from __future__ import annotations

import io
import math
import re
import tarfile
import tracemalloc
from functools import cache
from pathlib import Path

import pytest
import xxhash

from layerscope.errors import ImageError
from layerscope.model.entry import Entry, Kind
from layerscope.model.paths import normalise
from layerscope.oci.compression import Decompressed
from layerscope.oci.tar.scanner import Scan, scan_tar

# Where we differ from the reference on purpose: what must be said, and why.
REFUSED = {
    "golang/issue10968.tar": (r"sparse|size|not a number", "random bytes; both references fail"),
    "golang/issue12435.tar": (r"allowed|negative|size", "random bytes; both references fail"),
    "golang/pax-bad-mtime-file.tar": ("mtime", "a time with letters; engines (Go) refuse it"),
    "golang/pax-nul-xattrs.tar": ("NUL", "a NUL in a record's key; engines (Go) refuse it"),
    "golang/pax-path-hdr.tar": ("truncated", "an extension header without its member"),
    "libarchive/test_compat_lz4_skippable_frames_B4.tar.lz4": (
        "zstd|lz4",
        "skippable frames look the same in both",
    ),
    "golang/writer-big.tar": ("truncated", "16 GB said, none there; Python fails too"),
    "cpython/recursion.tar": ("PAX", "a record of length 0; Python fails too"),
    "libarchive/test_read_format_tar_V_negative_size.tar": ("negative|beyond 64 bits", "both fail"),
    "libarchive/test_read_format_tar_invalid_pax_size.tar": ("PAX", "Python fails too"),
    "libarchive/test_read_format_tar_pax_g_large.tar": ("allowed", "4 GB of header; both fail"),
    "libarchive/test_read_format_tar_pax_timestamps.tar": ("mtime", "a time that ends in a letter"),
    "libarchive/test_read_pax_empty_val_no_nl.tar": ("PAX", "a record without its newline"),
}
UNSUPPORTED = {
    **dict.fromkeys((".lz4",), "lz4"),
    **dict.fromkeys((".lzo",), "lzop"),
    **dict.fromkeys((".Z",), r"\.Z"),
    **dict.fromkeys((".lrz",), "lrzip"),
    **dict.fromkeys((".lzma",), "lzma"),
    **dict.fromkeys((".grz",), "grzip"),
}
# Where Python's tarfile is wrong: what Go's own tests say of Go's files (reader_test.go).
PYTHON_IS_WRONG = {
    "golang/gnu-multi-hdrs.tar": "takes the first of several long names, not the last",
    "golang/pax-multi-hdrs.tar": "takes the first of several extended headers",
    "golang/pax-global-records.tar": "takes an empty record for an empty name",
    "golang/pax-nil-sparse-data.tar": "counts the map of format 1.0 as content",
    "golang/pax-sparse-big.tar": "takes the stored size for the logical one",
}
SAID_BY_GO = {
    "golang/gnu-multi-hdrs.tar": [("GNU2/GNU2/long-path-name", 0, "GNU4/GNU4/long-linkpath-name")],
    "golang/pax-multi-hdrs.tar": [("bar", 0, "PAX4/PAX4/long-linkpath-name")],
    "golang/pax-global-records.tar": [
        ("global1", 0, None),  # the global path counts, as POSIX wants it; Go leaves it to the caller
        ("file2", 0, None),
        ("file3", 0, None),
        ("file4", 0, None),
    ],
    "golang/pax-nil-sparse-data.tar": [("sparse.db", 1000, None)],
    "golang/pax-sparse-big.tar": [("pax-sparse", 60_000_000_000, None)],
}


@cache
def reference(folder: Path) -> dict[str, tuple[str, str]]:
    """What REFERENCE.tsv says: file to the columns of Python's tarfile and of GNU tar."""
    lines = (folder / "REFERENCE.tsv").read_text(errors="replace").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    return {row[0]: (row[3], row[4]) for row in rows}


def read(path: Path) -> Scan:
    """Our scan of a tar, its filter undone."""
    with path.open("rb") as file:
        return scan_tar(iter(Decompressed(file)))


def unpacked(path: Path) -> bytes:
    """The tar itself."""
    with path.open("rb") as file:
        return b"".join(Decompressed(file))


def expected_count(columns: tuple[str, str]) -> int:
    """How many entries a reference lists: Python where it can read the file, GNU tar else."""
    python, gnu = columns
    return int(python) if python.isdigit() else int(gnu.split()[0])


def test_every_corner_tar_gives_the_entries_of_the_reference_or_a_clean_error(
    shared_dir: Path,
) -> None:
    folder = shared_dir / "images" / "tars"
    wrong: dict[str, str] = {}
    for name, columns in reference(folder).items():
        refusal = REFUSED[name][0] if name in REFUSED else UNSUPPORTED.get(Path(name).suffix)
        try:
            count = len(read(folder / name).entries)
        except ImageError as error:
            if refusal is None or not re.search(refusal, error.message):
                wrong[name] = error.message
            continue
        if refusal is not None or count != expected_count(columns):
            wrong[name] = f"{count} entries, expected {refusal or columns}"

    assert wrong == {}


def test_the_table_of_differences_speaks_of_files_that_are_there(shared_dir: Path) -> None:
    known = reference(shared_dir / "images" / "tars")

    assert set(REFUSED) | set(PYTHON_IS_WRONG) <= set(known)
    assert set(PYTHON_IS_WRONG) == set(SAID_BY_GO)
    assert {Path(name).suffix for name in known} >= set(UNSUPPORTED)


def readable_by_python(folder: Path) -> list[str]:
    """The files that both Python's tarfile and we read."""
    known = reference(folder)
    return [
        name
        for name, (python, _) in known.items()
        if python.isdigit()
        and name not in REFUSED
        and name not in PYTHON_IS_WRONG
        and Path(name).suffix not in UNSUPPORTED
    ]


def comparable(entry: Entry) -> tuple[object, ...]:
    """What of an entry Python's tarfile knows too."""
    size_bytes = entry.size_bytes if entry.kind is Kind.FILE else 0
    link = entry.link_target if entry.kind in (Kind.SYMLINK, Kind.HARDLINK) else None
    kind = entry.kind
    return (entry.path, kind, size_bytes, entry.mode, entry.uid, entry.gid, link)


KINDS = {
    tarfile.DIRTYPE: Kind.DIRECTORY,
    tarfile.SYMTYPE: Kind.SYMLINK,
    tarfile.LNKTYPE: Kind.HARDLINK,
    tarfile.CHRTYPE: Kind.CHARACTER_DEVICE,
    tarfile.BLKTYPE: Kind.BLOCK_DEVICE,
    tarfile.FIFOTYPE: Kind.FIFO,
    b"D": Kind.DIRECTORY,
}


def marker(path: str, kind: Kind) -> tuple[Kind, str]:
    """What a marker's name says, told the simple way."""
    parent, slash, name = path.rpartition("/")
    if kind is Kind.DIRECTORY or not name.startswith(".wh."):
        return kind, path
    if name == ".wh..wh..opq":
        return Kind.OPAQUE, parent
    if path.startswith(".wh..wh."):
        return Kind.AUFS, path
    return Kind.WHITEOUT, parent + slash + name.removeprefix(".wh.")


def of_python(item: tarfile.TarInfo) -> tuple[object, ...]:
    """The same of a member of Python's tarfile."""
    kind, path = marker(normalise(item.name), KINDS.get(item.type, Kind.FILE))
    link = item.linkname if kind is Kind.SYMLINK else None
    if kind is Kind.HARDLINK:
        link = normalise(item.linkname)
    size_bytes = item.size if kind is Kind.FILE else 0
    return (path, kind, size_bytes, item.mode & 0o7777, item.uid, item.gid, link)


def test_the_entries_of_corner_tars_are_those_of_pythons_tarfile(shared_dir: Path) -> None:
    """Path, kind, size, mode, owner and link name, member by member; times and contents too."""
    folder = shared_dir / "images" / "tars"
    wrong: list[object] = []
    compared = 0
    for name in readable_by_python(folder):
        tar = unpacked(folder / name)
        ours = scan_tar(iter([tar])).entries
        with tarfile.open(fileobj=io.BytesIO(tar), encoding="utf-8") as opened:
            items = [item for item in opened if item.type not in (b"V", b"M", b"N")]
            if len(items) != len(ours):
                wrong.append((name, len(ours), len(items)))
            for entry, item in zip(ours, items, strict=False):
                compared += 1
                if comparable(entry) != of_python(item):
                    wrong.append((name, comparable(entry), of_python(item)))
                if not math.isclose(entry.mtime_ns / 1e9, item.mtime, abs_tol=1e-6):
                    wrong.append((name, entry.path, entry.mtime_ns, item.mtime))
                if entry.kind is Kind.FILE and not item.issparse() and item.isreg():
                    content = (opened.extractfile(item) or io.BytesIO()).read()
                    if entry.content_hash != xxhash.xxh3_128_digest(content):
                        wrong.append((name, entry.path, "content"))

    assert wrong == []
    assert compared > 2000


@pytest.mark.parametrize("name", SAID_BY_GO)
def test_where_pythons_tarfile_is_wrong_the_entries_are_those_of_go(shared_dir: Path, name: str) -> None:
    found = read(shared_dir / "images" / "tars" / name).entries

    assert [(e.path, e.size_bytes, e.link_target) for e in found] == SAID_BY_GO[name]


SPARSE = [
    "libarchive/test_read_format_gtar_sparse_1_13.tar",
    "libarchive/test_read_format_gtar_sparse_1_17_posix00.tar",
    "libarchive/test_read_format_gtar_sparse_1_17_posix01.tar",
    "libarchive/test_read_format_gtar_sparse_1_17_posix10.tar",
]


def test_one_sparse_file_has_one_hash_in_all_of_gnu_tars_encodings(shared_dir: Path) -> None:
    """The same two files, written by GNU tar 1.13 and 1.17; only 1.13 stores a last zero byte."""
    folder = shared_dir / "images" / "tars"
    old, *new = [read(folder / name).entries for name in SPARSE]

    found = [[(e.path, e.size_bytes, e.stored_bytes, e.content_hash) for e in one] for one in new]
    assert found[0] == found[1] == found[2]
    assert [(e.path, e.size_bytes, e.stored_bytes) for e in old] == [
        ("sparse", 3_145_728, found[0][0][2] + 1),
        *[known[:3] for known in found[0][1:]],
    ]
    assert old[1].content_hash == found[0][1][3]


def test_the_four_encodings_in_gos_sparse_formats_are_one_file(shared_dir: Path) -> None:
    *sparse, end = read(shared_dir / "images/tars/golang/sparse-formats.tar").entries

    assert [e.path for e in sparse] == [
        "sparse-gnu",
        "sparse-posix-0.0",
        "sparse-posix-0.1",
        "sparse-posix-1.0",
    ]
    assert {(e.size_bytes, e.content_hash) for e in sparse} == {(200, sparse[0].content_hash)}
    assert (end.path, end.size_bytes) == ("end", 4)


@pytest.mark.parametrize(
    ("name", "size_bytes"),
    [("golang/gnu-sparse-big.tar", 60_000_000_000), ("golang/pax-sparse-big.tar", 60_000_000_000)],
)
def test_sixty_logical_gigabytes_are_never_expanded(shared_dir: Path, name: str, size_bytes: int) -> None:
    path = shared_dir / "images" / "tars" / name
    tar = path.read_bytes()
    tracemalloc.start()
    try:
        scanned = scan_tar(iter([tar]))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert [e.size_bytes for e in scanned.entries] == [size_bytes]
    assert scanned.tar_bytes == len(tar)
    assert peak_bytes < 1 << 20


def test_a_claim_of_sixteen_gigabytes_takes_no_memory(shared_dir: Path) -> None:
    tar = (shared_dir / "images/tars/golang/writer-big.tar").read_bytes()
    tracemalloc.start()
    try:
        with pytest.raises(ImageError, match="truncated"):
            scan_tar(iter([tar]))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 1 << 20


def test_case_76_selinux_labels_of_a_real_layer_end_with_a_nul(shared_dir: Path) -> None:
    entries = read(shared_dir / "images/tars/layers/rhcos-selinux-xattrs.tar").entries
    labels = [(entry.xattrs or {})["security.selinux"] for entry in entries]

    assert len(labels) == 8
    assert set(labels) == {b"unconfined_u:object_r:user_home_t:s0\0"}


@pytest.mark.parametrize(
    ("name", "whiteouts", "opaques"),
    [
        ("layers/claircore-whiteout_advanced.tar", 3, 0),
        ("layers/claircore-whiteout_opaque.tar", 0, 1),
        ("layers/trivy-opq.tar", 1, 1),
        ("layers/trivy-opq2.tar", 1, 1),
    ],
)
def test_the_markers_of_single_layers_are_counted_as_other_scanners_do(
    shared_dir: Path, name: str, whiteouts: int, opaques: int
) -> None:
    kinds = [entry.kind for entry in read(shared_dir / "images" / "tars" / name).entries]

    assert (kinds.count(Kind.WHITEOUT), kinds.count(Kind.OPAQUE)) == (whiteouts, opaques)
