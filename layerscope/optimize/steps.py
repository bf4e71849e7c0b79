"""What is to be done to an image, and which layers become one by it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import msgspec

from layerscope.errors import UsageError

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
    all layers above the base, ``flatten`` all there are. ``include_base`` lets the base be pruned.
    """

    prune: bool = False
    squash: tuple[Range, ...] = ()
    squash_own: bool = False
    flatten: bool = False
    include_base: bool = False

    def __str__(self) -> str:
        """The steps as the command line has them, without the dashes."""
        said = ["prune"] if self.prune else []
        said += ["flatten"] if self.flatten else ["squash"] if self.squash_own else []
        said += [f"squash={one}" for one in self.squash]
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


def groups_of(steps: Steps, layers: int, own: int) -> list[Group]:
    """The layers of the result; ``own`` is the first layer above the base. Raises UsageError."""
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
            Group(first=number, last=last, copied=last == number and number < lowest_pruned),
        )
        number = last + 1
    return groups


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
