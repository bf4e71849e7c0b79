"""One layer's whole yield: what a single pass over its bytes gives."""

from __future__ import annotations

from typing import Any

import msgspec

from layerscope.model.diagnostic import Diagnostic
from layerscope.model.digest import DiffID, Digest
from layerscope.model.entry import Entry


class OffsetPoint(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """How many compressed bytes had been read when so many uncompressed ones had come out."""

    compressed: int
    uncompressed: int


class Spent(msgspec.Struct, frozen=True, eq=False):
    """Processor time that something took; equal to any other, since it tells nothing of what was read."""

    nanoseconds: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spent)

    def __hash__(self) -> int:
        return 0


class Changeset(msgspec.Struct, frozen=True, kw_only=True):
    """Entries in archive order, facts of the probes, sizes; nothing of its place in an image.

    ``content_bytes`` is the sum of the stored bytes of all regular files, ``tar_bytes`` the
    uncompressed layer, ``compressed_bytes`` the blob as stored. ``digest`` and ``diff_id`` are
    what was computed while reading, None where nothing was. ``facts`` maps a probe's id to
    what it found, by path. ``decompressing`` is what it took to decompress the blob, no time
    where there was nothing to decompress.
    """

    entries: list[Entry]
    content_bytes: int
    tar_bytes: int
    compressed_bytes: int
    compression: str
    digest: Digest | None = None
    diff_id: DiffID | None = None
    points: list[OffsetPoint] = []
    facts: dict[str, dict[str, Any]] = {}
    diagnostics: tuple[Diagnostic, ...] = ()
    decompressing: Spent = Spent()
