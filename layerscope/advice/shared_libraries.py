"""Where the loader finds a shared library (ld.so(8)), by what the headers say and where libraries lie."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from layerscope.advice.visible_paths import VisiblePaths, joined

_MACHINE_FOLDER = re.compile(r"\w+-linux-(?:gnu|musl)\w*")
_USUAL = ("lib", "usr/lib", "usr/local/lib")


class SharedLibraries:
    """Finds libraries; ``facts`` are those of the probe `elf`, by the path of the file."""

    def __init__(self, paths: VisiblePaths, facts: Mapping[str, dict[str, Any]], library_path: str) -> None:
        self._paths = paths
        self._facts = facts
        self._environment = [part for part in library_path.split(":") if part.startswith("/")]
        self._by_name: dict[str, list[str]] | None = None
        self._usual = self._usual_folders()

    def _usual_folders(self) -> list[str]:
        folders = []
        for place in _USUAL:
            folders += [
                f"{place}/{name}" for name in self._paths.names(place) if _MACHINE_FOLDER.fullmatch(name)
            ]
        return [*folders, "lib64", "usr/lib64", "usr/local/lib64", *_USUAL]

    def find(self, name: str, wanted_by: str) -> tuple[str | None, bool]:
        """Where a library of this name is, links not followed, and whether the loader surely looks there."""
        fact = self._facts[wanted_by]
        folder = wanted_by.rpartition("/")[0]
        if "/" in name:
            return (joined("", name) if self._fits(joined("", name), fact) else None), True
        searched = [
            *_folders(fact.get("rpath"), folder),
            *self._environment,
            *_folders(fact.get("runpath"), folder),
            *self._usual,
        ]
        for place in searched:
            path = joined("", f"{place}/{name}")
            if self._fits(path, fact):
                return path, True
        # A folder of ld.so.conf, or one that a program has loaded it from already.
        near = [path for path in self._named(name) if self._fits(path, fact)]
        return (near[0] if near else None), False

    def _fits(self, path: str, fact: Mapping[str, Any]) -> bool:
        node, _ = self._paths.resolve(path)
        if node is None or not self._paths.is_file(node):
            return False
        other = self._facts.get(node.path)
        return other is None or (other["machine"], other["bits"]) == (fact["machine"], fact["bits"])

    def _named(self, name: str) -> Sequence[str]:
        if self._by_name is None:
            self._by_name = {}
            for path, fact in sorted(self._facts.items()):
                for known in {path.rpartition("/")[2], fact.get("soname") or ""}:
                    self._by_name.setdefault(known, []).append(path)
        return self._by_name.get(name, ())


def _folders(listed: str | None, folder: str) -> list[str]:
    """The folders of an RPATH or RUNPATH."""
    parts = (listed or "").replace("${ORIGIN}", "$ORIGIN").split(":")
    return [part.replace("$ORIGIN", f"/{folder}") for part in parts if part.startswith(("/", "$ORIGIN"))]
