"""L08: the same content at another path in a higher layer, both visible."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.copies import by_layer
from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import absolute, step
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority


def _detect(evidence: Evidence) -> Iterator[Claim]:
    across = [copy for copy in evidence.copies if copy.first.layer != copy.item.layer]
    for layer, packaged, found in by_layer(across):
        source, target = absolute(found[0].first.path), absolute(found[0].item.path)
        # The same package at two places: no file of it should be a link to another place's.
        fix = (
            f"Install each package at one place (python -m venv --without-pip, npm dedupe): "
            f"{step(evidence, layer)} brings {source} again, as {target}."
            if packaged
            else f"Put a symlink in {step(evidence, layer)} instead of the copy: ln -s {source} {target}; "
            "or copy straight to where it is needed, once."
        )
        yield Claim(
            title=f"layer {layer} stores copies of files that lower layers ship" + ", in packages" * packaged,
            items=tuple(copy.item for copy in found),
            layers=tuple(sorted({layer, *(copy.first.layer for copy in found)})),
            blamed=layer,
            confidence="low" if packaged else "medium",
            fix=fix,
            risk="A program that writes to one of the copies would change both.",
        )


RULE = Rule(
    id="copied-across-layers",
    title="The same file at two paths, in two layers",
    family="layers",
    help="""cp in a later RUN, or a second COPY, stores the content again at another path. A symlink costs
nothing; a hard link works only within one layer.""",
    detect=_detect,
    priority=Priority.DUPLICATE,
)
