"""Links between the members of an archive."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Mapping

from layerscope.model.paths import normalise

_MAX_HOPS = 16

WITHOUT_CONTENT = frozenset(b"3456"[i : i + 1] for i in range(4))
"""Types of members whose size means nothing; no content follows devices, directories and FIFOs."""


def link_target(name: str, target: str, *, hard: bool) -> str:
    """The member that a link means; hard links name it from the archive's root."""
    if hard or target.startswith("/"):
        return normalise(target)
    return normalise(posixpath.join(posixpath.dirname(name), target))


def follow(name: str, files: Container[str], links: Mapping[str, str]) -> str | None:
    """The file behind a name; None where a link leads nowhere or in a circle."""
    for _ in range(_MAX_HOPS):
        if name in files:
            return name
        if name not in links:
            return None
        name = links[name]
    return None
