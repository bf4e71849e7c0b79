"""A11: images of disks, swap files."""

from __future__ import annotations

from layerscope.advice.evidence import Evidence
from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Item, Priority

_LARGE_BYTES = 1_000_000


def _is_large(evidence: Evidence, item: Item) -> bool:
    return item.size_bytes >= _LARGE_BYTES and not item.path.startswith("boot/")


RULE = leftover(
    id="disk-images",
    title="images of disks",
    family="context",
    patterns=(
        "*.qcow2",
        "*.vmdk",
        "*.vdi",
        "*.vhd",
        "*.vhdx",
        "*.squashfs",
        "*.img",
        "/swapfile",
        "/swap.img",
    ),
    remedy=Remedy(
        cleanup="rm -f {paths}",
        ignored=True,
        instead="Mount a volume that holds it when the container runs",
    ),
    help="""Disks of virtual machines, file systems in files, swap: large, and copied as a whole as soon as
something in them changes. Mount them from outside.""",
    confidence="medium",
    priority=Priority.GENERIC,
    risk="A program that starts a virtual machine needs its disk from elsewhere.",
    only=_is_large,
)
