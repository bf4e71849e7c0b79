"""Paths as people name them in a limit: ``/usr/share``, ``*.so``, ``/opt/**/test/``."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_PIECES = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")


class PathPattern(msgspec.Struct, frozen=True):
    """What people wrote, and the normalised paths that it means."""

    text: str
    regex: Any

    def matches(self, path: str) -> bool:
        """Whether a normalised path is meant."""
        return self.regex.fullmatch(path) is not None


def parse_pattern(text: str) -> PathPattern:
    """A pattern from text; raises ValueError.

    With a slash in it, it stands for paths from the root on, without one for a name anywhere. ``*``
    is anything within a name, ``?`` one character, ``**`` any number of directories. A slash at the
    end means a directory and everything below it.
    """
    text = text.strip()
    plain = text.strip("/")
    if not plain or "\0" in text:
        raise ValueError(f"{text!r} is no path: write /usr/share, *.so or /root/.ssh/")
    anywhere = "/" not in text.rstrip("/")
    regex = "".join(map(_regex, _PIECES.findall(plain)))
    regex = ("(?:.*/)?" if anywhere else "") + regex + ("(?:/.*)?" if text.endswith("/") else "")
    return PathPattern(text, re.compile(regex, re.DOTALL))


def _regex(piece: str) -> str:
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return known.get(piece) or re.escape(piece)
