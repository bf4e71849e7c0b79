"""The place for temporary data, made when something is first put there."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import BinaryIO

from layerscope.spool import Spool, spool


class Temporary:
    """A `layerscope.extensions.Keeper` that costs nothing as long as nothing has to be kept."""

    def __init__(self) -> None:
        self._making = threading.Lock()
        self._stack = ExitStack()
        self._spool: Spool | None = None

    def begin(self, name: str) -> BinaryIO:
        """A file to write into; raises WriteError."""
        with self._making:
            if self._spool is None:
                self._spool = self._stack.enter_context(spool())
        return self._spool.begin(name)

    def open(self, name: str) -> BinaryIO:
        """What was kept whole; raises KeyError."""
        if self._spool is None:
            raise KeyError(name)
        return self._spool.open(name)

    def drop(self, name: str) -> None:
        """Remove what was kept."""
        if self._spool is not None:
            self._spool.drop(name)

    def close(self) -> None:
        """Remove everything."""
        self._stack.close()
