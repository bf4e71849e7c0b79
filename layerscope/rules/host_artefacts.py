"""A03: what was built on the host, copied in, and made again by a RUN."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import copies_context, step
from layerscope.advice.waste_claims import items_of, layers_of, pairs
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority

_MADE = frozenset(("node_modules", ".venv", "venv", "target", "build", "dist", "bin", "obj", "__pycache__"))
_MADE |= frozenset((".next", ".nuxt", "out", "vendor"))


def _artefact(path: str) -> str | None:
    """The name of the folder of built things that a path is in."""
    return next((part for part in path.split("/")[:-1] if part in _MADE), None)


def _detect(evidence: Evidence) -> Iterator[Claim]:
    count = len(evidence.image.layers)
    copying = {layer for layer in range(count) if copies_context(evidence, layer)}
    running = {layer for layer in range(count) if evidence.keyword(layer) == "RUN"}
    records = [
        lost
        for lost in evidence.lost
        if lost.waste.shipped_by in copying
        and lost.waste.hidden_by in running
        and not {"owner", "mode"} & set(lost.waste.differs)
        and _artefact(lost.waste.path)
    ]
    for (shipped_by, hidden_by), lost in pairs(records):
        names = sorted({f"**/{name}" for one in lost if (name := _artefact(one.waste.path))})
        yield Claim(
            title=f"layer {hidden_by} makes again what layer {shipped_by} copies from the host",
            items=items_of(lost),
            layers=layers_of(shipped_by, hidden_by),
            blamed=shipped_by,
            fix=f"Put {', '.join(names)} into .dockerignore: {step(evidence, shipped_by)} brings the host's, "
            f"and layer {hidden_by} makes it anew.",
        )


RULE = Rule(
    id="host-artefacts",
    title="Built on the host, copied in, and made again",
    family="context",
    help="""node_modules, .venv, target and the like of the build's host come in with COPY . . and are then
replaced by the build. They cost bytes twice, and may be of another platform. List them in .dockerignore.""",
    detect=_detect,
    priority=Priority.WASTE_EXPLAINED,
)

WASTE_RULE = RULE
