"""An instruction of a Dockerfile changed as its recorded form was: a merge of words in three ways.

The history tells an instruction without its line breaks, comments and options such as --mount, and what is
written better is made from that. Here the words that differ between the recorded instruction and the better
one are put into, or taken out of, the text as its author wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

import msgspec

_WORD = re.compile(r"\S+")
_COMMENT = re.compile(r"[ \t]*#")
UNKNOWN = "…"
"""What stands for something that the history does not tell."""


class Word(msgspec.Struct, frozen=True, gc=False):
    """A word and where it stands in its text."""

    text: str
    start: int
    end: int


class _Edit(msgspec.Struct, frozen=True, gc=False):
    start: int
    end: int
    text: str


def words_of(text: str, *, comments: bool = True) -> list[Word]:
    """The words of an instruction; a backslash that continues a line is none, nor are lines of comment."""
    found: list[Word] = []
    place = 0
    for line in text.split("\n"):
        if not (comments and place and _COMMENT.match(line)):
            body = line.rstrip()
            body = body.removesuffix("\\") if body.endswith("\\") else body
            found += [
                Word(word[0], place + word.start(), place + word.end()) for word in _WORD.finditer(body)
            ]
        place += len(line) + 1
    return found


def cost(recorded: Sequence[str], better: str) -> int:
    """How many words differ between a recorded instruction and a better one."""
    new = [word.text for word in words_of(better, comments=False)]
    matcher = SequenceMatcher(None, recorded, new, autojunk=False)
    return sum((i2 - i1) + (j2 - j1) for kind, i1, i2, j1, j2 in matcher.get_opcodes() if kind != "equal")


def merge(recorded: Sequence[str], written: str, better: str) -> str | None:
    """The written text with what ``better`` has other than ``recorded``; None where that does not fit.

    ``recorded`` are the words of one instruction or of several that become one.
    """
    ours, theirs = words_of(written), words_of(better, comments=False)
    at = _matched(recorded, [word.text for word in ours])
    edits = []
    matcher = SequenceMatcher(None, recorded, [word.text for word in theirs], autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            continue
        if any(UNKNOWN in word.text for word in theirs[j1:j2]) or not j1:
            return None
        chunk = better[theirs[j1 - 1].end : theirs[j2 - 1].end] if j2 > j1 else ""
        edit = (
            _insertion(at.get(i1 - 1), chunk, ours)
            if i1 == i2
            else _replacement(at, i1, i2, chunk, ours, written)
        )
        if edit is None:
            return None
        edits.append(edit)
    for edit in sorted(edits, key=lambda edit: -edit.start):
        written = written[: edit.start] + edit.text + written[edit.end :]
    return written


def _matched(recorded: Sequence[str], ours: Sequence[str]) -> dict[int, int]:
    """Which word of ours each recorded word is."""
    blocks = SequenceMatcher(None, recorded, ours, autojunk=False).get_matching_blocks()
    return {first + n: second + n for first, second, count in blocks for n in range(count)}


def _insertion(left: int | None, chunk: str, ours: Sequence[Word]) -> _Edit | None:
    """What is put in behind a word."""
    return None if left is None else _Edit(ours[left].end, ours[left].end, chunk)


def _replacement(
    at: dict[int, int], first: int, end: int, chunk: str, ours: Sequence[Word], written: str
) -> _Edit | None:
    """What takes the place of words that stand together; comments in front of them stay."""
    places = [at.get(number) for number in range(first, end)]
    begin = places[0]
    if begin is None or not begin or places != list(range(begin, begin + len(places))):
        return None
    joins = ours[begin].text.upper() == "RUN"
    if joins and begin + 1 < len(ours) and ours[begin + 1].text.startswith("--"):
        return None  # an option of the second RUN would become a word of the command
    start, last = ours[begin - 1].end, begin + len(places) - 1
    comments = _comments(written, start, ours[begin].start)
    if comments and not chunk:  # these stay, the words behind them go
        following = ours[last + 1] if last + 1 < len(ours) else None
        if following is None or _comments(written, ours[last].end, following.start):
            return None
        return _Edit(ours[begin].start, following.start, "")
    if comments and "\n" in chunk:
        head, tail = chunk.split("\n", 1)
        chunk = "\n".join([head, *comments, tail])
    elif comments:
        return None
    return _Edit(start, ours[last].end, chunk)


def _comments(written: str, start: int, end: int) -> list[str]:
    """The lines of comment between two words."""
    return [line for line in written[start:end].split("\n")[1:] if _COMMENT.match(line)]
