"""What a script is run with: the interpreter and the words behind ``#!`` in its first line (execve(2)).

The fact is a list: the interpreter's path, then its argument (all the rest of the line, as Linux has it)
where there is one.
"""

from __future__ import annotations

from layerscope.extensions import Probe

_MAX_BYTES = 256
"""As much of a line as Linux looks at."""


class _FirstLine:
    """Keeps the beginning."""

    def __init__(self) -> None:
        self._head = b""

    def feed(self, piece: memoryview) -> None:
        """Keep what is of the first bytes."""
        if len(self._head) < _MAX_BYTES:
            self._head += bytes(piece[: _MAX_BYTES - len(self._head)])

    def feed_hole(self, length: int) -> None:
        """Zeros."""
        self._head += b"\0" * max(0, min(length, _MAX_BYTES - len(self._head)))

    def finish(self) -> list[str] | None:
        """The words; None where there is no interpreter."""
        line = self._head.partition(b"\n")[0]
        if not line.startswith(b"#!") or b"\0" in line:
            return None
        return line[2:].decode("utf-8", "surrogateescape").strip(" \t\r").split(maxsplit=1) or None


PROBE = Probe(
    id="shebang",
    version=1,
    paths=frozenset(),
    begin=lambda path, stored_bytes: _FirstLine(),  # noqa: ARG005
    start=b"#!",
)
