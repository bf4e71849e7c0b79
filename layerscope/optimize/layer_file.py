"""A new layer in the temporary data: hashed, compressed and hashed again as it is written."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from layerscope.model.digest import DiffID, Digest
from layerscope.oci.write.compressing import BLOCK_BYTES, Codec, compressor


class LayerFile:
    """Takes a tar piece by piece; both digests and both sizes are there once it was closed."""

    def __init__(self, file: BinaryIO, codec: Codec) -> None:
        self.unpacked_bytes = 0
        self.stored_bytes = 0
        self._file = file
        self._compressor = compressor(codec)
        self._buffer = bytearray()
        self._unpacked = hashlib.sha256()
        self._stored = hashlib.sha256()

    def put(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        self._buffer += data
        while len(self._buffer) >= BLOCK_BYTES:
            self._pass_on(bytes(memoryview(self._buffer)[:BLOCK_BYTES]))
            del self._buffer[:BLOCK_BYTES]

    def finish(self) -> None:
        """There are no more."""
        self._pass_on(bytes(self._buffer))
        self._store(self._compressor.flush())

    @property
    def diff_id(self) -> DiffID:
        """The digest of the tar."""
        return DiffID(f"sha256:{self._unpacked.hexdigest()}")

    @property
    def digest(self) -> Digest:
        """The digest of the blob."""
        return Digest(f"sha256:{self._stored.hexdigest()}")

    def _pass_on(self, block: bytes) -> None:
        self.unpacked_bytes += len(block)
        self._unpacked.update(block)
        self._store(self._compressor.compress(block))

    def _store(self, data: bytes) -> None:
        if data:
            self.stored_bytes += len(data)
            self._stored.update(data)
            self._file.write(data)
