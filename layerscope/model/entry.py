"""One entry of a layer."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What an entry is; the letters are those of ``ls`` output and JSON."""

    FILE = "f"
    DIRECTORY = "d"
    SYMLINK = "l"
    HARDLINK = "h"
    CHARACTER_DEVICE = "c"
    BLOCK_DEVICE = "b"
    FIFO = "p"
    WHITEOUT = "w"
    OPAQUE = "o"
    AUFS = "a"
    """A file or symlink of the metadata that AUFS left: never shown, but hard links may name it."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """A file, directory, link, device or marker as one layer's tar holds it.

    ``path`` is normalised: no leading slash, no ``.`` or ``..``, the root is ``""``; bytes that are
    not UTF-8 are surrogate escapes. For a whiteout it is the path that is removed, for an opaque
    whiteout the directory. ``spelling`` is the name in the archive where it says it differently.

    ``size_bytes`` is the logical size, ``stored_bytes`` what the content takes in the layer (less
    for a sparse file, 0 for anything but a regular file). ``content_hash`` is a 128-bit identity
    of the content, for a sparse file of its map and data; never a proof against an adversary.
    ``offset`` is where the content begins in the uncompressed layer. ``link_target`` is a
    symlink's text, verbatim, a hard link's normalised target, or a device's ``major:minor``.
    """

    path: str
    kind: Kind
    size_bytes: int = 0
    stored_bytes: int = 0
    mode: int = 0
    uid: int = 0
    gid: int = 0
    mtime_ns: int = 0
    link_target: str | None = None
    xattrs: dict[str, bytes] | None = None
    content_hash: bytes | None = None
    offset: int = 0
    spelling: str | None = None
