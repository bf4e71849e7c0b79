"""Which of two versions of a package is the newer one, by the rules of those who gave them."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Any

_DISTRIBUTIONS = frozenset(("apk", "dpkg", "rpm"))
_PARTS = re.compile(r"(\D*)(\d*)")
_GENERAL = re.compile(r"v?(?:(\d+)!)?(\d+(?:\.\d+)*)(.*)", re.DOTALL | re.IGNORECASE)
_WORDS = re.compile(r"[a-z]+|\d+")
_PHASES = {
    **dict.fromkeys(("dev", "snapshot", "nightly", "canary"), -4),
    **dict.fromkeys(("a", "alpha"), -3),
    **dict.fromkeys(("b", "beta", "m", "milestone"), -2),
    **dict.fromkeys(("c", "rc", "cr", "pre", "preview"), -1),
    **dict.fromkeys(("post", "rev", "r", "sp", "final", "ga", "release"), 1),
}
_END = ((0,), 0)


def is_newer(kind: str, old: str, new: str) -> bool | None:
    """Whether the second version is the newer one; None where that cannot be told."""
    if old == new:
        return None
    if kind in _DISTRIBUTIONS:
        former, latter = _distribution(old), _distribution(new)
        return None if former == latter else _before(former, latter)
    before, after = _general(old), _general(new)
    return None if before is None or after is None or before == after else before < after


_Number = tuple[tuple[int, ...], int]


def _distribution(version: str) -> list[list[_Number]]:
    """Epoch, upstream version and revision (deb-version(7))."""
    epoch, colon, rest = version.partition(":")
    if not colon:
        epoch, rest = "0", version
    upstream, dash, revision = rest.rpartition("-")
    return [_numbers(part) for part in ((epoch, upstream, revision) if dash else (epoch, rest, ""))]


def _numbers(part: str) -> list[_Number]:
    found = [(_order(text), int(digits or 0)) for text, digits in _PARTS.findall(part) if text or digits]
    while found and found[-1] == _END:
        found.pop()
    return found


def _order(text: str) -> tuple[int, ...]:
    """Letters before other signs, a tilde before everything, even the end."""
    return (*(-1 if char == "~" else ord(char) + (0 if char.isalpha() else 0x110000) for char in text), 0)


def _before(old: list[list[_Number]], new: list[list[_Number]]) -> bool:
    """Whether the first is the lesser one, part by part."""
    for former, latter in zip(old, new, strict=True):
        for one, other in zip_longest(former, latter, fillvalue=_END):
            if one != other:
                return one < other
    return False


def _general(version: str) -> tuple[Any, ...] | None:
    """Release, then phase: what most languages' rules (PEP 440, semver) have in common."""
    match = _GENERAL.fullmatch(version.partition("+")[0].strip())
    if match is None:
        return None
    release = [int(number) for number in match[2].split(".")]
    while release and not release[-1]:
        release.pop()
    words = _WORDS.findall(match[3].lower())
    phases = []
    for word in words:
        if word.isdigit():
            phases.append((0, int(word), ""))
        else:
            # A word that nobody knows comes before the release, as in semver.
            phases.append((_PHASES.get(word, -1), 0, word if word not in _PHASES else ""))
    if match[3].startswith("-") and words and words[0].isdigit():
        phases.insert(0, (1 if len(words) == 1 else -1, 0, ""))
    return (int(match[1] or 0), release, [*phases, (0, 0, "")])
