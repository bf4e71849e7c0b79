"""The common form of rules that are a list of paths and what to do about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import AND, absolute, appended, copies_context, joined, some, step, with_option
from layerscope.extensions import EVERY_PROFILE, Profile, Rule
from layerscope.model.suggestion import Claim, Confidence, Item, Priority


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """How such files are avoided.

    ``cleanup`` is the command for the RUN that makes them, ``{paths}`` standing for what was found;
    without one they are to be removed. ``command`` (a pattern) takes an ``option`` that does not make
    them. ``mount`` is where a cache mount keeps them out of the layer. ``ignore`` are lines for a
    .dockerignore. ``needed_by`` is a pattern of commands that need the files, so that they can be
    cleaned up behind the last of these only. ``instead`` is advice where none of these fits, or in addition.
    """

    cleanup: str | None = "rm -rf {paths}"
    command: str = ""
    option: str = ""
    mount: str = ""
    ignore: tuple[str, ...] = ()
    needed_by: str = ""
    instead: str = ""


Filter = Callable[[Evidence, Item], bool]


def leftover(  # noqa: PLR0913 - a rule's fields, all by name
    *,
    id: str,  # noqa: A002 - the name that every plug-in's identity has
    title: str,
    family: str,
    patterns: tuple[str, ...],
    remedy: Remedy,
    help: str,  # noqa: A002 - likewise
    confidence: Confidence = "high",
    priority: Priority = Priority.LEFTOVER,
    profiles: frozenset[Profile] = EVERY_PROFILE,
    keep: tuple[str, ...] = (),
    risk: str = "",
    only: Filter | None = None,
    at_least_bytes: int = 1,
) -> Rule:
    """A rule that gives one claim for each layer that ships visible files at these paths.

    ``only`` lets through the files that count; below ``at_least_bytes`` in all layers there is no claim.
    """

    def detect(evidence: Evidence) -> Iterator[Claim]:
        found = _by_layer(evidence, id, only)
        if sum(item.size_bytes for items, _, _ in found.values() for item in items) < at_least_bytes:
            return
        for layer, (items, roots, hidden_bytes) in sorted(found.items()):
            fix, rewrite = _fix(evidence, layer, roots, remedy)
            yield Claim(
                title=f"{title}, from layer {layer}",
                items=tuple(items),
                layers=tuple(sorted({layer, *(item.layer for item in items)})),
                blamed=layer,
                confidence=confidence,
                fix=fix,
                rewrite=rewrite,
                risk=risk,
                hidden_bytes=hidden_bytes,
            )

    return Rule(
        id=id,
        title=title,
        family=family,
        help=help,
        detect=detect,
        priority=priority,
        profiles=profiles,
        patterns=patterns,
        keep=keep,
    )


def _by_layer(
    evidence: Evidence, rule: str, only: Filter | None
) -> dict[int, tuple[list[Item], list[str], int]]:
    """Of each layer that brought visible ones: the files, where they are, and what is hidden of the like."""
    items: dict[int, list[Item]] = {}
    roots: dict[int, dict[str, int]] = {}
    hidden: dict[int, int] = {}
    for match in evidence.matches(rule):
        for item in match.items:
            if only is None or only(evidence, item):
                items.setdefault(item.origin, []).append(item)
                sizes = roots.setdefault(item.origin, {})
                sizes[match.root] = sizes.get(match.root, 0) + item.size_bytes
        if only is None:
            for layer, size_bytes in match.hidden.items():
                hidden[layer] = hidden.get(layer, 0) + size_bytes
    return {
        layer: (found, _largest_first(roots[layer]), hidden.get(layer, 0)) for layer, found in items.items()
    }


def _largest_first(sizes: dict[str, int]) -> list[str]:
    return sorted(sizes, key=lambda root: (-sizes[root], root))


def _fix(evidence: Evidence, layer: int, roots: list[str], remedy: Remedy) -> tuple[str, str | None]:
    """What to do about files that a layer ships, and the instruction written better where it can be."""
    instruction = evidence.instructions[layer]
    where = step(evidence, layer)
    if copies_context(evidence, layer) and (remedy.ignore or evidence.keyword(layer) == "ADD"):
        lines = ", ".join(remedy.ignore) or some(roots)
        return _sentence(f"Keep it out of {where}: put {lines} into .dockerignore", remedy.instead), None
    if evidence.keyword(layer) in ("COPY", "ADD"):
        text = (
            f"Do not copy {some(roots)} with {where}: copy only what is needed, or delete it where it is made"
        )
        return _sentence(text, remedy.instead), None
    rewrite = with_option(instruction, remedy.command, remedy.option) if remedy.option else None
    if rewrite is not None:
        text = f"Give {remedy.option} in {where}"
    elif remedy.cleanup:
        command = remedy.cleanup.format(paths=" ".join(map(absolute, roots[:8])))
        last = _last_user(evidence, layer, remedy.needed_by)
        if last == layer:
            rewrite = appended(instruction, command)
            text = f"End {where} with: && {command}"
        else:
            together = joined(evidence, layer, last)
            rewrite = f"{together}{AND}{command}" if together is not None else None
            text = f"Join {where} with {step(evidence, last)}, which needs it, and end it with: && {command}"
    else:
        return _sentence(remedy.instead, ""), None
    if remedy.mount:
        text += f"; or mount a cache there: RUN --mount=type=cache,target={remedy.mount} …"
    return _sentence(text, remedy.instead), rewrite


def _last_user(evidence: Evidence, layer: int, needed_by: str) -> int:
    """The last of the RUNs right behind a layer that needs what it makes; the layer itself without one."""
    last = layer
    for number in range(layer + 1, len(evidence.instructions)):
        instruction = evidence.instructions[number]
        if not needed_by or instruction is None or instruction.keyword != "RUN":
            break
        if re.search(needed_by, instruction.text):
            last = number
    return last


def _sentence(*parts: str) -> str:
    return " ".join(part if part.endswith(".") else part + "." for part in parts if part)
