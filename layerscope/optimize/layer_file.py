"""A new layer in the temporary data: hashed, compressed and hashed again as it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import BinaryIO

from layerscope.model.digest import DiffID, Digest
from layerscope.oci.write.compressing import BLOCK_BYTES, Codec, compressor

_LARGE_BYTES = 1 << 16
"""What is not compressed is not collected first, where it is as large as that."""


class LayerFile:
    """Takes a tar piece by piece; both digests and both sizes are there once it was closed.

    ``check`` is called now and then, and raises where nobody wants the layer any more.
    """

    def __init__(self, file: BinaryIO, codec: Codec, check: Callable[[], object] = lambda: None) -> None:
        self.unpacked_bytes = 0
        self.stored_bytes = 0
        self._file = file
        self._check = check
        self._compressor = compressor(codec)
        self._as_is = codec.algorithm == "none"
        self._buffer = bytearray()
        self._unpacked = hashlib.sha256()
        # What is stored as it is need not be hashed twice.
        self._stored = self._unpacked if self._as_is else hashlib.sha256()

    def put(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        if self._as_is and len(data) >= _LARGE_BYTES:
            self._pass_on(bytes(self._buffer))
            self._buffer.clear()
            self._pass_on(data)
            return
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

    def _pass_on(self, block: bytes | memoryview) -> None:
        self._check()
        self.unpacked_bytes += len(block)
        self._unpacked.update(block)
        self._store(block if self._as_is else self._compressor.compress(bytes(block)))

    def _store(self, data: bytes | memoryview) -> None:
        if data:
            self.stored_bytes += len(data)
            if not self._as_is:
                self._stored.update(data)
            self._file.write(data)
