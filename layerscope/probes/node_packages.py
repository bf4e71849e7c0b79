"""What ``package.json`` says of Node's packages: of those installed and of those that need them."""

from __future__ import annotations

from typing import Any

import msgspec

from layerscope.extensions import Probe, Sink
from layerscope.probes.collect import Collect, Nothing

_MAX_BYTES = 1 << 20
_MODULES = "node_modules"


def _parse(content: bytes) -> dict[str, Any] | None:
    """Name and version, and the names of what it needs; None where it is no manifest."""
    try:
        manifest = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(manifest, dict):
        return None
    name, version = manifest.get("name"), manifest.get("version")
    needed: set[str] = set()
    for field in ("dependencies", "devDependencies", "optionalDependencies"):
        found = manifest.get(field)
        if isinstance(found, dict):
            needed.update(found)
    return {
        "name": name if isinstance(name, str) else "",
        "version": version if isinstance(version, str) else "",
        "needs": sorted(needed),
    }


def _begin(path: str, stored_bytes: int) -> Sink:
    parts = path.split("/")[:-1]
    if _MODULES in parts:
        below = parts[len(parts) - parts[::-1].index(_MODULES) :]
        if len(below) != (2 if below and below[0].startswith("@") else 1) or below[0].startswith("."):
            return Nothing()
    return Collect(_MAX_BYTES, _parse)


PROBE = Probe(
    id="node-packages",
    version=1,
    paths=frozenset(),
    begin=_begin,
    names=frozenset(("package.json",)),
)
