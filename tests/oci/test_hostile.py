"""Images made to do harm: small to send, large to keep or long to read."""

from __future__ import annotations

import contextlib
import gzip
import threading
import time
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest

from layerscope.errors import (
    BlobMismatch,
    ImageError,
    LimitExceeded,
)
from layerscope.extensions import ScanOptions
from layerscope.model.changeset import Changeset
from layerscope.oci.blobs.archive import ArchiveBlobs
from layerscope.oci.layer import Budget, read_changeset
from layerscope.oci.opened import OpenedBlobs
from layerscope.oci.stream import BlockStream, SeekableStream
from layerscope.oci.tar.scanner import scan_tar
from layerscope.union.analysis import analyze
from layerscope.union.apply import build_index
from tests.oci.build import (
    INDEX,
    MIDDLE,
    TOP,
    Files,
    as_tar,
    blob_path,
    both_ways,
    built,
    changesets,
    descriptor,
    docker_archive,
    encoded,
    index,
    layout_of,
    open_pipe,
    open_tar,
)
from tests.oci.refusal import error_of
from tests.oci.tar.raw import END, GNU, base256, header, long_name, member, pax, scan


def stacked_peak_bytes(tar: bytes) -> int:
    """How much memory it takes to scan a layer and stack it."""
    tracemalloc.start()
    try:
        scanned = scan_tar(iter([tar]))
        one = Changeset(
            entries=scanned.entries, content_bytes=0, tar_bytes=0, compressed_bytes=0, compression="none"
        )
        build_index([one])
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("typeflag", [b"L", b"K"])
def test_a_name_of_a_megabyte_is_refused(typeflag: bytes) -> None:
    """Each level of it would be a directory with a name of its own: megabytes squared."""
    name = b"a/" * (1 << 19)

    with pytest.raises(LimitExceeded, match="name"):
        scan(long_name(name, typeflag) + member(b"x", typeflag=b"2", magic=GNU) + END)


@pytest.mark.parametrize("key", [b"path", b"linkpath"])
def test_a_pax_name_of_a_megabyte_is_refused(key: bytes) -> None:
    with pytest.raises(LimitExceeded, match="name"):
        scan(pax((key, b"a/" * (1 << 19))) + member(b"x", typeflag=b"2") + END)


def test_a_path_of_two_thousand_levels_takes_a_few_megabytes() -> None:
    tar = long_name(b"a/" * 2000) + member(b"x", magic=GNU) + END

    assert stacked_peak_bytes(tar) < 16 << 20


def test_many_deep_paths_take_memory_in_proportion_to_the_tar() -> None:
    """A hundred paths of a thousand levels: 300 KB of tar, 2 KB when it is compressed."""
    paths = [b"%03d/" % number + b"a/" * 1000 for number in range(100)]
    tar = b"".join(long_name(path) + member(b"x", magic=GNU) for path in paths) + END

    assert stacked_peak_bytes(tar) < 300 * len(tar)


def test_a_file_in_the_place_of_the_root_does_not_upset_the_accounts(tmp_path: Path) -> None:
    """An empty name with a content; tar-rs and libarchive have such tars."""
    for name in (b"", b"/", b"..", b"./"):
        tar = as_tar(docker_archive(built(member(b"file", b"12345") + member(name, b"odd") + END)))
        opened = open_tar(tar, tmp_path)

        totals = analyze(opened.image, changesets(opened)).totals

        assert totals.content_bytes == totals.visible_bytes + totals.wasted_bytes


def test_entries_of_huge_logical_size_are_counted_as_what_is_stored() -> None:
    size = (1 << 63) - 1
    sparse = header(b"s", b"S", 0, magic=GNU, at_386=base256(size) + base256(0), at_483=base256(size))

    (entry,) = scan(sparse + END).entries

    assert (entry.size_bytes, entry.stored_bytes) == (size, 0)


def test_a_budget_bounds_an_archive_of_nothing_but_headers() -> None:
    """Also where every byte is a header."""
    tar = member(b"x") * 10_000 + END

    with pytest.raises(LimitExceeded):
        read_changeset(_Raw(tar), "layer", ScanOptions(), Budget(1 << 20))


