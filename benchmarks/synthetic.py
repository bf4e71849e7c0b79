"""Archives that are hard on a reader: many files, many whiteouts, a gzip that unpacks a thousandfold.

python synthetic.py NAME PATH     write one of them
"""

import hashlib
import io
import json
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

FILE_BYTES: Final = 100
FILES_IN_A_FOLDER: Final = 100
MEBIBYTE: Final = 1 << 20
END: Final = bytes(1024)

Chunks = Iterable[bytes]


def many_files(path: Path) -> None:
    """20 layers with 10,000 files of 100 bytes each."""
    write_archive(path, [files(f"layer{number}", 10_000) for number in range(20)])


def few_whiteouts(path: Path) -> None:
    """A layer with 100,000 files, and 20 layers with 10 whiteouts each over it."""
    hidden = list(range(0, 100_000, 500))
    uppers = [whiteouts("base", hidden[first : first + 10]) for first in range(0, len(hidden), 10)]
    write_archive(path, [files("base", 100_000), *uppers])


def million_whiteouts(path: Path) -> None:
    """A layer with 1,000 files under one with a million whiteouts."""
    write_archive(path, [files("base", 1_000), whiteouts("base", range(1_000_000))])


def gzip_bomb(path: Path) -> None:
    """A gzip of 10 MB that unpacks to ten files of 1 GiB of zeros."""
    write_archive(path, [bomb(10)], packed=True)


SYNTHETIC: Final[dict[str, Callable[[Path], None]]] = {
    "20x10000-files": many_files,
    "200-whiteouts": few_whiteouts,
    "million-whiteouts": million_whiteouts,
    "gzip-bomb": gzip_bomb,
}


def write_archive(path: Path, layers: Iterable[Chunks], *, packed: bool = False) -> None:
    """Write a docker-archive; layers that are ``packed`` are written as gzip, as kaniko does it."""
    diff_ids, names = [], []
    with tarfile.open(path, "w") as archive, ExitStack() as stack:
        for number, chunks in enumerate(layers):
            blob = stack.enter_context(TemporaryFile(dir=path.parent))
            diff_ids.append(_write_packed(blob, chunks) if packed else _write_plain(blob, chunks))
            names.append(f"{number:03d}/layer.tar")
            _add(archive, names[-1], blob)
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": [{"created_by": f"RUN step {number}"} for number in range(len(names))],
        }
        manifest = [{"Config": "config.json", "RepoTags": [f"{path.stem}:1"], "Layers": names}]
        _add(archive, "config.json", io.BytesIO(json.dumps(config).encode()))
        _add(archive, "manifest.json", io.BytesIO(json.dumps(manifest).encode()))


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size = content.seek(0, io.SEEK_END)
    content.seek(0)
    archive.addfile(member, content)


def _write_plain(blob: IO[bytes], chunks: Chunks) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        blob.write(chunk)
    return f"sha256:{digest.hexdigest()}"


def _write_packed(blob: IO[bytes], chunks: Chunks) -> str:
    """One gzip member of deflate blocks that know nothing of each other, each packed only once."""
    digest, checksum, size = hashlib.sha256(), 0, 0
    done: dict[bytes, bytes] = {}
    blob.write(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff")
    for chunk in chunks:
        digest.update(chunk)
        checksum = zlib.crc32(chunk, checksum)
        size += len(chunk)
        if chunk not in done:
            packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
            done[chunk] = packer.compress(chunk) + packer.flush(zlib.Z_FULL_FLUSH)
        blob.write(done[chunk])
    blob.write(zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS).flush())
    blob.write(checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little"))
    return f"sha256:{digest.hexdigest()}"


def files(folder: str, count: int) -> Iterator[bytes]:
    """A layer with files in folders of a hundred; no two have the same content."""
    yield header(f"{folder}/", 0, b"5")
    for number in range(count):
        if number % FILES_IN_A_FOLDER == 0:
            yield header(f"{folder}/{number // FILES_IN_A_FOLDER}/", 0, b"5")
        path = f"{folder}/{number // FILES_IN_A_FOLDER}/file{number}"
        yield header(path, FILE_BYTES, b"0")
        yield path.encode().ljust(FILE_BYTES, b".").ljust(tarfile.BLOCKSIZE, b"\0")
    yield END


def whiteouts(folder: str, numbers: Iterable[int]) -> Iterator[bytes]:
    """A layer that deletes files of a layer made by `files`, whether they are there or not."""
    for number in numbers:
        yield header(f"{folder}/{number // FILES_IN_A_FOLDER}/.wh.file{number}", 0, b"0")
    yield END


def bomb(gibibytes: int) -> Iterator[bytes]:
    """A layer of files of 1 GiB each, all zeros."""
    zeros = bytes(64 * MEBIBYTE)
    for number in range(gibibytes):
        yield header(f"zeros{number}", 1024 * MEBIBYTE, b"0")
        for _ in range(1024 * MEBIBYTE // len(zeros)):
            yield zeros
    yield END


def header(path: str, size_bytes: int, kind: bytes) -> bytes:
    """A ustar header, as docker writes them."""
    mode = b"0000755\0" if kind == b"5" else b"0000644\0"
    fields = (
        path.encode().ljust(100, b"\0"),
        mode + b"0000000\0" * 2,
        b"%011o\0" % size_bytes + b"14000000000\0",
        b"        ",
        kind.ljust(101, b"\0"),
        b"ustar\x0000".ljust(88, b"\0") + bytes(167),
    )
    block = b"".join(fields)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


if __name__ == "__main__":
    SYNTHETIC[sys.argv[1]](Path(sys.argv[2]))
