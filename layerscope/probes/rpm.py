"""What rpm wrote down: packages with their files, from any of the databases that it has had.

The fact is a list of packages, or ``{"unreadable": why}``.
"""

from __future__ import annotations

from typing import Any

from layerscope.extensions import Probe

_MAX_BYTES = 1 << 27
_FOLDERS = ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
_NAMES = ("rpmdb.sqlite", "Packages.db", "Packages")


class _Database:
    """Keeps a database whole; the databases are trees of pages that refer to each other."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._size_bytes = 0

    def feed(self, piece: memoryview) -> None:
        """Take the next bytes."""
        self._size_bytes += len(piece)
        self._kept += piece[: _MAX_BYTES - len(self._kept)]

    def feed_hole(self, length: int) -> None:
        """Take zero bytes that are not stored."""
        self._size_bytes += length
        self._kept += bytes(min(length, _MAX_BYTES - len(self._kept)))

    def finish(self) -> Any:
        """The fact."""
        from layerscope.probes.rpm_database import headers
        from layerscope.probes.rpm_header import packages_of
        from layerscope.probes.sqlite_in_memory import Unreadable

        if not self._size_bytes:
            return None
        if self._size_bytes > _MAX_BYTES:
            return {"unreadable": f"the database is larger than {_MAX_BYTES >> 20} MiB"}
        try:
            return packages_of(headers(memoryview(self._kept)), _MAX_BYTES)
        except Unreadable as error:
            return {"unreadable": str(error)}


PROBE = Probe(
    id="rpm",
    version=1,
    paths=frozenset(f"{folder}/{name}" for folder in _FOLDERS for name in _NAMES),
    begin=lambda path, stored_bytes: _Database(),  # noqa: ARG005
)
