"""A10: large files of nothing but zeros, and sparse ones."""

from __future__ import annotations

from collections.abc import Iterator

import xxhash

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import some, step
from layerscope.advice.matching import item_of
from layerscope.extensions import Rule
from layerscope.model.entry import Kind
from layerscope.model.suggestion import Claim, Item, Priority
from layerscope.union.index import Node, Version

_LARGE_BYTES = 1 << 20
_MOST_HASHED_BYTES = 8 << 30
_ZEROS = bytes(1 << 20)


def _detect(evidence: Evidence) -> Iterator[Claim]:
    large: list[tuple[Node, Version]] = []
    for node in evidence.analysis.index.nodes:
        version = node.versions[-1]
        entry = version.entry
        if entry is not None and entry.size_bytes >= _LARGE_BYTES and version.hidden_by is None:
            large.append((node, version))
    zeros = _zero_hashes({version.entry.size_bytes for _, version in large if version.entry is not None})
    by_layer: dict[int, list[Item]] = {}
    for node, version in large:
        entry = version.entry
        if entry is None or entry.kind is not Kind.FILE:
            continue
        sparse = entry.stored_bytes < entry.size_bytes
        if sparse or zeros.get(entry.size_bytes) == entry.content_hash:
            item = item_of(node, version, entry)
            by_layer.setdefault(item.origin, []).append(item)
    for layer, items in sorted(by_layer.items()):
        yield Claim(
            title=f"layer {layer} ships large files of zeros",
            items=tuple(items),
            layers=(layer,),
            blamed=layer,
            fix=f"Delete {some([item.path for item in items])} in {step(evidence, layer)}, or make it when "
            "the container runs; for lastlog and faillog: useradd --no-log-init.",
            risk="They compress to nothing, but are written out in full where the image is unpacked.",
        )


def _zero_hashes(sizes: set[int]) -> dict[int, bytes]:
    """The content hash of so many zeros, for each of the sizes; one pass up to the largest."""
    found: dict[int, bytes] = {}
    hasher = xxhash.xxh3_128()
    done = 0
    for size_bytes in sorted(sizes):
        if size_bytes > _MOST_HASHED_BYTES:
            break
        while done < size_bytes:
            step_bytes = min(len(_ZEROS), size_bytes - done)
            hasher.update(_ZEROS[:step_bytes])
            done += step_bytes
        found[size_bytes] = hasher.digest()
    return found


RULE = Rule(
    id="zero-files",
    title="Large files of zeros",
    family="context",
    help="""Preallocated databases, sparse files, and lastlog or faillog with a user of a large ID are mostly
zeros: small in the compressed layer, as large as they look on every disk. Make them when the container
runs.""",
    detect=_detect,
    priority=Priority.LEFTOVER,
)
