"""What Alpine's apk wrote down: packages with their files, and which of them somebody asked for.

``installed`` becomes a list of packages, ``world`` a list of names.
"""

from __future__ import annotations

import re
from typing import Any

from layerscope.extensions import Probe, Sink
from layerscope.probes.collect import Collect

_MAX_BYTES = 1 << 26
_WORLD = "etc/apk/world"
_FIELDS = {"P": "name", "V": "version", "A": "architecture"}
_NAME = re.compile(r"[^<>=~@\s]+")


def _installed(content: bytes) -> list[dict[str, Any]]:
    """The packages, in apk's own order: one field on a line, an empty line behind each of them.

    A folder's name stands once, so the paths are longer than the file; no more of them than its bound.
    """
    found: list[dict[str, Any]] = []
    package: dict[str, Any] = {}
    folder = ""
    left = _MAX_BYTES
    for line in content.decode("utf-8", "surrogateescape").split("\n"):
        key, _, value = line.partition(":")
        if not line:
            if package.get("name"):
                found.append({**package, "files": "\n".join(package["files"])})
            package, folder = {}, ""
            continue
        if not package:
            package = {"version": "", "architecture": "", "needs": [], "provides": [], "files": []}
        if key in _FIELDS:
            package[_FIELDS[key]] = value
        elif key == "D":
            package["needs"] = _names(value)
        elif key == "p":
            # Libraries and commands, as so:… and cmd:…, are many, and nobody asks for them by these.
            package["provides"] = [name for name in _names(value) if ":" not in name]
        elif key == "F":
            folder = f"{value}/" if value else ""
        elif key == "R" and (left := left - len(folder) - len(value)) > 0:
            package["files"].append(folder + value)
    return found


def _names(text: str) -> list[str]:
    """The names of packages without versions and repositories; not of those that must not be there."""
    return [name[0] for word in text.split() if word[0] != "!" and (name := _NAME.match(word))]


def _world(content: bytes) -> list[str]:
    return _names(content.decode("utf-8", "replace"))


def _begin(path: str, stored_bytes: int) -> Sink:
    return Collect(_MAX_BYTES, _world if path == _WORLD else _installed)


PROBE = Probe(
    id="apk",
    version=2,
    paths=frozenset((_WORLD, "lib/apk/db/installed", "usr/lib/apk/db/installed")),
    begin=_begin,
)
