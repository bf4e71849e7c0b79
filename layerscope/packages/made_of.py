"""Programs of Go and Rust, and archives of Java: a file each, made of modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from layerscope.packages.found import Found
from layerscope.packages.present import Fact, Present


def find_programs(present: Present) -> Iterator[Found]:
    """The programs that say what they were made of."""
    for fact in present.facts("elf"):
        told = fact.value.get("made_of")
        if told is not None:
            yield _found(present, fact, told["language"], told)


def find_jars(present: Present) -> Iterator[Found]:
    """The archives of Java that stand for themselves; those within another are its modules."""
    for fact in present.facts("jars"):
        yield _found(present, fact, "jar", fact.value)


def _found(present: Present, fact: Fact, kind: str, told: dict[str, Any]) -> Found:
    return Found(
        kind=kind,
        name=told["name"],
        version=told["version"],
        record=fact.path,
        layer=fact.layer,
        files=present.files((fact.path,)),
        modules=tuple((name, version) for name, version in told["modules"]),
    )
