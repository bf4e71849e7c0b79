"""A new layer in the temporary data: hashed, compressed and hashed again as it is written."""

from __future__ import annotations

import hashlib
from typing import Any, BinaryIO, Protocol

from layerscope.model.digest import DiffID, Digest

_BLOCK_BYTES = 1 << 20
_GZIP_LEVEL = 6
_GZIP_WINDOW = 31
"""A window of 32 KiB in a gzip header, without name and time."""
_ZSTD_LEVEL = 3


class _Compressor(Protocol):
    def compress(self, data: Any, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Plain:
    """No compression."""

    def compress(self, data: Any, /) -> bytes:
        return bytes(data)

    def flush(self) -> bytes:
        return b""


def _compressor(compression: str) -> _Compressor:
    if compression == "gzip":
        import zlib

        return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    if compression == "zstd":
        import zstandard

        return zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True).compressobj()
    return _Plain()


class LayerFile:
    """Takes a tar piece by piece; both digests and both sizes are there once it was closed."""

    def __init__(self, file: BinaryIO, compression: str) -> None:
        self.unpacked_bytes = 0
        self.stored_bytes = 0
        self._file = file
        self._compressor = _compressor(compression)
        self._buffer = bytearray()
        self._unpacked = hashlib.sha256()
        self._stored = hashlib.sha256()

    def put(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        self._buffer += data
        if len(self._buffer) >= _BLOCK_BYTES:
            self._pass_on()

    def finish(self) -> None:
        """There are no more."""
        self._pass_on()
        self._store(self._compressor.flush())

    @property
    def diff_id(self) -> DiffID:
        """The digest of the tar."""
        return DiffID(f"sha256:{self._unpacked.hexdigest()}")

    @property
    def digest(self) -> Digest:
        """The digest of the blob."""
        return Digest(f"sha256:{self._stored.hexdigest()}")

    def _pass_on(self) -> None:
        block, self._buffer = self._buffer, bytearray()
        self.unpacked_bytes += len(block)
        self._unpacked.update(block)
        self._store(self._compressor.compress(block))

    def _store(self, data: bytes) -> None:
        if data:
            self.stored_bytes += len(data)
            self._stored.update(data)
            self._file.write(data)
