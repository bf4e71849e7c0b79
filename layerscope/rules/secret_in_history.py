"""A23: a secret in a build argument or a command line, which the history keeps."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.extensions import Rule
from layerscope.model.credentials import names_secret, shows_secret
from layerscope.model.image import HistoryEntry
from layerscope.model.instruction import instruction_of
from layerscope.model.suggestion import Claim, Priority

_FIX = (
    "Mount it for the RUN that needs it: RUN --mount=type=secret,id=… … Replace the secret; "
    "docker history shows it to whoever has the image."
)


def _detect(evidence: Evidence) -> Iterator[Claim]:
    told: set[str] = set()
    for layer, history in _steps(evidence):
        instruction = instruction_of(history)
        if instruction is None:
            continue
        pairs = [argument.partition("=") for argument in instruction.arguments]
        if instruction.keyword in ("ENV", "ARG"):
            name, _, value = instruction.text.partition(" ")
            words = instruction.text.split() if "=" in name else [f"{name}={value}"]
            pairs += [word.partition("=") for word in words]
        names = {name for name, _, value in pairs if names_secret(name, value.strip("\"'"))}
        for name in sorted(names - told):
            yield Claim(
                title=f"a secret in the history, as {name}",
                layers=() if layer is None else (layer,),
                blamed=layer,
                fix=_FIX,
            )
        told |= names
        if instruction.keyword == "RUN" and shows_secret(instruction.text):
            yield Claim(
                title="a secret on a command line in the history",
                layers=() if layer is None else (layer,),
                blamed=layer,
                fix=_FIX,
            )


def _steps(evidence: Evidence) -> Iterator[tuple[int | None, HistoryEntry]]:
    """Every step of the history, with the layer that it made."""
    for layer in evidence.image.layers:
        for empty in layer.empty_steps:
            yield None, empty
        if layer.history is not None:
            yield layer.number, layer.history
    for step in evidence.image.trailing_steps:
        yield None, step


RULE = Rule(
    id="secret-in-history",
    title="A secret in the history",
    family="secrets",
    help="""The history keeps every instruction, with the values of build arguments and whatever stands on a
command line, even where a later ENV overrides it. Mount secrets for the RUN that needs them.""",
    detect=_detect,
    priority=Priority.SECRET,
)
