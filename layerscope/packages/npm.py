"""Node's packages: every folder of a ``node_modules`` that has a ``package.json``."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.model.entry import Kind
from layerscope.packages.found import Found
from layerscope.packages.present import Fact, Present
from layerscope.union.index import Node, Version

_MODULES = "node_modules"
_MANIFEST = "package.json"
_PNPM = ".pnpm"
"""Where pnpm keeps all packages side by side; its links tell which are asked for, by their targets."""


def find_npm(present: Present) -> Iterator[Found]:
    """What is installed anywhere, by npm, yarn or pnpm; a package within another is one of its own."""
    facts = {fact.path: fact for fact in present.facts("node-packages")}
    # By path a package within another comes first (node_modules, then package.json): its files are its own.
    for path, fact in facts.items():
        name = _named(path)
        if name:
            home = path.removesuffix(f"/{_MANIFEST}")
            yield Found(
                kind="npm",
                name=fact.value["name"] or name,
                version=fact.value["version"],
                record=path,
                layer=fact.layer,
                files=_below(present, home),
                manual=_manual(home.removesuffix(f"/{name}"), name, facts),
            )


def _named(path: str) -> str | None:
    """The name of the package that a manifest stands for; None for that of an application."""
    parts = path.split("/")[:-1]
    if _MODULES not in parts:
        return None
    return "/".join(parts[len(parts) - parts[::-1].index(_MODULES) :])


def _manual(modules: str, name: str, facts: dict[str, Fact]) -> bool | None:
    """Whether the application asks for it; what stands in no application's folder was installed by name."""
    if f"{_MODULES}/{_PNPM}/" in modules:
        return None
    above = modules.removesuffix(_MODULES).rstrip("/")
    if _MODULES in above.split("/"):
        return False
    application = facts.get(f"{above}/{_MANIFEST}".lstrip("/"))
    return True if application is None else name in application.value["needs"]


def _below(present: Present, home: str) -> Iterator[tuple[Node, Version]]:
    """The visible files below a package's folder."""
    start = present.index.find(home)
    todo = [start] if start is not None else []
    while todo:
        node = todo.pop()
        for child in (node.live or {}).values():
            version = child.top
            source = version.source if version is not None else None
            if version is not None and source is not None and source.kind is Kind.FILE:
                yield child, version
            elif child.live:
                todo.append(child)
