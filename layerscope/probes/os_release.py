"""Which distribution an image is of (os-release(5))."""

from __future__ import annotations

from layerscope.extensions import Probe
from layerscope.probes.collect import Collect

_MAX_BYTES = 1 << 16


def _parse(content: bytes) -> dict[str, str]:
    """The assignments of an os-release file, quotes taken off."""
    found: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip() and not key.lstrip().startswith("#"):
            found[key.strip()] = value.strip().strip("\"'")
    return found


PROBE = Probe(
    id="os-release",
    version=1,
    paths=frozenset(("etc/os-release", "usr/lib/os-release")),
    begin=lambda path, stored_bytes: Collect(_MAX_BYTES, _parse),  # noqa: ARG005
)
