"""Where the loader finds a shared library (ld.so(8)), by what the headers say and where libraries lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from layerscope.advice.loader_settings import LoaderSettings
from layerscope.advice.visible_paths import VisiblePaths, joined


class SharedLibraries:
    """Finds libraries; ``facts`` are those of the probe `elf`, by the path of the file.

    ``through_cache`` are those found in a folder of ld.so.conf where the loader does not look by itself, with
    the file that names it.
    """

    def __init__(
        self,
        paths: VisiblePaths,
        facts: Mapping[str, dict[str, Any]],
        library_path: str,
        settings: Mapping[str, str],
    ) -> None:
        self._paths = paths
        self._facts = facts
        self._environment = [part for part in library_path.split(":") if part.startswith("/")]
        self._by_name: dict[str, list[str]] | None = None
        self._settings = LoaderSettings(paths, settings)
        self.through_cache: dict[str, str] = {}

    def find(self, name: str, wanted_by: str) -> tuple[str | None, bool]:
        """Where a library of this name is, links not followed, and whether the loader surely looks there."""
        fact = self._facts[wanted_by]
        folder = wanted_by.rpartition("/")[0]
        if "/" in name:
            return (joined("", name) if self._fits(joined("", name), fact) else None), True
        for place, told_by in self._searched(fact, folder):
            path = joined("", f"{place}/{name}")
            if self._fits(path, fact):
                if told_by is not None and place not in self._settings.usual:
                    self.through_cache[path] = told_by
                return path, True
        # A program may have loaded it already, from a folder that it knows itself.
        near = [path for path in self._named(name) if self._fits(path, fact)]
        return (near[0] if near else None), False

    def _searched(self, fact: Mapping[str, Any], folder: str) -> Iterator[tuple[str, str | None]]:
        """The folders in order, those of the settings with the file that names them."""
        settings = self._settings
        rpath, runpath = (_folders(fact.get(key), folder) for key in ("rpath", "runpath"))
        first = (
            [*self._environment, *rpath, *runpath]
            if settings.is_musl
            else [*rpath, *self._environment, *runpath]
        )
        yield from ((place, None) for place in first)
        yield from settings.configured.items()
        yield from ((place, None) for place in settings.usual)

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
