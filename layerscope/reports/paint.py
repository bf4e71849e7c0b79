"""Text attributes for a terminal, or none."""

from __future__ import annotations

import msgspec


class Paint(msgspec.Struct, frozen=True):
    """Wraps text in ANSI attributes where colour is wanted; colour never carries meaning alone."""

    enabled: bool

    def _wrap(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.enabled and text.strip() else text

    def strong(self, text: str) -> str:
        """What is to be read first."""
        return self._wrap(text, "1")

    def dim(self, text: str) -> str:
        """What can be passed over."""
        return self._wrap(text, "2")

    def accent(self, text: str) -> str:
        """Visible bytes, and what layerscope points at."""
        return self._wrap(text, "36")

    def good(self, text: str) -> str:
        """A gate that passed."""
        return self._wrap(text, "32")

    def bad(self, text: str) -> str:
        """A gate that failed."""
        return self._wrap(text, "1;31")

    def cause(self, cause: str, text: str) -> str:
        """A cause of waste: deleted red, overwritten yellow, metadata-only magenta."""
        return self._wrap(text, {"deleted": "31", "overwritten": "33", "metadata_only": "35"}[cause])
