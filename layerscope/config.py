"""Everything a run can be told, as one frozen value."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from layerscope.model.platform import Platform


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How an image is chosen and read.

    ``max_unpacked_bytes`` bounds what the layers may unpack to, None is no bound. ``progress``
    is told of bytes as they are read. ``content_sha256`` asks for the SHA-256 of every file.
    """

    platform: Platform | None = None
    verify: bool = False
    base_layers: int | None = None
    max_unpacked_bytes: int | None = None
    content_sha256: bool = False
    progress: Callable[[int], None] | None = None
