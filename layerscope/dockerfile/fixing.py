"""Fixes put into a Dockerfile's text: which fit, which do not, and the difference for `patch` to take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import unified_diff

import msgspec

from layerscope.dockerfile.beside import Beside
from layerscope.dockerfile.matching import MAKE_LAYERS
from layerscope.dockerfile.merging import UNKNOWN, cost, merge, words_of
from layerscope.dockerfile.parse import parse_dockerfile
from layerscope.model.credentials import redacted
from layerscope.model.image import Image
from layerscope.model.instruction import Instruction, instruction_of
from layerscope.model.suggestion import Edit, Suggestion

_MOST_JOINED = 6
_BY_HAND = frozenset(("chown-copy", "chmod-copy"))
"""What takes a change in a second instruction too, where it is a COPY that is written better."""
_BUILDKIT = "# buildkit"
_HEREDOC = re.compile(r"<<-?[\"']?([\w.-]+)[\"']?")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A suggestion and why it could not be put in; empty where it was."""

    suggestion: Suggestion
    left_out: str = ""


class Fixed(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of the better Dockerfile, and what became of each suggestion, in their order."""

    lines: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


def fix(beside: Beside, image: Image, suggestions: Iterable[Suggestion]) -> Fixed:
    """Put the suggestions' rewrites into a Dockerfile, those that save most first.

    One that does not fit any more behind those before it is left out.
    """
    text = _Text(beside, image)
    ordered = sorted(suggestions, key=lambda one: -one.net_bytes)
    outcomes = tuple(Outcome(suggestion=one, left_out=text.put_in(one)) for one in ordered)
    return Fixed(lines=tuple(text.lines), outcomes=outcomes)


def difference(before: Sequence[str], after: Sequence[str], path: str, *, ends_open: bool = False) -> str:
    """A unified diff that ``patch -p1`` and ``git apply`` take; ``ends_open`` without a last line feed."""
    tail = "\t" if " " in path else ""  # as GNU diff does it, else the name would end there
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in unified_diff(
            _ended(before, ends_open=ends_open),
            _ended(after, ends_open=ends_open),
            f"a/{path}{tail}",
            f"b/{path}{tail}",
        )
    )


def _ended(lines: Sequence[str], *, ends_open: bool) -> list[str]:
    ended = [f"{line}\n" for line in lines]
    return [*ended[:-1], ended[-1][:-1]] if ends_open and ended else ended


class _Text:
    """The lines as they stand after the fixes so far, and where each instruction is in them."""

    def __init__(self, beside: Beside, image: Image) -> None:
        self.lines = list(beside.dockerfile.lines)
        self._first_lines = [one.step.first_line for one in beside.made]
        self._with_buildkit = any(
            layer.history is not None and layer.history.created_by.endswith(_BUILDKIT)
            for layer in image.layers
        )
        self._spans = [(one.step.first_line - 1, one.step.last_line) for one in beside.made]
        self._done: set[Edit] = set()
        self._changed: set[int] = set()
        self._at = {one.layer: place for place, one in enumerate(beside.made) if one.layer is not None}
        self._recorded = {
            layer.number: _words(instruction)
            for layer in image.layers
            if (instruction := instruction_of(layer.history)) is not None
        }

    def put_in(self, suggestion: Suggestion) -> str:
        """Put a rewrite in; gives the reason where that cannot be done."""
        if suggestion.edits:
            return self._put_in_all(suggestion.edits)
        rewrite = suggestion.rewrite
        if rewrite is None:
            return "there is no instruction to write, only advice"
        layer = suggestion.blamed_layer
        if layer not in self._at or suggestion.dockerfile_lines is None:
            return "no instruction here makes it"
        steps = parse_dockerfile(f"FROM scratch\n{rewrite}").stages[0].steps
        if len(steps) != 1 or steps[0].keyword not in MAKE_LAYERS:
            return "it takes several instructions"
        if suggestion.rule in _BY_HAND and steps[0].keyword != "RUN":
            return (
                "COPY --chmod needs BuildKit, which this image was not built with"
                if "--chmod=" in rewrite and not self._with_buildkit
                else "it is not certain that nothing else has its owner or mode from there"
            )
        layers = self._range(layer, rewrite)
        if not all(number in self._at for number in layers) or not self._adjacent(layers):
            return "other instructions stand between those to join"
        first, last = self._at[layers[0]], self._at[layers[-1]]
        start, end = self._spans[first][0], self._spans[last][1]
        recorded = [word for number in layers for word in self._recorded[number]]
        merged = merge(recorded, "\n".join(self.lines[start:end]), rewrite)
        if merged is None:
            return self._unfit({*range(first, last + 1)}, _numbers(suggestion))
        self._replace(start, end, merged.split("\n"))
        return ""

    def _put_in_all(self, edits: Iterable[Edit]) -> str:
        """Change several instructions, or none of them."""
        lines, spans, changed = list(self.lines), list(self._spans), set(self._changed)
        for edit in edits:
            if edit not in self._done and (reason := self._put_in_one(edit)):
                self.lines, self._spans, self._changed = lines, spans, changed
                return reason
        self._done.update(edits)
        return ""

    def _put_in_one(self, edit: Edit) -> str:
        place = self._at.get(edit.layer)
        if place is None:
            return f"no instruction here makes layer {edit.layer}"
        start, end = self._spans[place]
        recorded, written = self._recorded[edit.layer], "\n".join(self.lines[start:end])
        if edit.text:
            text = merge(recorded, written, edit.text)
        else:
            text = "" if _plain_words(written) == recorded[1:] else None
        if text is None:
            return self._unfit({place}, f"line {self._first_lines[place]}")
        self._replace(start, end, text.split("\n") if text else [])
        return ""

    def _range(self, layer: int, rewrite: str) -> range:
        """The layers whose instructions a rewrite is of: those of which it has most words."""
        candidates = []
        for first in range(max(0, layer - _MOST_JOINED + 1), layer + 1):
            for last in range(layer, first + _MOST_JOINED):
                words = [self._recorded.get(number) for number in range(first, last + 1)]
                known = [word for some in words if some for word in some]
                if all(words):
                    candidates.append((cost(known, rewrite), last - first, first, last))
        *_, first, last = min(candidates)
        return range(first, last + 1)

    def _adjacent(self, layers: range) -> bool:
        """Whether nothing but their instructions stands from the first of them to the last."""
        spans = {self._spans[self._at[number]] for number in layers}
        lines = self.lines[min(spans)[0] : max(spans)[1]]
        steps = parse_dockerfile("\n".join(["FROM scratch", *lines])).stages[0].steps
        return len(steps) == len(spans)

    def _unfit(self, places: set[int], lines: str) -> str:
        if places & self._changed:
            return f"what was put in before it changes {lines}: build with that, and look again"
        return f"it does not fit the text of {lines}"

    def _replace(self, start: int, end: int, new: Sequence[str]) -> None:
        self.lines[start:end] = new
        self._changed.update(place for place, span in enumerate(self._spans) if start <= span[0] < end)
        longer = len(new) - (end - start)
        self._spans = [
            (start, start + len(new))
            if start <= span[0] < end
            else (span[0] + longer, span[1] + longer)
            if span[0] >= end
            else span
            for span in self._spans
        ]


def _plain_words(written: str) -> list[str]:
    """The words of an instruction without its keyword, options, and the marks of here-documents."""
    words = [word.text for word in words_of(written)][1:]
    while words and words[0].startswith("--"):
        words.pop(0)
    marks = {found for word in words if (found := _HEREDOC.fullmatch(word)) is not None}
    without = {mark[0] for mark in marks} | {mark[1] for mark in marks}
    return [word for word in words if word not in without]


def _words(instruction: Instruction) -> list[str]:
    """The words of a recorded instruction as rewrites have them: without secrets and hashes."""
    plain = redacted(f"{instruction.keyword} {instruction.text}")
    words = [word.text for word in words_of(plain, comments=False)]
    return [UNKNOWN if word.endswith(UNKNOWN) and len(word) == 9 else word for word in words]


def _numbers(suggestion: Suggestion) -> str:
    assert suggestion.dockerfile_lines is not None
    first, last = suggestion.dockerfile_lines
    return f"line {first}" if first == last else f"lines {first}-{last}"
