"""A package as a database describes it, before its bytes are counted, and as everybody sees it after."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from layerscope.union.index import Node, Version


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What one database says: a package and the files that are its own.

    ``record`` is the file that tells of the package. ``layer`` brought it in this version. ``manual`` is
    whether somebody asked for it, rather than a package that needs it; None where nothing tells.
    ``modules`` are names and versions of what is part of its files, and has none of its own.
    """

    kind: str
    name: str
    version: str
    record: str
    layer: int
    files: Iterable[tuple[Node, Version]]
    architecture: str | None = None
    manual: bool | None = None
    modules: tuple[tuple[str, str], ...] = ()


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A package of the merged filesystem and its bytes.

    ``size_bytes`` are the stored bytes of its visible files, whatever layer ships them; a file that two
    packages name is the first one's, a hard link group counts once. ``file_count`` counts these. The
    rest is as in `Found`.
    """

    kind: str
    name: str
    version: str
    architecture: str | None
    record: str
    layer: int
    manual: bool | None
    size_bytes: int
    file_count: int
    modules: tuple[tuple[str, str], ...] = ()


class Unowned(msgspec.Struct, frozen=True, kw_only=True):
    """Visible bytes at and below a path that no package owns."""

    path: str
    size_bytes: int


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """A database that is there and could not be read; its packages are missing."""

    path: str
    why: str


class Packages(msgspec.Struct, frozen=True, kw_only=True):
    """All packages, the largest first; ``owned_bytes + unowned_bytes`` are the visible bytes.

    ``unowned`` says where the unowned bytes are, by the first two parts of their paths, the largest first.
    ``unreadable`` are databases of which nothing is known.
    """

    packages: tuple[Package, ...]
    owned_bytes: int
    unowned_bytes: int
    unowned: tuple[Unowned, ...]
    unreadable: tuple[Unreadable, ...] = ()
