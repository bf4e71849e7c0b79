"""Folders below one that the user named, entered and left without ever following a symlink."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Self

from layerscope.errors import WriteError

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Spot:
    """A folder that is written to; ``parent`` is None for the one that the user named.

    ``identity`` (device and inode) is known once it has been entered.
    """

    __slots__ = ("depth", "identity", "name", "parent")

    def __init__(self, name: bytes = b"", parent: Spot | None = None) -> None:
        self.name = name
        self.parent = parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.identity: tuple[int, int] | None = None


class Inside:
    """One open folder, and the ways from it to the others.

    A single descriptor, whatever the depth. The way down is by one name at a time, the way up must
    lead to where the way down came from; so a folder that somebody moves or replaces is noticed.
    """

    def __init__(self, top: Spot, file: int) -> None:
        self.here = top
        self.file = os.dup(file)
        self._check(top, self.file)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the folder."""
        os.close(self.file)

    def go(self, there: Spot) -> int:
        """Go to another folder; its descriptor, which the next move closes. Raises OSError, WriteError."""
        down: list[Spot] = []
        while there is not self.here:
            if there.depth >= self.here.depth:
                assert there.parent is not None
                down.append(there)
                there = there.parent
            else:
                self._leave()
        for spot in reversed(down):
            self._open(spot.name, spot)
        return self.file

    def _leave(self) -> None:
        assert self.here.parent is not None
        self._open(b"..", self.here.parent)

    def _open(self, name: bytes, spot: Spot) -> None:
        file = os.open(name, _OPEN, dir_fd=self.file)
        try:
            self._check(spot, file)
        except BaseException:
            os.close(file)
            raise
        os.close(self.file)
        self.file, self.here = file, spot

    @staticmethod
    def _check(spot: Spot, file: int) -> None:
        status = os.fstat(file)
        identity = (status.st_dev, status.st_ino)
        if spot.identity is None:
            spot.identity = identity
        elif spot.identity != identity:
            name = spot.name.decode("utf-8", "backslashreplace")
            raise WriteError(f"the folder {name} was moved or replaced while files were written to it")
