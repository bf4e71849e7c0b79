"""What archives of Java say of themselves: their manifest, Maven's properties, and the jars within them.

The fact is ``{"name": "org.example:lib" | "lib", "version": "1.2" | "", "modules": [["x:y", "3.4"], …]}``,
and ``"within_bytes"`` where there are jars within it: what these take there. They are named by their file
names and not opened. Of an archive of more than 32 MiB the
first and the last 16 MiB are looked at: the table of contents is at the end.
"""

from __future__ import annotations

import re
from typing import Any

from layerscope.extensions import Probe
from layerscope.probes.kept_ranges import KeptRanges, Range

_SUFFIXES = frozenset(("jar", "war", "ear"))
_HEAD_BYTES = 1 << 12
_LIMIT_BYTES = 1 << 25
_VERSIONED = re.compile(r"(.+?)-(\d+(?:\.[\w.+-]+)?)")
_MANIFEST = "META-INF/MANIFEST.MF"
_POM = re.compile(r"META-INF/maven/[^/]+/[^/]+/pom\.properties")
_MOST_POMS = 1000
_MOST_MODULES = 10_000
_NAMES = ("Bundle-SymbolicName", "Automatic-Module-Name")
_VERSIONS = ("Implementation-Version", "Bundle-Version", "Specification-Version")

Module = tuple[str, str]
"""Name and version."""


def _plan(head: bytes, size_bytes: int) -> list[Range]:
    half = _LIMIT_BYTES // 2
    return [(max(0, size_bytes - half), size_bytes), (0, half)]


class _Jar:
    """Keeps what is needed of an archive."""

    def __init__(self, path: str, size_bytes: int) -> None:
        self._path = path
        self._size_bytes = size_bytes
        self._kept = KeptRanges(size_bytes, _HEAD_BYTES, _LIMIT_BYTES, _plan)
        self.feed = self._kept.feed
        self.feed_hole = self._kept.feed_hole

    def finish(self) -> dict[str, Any] | None:
        """The fact."""
        from layerscope.probes.zip_members import Members

        self._kept.settle()
        members = Members.of(self._kept.read_at, self._size_bytes)
        if members is None:
            return None
        manifest = _fields(members.text(_MANIFEST), ": ")
        poms = [
            (fields.get("groupId", ""), fields["artifactId"], fields.get("version", ""))
            for path in [path for path in members.places if _POM.fullmatch(path)][:_MOST_POMS]
            if "artifactId" in (fields := _fields(members.text(path), "="))
        ]
        within = [path for path in members.places if path.rpartition(".")[2] in _SUFFIXES]
        within_bytes = sum(members.places[path][1] for path in within)
        return _described(self._path, manifest, poms, within) | (
            {"within_bytes": within_bytes} if within_bytes else {}
        )


def _described(
    path: str, manifest: dict[str, str], poms: list[tuple[str, str, str]], within: list[str]
) -> dict[str, Any]:
    """Who the archive is, by Maven, else by its manifest, else by its file's name; the others are in it."""
    name, version = _by_file_name(path)
    own = poms[0] if len(poms) == 1 else next((pom for pom in poms if pom[1] == name), None)
    modules = {(_coordinates(pom), pom[2]) for pom in poms if pom != own}
    modules.update(map(_by_file_name, within))
    told = next((manifest[key].partition(";")[0] for key in _NAMES if manifest.get(key)), name)
    release = next((manifest[key] for key in _VERSIONS if manifest.get(key)), version)
    return {
        "name": _coordinates(own) if own is not None else told,
        "version": (own[2] if own is not None else "") or release,
        "modules": [list(module) for module in sorted(modules)[:_MOST_MODULES]],
    }


def _coordinates(pom: tuple[str, str, str]) -> str:
    return f"{pom[0]}:{pom[1]}".removeprefix(":")


def _by_file_name(path: str) -> Module:
    stem = path.rpartition("/")[2].rpartition(".")[0]
    found = _VERSIONED.fullmatch(stem)
    return (found[1], found[2]) if found is not None else (stem, "")


def _fields(text: str, separator: str) -> dict[str, str]:
    """The lines of a manifest's main section, or of properties; a line that begins with a blank goes on."""
    fields: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        if not line.strip():
            if fields:
                break
        elif line.startswith(" ") and key:
            fields[key] += line[1:]
        elif not line.startswith("#"):
            key, _, value = line.partition(separator)
            fields[key.strip()] = value.strip()
            key = key.strip()
    return fields


PROBE = Probe(
    id="jars",
    version=2,
    paths=frozenset(),
    begin=_Jar,
    tails=_SUFFIXES,
)
