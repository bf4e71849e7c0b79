"""Where extensions are found: in the files of a folder for each kind, loaded when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

_FOLDERS: Mapping[str, str] = {
    "source": "layerscope.sources",
    "target": "layerscope.targets",
    "probe": "layerscope.probes",
    "rule": "layerscope.rules",
    "waste_rule": "layerscope.rules",
    "gate": "layerscope.gates",
    "report": "layerscope.reports",
}


def load(kind: str) -> dict[str, Any]:
    """All extensions of one kind (``source``, ``target``, ``probe`` and so on) by their ids."""
    return dict(_loaded(kind))


def named(kind: str) -> list[str]:
    """The ids of a kind whose files are named like them, as gates and reports are; loads none of them."""
    return [_id(module) for module in modules_of(_FOLDERS[kind], kind.upper())]


def load_named(kind: str, name: str) -> Any:
    """The one extension that a file of this name holds."""
    return getattr(import_module(f"{_FOLDERS[kind]}.{name.replace('-', '_')}"), kind.upper())


def _id(module: str) -> str:
    return module.replace("_", "-")


@cache
def modules_of(package: str, constant: str = "") -> tuple[str, ...]:
    """The names of a package's modules, sorted; cheaper than pkgutil, which loads half of importlib.

    With a constant, of those files only that make it.
    """
    found = {
        entry.name.partition(".")[0]
        for folder in import_module(package).__path__
        for entry in os.scandir(folder)
        if entry.name.endswith((".py", ".pyc"))
        and not entry.name.startswith("_")
        and (not constant or _makes(entry.path, constant))
    }
    return tuple(sorted(found))


def _makes(path: str, constant: str) -> bool:
    """Whether a line of a file begins so; of one that is compiled, whether it has the word."""
    mark = f"\n{constant} = " if path.endswith(".py") else constant
    file = os.open(path, os.O_RDONLY)  # a third of what open() takes, a hundred times a run
    try:
        return mark.encode() in os.read(file, os.fstat(file).st_size)
    finally:
        os.close(file)


@cache
def _loaded(kind: str) -> Mapping[str, Any]:
    package = _FOLDERS[kind]
    found: dict[str, Any] = {}
    for module in modules_of(package, kind.upper()):
        extension = getattr(import_module(f"{package}.{module}"), kind.upper(), None)
        if extension is not None:
            if extension.id in found:
                raise RuntimeError(f"two extensions of kind {kind} are named {extension.id}")
            found[extension.id] = extension
    return found
