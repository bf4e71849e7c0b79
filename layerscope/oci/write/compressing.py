"""Compressors that give the same bytes for the same data, on however many processors."""

from __future__ import annotations

import os
import re
import struct
import zlib
from collections import deque
from typing import TYPE_CHECKING, Literal, Protocol, cast, get_args

import msgspec

if TYPE_CHECKING:  # only gzip needs threads of ours
    from concurrent.futures import Future

Algorithm = Literal["none", "gzip", "zstd"]

BLOCK_BYTES = 1 << 20
"""How much a compressor is given at a time; gzip's output depends on it."""

_LEVELS = {"none": (0, 0, 0), "gzip": (1, 6, 9), "zstd": (1, 9, 19)}
"""The lowest, the usual and the highest level; beyond zstd's 19 decoders want more memory than they give."""
_MOST_THREADS = 4
_GZIP_HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
"""Without name, time and system."""
_GZIP_WINDOW_BYTES = 1 << 15
_ZSTD_WINDOW_LOG = 23
"""8 MiB: four times the usual at most levels, and what every decoder should have (RFC 8878, 3.1.1.1.2)."""
_ZSTD_JOB_BYTES = 2 << 20
_ZSTD_THREADS = ((9, _MOST_THREADS), (12, 2), (19, 1))
"""How many threads there are up to a level; each takes 20 MB up to 9, 50 MB up to 12, then up to 110 MB."""
_WRITTEN = re.compile(r"([a-z]+)(?::(\d{1,2}))?")


class Codec(msgspec.Struct, frozen=True):
    """An algorithm and its level."""

    algorithm: Algorithm
    level: int = 0

    def __str__(self) -> str:
        """``zstd:9``."""
        return self.algorithm if self.algorithm == "none" else f"{self.algorithm}:{self.level}"


class Compressor(Protocol):
    """Takes blocks of `BLOCK_BYTES`, the last one shorter."""

    def compress(self, data: bytes, /) -> bytes:
        """What is ready by now."""

    def flush(self) -> bytes:
        """All the rest."""


def parse_codec(text: str) -> Codec:
    """Read ``gzip``, ``zstd:12`` or ``none``; raises ValueError."""
    match = _WRITTEN.fullmatch(text)
    if match is None or match[1] not in get_args(Algorithm) or (match[1] == "none" and match[2]):
        raise ValueError(f"{text!r}: write none, gzip, gzip:9, zstd or zstd:12")
    return usual(match[1], None if match[2] is None else int(match[2]))


def usual(algorithm: str, level: int | None = None) -> Codec:
    """An algorithm at this level, or at the one that is worth its time; raises ValueError."""
    least, usual_level, most = _LEVELS[algorithm]
    if level is not None and not least <= level <= most:
        raise ValueError(f"{algorithm} has levels {least} to {most}, not {level}")
    return Codec(cast("Algorithm", algorithm), usual_level if level is None else level)


def compressor(codec: Codec) -> Compressor:
    """A new compressor for one blob."""
    if codec.algorithm == "gzip":
        return _Gzip(codec.level)
    if codec.algorithm == "zstd":
        return _zstd(codec.level)
    return _Plain()


def _threads() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(_MOST_THREADS, available)


class _Plain:
    """No compression."""

    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


class _Gzip:
    """One member, its blocks deflated by several threads, each with the end of the one before as dictionary.

    The output depends on the data and on nothing else.
    """

    def __init__(self, level: int) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self._level = level
        self._threads = _threads()
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="layerscope-gzip")
        self._waiting: deque[Future[bytes]] = deque()
        self._checksum = 0
        self._count = 0
        self._before = b""
        self._ready = [_GZIP_HEADER]

    def compress(self, data: bytes, /) -> bytes:
        self._checksum = zlib.crc32(data, self._checksum)
        self._count += len(data)
        self._waiting.append(self._pool.submit(_deflated, data, self._before, self._level))
        self._before = data[-_GZIP_WINDOW_BYTES:]
        while len(self._waiting) > self._threads:
            self._ready.append(self._waiting.popleft().result())
        return self._taken()

    def flush(self) -> bytes:
        self._ready += [block.result() for block in self._waiting]
        self._waiting.clear()
        self._pool.shutdown()
        # An empty last block, then what tells a damaged stream (RFC 1952, 2.3.1).
        self._ready.append(b"\x03\x00" + struct.pack("<II", self._checksum, self._count & 0xFFFFFFFF))
        return self._taken()

    def _taken(self) -> bytes:
        ready, self._ready = b"".join(self._ready), []
        return ready


def _deflated(data: bytes, before: bytes, level: int) -> bytes:
    """A part of a deflate stream, ending on a byte."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=before)
    return deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)


def _zstd(level: int) -> Compressor:
    import zstandard

    # With threads the output is another than without, but the same for any number of them.
    parameters = zstandard.ZstdCompressionParameters.from_level(
        level,
        window_log=_ZSTD_WINDOW_LOG,
        enable_ldm=True,
        job_size=_ZSTD_JOB_BYTES,
        threads=min(_threads(), next(most for up_to, most in _ZSTD_THREADS if level <= up_to)),
        write_checksum=True,
    )
    return zstandard.ZstdCompressor(compression_params=parameters).compressobj()
