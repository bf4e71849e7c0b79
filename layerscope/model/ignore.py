"""Suggestions that somebody does not want to see, and why."""

from __future__ import annotations

import msgspec

from layerscope.model.path_pattern import PathPattern, parse_pattern


class Ignore(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that is not to be told of; with ``paths`` only for what lies at one of them.

    ``until`` is the last day on which it holds, as YYYY-MM-DD; who makes the run's options leaves out what
    has expired.
    """

    rule: str
    paths: tuple[PathPattern, ...] = ()
    reason: str = ""
    until: str | None = None

    def hides(self, path: str) -> bool:
        """Whether what lies at a normalised path is not to be told of."""
        return not self.paths or any(pattern.matches(path) for pattern in self.paths)

    def __str__(self) -> str:
        """As it is written on a command line; the first of several paths."""
        return f"{self.rule}:{self.paths[0].text}" if self.paths else self.rule


def parse_ignore(text: str) -> Ignore:
    """``RULE`` or ``RULE:GLOB``; raises ValueError."""
    rule, colon, glob = text.partition(":")
    if not rule.strip():
        raise ValueError(f"{text!r} names no rule: write RULE or RULE:GLOB")
    return Ignore(rule=rule.strip(), paths=(parse_pattern(glob),) if colon else ())
