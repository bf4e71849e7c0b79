"""A22: so many files that writing them out takes longer than their bytes do."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import some
from layerscope.extensions import Rule
from layerscope.model.people import size
from layerscope.model.suggestion import Claim, Priority

_MANY = 100_000
_MANY_IN_ONE_FOLDER = 10_000


def _detect(evidence: Evidence) -> Iterator[Claim]:
    own = range(evidence.image.base_layers or 0, len(evidence.changesets))
    changesets = [evidence.changesets[layer] for layer in own]
    entries = sum(len(changeset.entries) for changeset in changesets)
    crowded = _crowded(evidence, own.start) if entries > _MANY_IN_ONE_FOLDER else []
    if entries <= _MANY and not crowded:
        return
    overhead_bytes = sum(changeset.tar_bytes - changeset.content_bytes for changeset in changesets)
    where = f" Most stand in {some(crowded)}." if crowded else ""
    yield Claim(
        title=f"{_apart(entries)} entries, {size(overhead_bytes)} of headers and padding for them",
        layers=tuple(layer for layer in own if len(evidence.changesets[layer].entries) > _MANY_IN_ONE_FOLDER),
        confidence="medium",
        gross_bytes=overhead_bytes,
        fix="Each file costs a header, a system call and an inode wherever the image is unpacked: bundle "
        "what is only read (a zip that Python imports, a bundle of JavaScript, a database), and leave out "
        f"what nobody opens.{where}",
        risk="What is bundled has to be read by a program that knows bundles.",
    )


def _apart(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def _crowded(evidence: Evidence, seam: int) -> list[str]:
    """The folders with very many visible entries of own layers, the fullest first."""
    found: dict[str, int] = {}
    for node in evidence.analysis.index.nodes:
        below = node.live
        if below is not None and len(below) > _MANY_IN_ONE_FOLDER:
            own = sum(child.versions[-1].layer >= seam for child in below.values())
            if own > _MANY_IN_ONE_FOLDER:
                found[node.path] = own
    return sorted(found, key=lambda path: (-found[path], path))


RULE = Rule(
    id="many-files",
    title="Very many files",
    family="layers",
    help="""Of a hundred thousand small files, the headers and the padding in the layer weigh more than the
contents, and unpacking them takes minutes where their bytes would take seconds. So do ten thousand files in
one folder. Bundle them, or leave out what nobody opens.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
