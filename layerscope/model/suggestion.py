"""What could be smaller: a rule's claim to bytes, and the suggestion that is made of it."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

import msgspec

Confidence = Literal["high", "medium", "low"]
"""High: certainly not needed. Medium: nearly always. Low: ask whoever wrote it."""
Blame = Literal["own", "base"]


class Priority(IntEnum):
    """Which of several rules a byte is credited to: the one that comes first here."""

    SECRET = 1
    WASTE_EXPLAINED = 2
    """Wasted bytes of which more is known than that they are hidden: moved, purged too late, …"""
    WASTE = 3
    LEFTOVER = 4
    """A cache, a log, a leftover of one kind."""
    DUPLICATE = 5
    GENERIC = 6
    """Documentation, tests, whole toolchains."""
    ADVICE = 7
    """Nothing of its own to save, or bytes that other findings tell of: none are credited to it."""


class Item(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One entry's bytes; ``key`` is the entry's identity within one run of the rules.

    ``layer`` ships them; ``origin`` is the layer that brought this content to this path first, a lower
    one where it was copied up since. ``offset`` is where the bytes lie in the uncompressed layer.
    """

    key: int
    path: str
    layer: int
    origin: int
    size_bytes: int
    offset: int = 0


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """The instruction of a layer written anew; with an empty text it is not needed any more."""

    layer: int
    text: str


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule found in one place, before bytes are credited.

    ``layers`` are those it is about, ``blamed`` the one whose instruction is to be changed (None: the
    image as a whole). ``hidden_bytes`` are further bytes of the same kind that no name reaches any
    more. ``gross_bytes`` and ``compressed_bytes`` are set where they are not those of the items.
    ``rewrite`` is the instruction written better, ``risk`` what could break. ``edits`` are what the fix
    changes, where that is certain and more than the one instruction.
    """

    title: str
    items: tuple[Item, ...] = ()
    layers: tuple[int, ...] = ()
    blamed: int | None = None
    confidence: Confidence = "high"
    fix: str
    rewrite: str | None = None
    edits: tuple[Edit, ...] = ()
    risk: str = ""
    hidden_bytes: int = 0
    gross_bytes: int | None = None
    compressed_bytes: int | None = None


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that people read; sizes are content bytes.

    ``gross_bytes`` is all that it is about, ``net_bytes`` what no finding of higher priority tells of
    already: over all findings they are at most the content. ``compressed_bytes`` is an estimate of
    what the net bytes take in the blobs; for advice, which has no bytes of its own, of what following
    it would save there. ``paths`` are the largest of ``path_count``. ``blame`` is None where nobody
    knows where the base ends. ``blamed_layer`` is the layer whose instruction is to be changed, None for the
    image as a whole; ``dockerfile_lines`` are the first and the last line of that instruction in the
    Dockerfile, from 1, None where that is not known. ``edits`` are all instructions that the fix changes,
    where these are certain and more than the one.
    """

    rule: str
    title: str
    family: str
    gross_bytes: int
    net_bytes: int
    compressed_bytes: int
    layers: tuple[int, ...]
    instruction: str | None
    paths: tuple[str, ...]
    path_count: int
    confidence: Confidence
    blame: Blame | None
    fix: str
    rewrite: str | None = None
    edits: tuple[Edit, ...] = ()
    risk: str = ""
    blamed_layer: int | None = None
    dockerfile_lines: tuple[int, int] | None = None
