"""D11: what is needed to run, apart from what built it."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.building import split_worth_it
from layerscope.advice.evidence import Evidence
from layerscope.advice.two_stages import proposal
from layerscope.extensions import Rule
from layerscope.model.people import path, size
from layerscope.model.suggestion import Claim, Priority

_TOLD = 4


def _detect(evidence: Evidence) -> Iterator[Claim]:
    split = split_worth_it(evidence)
    if split is None:
        return
    dropped = split.dropped_bytes
    programs = " and ".join(map(path, split.closure.programs[:2]))
    layers = split.build_layers
    copied = ", ".join(map(path, split.artefacts[:_TOLD])) + (" …" if len(split.artefacts) > _TOLD else "")
    installed = [name for names in split.packages.values() for name in names]
    packages = f", with {len(installed)} packages of the distribution" if installed else ""
    yield Claim(
        title=f"{programs} would run without {size(dropped)}: layers {layers[0]} to {layers[-1]} build it",
        items=split.dropped,
        layers=layers,
        blamed=layers[0],
        confidence="medium",
        fix=f"Make layers {layers[0]} to {layers[-1]} a first stage (FROM … AS build), copy {copied} into a "
        f"second one{packages}; layerscope split writes it out.",
        rewrite=proposal(split, evidence, None),
        risk="; ".join(split.closure.undecided) or "What a program opens by a name of its own is not seen.",
    )


RULE = Rule(
    id="stage-split",
    title="Split what builds from what runs",
    family="distribution",
    help="""The entrypoint is followed to all that it needs: the interpreter of a script, the libraries that
ELF files name, a language's packages, the application's folder. What else the own layers ship is left in a
first stage. The bytes are those of other findings, told here once more as a whole; layerscope split writes
the Dockerfile, and says what could not be decided.""",
    detect=_detect,
    priority=Priority.ADVICE,
    profiles=frozenset(("runtime", "ml")),
)
