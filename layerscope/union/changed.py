"""What layers did at or below a path, in numbers."""

from __future__ import annotations

import msgspec


class Changed(msgspec.Struct, gc=False):
    """What one layer did at or below a directory: numbers of paths, bytes it ships, bytes of them wasted."""

    added: int = 0
    modified: int = 0
    metadata_only: int = 0
    deleted: int = 0
    shipped_bytes: int = 0
    wasted_bytes: int = 0

    @property
    def touched(self) -> int:
        """How many paths something happened to."""
        return self.added + self.modified + self.metadata_only + self.deleted

    def add(self, other: Changed) -> None:
        """Take in what happened elsewhere."""
        self.added += other.added
        self.modified += other.modified
        self.metadata_only += other.metadata_only
        self.deleted += other.deleted
        self.shipped_bytes += other.shipped_bytes
        self.wasted_bytes += other.wasted_bytes
