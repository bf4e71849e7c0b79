"""Bytes that are shipped and that nobody can see."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Cause(StrEnum):
    """The event that made the bytes useless."""

    DELETED = "deleted"
    """A whiteout, an opaque whiteout, or a parent that was deleted or replaced."""
    OVERWRITTEN = "overwritten"
    """Other content or another type came; also a later entry of the same path in the same layer."""
    METADATA_ONLY = "metadata_only"
    """The same content came again (a copy-up): owner, mode, time or xattrs differ, or nothing does."""


class Waste(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One entry that no visible name reaches any more.

    ``shipped_by`` is the layer whose blob holds the bytes, ``hidden_by`` the one that made them
    useless. ``differs`` says for a copy-up what changed: ``owner``, ``mode``, ``time``, ``xattrs``.
    ``offset`` is where the bytes lie in the uncompressed layer.
    """

    path: str
    cause: Cause
    shipped_by: int
    hidden_by: int
    size_bytes: int
    differs: tuple[str, ...] = ()
    offset: int = 0

    @property
    def blamed(self) -> int:
        """The layer that could have avoided it: a copy-up's own, otherwise the one that shipped it."""
        return self.hidden_by if self.cause is Cause.METADATA_ONLY else self.shipped_by
