"""The files of an image to an archive or a folder, the same bytes each time."""

from __future__ import annotations

import tarfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

from layerscope.errors import WriteError
from layerscope.extensions import Progress
from layerscope.oci.write.content import Member, blocks_of


def write_archive(
    members: Iterable[Member],
    stream: BinaryIO,
    where: str,
    *,
    hashed: bool = False,
    progress: Progress | None = None,
) -> int:
    """Write a tar and give its size; raises WriteError."""
    size_bytes = 0
    with closing(archive_blocks(members, hashed=hashed, progress=progress)) as blocks:
        for block in blocks:
            with writing(where):
                _put(stream, block)
            size_bytes += len(block)
    with writing(where):
        stream.flush()
    return size_bytes


def archive_blocks(
    members: Iterable[Member], *, hashed: bool = False, progress: Progress | None = None
) -> Generator[bytes, None, None]:
    """A tar, block by block: members sorted by name, no times, no owners."""
    size_bytes = 0
    for member in sorted(members, key=lambda member: member.name):
        info = tarfile.TarInfo(member.name)
        info.size = member.size_bytes
        header = info.tobuf(tarfile.PAX_FORMAT)
        yield header
        with closing(told(member, progress, hashed=hashed)) as blocks:
            yield from blocks
        padding = bytes(-member.size_bytes % tarfile.BLOCKSIZE)
        if padding:
            yield padding
        size_bytes += len(header) + member.size_bytes + len(padding)
    end = 2 * tarfile.BLOCKSIZE
    yield bytes(end + -(size_bytes + end) % tarfile.RECORDSIZE)


def write_folder(
    members: Iterable[Member], folder: Path, where: str, *, progress: Progress | None = None
) -> int:
    """Write the files below a folder and give their size; raises WriteError."""
    size_bytes = 0
    for member in sorted(members, key=lambda member: member.name):
        path = folder / member.name
        with writing(where):
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("xb", buffering=0)
        with file, closing(told(member, progress, hashed=False)) as blocks:
            for block in blocks:
                with writing(where):
                    _put(file, block)
        size_bytes += member.size_bytes
    return size_bytes


@contextmanager
def writing(where: str) -> Iterator[None]:
    """Turn what the system says against writing into a WriteError."""
    try:
        yield
    except OSError as error:
        raise WriteError(f"{where}: {error.strerror}", hint="make room, or write elsewhere") from error


def _put(stream: BinaryIO, data: bytes) -> None:
    """Write all of it, also where the stream has no buffer and takes a part."""
    left = memoryview(data)
    while left:
        left = left[stream.write(left) :]


def told(member: Member, progress: Progress | None, *, hashed: bool) -> Generator[bytes, None, None]:
    """A member's blocks, and progress told of them."""
    if progress is not None:
        progress.begin(member.name, member.size_bytes)
    for block in blocks_of(member, hashed=hashed):
        yield block
        if progress is not None:
            progress.advance(member.name, len(block))
    if progress is not None:
        progress.end(member.name)
