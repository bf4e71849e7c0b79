"""The common form of rules that are a list of paths and what to do about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import AND, appended, copies_context, joined, some, step, with_option
from layerscope.advice.later_steps import refilling, users_of
from layerscope.advice.removal import removal
from layerscope.extensions import EVERY_PROFILE, Profile, Rule
from layerscope.model.entry import Kind
from layerscope.model.suggestion import Claim, Confidence, Item, Priority


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """How such files are avoided.

    ``cleanup`` is the command for the RUN that makes them, ``{paths}`` standing for what was found;
    without one they are to be removed. ``command`` (a pattern) takes an ``option`` that does not make
    them. ``mount`` is where a cache mount keeps them out of the layer. What is ``ignored`` belongs into a
    .dockerignore where it is copied. ``needed_by`` is a pattern of commands that need the files, so that
    they can be cleaned up behind the last of these only; those that name the files do anyway.
    ``filled_by`` is one of commands that make them again when they are gone. ``instead`` is advice where
    none of these fits, or in addition.
    """

    cleanup: str | None = "rm -rf {paths}"
    command: str = ""
    option: str = ""
    mount: str = ""
    ignored: bool = False
    needed_by: str = ""
    filled_by: str = ""
    instead: str = ""


_MOST_LINES = 12
_ADDED_FILE = re.compile(r"ADD file:[0-9a-f]+ in ")
_ARCHIVE = re.compile(r"ADD (?:--\S+ )*(?!\S*://)\S+\.(?:tar(?:\.\w+)?|tgz|tbz2?|txz) ")

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
            fix, rewrite = _fix(evidence, layer, roots, remedy, () if only else patterns)
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
            origins = {item.origin for item in match.items}
            for layer, size_bytes in match.hidden.items():
                # What a higher layer copied up goes with what was copied up.
                origin = max((one for one in origins if one <= layer), default=layer)
                hidden[origin] = hidden.get(origin, 0) + size_bytes
    return {
        layer: (found, _largest_first(roots[layer]), hidden.get(layer, 0)) for layer, found in items.items()
    }


def _largest_first(sizes: dict[str, int]) -> list[str]:
    return sorted(sizes, key=lambda root: (-sizes[root], root))


def _fix(
    evidence: Evidence, layer: int, roots: list[str], remedy: Remedy, patterns: tuple[str, ...]
) -> tuple[str, str | None]:
    """What to do about files that a layer ships, and the instruction written better where it can be.

    There are no patterns where a rule looks at each file: a command would go by their names alone.
    """
    where = step(evidence, layer)
    if _unpacks(evidence, layer):
        return _sentence(f"Leave {some(roots)} out of the archive that {where} unpacks", remedy.instead), None
    if copies_context(evidence, layer) and remedy.ignored:
        lines = ", ".join(_ignored(roots))
        return _sentence(f"Keep it out of {where}: put {lines} into .dockerignore", remedy.instead), None
    if evidence.keyword(layer) in ("COPY", "ADD"):
        text = (
            f"Do not copy {some(roots)} with {where}: copy only what is needed, or delete it where it is made"
        )
        return _sentence(text, remedy.instead), None
    rewrite = with_option(evidence.instructions[layer], remedy.command, remedy.option)
    if rewrite is not None and remedy.option:
        text = f"Give {remedy.option} in {where}"
    elif remedy.cleanup:
        text, rewrite = _cleaned_up(evidence, layer, roots, remedy, patterns)
    else:
        return _sentence(remedy.instead), None
    if remedy.filled_by:
        last = max(users_of(evidence, layer, roots, remedy.needed_by), default=layer)
        if again := refilling(evidence, last, remedy.filled_by):
            text += f"; and so in layer {_numbers(again)}, which would make it again"
    if remedy.mount:
        text += f"; or mount a cache there: RUN --mount=type=cache,target={remedy.mount} …"
    return _sentence(text, remedy.instead), rewrite


def _cleaned_up(
    evidence: Evidence, layer: int, roots: list[str], remedy: Remedy, patterns: tuple[str, ...]
) -> tuple[str, str | None]:
    """The cleanup at the end of the RUN that makes the files, joined with those that need them."""
    where = step(evidence, layer)
    command = removal(remedy.cleanup or "", roots, patterns)
    if command is None:
        return f"Delete {some(roots)} at the end of {where}", None
    if evidence.keyword(layer) != "RUN":
        return f"End {where} with: {command}", None
    users = users_of(evidence, layer, roots, remedy.needed_by)
    if not users:
        return f"End {where} with: && {command}", appended(evidence.instructions[layer], command)
    together = joined(evidence, layer, users[-1])
    text = f"Join {where} with {step(evidence, users[-1])}, which needs it, and end it with: && {command}"
    return text, f"{together}{AND}{command}" if together is not None else None


def _unpacks(evidence: Evidence, layer: int) -> bool:
    """Whether a layer is an archive that ADD took apart: .dockerignore cannot reach into it."""
    history = evidence.image.layers[layer].history
    if history is None or evidence.keyword(layer) != "ADD":
        return False
    if _ADDED_FILE.search(history.created_by):  # without its name: one file that became many is an archive
        files = (entry for entry in evidence.changesets[layer].entries if entry.kind is Kind.FILE)
        return len(list(islice(files, 2))) > 1
    return _ARCHIVE.search(history.created_by) is not None


def _ignored(roots: list[str]) -> list[str]:
    """Lines of a .dockerignore, those that keep out most first."""
    lines = list(dict.fromkeys(f"**/{root.rpartition('/')[2]}" for root in roots))
    return lines[:_MOST_LINES] + ["…"] * (len(lines) > _MOST_LINES)


def _numbers(layers: list[int]) -> str:
    return ", ".join(map(str, layers))


def _sentence(*parts: str) -> str:
    return " ".join(part if part.endswith(".") else part + "." for part in parts if part)
