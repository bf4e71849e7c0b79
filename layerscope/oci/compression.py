"""How a blob is compressed, told by its first bytes, and the uncompressed stream of it."""

from __future__ import annotations

import io
import time
import zlib
from collections.abc import Callable, Generator, Iterator
from functools import cache
from typing import Any, BinaryIO, Protocol, cast

from layerscope.errors import ImageError
from layerscope.model.changeset import OffsetPoint

BLOCK_BYTES = 1 << 20
"""How much a decompressor hands on at a time."""

_KEPT_BYTES = 8 * BLOCK_BYTES
_READ_BYTES = 1 << 18
_MAX_WINDOW_BYTES = 1 << 27
_ZSTD_END = b"the end of a zstd stream"
_MAX_XZ_MEMORY_BYTES = 1 << 28

_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
)
_UNSUPPORTED = (
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x02\x21\x4c\x18", "lz4"),
    (b"\x89LZO\0", "lzop"),
    (b"\x1f\x9d", "compress (.Z)"),
    (b"LRZI\0", "lrzip"),
    (b"GRZip", "grzip"),
    (b"\x5d\0\0\x80\0", "lzma"),
    (b"hsqs", "squashfs"),
    (b"PK\x03\x04", "zip"),
)
MAGIC_BYTES = 8
"""How many first bytes ``compression_of`` looks at."""


@cache
def keep_freed_blocks() -> None:
    """Have the memory of blocks that are done with serve the next ones.

    glibc gives back what is free beyond twice the largest piece that was ever freed, which is two blocks, and
    to page it in again costs more than to read what goes into it. This piece is freed, but never touched.
    """
    bytes(_KEPT_BYTES)


class RawStream(Protocol):
    """A blob as stored; ``read`` gives fewer bytes than asked for only at its end."""

    def read(self, count: int = -1, /) -> bytes:
        """The next bytes."""


def compression_of(first: bytes) -> str:
    """``gzip``, ``zstd``, ``bzip2``, ``xz`` or ``none``; raises ImageError for one not supported.

    A blob that begins with a skippable frame is zstd too (RFC 8878, 3.1.2).
    """
    for magic, name in _MAGIC:
        if first.startswith(magic):
            return name
    if first[1:4] == b"\x2a\x4d\x18" and 0x50 <= first[0] <= 0x5F:
        return "zstd"
    for magic, name in _UNSUPPORTED:
        # A tar's first name may be the same, but NULs follow it.
        if first.startswith(magic) and first[len(magic) :].strip(b"\0"):
            raise ImageError(f"is {name}, which layerscope does not read")
    return "none"


class _Counted(io.RawIOBase):
    """A raw stream with the bytes given back in front of it, and a count of what was read.

    A decoder that hands on a block later than it made it says in ``noted`` what the count was then.
    """

    def __init__(self, first: bytes, raw: RawStream) -> None:
        super().__init__()
        self._first = first
        self._raw = raw
        self.count = 0
        self.noted: int | None = None

    def read(self, count: int = -1, /) -> bytes:
        """The next bytes, fewer than asked for also where the first bytes end."""
        if self._first:
            taken = self._first if count < 0 else self._first[:count]
            self._first = self._first[len(taken) :]
        else:
            taken = self._raw.read(count)
        self.count += len(taken)
        return taken

    def readinto(self, buffer: Any, /) -> int:
        """The same into a buffer."""
        taken = self.read(len(buffer))
        buffer[: len(taken)] = taken
        return len(taken)

    def readable(self) -> bool:
        """Yes."""
        return True


class Decompressed:
    """The uncompressed blocks of a blob; iterate once, to the end.

    ``points`` holds how far the compressed stream had been read after each block, and
    ``compressed_bytes`` the whole once the end was reached; ``decompress_ns`` is the processor time that
    this took of the thread that iterates. Making one reads the first bytes; that, and iterating, raise
    ImageError where the data are damaged or not supported.
    """

    def __init__(self, raw: RawStream) -> None:
        first = raw.read(MAGIC_BYTES)
        self.compression = compression_of(first)
        self._raw = _Counted(first, raw)
        self.points: list[OffsetPoint] = []
        self.compressed_bytes = 0
        self.decompress_ns = 0

    @property
    def compressed(self) -> bool:
        """Whether there is anything to decompress."""
        return self.compression != "none"

    def __iter__(self) -> Generator[bytes, None, None]:
        """Yield the blocks and note the offset points."""
        uncompressed = 0
        started = time.thread_time_ns()
        try:
            for block in _DECODERS[self.compression](self._raw):
                uncompressed += len(block)
                if self.compressed:
                    self.decompress_ns += time.thread_time_ns() - started
                    count = self._raw.count if self._raw.noted is None else self._raw.noted
                    self.points.append(OffsetPoint(count, uncompressed))
                yield block
                started = time.thread_time_ns()
        except EOFError:
            raise ImageError(f"truncated: the {self.compression} data end early") from None
        except _decoder_errors() as error:
            raise ImageError(f"damaged {self.compression} data: {error}") from None
        while self._raw.read(_READ_BYTES):
            pass
        self.compressed_bytes = self._raw.count


