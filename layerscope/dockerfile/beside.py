"""The Dockerfile that an image was built from, read from its file and laid beside the image's history."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from layerscope.config import Options
from layerscope.dockerfile.matching import MAKE_LAYERS, Made, Matching, match
from layerscope.dockerfile.parse import Dockerfile, Stage, Step, parse_dockerfile
from layerscope.errors import UsageError
from layerscope.model.image import Image

_MAX_BYTES = 1 << 22
_WELL = 0.75
"""What share of each must agree with the other before a Dockerfile that nobody named is believed."""


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """A Dockerfile and what of an image it made.

    ``path`` is as it was named, from the current folder where it lies in it. ``stages`` are those
    that the image is made of, the lowest first; its FROM brings the layers below all that are told of.
    """

    path: str
    dockerfile: Dockerfile
    made: tuple[Made, ...]
    stages: tuple[Stage, ...]

    @property
    def base_layers(self) -> int | None:
        """How many layers are the FROM's; None where the first own instruction is not in the history."""
        layers = [one.layer for one in self.made if one.layer is not None]
        steps = (step for stage in self.stages for step in stage.steps if step.keyword in MAKE_LAYERS)
        first = next(steps, None)
        told = any(one.step == first and one.layer is not None for one in self.made)
        return min(layers) if told else None

    def step_of(self, layer: int) -> Step | None:
        """The instruction that made a layer: the FROM for those of the base, None for what is not told."""
        told = {one.layer: one.step for one in self.made if one.layer is not None}
        if layer in told:
            return told[layer]
        return self.stages[0].start if told and layer < min(told) else None

    def lines_of(self, layer: int) -> tuple[int, int] | None:
        """The first and the last line of that instruction, numbered from 1."""
        step = self.step_of(layer)
        return None if step is None else (step.first_line, step.last_line)


def read_dockerfile(name: str) -> Dockerfile:
    """Read a Dockerfile; raises UsageError. Bytes that are no UTF-8 become surrogates."""
    try:
        with Path(name).open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{name}: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > _MAX_BYTES:
        raise UsageError(f"{name}: too large for a Dockerfile")
    return parse_dockerfile(content.decode("utf-8", "surrogateescape"))


def read_named(options: Options) -> Dockerfile:
    """The Dockerfile that the options name, before anything is read that takes long; raises UsageError."""
    assert options.dockerfile is not None
    found = read_dockerfile(options.dockerfile)
    if not found.chain(options.target) and not options.dockerfile_is_guess:
        where = (
            f"no stage {options.target}" if options.target is not None and found.stages else "no FROM in it"
        )
        raise UsageError(f"{options.dockerfile}: {where}")
    return found


def lay_beside(found: Dockerfile, image: Image, options: Options) -> Beside | None:
    """The options' Dockerfile beside an image, None where it is not the image's.

    One that was named must tell of something in the history, else UsageError. One that was only found
    must agree well.
    """
    chain = found.chain(options.target)
    if options.dockerfile is None or not chain:
        return None
    matching = match(found, image, options.target)
    if not matching.layers:
        if options.dockerfile_is_guess:
            return None
        raise UsageError(
            f"{options.dockerfile}: the image's history tells of none of its instructions",
            hint="is it the Dockerfile of this image? --target names another stage than the last",
        )
    if options.dockerfile_is_guess and not _agrees_well(matching):
        return None
    return Beside(
        path=_from_here(options.dockerfile),
        dockerfile=found,
        made=matching.made,
        stages=chain,
    )


def _agrees_well(matching: Matching) -> bool:
    agreeing = len(matching.made)
    return agreeing >= _WELL * matching.steps and agreeing >= _WELL * matching.recorded


def _from_here(name: str) -> str:
    """A path from the current folder where it lies in it: that is how reports name a project's files."""
    path = Path(os.path.normpath(Path.cwd() / name))
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else name
