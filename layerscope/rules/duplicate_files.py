"""L09: the same content at several paths of one layer."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.copies import Copy, by_layer
from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import absolute, step
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority


def _detect(evidence: Evidence) -> Iterator[Claim]:
    inside = [copy for copy in evidence.copies if copy.first.layer == copy.item.layer]
    for layer, packaged, found in by_layer(inside):
        yield Claim(
            title=f"layer {layer} stores the same files several times" + ", in packages" * packaged,
            items=tuple(copy.item for copy in found),
            layers=(layer,),
            blamed=layer,
            confidence="low" if packaged else "medium",
            fix=_fix(evidence, layer, found[0]),
            risk="A program that writes to one of the copies would change both.",
        )


def _fix(evidence: Evidence, layer: int, largest: Copy) -> str:
    first, other = absolute(largest.first.path), absolute(largest.item.path)
    link = f"ln -f {first} {other}, or all at once with rdfind -makehardlinks true"
    if evidence.keyword(layer) in ("COPY", "ADD"):
        return (
            f"Copy one of {first} and {other} in {step(evidence, layer)}, and link it in a RUN "
            f"(ln -s {first} {other}); or ADD an archive that holds them as hard links."
        )
    return f"Link them in {step(evidence, layer)}: {link}: a hard link costs nothing."


RULE = Rule(
    id="duplicate-files",
    title="The same file at several paths of one layer",
    family="layers",
    help="""Copies within one layer can be hard links, which the layer stores once. Link them in the RUN that
makes them (a COPY of both would break the link).""",
    detect=_detect,
    priority=Priority.DUPLICATE,
)
