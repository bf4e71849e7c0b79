"""L22: directories that a layer lists again, with nothing of them changed."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import step
from layerscope.extensions import Rule
from layerscope.model.entry import Entry, Kind
from layerscope.model.suggestion import Claim, Priority
from layerscope.union.compare import differences

_HEADER_BYTES = 512
_FEWEST = 1000


def _detect(evidence: Evidence) -> Iterator[Claim]:
    for layer in range(1, len(evidence.changesets)):
        count = sum(1 for entry in _unneeded(evidence, layer))
        if count >= _FEWEST:
            yield Claim(
                title=f"layer {layer} lists {count:,} directories again".replace(",", " "),
                layers=(layer,),
                blamed=layer,
                confidence="low",
                gross_bytes=count * _HEADER_BYTES,
                compressed_bytes=0,
                fix=f"Name files, not whole trees, to chmod, chown or cp in {step(evidence, layer)}: "
                "every directory that is touched is an entry of the layer.",
            )


def _unneeded(evidence: Evidence, layer: int) -> Iterator[Entry]:
    """Directories that are as they were, and hold nothing that the layer changes."""
    entries = evidence.changesets[layer].entries
    if sum(1 for entry in entries if entry.kind is Kind.DIRECTORY) < _FEWEST:
        return
    holding = {entry.path.rpartition("/")[0] for entry in entries if entry.kind is not Kind.DIRECTORY}
    for entry in entries:
        if entry.kind is not Kind.DIRECTORY or entry.path in holding:
            continue
        node = evidence.analysis.index.find(entry.path)
        before = node.at(layer - 1) if node is not None else None
        lower = before.source if before is not None else None
        if lower is not None and lower.kind is Kind.DIRECTORY and not differences(lower, entry):
            yield entry


RULE = Rule(
    id="directories-again",
    title="Thousands of directories listed again",
    family="layers",
    help="""chmod -R, chown -R and cp -a touch directories that they do not change; each is an entry of 512
bytes in the layer, and is made again where the image is unpacked.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
