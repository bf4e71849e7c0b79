"""Which later RUNs need what a layer makes, or make it again."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache

from layerscope.advice.evidence import Evidence

_PATH = re.compile(r"(?:(?<=[\s='\":(])|^)(?:~|\$HOME|\$\{HOME\})?/[\w.@+/-]+")
_HOME = re.compile(r"^(?:~|\$HOME|\$\{HOME\})")
_MAX_CHARACTERS = 1 << 16
_OF_ALL = frozenset(
    ("/usr/share", "/usr/lib", "/usr/local", "/usr/bin", "/var/lib", "/var/cache", "/var/log")
)
_OF_ALL |= frozenset(("/usr/local/lib", "/usr/local/bin", "/usr/local/share", "/usr/src"))
"""Folders of so many things that naming one tells nothing of what is below."""


def users_of(evidence: Evidence, layer: int, roots: Sequence[str], needed_by: str = "") -> list[int]:
    """The later RUNs that name one of the paths, or run what the pattern says needs them."""
    paths = sorted(f"/{root}" for root in roots)
    return [
        number
        for number, text in _runs_after(evidence, layer)
        if (needed_by and _has(text, needed_by)) or any(_is_at(paths, word) for word in _named_in(text))
    ]


def refilling(evidence: Evidence, layer: int, command: str) -> list[int]:
    """The later RUNs that run a command which makes such files again, were they not there."""
    return [number for number, text in _runs_after(evidence, layer) if _has(text, command)]


def _runs_after(evidence: Evidence, layer: int) -> Iterator[tuple[int, str]]:
    for number in range(layer + 1, len(evidence.instructions)):
        instruction = evidence.instructions[number]
        if instruction is not None and instruction.keyword == "RUN":
            yield number, instruction.text


def _is_at(paths: Sequence[str], word: str) -> bool:
    """Whether a word is one of the sorted paths, is below one, or is a folder close above one."""
    if word.count("/") > 1 and word not in _OF_ALL and _starts_one(paths, f"{word}/"):
        return True
    while word:
        place = bisect_left(paths, word)
        if place < len(paths) and paths[place] == word:
            return True
        word = word.rpartition("/")[0]
    return False


def _starts_one(paths: Sequence[str], start: str) -> bool:
    place = bisect_left(paths, start)
    return place < len(paths) and paths[place].startswith(start)


@lru_cache(maxsize=4096)
def _has(text: str, pattern: str) -> bool:
    return re.search(pattern, text[:_MAX_CHARACTERS]) is not None


@lru_cache(maxsize=1024)
def _named_in(text: str) -> frozenset[str]:
    """The absolute paths that a command's text names; the home is root's."""
    return frozenset(_HOME.sub("/root", word).rstrip("/") for word in _PATH.findall(text[:_MAX_CHARACTERS]))
