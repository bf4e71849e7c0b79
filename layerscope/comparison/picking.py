"""Which of what differs a filter line picks: the explorer's words, as far as two images can be asked them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import methodcaller

import msgspec

from layerscope.errors import UsageError
from layerscope.union.compare import Change
from layerscope.union.filter import Term, parse_filter

SYNTAX = "text  *.glob  /regex/  size>10MB  kind:added  ext:so  -not"

Test = Callable[[Sequence[str], int, Change | None], bool]
"""Is given the lower-case texts of something that differs, what it takes in the image where it takes more,
and what became of it: None where it is the same, or only holds what differs."""


class Picking(msgspec.Struct, frozen=True, kw_only=True):
    """What a line asks for: words that have to be there, which are quick to look for, and all else."""

    words: tuple[str, ...] = ()
    tests: tuple[Test, ...] = ()

    def fits(self, texts: Sequence[str], size_bytes: int, change: Change | None) -> bool:
        """Whether something is picked."""
        found = all(any(word in text for text in texts) for word in self.words)
        return found and all(test(texts, size_bytes, change) for test in self.tests)


def parse_picking(text: str) -> Picking:
    """Read a line; raises UsageError for what is wrong, or can be asked of one image only."""
    terms = parse_filter(text)
    quick = [term for term in terms if term.word is not None and not term.negated]
    return Picking(
        words=tuple(term.word for term in quick if term.word is not None),
        tests=tuple(_test(term) for term in terms if term not in quick),
    )


def _test(term: Term) -> Test:
    if term.version is not None or term.waste is not None:
        raise UsageError("that can be asked of one image only", hint=f"of two images: {SYNTAX}")
    plain = _plain(term)
    return (lambda texts, size, change: not plain(texts, size, change)) if term.negated else plain


def _plain(term: Term) -> Test:
    if term.size is not None:
        fits = term.size
        return lambda _texts, size_bytes, _change: bool(fits(size_bytes))
    if term.changes:
        return lambda _texts, _size, change: change in term.changes
    if term.path is not None:
        return _of_any(term.path)
    if term.ending is not None:
        return _of_any(methodcaller("endswith", term.ending))
    if term.start is not None:
        start = term.start
        return _of_any(lambda text: text.startswith(start) or f"/{start}" in text)
    word = term.word or ""
    return _of_any(lambda text: word in text)


def _of_any(test: Callable[[str], object]) -> Test:
    def found(texts: Sequence[str], _size: int, _change: Change | None) -> bool:
        for text in texts:  # noqa: SIM110 - a generator would cost more than the test
            if test(text):
                return True
        return False

    return found
