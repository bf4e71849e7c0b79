"""What is to be done to an image, and which layers become one by it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import msgspec

from layerscope.errors import UsageError
from layerscope.oci.write.compressing import Codec

_RANGE = re.compile(r"(\d{1,6})\.\.(\d{1,6})")


class Range(msgspec.Struct, frozen=True, order=True):
    """Layers from ``first`` to ``last``, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        """``3..7``."""
        return f"{self.first}..{self.last}"


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for.

    ``prune`` drops what later layers hide. ``squash`` are ranges to be joined, ``squash_own`` joins
    all layers above the base, ``flatten`` all there are. ``drop`` are patterns and ``rule:ID`` of paths
    to be left out, ``dedupe`` makes equal files of a layer hard links. ``latest_s`` normalises: what is
    younger gets this time, in seconds since 1970. ``recompress`` is how own layers are compressed.
    ``include_base`` does to the base what is done to own layers, joining them aside.
    """

    prune: bool = False
    squash: tuple[Range, ...] = ()
    squash_own: bool = False
    flatten: bool = False
    drop: tuple[str, ...] = ()
    dedupe: bool = False
    latest_s: int | None = None
    recompress: Codec | None = None
    include_base: bool = False

    def __str__(self) -> str:
        """The steps as the command line has them, without the dashes."""
        said = ["prune"] if self.prune else []
        said += ["flatten"] if self.flatten else ["squash"] if self.squash_own else []
        said += [f"squash={one}" for one in self.squash]
        said += [f"drop={one}" for one in self.drop]
        said += ["dedupe"] if self.dedupe else []
        said += [f"normalize={self.latest_s}"] if self.latest_s is not None else []
        said += [f"recompress={self.recompress}"] if self.recompress is not None else []
        said += ["include-base"] if self.include_base else []
        return " ".join(said)


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Layers that become one layer of the result; ``copied`` is one that stays byte for byte as it is."""

    first: int
    last: int
    copied: bool


def parse_range(text: str) -> Range:
    """Read ``3..7``; raises ValueError."""
    match = _RANGE.fullmatch(text)
    if match is None or int(match[1]) > int(match[2]):
        raise ValueError(f"{text!r} is no range of layers: write 3..7")
    return Range(int(match[1]), int(match[2]))


def groups_of(steps: Steps, layers: int, own: int, rewritten: AbstractSet[int] = frozenset()) -> list[Group]:
    """The layers of the result; ``own`` is the first layer above the base. Raises UsageError.

    Beside those that are joined or pruned the ``rewritten`` ones are not copied.
    """
    ranges = _ranges(steps, layers, own)
    lowest_pruned = (0 if steps.include_base or steps.flatten else own) if steps.prune else layers
    for one in ranges:
        if steps.prune and one.first < lowest_pruned:
            raise UsageError(
                f"--squash={one} reaches into the base, of which --prune drops nothing",
                hint="add --include-base, or do one after the other",
            )
    groups: list[Group] = []
    number = 0
    while number < layers:
        joined = next((one for one in ranges if one.first == number), None)
        last = joined.last if joined is not None else number
        groups.append(
            Group(
                first=number,
                last=last,
                copied=last == number and number < lowest_pruned and number not in rewritten,
            ),
        )
        number = last + 1
    return groups


def open_layers(steps: Steps, layers: int, own: int) -> frozenset[int]:
    """The layers of which entries may be left out or changed: own ones, and those that are joined."""
    joined = (number for one in _ranges(steps, layers, own) for number in range(one.first, one.last + 1))
    return frozenset((*joined, *range(0 if steps.include_base else own, layers)))


def _ranges(steps: Steps, layers: int, own: int) -> Sequence[Range]:
    if steps.flatten:
        return [Range(0, layers - 1)] if layers else []
    ranges = sorted(steps.squash)
    for one in ranges:
        if one.last >= layers:
            raise UsageError(f"--squash={one}: the image has layers 0 to {layers - 1}")
    for lower, upper in itertools.pairwise(ranges):
        if upper.first <= lower.last:
            raise UsageError(f"--squash={lower} and --squash={upper} have layers in common")
    if steps.squash_own:
        if ranges:
            raise UsageError(
                "--squash joins all own layers, and ranges are given too", hint="give one of them"
            )
        return [Range(own, layers - 1)] if own < layers else []
    return ranges
