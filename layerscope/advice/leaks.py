"""What came into the image from the build's context and need not: where it lies there, line by line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import copies_context
from layerscope.dockerfile.beside import Beside
from layerscope.dockerfile.copying import Copied, copied, origin_of, work_folder
from layerscope.extensions import Rule
from layerscope.loading import load
from layerscope.model.suggestion import Item

_RULES = (
    *("backup-files", "build-intermediates", "context-leak", "core-dumps", "framework-caches"),
    *("git-history", "host-artefacts", "python-tool-caches", "secret-in-file", "temporary-files"),
)
_MADE_ANEW = frozenset(("node_modules", ".venv", "venv", "env", "target", "build", "dist", "vendor"))
_USES_MAKEFILE = frozenset(("make", "gmake"))


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """A path of the image that need not be there, and what it is in the context, or why that is not told."""

    rule: str
    path: str
    size_bytes: int
    source: str | None
    reason: str = ""


def leaks(evidence: Evidence, beside: Beside | None, exists: Callable[[str], bool]) -> list[Leak]:
    """All of them, the largest first; ``evidence`` must be of `leak_rules`, whose findings are asked."""
    copies = {layer: _copied(evidence, beside, layer) for layer in range(len(evidence.image.layers))}
    found = []
    for (rule, layer, root), size_bytes in sorted(_roots(evidence).items()):
        copy = copies[layer]
        if copy is None:
            found.append(Leak(rule=rule, path=root, size_bytes=size_bytes, source=None, reason=_UNREADABLE))
            continue
        origin = origin_of(copy, root, exists)
        made_anew = rule == "host-artefacts"
        reason = origin.reason or ("" if made_anew else _use_of(evidence, layer, root))
        source = None if reason else origin.path
        found.append(Leak(rule=rule, path=root, size_bytes=size_bytes, source=source, reason=reason))
    return sorted(found, key=lambda leak: (-leak.size_bytes, leak.path, leak.rule))


_UNREADABLE = "its instruction cannot be read"


def leak_rules() -> list[Rule]:
    """The rules that find what leaks."""
    return [rule for name, rule in sorted(load("rule").items()) if name in _RULES]


def _roots(evidence: Evidence) -> dict[tuple[str, int, str], int]:
    """The bytes by rule, layer that copied them, and topmost path."""
    sizes: dict[tuple[str, int, str], int] = {}
    for rule in leak_rules():
        told = {
            item.key: item
            for claim in rule.detect(evidence)
            if claim.confidence != "low"
            for item in claim.items
            if copies_context(evidence, item.origin)
        }
        for item, root in _with_roots(evidence, rule, told):
            place = (rule.id, item.origin, root)
            sizes[place] = sizes.get(place, 0) + item.size_bytes
    return sizes


def _with_roots(evidence: Evidence, rule: Rule, told: dict[int, Item]) -> Iterator[tuple[Item, str]]:
    seen = set()
    for match in evidence.matches(rule.id):
        for item in match.items:
            if item.key in told and item.key not in seen:
                seen.add(item.key)
                yield told[item.key], match.root
    for key, item in told.items():
        if key not in seen:
            yield item, _made_anew(item.path)


def _made_anew(path: str) -> str:
    """The folder that a build makes anew, or the path itself."""
    parts = path.split("/")
    place = next((number for number, part in enumerate(parts) if part in _MADE_ANEW), len(parts) - 1)
    return "/".join(parts[: place + 1])


def _copied(evidence: Evidence, beside: Beside | None, layer: int) -> Copied | None:
    recorded = evidence.instructions[layer]
    if recorded is None or recorded.keyword not in ("COPY", "ADD"):
        return None
    step = beside.step_of(layer) if beside is not None else None
    written = step.text if step is not None and step.keyword == recorded.keyword else None
    return copied(recorded, written, work_folder(evidence.image, layer))


def _use_of(evidence: Evidence, layer: int, path: str) -> str:
    """Whether an instruction behind the COPY seems to need a path; empty where none does."""
    name = path.rpartition("/")[2]
    named = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])")
    for number in range(layer + 1, len(evidence.instructions)):
        makes = name in ("Makefile", "GNUmakefile") and any(
            command.program in _USES_MAKEFILE for command in evidence.commands(number)
        )
        instruction = evidence.instructions[number]
        if makes or (
            instruction is not None and instruction.keyword == "RUN" and named.search(instruction.text)
        ):
            return f"layer {number} may need it"
    return ""


def sources_of(found: Sequence[Leak]) -> list[str]:
    """The paths of the context that are known."""
    return [leak.source for leak in found if leak.source is not None]
