"""Files to a tar or a folder: the same bytes each time, whole or an error."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from layerscope.errors import BlobMismatch, ImageError, WriteError
from layerscope.model.digest import Digest
from layerscope.oci.write.content import Member, document
from layerscope.oci.write.output import write_archive, write_folder

CONTENT = {"z": b"", "a/b": b"x" * 512, "a/c": b"y" * 513, "n" * 150: b"long name"}


def members(content: dict[str, bytes]) -> list[Member]:
    """Files to be written."""
    return [document(name, data) for name, data in content.items()]


def member(blocks: Iterable[bytes], *, size_bytes: int, of: bytes) -> Member:
    """A file whose content is not what was announced, perhaps."""
    digest = Digest(f"sha256:{hashlib.sha256(of).hexdigest()}")
    return Member(name="blob", size_bytes=size_bytes, digest=digest, blocks=lambda: blocks)


def test_gnu_tar_reads_it(tool: Callable[[str], str], tmp_path: Path) -> None:
    with (tmp_path / "out.tar").open("wb") as file:
        size_bytes = write_archive(members(CONTENT), file, "out")

    (tmp_path / "tree").mkdir()
    said = subprocess.run(
        [tool("tar"), "--extract", "--file", tmp_path / "out.tar", "--directory", tmp_path / "tree"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stderr == ""
    assert {name: (tmp_path / "tree" / name).read_bytes() for name in CONTENT} == CONTENT
    assert size_bytes == (tmp_path / "out.tar").stat().st_size


def test_members_are_sorted_and_tell_nothing_of_who_wrote_them_when() -> None:
    target = io.BytesIO()

    write_archive(members(CONTENT), target, "out")

    with tarfile.open(fileobj=io.BytesIO(target.getvalue())) as tar:
        found = list(tar)
    assert [entry.name for entry in found] == sorted(CONTENT)
    assert {(e.mtime, e.uid, e.gid, e.uname, e.gname, e.mode) for e in found} == {(0, 0, 0, "", "", 0o644)}


def test_the_order_of_the_members_changes_nothing() -> None:
    one, other = io.BytesIO(), io.BytesIO()

    write_archive(members(CONTENT), one, "out")
    write_archive(members(CONTENT)[::-1], other, "out")

    assert one.getvalue() == other.getvalue()


def test_an_archive_is_as_long_as_gnu_tar_makes_it() -> None:
    target = io.BytesIO()

    write_archive(members(CONTENT), target, "out")

    assert len(target.getvalue()) % tarfile.RECORDSIZE == 0
    assert target.getvalue()[-1024:] == bytes(1024)


def test_a_blob_may_have_more_bytes_than_a_plain_header_can_say() -> None:
    """The header comes first: writing ends there, since 9 GB are not worth a test."""
    size_bytes = 9 << 30
    target = io.BytesIO()

    with pytest.raises(ImageError):
        write_archive([member([], size_bytes=size_bytes, of=b"")], target, "out")

    with tarfile.open(fileobj=io.BytesIO(target.getvalue() + bytes(1024)), errorlevel=0) as tar:
        entry = tar.next()
    assert entry is not None
    assert (entry.name, entry.size) == ("blob", size_bytes)


@pytest.mark.parametrize("blocks", [[b"ab"], [b"abc", b"d"], []])
def test_a_content_that_shrank_or_grew_is_an_error(blocks: list[bytes], tmp_path: Path) -> None:
    changed = member(blocks, size_bytes=3, of=b"abc")

    with pytest.raises(ImageError, match="changed while it was read"):
        write_archive([changed], io.BytesIO(), "out")
    with pytest.raises(ImageError, match="changed while it was read"):
        write_folder([changed], tmp_path, "out")


def test_a_stream_that_nobody_reads_again_is_hashed_as_it_is_written() -> None:
    changed = member([b"abX"], size_bytes=3, of=b"abc")

    with pytest.raises(BlobMismatch, match="blob"):
        write_archive([changed], io.BytesIO(), "out", hashed=True)


def test_a_folder_holds_the_files(tmp_path: Path) -> None:
    size_bytes = write_folder(members(CONTENT), tmp_path / "out", "out")

    assert {name: (tmp_path / "out" / name).read_bytes() for name in CONTENT} == CONTENT
    assert size_bytes == sum(map(len, CONTENT.values()))


class _Slow(io.RawIOBase):
    """A stream that takes a few bytes at a time, as a pipe does that is nearly full."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = b""

    def write(self, data: Any, /) -> int:
        self.taken += bytes(data[:100])
        return min(len(data), 100)


def test_a_stream_that_takes_a_part_gets_the_rest_too() -> None:
    slow, quick = _Slow(), io.BytesIO()

    write_archive(members(CONTENT), slow, "out")  # type: ignore[arg-type]

    write_archive(members(CONTENT), quick, "out")
    assert slow.taken == quick.getvalue()


def test_what_the_system_says_against_it_names_the_place() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(WriteError) as caught:
        write_archive(members(CONTENT), full, "the place")

    assert caught.value.message == "the place: No space left on device"
    assert caught.value.hint


class _Noting:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, object]] = []

    def expect(self, total_bytes: int) -> None:
        self.told.append(("expect", total_bytes))

    def begin(self, part: str, total_bytes: int | None) -> None:
        self.told.append((part, total_bytes))

    def advance(self, part: str, count: int) -> None:
        self.told.append((part, count))

    def end(self, part: str) -> None:
        self.told.append((part, "end"))


def test_progress_hears_of_every_member() -> None:
    noting = _Noting()

    write_archive(members({"a": b"1234", "b": b""}), io.BytesIO(), "out", progress=noting)

    assert noting.told == [("a", 4), ("a", 4), ("a", "end"), ("b", 0), ("b", 0), ("b", "end")]
