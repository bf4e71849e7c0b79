"""Claims without what somebody does not want to be told of."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from layerscope.model.ignore import Ignore
from layerscope.model.suggestion import Claim, Item


def parted(claim: Claim, ignores: Sequence[Ignore], *, whole: bool) -> list[tuple[Claim, Ignore | None]]:
    """A claim as the part that is told, with None, and the parts that are hidden, each with what hides it.

    A claim that is ``whole``, or that counts its bytes itself, is hidden when all of its paths are; one
    without any path only by what names no paths.
    """
    if not ignores:
        return [(claim, None)]
    hidden: dict[int, list[Item]] = {}
    kept: list[Item] = []
    for item in claim.items:
        number = next((number for number, one in enumerate(ignores) if one.hides(item.path)), None)
        if number is None:
            kept.append(item)
        else:
            hidden.setdefault(number, []).append(item)
    if not kept:
        every = next((one for one in ignores if not one.paths), None)
        first = every or (ignores[min(hidden)] if hidden else None)
        return [(claim, first)]
    if whole or not hidden or claim.gross_bytes is not None or claim.compressed_bytes is not None:
        return [(claim, None)]
    told = msgspec.structs.replace(claim, items=tuple(kept))
    parts: list[tuple[Claim, Ignore | None]] = [(told, None)]
    for number, items in sorted(hidden.items()):
        parts.append((msgspec.structs.replace(claim, items=tuple(items), hidden_bytes=0), ignores[number]))
    return parts