def _decoder_errors() -> tuple[type[BaseException], ...]:
    """What decoders raise on damaged data; looked up when one was raised, to import none before."""
    import gzip
    import lzma

    import zstandard
    from isal import isal_zlib

    igzip_error = cast("type[BaseException]", isal_zlib.error)
    return (
        gzip.BadGzipFile,
        zlib.error,
        igzip_error,
        zstandard.ZstdError,
        lzma.LZMAError,
        OSError,
    )


def _plain(raw: _Counted) -> Iterator[bytes]:
    while block := raw.read(BLOCK_BYTES):
        yield block


def _gzip(raw: _Counted) -> Iterator[bytes]:
    from isal import igzip

    with igzip.IGzipFile(fileobj=raw, mode="rb") as reader:  # type: ignore[no-untyped-call]
        while block := reader.read(BLOCK_BYTES):
            yield block


class _Ended:
    """A raw stream with one more frame behind its end, which comes through only if the last one is whole.

    The decoder takes a frame that is cut off for the end of the stream and says nothing.
    """

    def __init__(self, raw: _Counted, frame: bytes) -> None:
        self._raw = raw
        self._frame = frame

    def read(self, count: int = -1, /) -> bytes:
        taken = self._raw.read(count)
        if not taken:
            # Byte by byte, or a whole frame would pass for the rest of a header that is cut off.
            taken, self._frame = self._frame[:1], self._frame[1:]
        return taken


def _zstd(raw: _Counted) -> Iterator[bytes]:
    import zstandard

    frame = zstandard.ZstdCompressor(write_checksum=True).compress(_ZSTD_END)
    decoder = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES)
    source = cast("BinaryIO", _Ended(raw, frame))
    held, held_count = b"", 0
    with decoder.stream_reader(source, read_size=_READ_BYTES, read_across_frames=True) as reader:
        while block := reader.read(BLOCK_BYTES):
            if len(block) < len(_ZSTD_END):
                held += block
                continue
            if held:
                raw.noted = held_count
                yield held
            held, held_count = block, raw.count
    if not held.endswith(_ZSTD_END):
        raise EOFError
    if len(held) > len(_ZSTD_END):
        raw.noted = held_count
        yield held[: -len(_ZSTD_END)]


def _bzip2(raw: _Counted) -> Iterator[bytes]:
    from bz2 import BZ2Decompressor

    return _members(raw, BZ2Decompressor, b"BZh")


def _xz(raw: _Counted) -> Iterator[bytes]:
    from lzma import FORMAT_XZ, LZMADecompressor

    return _members(raw, lambda: LZMADecompressor(FORMAT_XZ, memlimit=_MAX_XZ_MEMORY_BYTES), b"\xfd7zXZ")


def _members(raw: _Counted, new_decoder: Callable[[], Any], magic: bytes) -> Iterator[bytes]:
    """Decode streams that stand one behind the other, as their command line tools do."""
    pending = raw.read(_READ_BYTES)
    while pending:
        decoder = new_decoder()
        while not decoder.eof:
            if decoder.needs_input and not pending and not (pending := raw.read(_READ_BYTES)):
                raise EOFError
            if block := decoder.decompress(pending, BLOCK_BYTES):
                yield block
            pending = b""
        pending = decoder.unused_data or raw.read(_READ_BYTES)
        while pending and not (pending := pending.lstrip(b"\0")):
            pending = raw.read(_READ_BYTES)
        while pending and len(pending) < len(magic) and (more := raw.read(_READ_BYTES)):
            pending += more
        if not pending.startswith(magic):
            return


_DECODERS: dict[str, Callable[[_Counted], Iterator[bytes]]] = {
    "none": _plain,
    "gzip": _gzip,
    "zstd": _zstd,
    "bzip2": _bzip2,
    "xz": _xz,
}
