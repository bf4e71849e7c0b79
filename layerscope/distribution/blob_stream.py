"""A blob as it comes from a registry; where it breaks off, it is taken up again from there."""

from __future__ import annotations

import re
import time
from collections.abc import Generator
from typing import TYPE_CHECKING

from layerscope.distribution.client import Registry, broken_off
from layerscope.distribution.patience import Pace, TooSlow
from layerscope.errors import BlobMismatch, IncompleteImage
from layerscope.model.digest import Digest
from layerscope.oci.blocks import Blocks

if TYPE_CHECKING:
    import httpx

_WORTH_A_NEW_START_BYTES = 1 << 20
"""After so many bytes since it last broke, earlier failures are forgotten."""


class BlobStream:
    """Reads a blob once, from its beginning to its end; `Stored`.

    Holds its length against what was declared; its digest is for the reader to check, who hashes
    it anyway. Raises SourceError, and BlobMismatch where the length is wrong.
    """

    def __init__(self, registry: Registry, digest: Digest, size_bytes: int) -> None:
        self._registry = registry
        self._digest = digest
        self._size_bytes = size_bytes
        self._where = f"{registry.name}: {digest}"
        self._blocks = Blocks(self._all_pieces())
        self._offset = 0

    def read(self, count: int = -1, /) -> bytes:
        """The next bytes; fewer than asked for only at the end."""
        return self._blocks.read(count)

    def close(self) -> None:
        """Let go of the connection."""
        self._blocks.close()

    def _all_pieces(self) -> Generator[bytes, None, None]:
        import httpx

        failures = 0
        while True:
            began = self._offset
            try:
                yield from self._pieces_from_here()
            except (httpx.TransportError, TooSlow) as error:
                failure = broken_off(error, httpx.URL(self._registry.url(f"blobs/{self._digest}")))
            else:
                return
            failures = 1 if self._offset - began >= _WORTH_A_NEW_START_BYTES else failures + 1
            if failures >= self._registry.patience.tries:
                raise failure
            self._registry.pause(failures, failure.message)

    def _pieces_from_here(self) -> Generator[bytes, None, None]:
        """What is left of the blob, as far as one connection gives it."""
        headers = {"Range": f"bytes={self._offset}-"} if self._offset else None
        url = self._registry.url(f"blobs/{self._digest}")
        with self._registry.exchange(url, headers=headers) as response:
            skip = self._offset - self._start(response)
            pace = Pace(self._registry.patience)
            began = time.monotonic()
            for arrived in response.iter_raw():
                pace.note(len(arrived), time.monotonic() - began)
                self._registry.check()
                piece = arrived[skip:] if skip else arrived
                skip -= min(skip, len(arrived))
                if piece:
                    self._offset += len(piece)
                    if self._offset > self._size_bytes:
                        raise self._mismatch("more")
                    yield piece
                began = time.monotonic()
        if self._offset < self._size_bytes:
            raise self._mismatch(str(self._offset))

    def _start(self, response: httpx.Response) -> int:
        """Where in the blob the answer begins: at its beginning, where the registry knows no ranges."""
        status = response.status_code
        if status == 404:
            raise IncompleteImage(
                f"{self._where}: the registry does not have this blob", hint="push the image again"
            )
        if status == 416:
            raise self._mismatch(f"no more than {self._offset}")
        if status not in (200, 206):
            raise self._registry.refused(response)
        start = 0
        if status == 206:
            place = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
            start = int(place[1]) if place else self._offset
            if start > self._offset:
                raise self._mismatch("a part without its beginning")
        length = response.headers.get("content-length", "")
        if length.isdigit() and start + int(length) != self._size_bytes:
            raise self._mismatch(str(start + int(length)))
        return start

    def _mismatch(self, got: str) -> BlobMismatch:
        return BlobMismatch(
            f"{self._where}: the registry sends {got} bytes, the manifest says {self._size_bytes}",
            hint="push the image again, or ask whoever runs the registry",
        )
