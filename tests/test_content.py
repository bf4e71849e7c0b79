"""Contents as of any layer: from where they lie, from an unpacked copy, in windows and whole."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import random
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from layerscope.content import FileContent, NoContentError
from layerscope.errors import ImageError
from layerscope.inspection import Inspection, Options, inspecting
from tests.oci.build import as_folder, as_tar, built, docker_archive, hybrid, layout
from tests.oci.tar.raw import member
from tests.oci.tar.sparse import ENCODINGS
from tests.sources.images import layer, packed, saved, whiteout
from tests.union.archived import changeset_of

LARGE = random.Random("large").randbytes(3_000_001)
BASE = layer(
    member(b"etc/conf", b"one"),
    member(b"etc/gone", b"deleted later"),
    member(b"empty"),
    member(b"bin/large", LARGE),
    member(b"bin/also", typeflag=b"1", link=b"bin/large"),
    member(b"lib", typeflag=b"2", link=b"usr/lib"),
    member(b"dev/tty", typeflag=b"3"),
    member(b"etc/", typeflag=b"5"),
)
TOP = layer(whiteout(b"etc/gone"), member(b"etc/conf", b"two, and longer"), whiteout(b"bin/large"))
CONTENTS = {
    (0, "etc/conf"): b"one",
    (0, "etc/gone"): b"deleted later",
    (0, "empty"): b"",
    (0, "bin/large"): LARGE,
    (0, "bin/also"): LARGE,
    (1, "bin/also"): LARGE,
    (1, "etc/conf"): b"two, and longer",
}
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}
IMAGE = built(BASE, TOP)


def forms() -> dict[str, Callable[[Path], Path]]:
    """The same image in every form that is read differently."""

    def compressed(name: str) -> Callable[[Path], Path]:
        stored = [COMPRESS[name](tar) for tar in IMAGE.layers]
        return lambda folder: packed(folder / "image.tar", layout(IMAGE, stored=stored))

    def piped(folder: Path) -> Path:
        (folder / "image.tar.gz").write_bytes(gzip.compress(as_tar(docker_archive(IMAGE))))
        return folder / "image.tar.gz"

    def piped_compressed(folder: Path) -> Path:
        stored = [COMPRESS["gzip"](tar) for tar in IMAGE.layers]
        (folder / "image.tar.zst").write_bytes(COMPRESS["zstd"](as_tar(layout(IMAGE, stored=stored))))
        return folder / "image.tar.zst"

    return {
        "docker-archive": lambda folder: packed(folder / "image.tar", docker_archive(IMAGE)),
        "hybrid": lambda folder: packed(folder / "image.tar", hybrid(IMAGE)),
        "folder": lambda folder: as_folder(layout(IMAGE), folder / "layout"),
        "piped": piped,
        "piped-compressed": piped_compressed,
    } | {name: compressed(name) for name in COMPRESS}


FORMS = forms()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary data."""
    folder = tmp_path / "temporary"
    monkeypatch.setenv("LAYERSCOPE_TEMP", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _ours(temporary: Path) -> None:
    """Every test has its own."""


def content_of(inspection: Inspection, path: str, as_of: int) -> bytes:
    """The whole content of a path as of a layer."""
    node = inspection.analysis.index.find(path)
    assert node is not None
    version = node.at(as_of)
    assert version is not None
    with closing(inspection.content.open(version)) as stream:
        return b"".join(iter(lambda: stream.read(1 << 20), b""))


@pytest.mark.parametrize("form", FORMS)
def test_every_file_has_its_content_as_of_every_layer(form: str, tmp_path: Path) -> None:
    with inspecting(str(FORMS[form](tmp_path))) as inspection:
        found = {(as_of, path): content_of(inspection, path, as_of) for as_of, path in CONTENTS}

    assert found == CONTENTS


@pytest.mark.parametrize("form", ["docker-archive", "piped", "gzip"])
def test_any_window_of_a_file_is_what_stands_there(form: str, tmp_path: Path) -> None:
    places = [(0, 10), (1_500_000, 2_000_000), (2_999_999, 10), (3_000_001, 5), (4_000_000, 5), (7, 0)]
    with inspecting(str(FORMS[form](tmp_path))) as inspection:
        found = [opened(inspection, "bin/large").read_at(*place) for place in places]

    assert found == [LARGE[offset : offset + count] for offset, count in places]


def opened(inspection: Inspection, path: str, number: int = 0) -> FileContent:
    """The content of what a layer has at a path."""
    entry = next(entry for entry in inspection.changesets[number].entries if entry.path == path)
    return inspection.content.open((number, entry))


@pytest.mark.parametrize("compression", ["none", *COMPRESS])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_sparse_file_is_read_with_its_holes(encoding: str, compression: str, tmp_path: Path) -> None:
    chunks = [(4096 + 8192 * number, 100 + number) for number in range(30)]
    data = random.Random(encoding).randbytes(sum(length for _, length in chunks))
    expected, taken = bytearray(1 << 20), 0
    for offset, length in chunks:
        expected[offset : offset + length] = data[taken : taken + length]
        taken += length
    tar = layer(
        member(b"before", b"x" * 700),
        member(b"d/", typeflag=b"5"),
        ENCODINGS[encoding](b"sparse", chunks, data, 1 << 20),
        member(b"behind", b"y"),
    )
    stored = [] if compression == "none" else [COMPRESS[compression](tar)]
    archive = packed(tmp_path / "image.tar", layout(built(tar), stored=stored))

    with inspecting(str(archive)) as inspection:
        whole = content_of(inspection, "sparse", 0)
        pieces = list(opened(inspection, "sparse").pieces())
        window = opened(inspection, "sparse").read_at(4000, 200)

    assert whole == bytes(expected)
    assert pieces[0] == (4096, data[:100])
    assert [(place, len(piece)) for place, piece in pieces] == chunks
    assert window == bytes(expected[4000:4200])


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_file_stored_as_a_sparse_one_without_holes_is_read_too(encoding: str, tmp_path: Path) -> None:
    data = b"0123456789" * 100
    tar = layer(ENCODINGS[encoding](b"full", [(0, 600), (600, 400)], data, 1000))

    with inspecting(str(saved(tmp_path, tar))) as inspection:
        found = content_of(inspection, "full", 0)

    assert found == data


def test_a_hole_at_the_end_and_nothing_but_a_hole(tmp_path: Path) -> None:
    tar = layer(
        ENCODINGS["pax-1.0"](b"end", [(0, 3)], b"abc", 5_000_000), ENCODINGS["old-gnu"](b"all", [], b"", 7000)
    )

    with inspecting(str(saved(tmp_path, tar))) as inspection:
        end, everything = content_of(inspection, "end", 0), content_of(inspection, "all", 0)

    assert end == b"abc" + bytes(4_999_997)
    assert everything == bytes(7000)


@given(st.data())
def test_reading_in_any_steps_gives_the_same(data: st.DataObject) -> None:
    """Also of a sparse file; `read_at` between them changes nothing."""
    sizes = data.draw(st.lists(st.integers(0, 40), max_size=8))
    expected, stored, chunks, place = b"", b"", [], 0
    for number, length in enumerate(sizes):
        if number % 2:
            piece = random.Random(number).randbytes(length)
            chunks.append((place, length))
            stored += piece
        else:
            piece = bytes(length)
        expected += piece
        place += length
    tar = ENCODINGS["pax-1.0"](b"f", chunks, stored, place) + bytes(1024)
    changeset = changeset_of(tar)
    (entry,) = changeset.entries
    stream = FileContent(entry, changeset, lambda offset, count: tar[offset : offset + count])

    found = b""
    for count in data.draw(st.lists(st.integers(1, 30), max_size=20)):
        offset = data.draw(st.integers(0, 100))
        assert stream.read_at(offset, count) == expected[offset : offset + count]
        found += stream.read(count)
    found += stream.read()

    assert found == expected


@pytest.mark.parametrize("path", ["lib", "dev/tty", "etc"])
def test_what_is_no_file_has_no_content(path: str, tmp_path: Path) -> None:
    with (
        inspecting(str(FORMS["docker-archive"](tmp_path))) as inspection,
        pytest.raises(NoContentError) as caught,
    ):
        opened(inspection, path)

    assert caught.value.message.startswith(f"/{path} is a ")


def test_a_directory_that_no_layer_mentions_has_no_content(tmp_path: Path) -> None:
    with inspecting(str(FORMS["docker-archive"](tmp_path))) as inspection:
        node = inspection.analysis.index.find("bin")
        assert node is not None

        with pytest.raises(NoContentError):
            inspection.content.open(node.versions[0])


def test_a_file_that_changed_after_the_scan_is_an_error_when_it_was_read_whole(tmp_path: Path) -> None:
    archive = FORMS["docker-archive"](tmp_path)
    raw = archive.read_bytes()
    with inspecting(str(archive)) as inspection:
        archive.write_bytes(raw.replace(b"deleted later", b"deleted l4ter"))
        stream = opened(inspection, "etc/gone")

        first = stream.read(5)
        with pytest.raises(ImageError) as caught:
            stream.read(1000)

    assert first == b"delet"
    assert caught.value.message == "/etc/gone: its content is not what it was when it was scanned"


def test_pieces_are_checked_too(tmp_path: Path) -> None:
    archive = FORMS["docker-archive"](tmp_path)
    raw = archive.read_bytes()
    with inspecting(str(archive)) as inspection:
        archive.write_bytes(raw.replace(b"deleted later", b"deleted l4ter"))

        with pytest.raises(ImageError):
            list(opened(inspection, "etc/gone").pieces())


def test_an_archive_that_was_cut_off_after_the_scan_is_an_error(tmp_path: Path) -> None:
    archive = FORMS["docker-archive"](tmp_path)
    with inspecting(str(archive)) as inspection:
        archive.write_bytes(archive.read_bytes()[:5000])

        with pytest.raises(ImageError) as caught:
            opened(inspection, "bin/large").read()

    assert caught.value.message == "/bin/large: the layer ends in the middle of it"


def kept_bytes(folder: Path) -> int:
    """What the files below a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_an_uncompressed_layer_in_a_file_needs_no_temporary_data(tmp_path: Path, temporary: Path) -> None:
    with inspecting(str(FORMS["docker-archive"](tmp_path))) as inspection:
        content_of(inspection, "bin/large", 0)

    assert not temporary.exists()


def test_what_passes_only_once_is_kept_and_not_copied_again(tmp_path: Path, temporary: Path) -> None:
    with inspecting(str(FORMS["piped"](tmp_path))) as inspection:
        content_of(inspection, "bin/large", 0)
        during = kept_bytes(temporary)

    assert during < 1.1 * (len(BASE) + len(TOP))
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("error", [OSError("of whoever looks"), KeyboardInterrupt()])
@pytest.mark.parametrize("form", ["docker-archive", "gzip", "piped"])
def test_an_error_of_whoever_looks_stays_what_it_is(
    form: str, error: BaseException, tmp_path: Path, temporary: Path
) -> None:
    """Sources turn what the system says while they read into errors of theirs."""
    archive = FORMS[form](tmp_path)

    def look() -> None:
        with inspecting(str(archive)) as inspection:
            content_of(inspection, "etc/conf", 0)
            raise error

    with pytest.raises(type(error)) as caught:
        look()

    assert caught.value is error
    assert not temporary.exists() or list(temporary.iterdir()) == []


def test_memory_does_not_grow_with_a_file(tmp_path: Path) -> None:
    size = 48 << 20
    tar = layer(member(b"big", bytes(size)))
    archive = packed(tmp_path / "image.tar", layout(built(tar), stored=[gzip.compress(tar, 1)]))
    hasher = hashlib.sha256()
    with inspecting(str(archive), Options(jobs=1)) as inspection:
        stream = opened(inspection, "big")
        tracemalloc.start()

        while block := stream.read(1 << 20):
            hasher.update(block)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert hasher.digest() == hashlib.sha256(bytes(size)).digest()
    assert peak < 12 << 20


def test_without_inspecting_there_is_no_content(tmp_path: Path) -> None:
    from layerscope.inspection import inspect

    inspection = inspect(str(FORMS["docker-archive"](tmp_path)))

    with pytest.raises(AssertionError, match="inspecting"):
        _ = inspection.content
