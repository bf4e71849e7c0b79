"""Debian's packages, by dpkg's own records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from layerscope.packages.brought import brought_by, key_of
from layerscope.packages.found import Found
from layerscope.packages.present import Fact, Present
from layerscope.union.index import Node, Version

_STATUS = "var/lib/dpkg/status"
_SINGLY = "var/lib/dpkg/status.d/"
_LISTS = "var/lib/dpkg/info/"


def find_dpkg(present: Present) -> Iterator[Found]:
    """What is installed, by the file ``status``, or by ``status.d`` in images without dpkg."""
    facts = {fact.path: fact for fact in present.facts("dpkg")}
    status = facts.get(_STATUS)
    if status is not None:
        yield from _of_status(present, status, facts)
    for path, fact in facts.items():
        if path.startswith(_SINGLY) and isinstance(fact.value, list):
            sums = facts.get(f"{path}.md5sums")
            listed = [line.partition("  ")[2] for line in sums.value.splitlines()] if sums is not None else []
            for package in fact.value:
                yield _found(package, path, fact.layer, present.files(listed), manual=None)


def _of_status(present: Present, status: Fact, facts: dict[str, Fact]) -> Iterator[Found]:
    since = brought_by(present, "dpkg", _STATUS)
    known = facts.get("var/lib/apt/extended_states")
    automatic = {(one["name"], one["architecture"]) for one in known.value} if known is not None else set()
    names_only = {name for name, _ in automatic}
    diversions = facts.get("var/lib/dpkg/diversions")
    diverted = _diverted(diversions.value) if diversions is not None else {}
    for package in status.value:
        name, architecture = package["name"], package["architecture"]
        listed = facts.get(f"{_LISTS}{name}.list") or facts.get(f"{_LISTS}{name}:{architecture}.list")
        moved = {path: to for path, (to, by) in diverted.items() if by != name}
        paths = listed.value.splitlines() if listed is not None else []
        # apt writes the machine's architecture where the package says "all".
        is_automatic = (name, architecture) in automatic or (architecture == "all" and name in names_only)
        yield _found(
            package,
            _STATUS,
            since.get(key_of(package), status.layer),
            present.files(moved.get(path, path) for path in paths),
            manual=not is_automatic,
        )


def _found(
    package: dict[str, Any],
    record: str,
    layer: int,
    files: Iterator[tuple[Node, Version]],
    *,
    manual: bool | None,
) -> Found:
    return Found(
        kind="dpkg",
        name=package["name"],
        version=package["version"],
        architecture=package["architecture"] or None,
        record=record,
        layer=layer,
        files=files,
        manual=manual,
    )


def _diverted(text: str) -> dict[str, tuple[str, str]]:
    """Path to where it really is and by which package (dpkg-divert(1)): three lines each."""
    lines = text.splitlines()
    triples = zip(lines[::3], lines[1::3], lines[2::3], strict=False)
    return {path: (to, by) for path, to, by in triples}
