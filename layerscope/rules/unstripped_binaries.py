"""A12: programs and libraries with their symbol tables and debug information."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import copies_context, some, step, with_option
from layerscope.advice.visible_facts import visible_facts
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Item, Priority

_SMALLEST_BYTES = 4096
_LEAST_BYTES = 100_000
_KINDS = frozenset(("program", "position-independent program", "shared library"))
"""The symbols of an object file are what a linker or the kernel needs of it."""


def _detect(evidence: Evidence) -> Iterator[Claim]:
    by_layer: dict[int, list[Item]] = {}
    for item, fact in visible_facts(evidence, "elf"):
        size_bytes = _strippable_bytes(item, fact)
        if size_bytes >= _SMALLEST_BYTES:
            # They are behind all that is loaded.
            offset = item.offset + item.size_bytes - size_bytes
            part = msgspec.structs.replace(item, size_bytes=size_bytes, offset=offset)
            by_layer.setdefault(item.origin, []).append(part)
    if sum(item.size_bytes for items in by_layer.values() for item in items) < _LEAST_BYTES:
        return
    for layer, items in sorted(by_layer.items()):
        items.sort(key=lambda item: (-item.size_bytes, item.path))
        fix, rewrite = _fix(evidence, layer, [item.path for item in items])
        yield Claim(
            title=f"binaries that are not stripped, from layer {layer}",
            items=tuple(items),
            layers=tuple(sorted({layer, *(item.layer for item in items)})),
            blamed=layer,
            confidence="medium",
            fix=fix,
            rewrite=rewrite,
            risk="Debuggers and some backtraces name no functions any more; keep the symbols elsewhere.",
        )


def _strippable_bytes(item: Item, fact: Any) -> int:
    if fact["kind"] not in _KINDS:
        return 0
    return min(item.size_bytes, int(fact["symbol_bytes"] + fact["debug_bytes"]))


def _fix(evidence: Evidence, layer: int, paths: list[str]) -> tuple[str, str | None]:
    where, command = step(evidence, layer), f"strip --strip-unneeded {some(paths)}"
    if copies_context(evidence, layer):
        return f"Strip them before {where} copies them, with: {command}", None
    if evidence.keyword(layer) in ("COPY", "ADD"):
        return f"Strip them in the stage that {where} copies them from, with: {command}", None
    instruction = evidence.instructions[layer]
    rewrite = with_option(instruction, "go build", "-ldflags='-s -w'")
    if rewrite is not None and instruction is not None and "ldflags" not in instruction.text:
        return f"Link without symbols in {where}: go build -ldflags='-s -w'.", rewrite
    return f"End {where} with: && {command}; in a later layer it would add bytes.", None


RULE = Rule(
    id="unstripped-binaries",
    title="Programs and libraries that are not stripped",
    family="context",
    help="""Symbol tables and debug information of compiled programs are for debuggers; they are not loaded
to run. Strip them where they are built: strip --strip-unneeded, go build -ldflags='-s -w', strip = true in
Cargo's release profile, -Wl,-s, cmake --install --strip. Stripping in a later layer adds a second copy.""",
    detect=_detect,
    priority=Priority.GENERIC,
    profiles=frozenset(("runtime", "ml")),
)
