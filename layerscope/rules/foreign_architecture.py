"""A15: programs and libraries for machines that this image does not run on."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import some, step
from layerscope.advice.visible_facts import visible_facts
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Item, Priority

_MACHINES = {
    "amd64": ("x86-64", "x86"),
    "386": ("x86",),
    "arm64": ("AArch64", "ARM"),
    "arm": ("ARM",),
    "ppc64le": ("PowerPC 64",),
    "s390x": ("S390",),
    "riscv64": ("RISC-V",),
    "loong64": ("LoongArch",),
}
"""What runs there; 64-bit machines run the programs of their 32-bit predecessors."""
_KINDS = frozenset(("program", "position-independent program", "shared library"))
_LEAST_BYTES = 1_000_000


def _detect(evidence: Evidence) -> Iterator[Claim]:
    platform = evidence.image.platform
    native = _MACHINES.get(platform.architecture) if platform is not None else None
    if native is None:
        return
    known = {machine for machines in _MACHINES.values() for machine in machines}
    by_layer: dict[int, list[Item]] = {}
    machines: dict[int, set[str]] = {}
    for item, fact in visible_facts(evidence, "elf"):
        if fact["kind"] in _KINDS and fact["machine"] in known and fact["machine"] not in native:
            by_layer.setdefault(item.origin, []).append(item)
            machines.setdefault(item.origin, set()).add(fact["machine"])
    if sum(item.size_bytes for items in by_layer.values() for item in items) < _LEAST_BYTES:
        return
    for layer, items in sorted(by_layer.items()):
        items.sort(key=lambda item: (-item.size_bytes, item.path))
        names = ", ".join(sorted(machines[layer]))
        yield Claim(
            title=f"binaries for {names} in an image for {native[0]}, from layer {layer}",
            items=tuple(items),
            layers=tuple(sorted({layer, *(item.layer for item in items)})),
            blamed=layer,
            confidence="medium",
            fix=f"Install for this architecture alone, or delete {some([item.path for item in items])} in "
            f"{step(evidence, layer)}.",
            risk="An emulator, a cross-compiler or tests of another machine need them.",
        )


RULE = Rule(
    id="foreign-architecture",
    title="Binaries for another architecture",
    family="context",
    help="""Packages with binaries for many machines bring them all. Tell the installer which one is wanted
(npm ci --cpu --os, pip's wheels of one platform), or delete the others where they come in.""",
    detect=_detect,
    priority=Priority.GENERIC,
)
