"""Every path that was left out, as JSON lines: for whoever has to answer for it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layerscope.model.names import shown
from layerscope.optimize.optimizing import Optimized


def audit_lines(done: Optimized) -> Iterator[bytes]:
    """One object for each removed path, by path, with a newline behind it.

    ``layers`` do not ship it any more, ``saved_bytes`` is their content that goes with it. ``hidden_in`` is
    the layer (of the original) with the whiteout where a layer that stays as it is ships it still.
    ``packages`` are those that name it, ``platform`` is the image's.
    """
    owners: dict[str, list[str]] = {}
    for losing in done.losing:
        for path in losing.paths:
            owners.setdefault(path, []).append(f"{losing.kind}:{losing.name}")
    for one in done.removed:
        record = {
            "platform": None if done.platform is None else str(done.platform),
            "path": f"/{shown(one.path)}",
            "type": one.kind.value,
            "visible": one.visible,
            "because": one.because,
            "layers": one.layers,
            "saved_bytes": one.saved_bytes,
            "hidden_in": one.hidden_in,
            "packages": sorted(owners.get(one.path, [])),
        }
        yield msgspec.json.encode(record) + b"\n"
