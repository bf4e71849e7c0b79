"""Decompress the layers of an archive, one after another in one thread, and throw the bytes away.

    python decompress.py ARCHIVE      prints how many blobs there were and what they unpack to

The leanest loops that isal and zstandard allow: this is what reading an image is measured against.
An archive that is compressed itself counts as one blob.
"""

import sys
import tarfile
from pathlib import Path
from typing import BinaryIO, Final, cast

READ_BYTES: Final = 1 << 18
BLOCK_BYTES: Final = 1 << 20
GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"


def main() -> int:
    """Decompress what the command line names and return the exit code."""
    path = Path(sys.argv[1])
    with path.open("rb") as file:
        first = file.read(len(ZSTD))
        file.seek(0)
        sizes = [unpack(file, first)] if compressed(first) else list(unpack_members(path))
    print(len(sizes), sum(sizes))
    return 0


def compressed(first: bytes) -> bool:
    """Tell by its first bytes whether a blob is compressed."""
    return first.startswith((GZIP, ZSTD))


def unpack_members(path: Path) -> list[int]:
    """Decompress each compressed member of a tar; the bytes that each unpacks to."""
    sizes = []
    with tarfile.open(path) as archive:
        for member in archive:
            blob = archive.extractfile(member)
            if blob is None or not member.isreg():
                continue
            first = blob.read(len(ZSTD))
            blob.seek(0)
            if compressed(first):
                sizes.append(unpack(cast("BinaryIO", blob), first))
    return sizes


def unpack(file: BinaryIO, first: bytes) -> int:
    """Decompress a blob; the bytes that it unpacks to."""
    return unpack_gzip(file) if first.startswith(GZIP) else unpack_zstd(file)


def unpack_gzip(file: BinaryIO) -> int:
    """Decompress all members of a gzip stream."""
    from isal import isal_zlib

    size = 0
    pending = file.read(READ_BYTES)
    while pending:
        decoder = isal_zlib.decompressobj(31)
        while not decoder.eof and (pending or (pending := file.read(READ_BYTES))):
            size += len(decoder.decompress(pending, BLOCK_BYTES))
            pending = decoder.unconsumed_tail
        pending = decoder.unused_data or file.read(READ_BYTES)
        if not pending.startswith(GZIP):
            break
    return size


def unpack_zstd(file: BinaryIO) -> int:
    """Decompress all frames of a zstd stream."""
    import zstandard

    size = 0
    block = bytearray(BLOCK_BYTES)
    decoder = zstandard.ZstdDecompressor()
    with decoder.stream_reader(file, read_size=READ_BYTES, read_across_frames=True) as reader:
        while count := reader.readinto(block):
            size += count
    return size


if __name__ == "__main__":
    sys.exit(main())