class _Raw:
    """A raw stream over bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, count: int = -1, /) -> bytes:
        """The next bytes."""
        taken = self._data if count < 0 else self._data[:count]
        self._data = self._data[len(taken) :]
        return taken


def test_parents_in_a_circle_are_an_error(tmp_path: Path) -> None:
    documents = {name: encoded({"parent": other}) for name, other in (("a", "b"), ("b", "a"))}
    tar = as_tar(
        {f"{name}/json": document for name, document in documents.items()}
        | {"repositories": encoded({"app": {"1": "a"}})}
    )

    for way in both_ways(tar, tmp_path):
        with pytest.raises(Exception, match="circle"):
            way()


def test_a_chain_of_two_thousand_parents_is_an_error(tmp_path: Path) -> None:
    names = [f"{number:064d}" for number in range(2000)]
    files = {f"{names[0]}/json": encoded({})}
    files |= {f"{name}/json": encoded({"parent": below}) for below, name in pairwise(names)}
    tar = as_tar(files | {"repositories": encoded({"app": {"1": names[-1]}})})

    with pytest.raises(Exception, match="more than"):
        open_tar(tar, tmp_path)


def test_a_file_and_a_pipe_are_read_by_the_same_steps(tmp_path: Path) -> None:
    """The two kinds of byte streams agree, at the end of the data too."""
    data = bytes(range(256)) * 20
    path = tmp_path / "data"
    path.write_bytes(data)
    with path.open("rb") as file:
        streams = (SeekableStream(file, len(data)), BlockStream(iter([data[:700], data[700:]])))
        for step in (0, 1, 511, 512, 700, 5000):
            seekable, blocks = (stream.take(step) for stream in streams)
            assert seekable == blocks
            assert streams[0].offset == streams[1].offset


def test_an_index_that_leads_to_itself_is_an_error(tmp_path: Path) -> None:
    """Its digest cannot be right; where digests are not looked at, its depth tells."""
    name = "0" * 64
    itself = {"mediaType": INDEX, "digest": f"sha256:{name}", "size": 0}
    for _ in range(3):
        itself["size"] = len(index(itself))
    files = layout_of({f"blobs/sha256/{name}": index(itself)}, itself)

    assert isinstance(error_of(as_tar(files), tmp_path), BlobMismatch)
    (tmp_path / "itself.tar").write_bytes(as_tar(files))
    with pytest.raises(LimitExceeded):
        OpenedBlobs(ArchiveBlobs(str(tmp_path / "itself.tar"), ScanOptions()), None, None, "itself")


def test_indexes_that_multiply_are_an_error_in_little_time(tmp_path: Path) -> None:
    """Four levels of two hundred: more than a thousand million ways to nowhere."""
    files: Files = {}
    document = index()
    for _ in range(4):
        files[blob_path(document)] = document
        document = index(*[descriptor(document, INDEX)] * 200)
    files["index.json"] = document

    assert isinstance(error_of(as_tar(files), tmp_path), LimitExceeded)


@pytest.mark.parametrize("name", ["index.json", "manifest.json", "repositories"])
def test_a_document_that_is_too_large_is_refused_before_it_is_read(name: str, tmp_path: Path) -> None:
    size = 33 << 20
    tar = header(name.encode(), size=size) + b"{".ljust(size) + END

    assert isinstance(error_of(tar, tmp_path, name), LimitExceeded)


def test_documents_that_nobody_asked_for_are_not_all_kept() -> None:
    """A small compressed archive of many large documents; a pipe cannot know which are wanted."""
    many = b"".join(
        gzip.compress(member(b"%d.json" % number, b"{".ljust(8 << 20)), 1) for number in range(40)
    )
    tracemalloc.start()
    try:
        with pytest.raises(ImageError):
            open_pipe(many)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 200 << 20


def test_global_records_do_not_pile_up(tmp_path: Path) -> None:
    """Each member pays for all global records: many of both would take hours."""
    records = [[(b"key.%d.%d" % (n, m), b"x") for m in range(400)] for n in range(100)]
    tar = b"".join(pax(*some, typeflag=b"g") for some in records) + member(b"empty") * 3000 + END
    opened = open_tar(as_tar(docker_archive(built(tar))), tmp_path)

    began = time.process_time()
    with contextlib.suppress(LimitExceeded):
        changesets(opened)

    assert time.process_time() - began < 2


def test_a_damaged_layer_leaves_no_thread_behind() -> None:
    """Even while the error is held, as a pipe holds it until the manifest has passed."""
    noise = bytes(range(256)) * 4096
    damaged = gzip.compress(member(b"first") + b"damage" * 100 + noise * 40, 1)
    before = threading.active_count()

    errors = []
    for tar in (
        as_tar(docker_archive(built(damaged, TOP))),
        gzip.compress(as_tar(docker_archive(built(damaged, TOP)))),
    ):
        opened = open_pipe(tar)
        for layer in opened.image.layers:
            try:
                opened.read_layer(layer)
            except ImageError as error:
                errors.append(error)

    assert len(errors) == 2
    assert threading.active_count() == before


def test_members_behind_a_damaged_layer_are_still_read() -> None:
    """Nothing else may read from the archive while it is passed over."""
    noise = bytes(range(256)) * 4096
    damaged = gzip.compress(member(b"first") + b"damage" * 100 + noise * 40, 1)
    for _ in range(20):
        opened = open_pipe(as_tar(docker_archive(built(damaged, MIDDLE, TOP))))

        assert [len(opened.read_layer(layer).entries) for layer in opened.image.layers[1:]] == [3, 2]
