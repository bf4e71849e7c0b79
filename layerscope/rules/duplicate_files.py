"""L09: the same content at several paths of one layer."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.copies import by_layer
from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import absolute, step
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority


def _detect(evidence: Evidence) -> Iterator[Claim]:
    for layer, found in by_layer([copy for copy in evidence.copies if copy.first.layer == copy.item.layer]):
        first, other = absolute(found[0].first.path), absolute(found[0].item.path)
        yield Claim(
            title=f"layer {layer} stores the same files several times",
            items=tuple(copy.item for copy in found),
            layers=(layer,),
            blamed=layer,
            confidence="medium",
            fix=f"Link them in {step(evidence, layer)}: ln -f {first} {other}, "
            "or all at once with rdfind -makehardlinks true: a hard link costs nothing.",
            risk="A program that writes to one of the copies would change both.",
        )


RULE = Rule(
    id="duplicate-files",
    title="The same file at several paths of one layer",
    family="layers",
    help="""Copies within one layer can be hard links, which the layer stores once. Link them in the RUN that
makes them (a COPY of both would break the link).""",
    detect=_detect,
    priority=Priority.DUPLICATE,
)
