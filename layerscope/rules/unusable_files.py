"""A21: device nodes, and files that nobody may read."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import some, step
from layerscope.extensions import Rule
from layerscope.model.entry import Entry, Kind
from layerscope.model.suggestion import Claim, Priority

_DEVICES = frozenset((Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE))
_READABLE = 0o444
_ON_PURPOSE = ("etc/shadow", "etc/gshadow")
"""Red Hat's own files of passwords have mode 0."""


def _detect(evidence: Evidence) -> Iterator[Claim]:
    for layer in range(evidence.image.base_layers or 0, len(evidence.changesets)):
        found = [
            entry
            for entry in evidence.changesets[layer].entries
            if (not entry.mode & _READABLE and _is_closed(entry))
            or (entry.kind in _DEVICES and not entry.path.startswith("dev/"))
        ]
        devices = [entry.path for entry in found if entry.kind in _DEVICES]
        closed = [entry for entry in found if entry.kind is Kind.FILE]
        if devices:
            yield Claim(
                title=f"layer {layer} ships device nodes",
                layers=(layer,),
                blamed=layer,
                confidence="low",
                fix=f"Leave {some(devices)} out of {step(evidence, layer)}: engines that run without root "
                "cannot make them, and give a container the devices that it is told to have.",
            )
        if closed:
            yield Claim(
                title=f"layer {layer} ships files that nobody may read",
                layers=(layer,),
                blamed=layer,
                confidence="low",
                gross_bytes=sum(entry.stored_bytes for entry in closed),
                fix=f"Give {some([entry.path for entry in closed])} a mode in {step(evidence, layer)}, or "
                "delete them there: only root gets past mode 0.",
            )


def _is_closed(entry: Entry) -> bool:
    return entry.kind is Kind.FILE and entry.stored_bytes > 0 and not entry.path.startswith(_ON_PURPOSE)


RULE = Rule(
    id="unusable-files",
    title="Device nodes, and files that nobody may read",
    family="context",
    help="""Engines that run without root cannot make device nodes: they leave them out, or refuse the image.
(Those of /dev do no harm: engines mount their own.) A file that nobody has a right to read is of use to root
alone.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
