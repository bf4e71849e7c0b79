"""An entry of the source that goes into a layer of the result."""

from __future__ import annotations

import msgspec


class Copied(msgspec.Struct, frozen=True, gc=False):
    """An entry of a layer below, by its number there, that goes into a layer of the result.

    ``path`` is the name it gets, None for the one it has. ``link`` is what it leads to as a hard link,
    which it may not have been before. ``stored_bytes`` is the content that comes with it. A ``late`` one is
    a link that comes before what it leads to, and has to wait for it.
    """

    layer: int
    number: int
    path: str | None = None
    link: str | None = None
    stored_bytes: int = 0
    late: bool = False
