"""An image that an engine holds, as its list shows it."""

from __future__ import annotations

import msgspec


class LocalImage(msgspec.Struct, frozen=True, kw_only=True):
    """One image of an engine.

    ``reference`` opens it (``docker:name:tag``, or by ID where it has no name). ``size_bytes`` is
    what the engine says that it takes unpacked, ``created_s`` seconds since 1970; ``layers`` is
    None where the engine's list does not tell.
    """

    reference: str
    names: tuple[str, ...]
    image_id: str
    size_bytes: int | None = None
    created_s: int | None = None
    layers: int | None = None
