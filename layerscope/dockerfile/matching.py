"""Which step of an image's history each instruction of a Dockerfile made."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from layerscope.dockerfile.parse import Dockerfile, Step
from layerscope.model.image import HistoryEntry, Image
from layerscope.model.instruction import Instruction, instruction_of

_LIKE = 0.5
"""How much of the words both have that tell the same command: variables may be filled in, or not."""
_HASHED = re.compile(r"(?:--\S+ )*[0-9a-f]{8}… ")
_HEREDOC = re.compile(r"<<-?[\"']?([\w.-]+)[\"']?")
_QUOTES = re.compile(r"[\"',\[\]]")
MAKE_LAYERS = frozenset(("RUN", "COPY", "ADD"))
"""What adds files. Of these there are many, so that a keyword alone says nothing."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """An instruction and the layer that it made; None for a step without a layer."""

    step: Step
    layer: int | None


class Matching(msgspec.Struct, frozen=True, kw_only=True):
    """What agrees, of how many instructions, and of how many ``recorded`` steps from the first that does."""

    made: tuple[Made, ...]
    steps: int
    recorded: int

    @property
    def layers(self) -> tuple[int, ...]:
        """The layers that the Dockerfile tells of."""
        return tuple(one.layer for one in self.made if one.layer is not None)


class _Recorded(msgspec.Struct, frozen=True):
    instruction: Instruction
    layer: int | None


def match_steps(dockerfile: Dockerfile, image: Image, target: str | None = None) -> list[Made]:
    """The instructions of the stages that the image is made of which its history tells of, in order."""
    return list(match(dockerfile, image, target).made)


def match(dockerfile: Dockerfile, image: Image, target: str | None = None) -> Matching:
    """The same, and how much agrees.

    Both are laid side by side so that as much as possible agrees, in the same order; a step of the
    base, or of another Dockerfile, agrees with nothing.
    """
    steps = [step for stage in dockerfile.chain(target) for step in stage.steps]
    recorded = _recorded(image)
    agreeing = [[_agreement(step, one.instruction) for one in recorded] for step in steps]
    pairs = _aligned(agreeing, len(recorded))
    return Matching(
        made=tuple(Made(step=steps[row], layer=recorded[column].layer) for row, column in pairs),
        steps=len(steps),
        recorded=len(recorded) - pairs[0][1] if pairs else 0,
    )


def _recorded(image: Image) -> list[_Recorded]:
    """The history in order, without what belongs to the base for certain."""
    found: list[tuple[HistoryEntry | None, int | None]] = []
    for layer in image.layers:
        found += [(step, None) for step in layer.empty_steps]
        found.append((layer.history, layer.number))
        if image.base_layers is not None and layer.number < image.base_layers:
            found.clear()
    found += [(step, None) for step in image.trailing_steps]
    return [
        _Recorded(instruction, layer)
        for step, layer in found
        if (instruction := instruction_of(step)) is not None
    ]


def _agreement(step: Step, recorded: Instruction) -> float:
    """How well a step agrees with what was recorded: 0 for not at all, at most 2."""
    if step.keyword != recorded.keyword:
        return 0.0
    words, theirs = _words(step.text), _words(recorded.text)
    if words == theirs:
        return 2.0
    if step.keyword in ("COPY", "ADD"):
        written, went = step.text.rpartition(" ")[2], recorded.text.rpartition(" ")[2]
        same_place = written.strip("./") == went.strip("./")
        if _HASHED.match(recorded.text):  # a classic builder records a hash of the sources
            return 1.0 + same_place
        if same_place and "$" in step.text:
            return 1.0
    share = len(words & theirs) / max(1, len(words | theirs))
    if share < _LIKE and step.keyword in MAKE_LAYERS:
        return 0.0
    return 0.5 + share


def _words(text: str) -> frozenset[str]:
    """The words of an instruction, however it was broken into lines and quoted.

    Of a here-document builders record the body alone.
    """
    ends = {end for end in _HEREDOC.findall(text) if f"\n{end}" in text}
    return frozenset(_QUOTES.sub(" ", _HEREDOC.sub(" ", text)).split()) - ends


def _aligned(agreeing: Sequence[Sequence[float]], width: int) -> list[tuple[int, int]]:
    """Pairs in order whose agreement is the greatest; of several ways the one that is latest."""
    height = len(agreeing)
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for row in range(height):
        for column in range(width):
            score = agreeing[row][column]
            best[row + 1][column + 1] = max(
                best[row][column + 1],
                best[row + 1][column],
                best[row][column] + score if score else 0.0,
            )
    pairs = []
    row, column = height, width
    while row and column:
        score = agreeing[row - 1][column - 1]
        if score and best[row][column] == best[row - 1][column - 1] + score:
            pairs.append((row - 1, column - 1))
            row, column = row - 1, column - 1
        elif best[row][column] == best[row - 1][column]:
            row -= 1
        else:
            column -= 1
    return pairs[::-1]
