"""The second and further copies of a content that stands at several visible paths."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layerscope.advice.matching import item_of
from layerscope.model.entry import Kind
from layerscope.model.suggestion import Item
from layerscope.union.index import PathIndex

_SMALLEST_BYTES = 4096
"""Smaller files take a block anyway, whatever else refers to them."""
_TO_LEAVE_OUT = (
    *("usr/share/doc/", "usr/share/man/", "usr/share/info/", "usr/share/locale/"),
    *("usr/include/", "usr/local/include/"),
)
"""What other findings tell to leave out altogether."""
_PACKAGED = frozenset(("site-packages", "dist-packages", "node_modules"))


class Copy(msgspec.Struct, frozen=True, gc=False):
    """A file whose content stands in ``first`` already: in its layer, or in a lower one."""

    item: Item
    first: Item

    @property
    def is_packaged(self) -> bool:
        """Whether both are in folders of a language's package manager, which looks after them."""
        return all(not _PACKAGED.isdisjoint(item.path.split("/")) for item in (self.item, self.first))


def copies(index: PathIndex) -> list[Copy]:
    """All second and further copies; the first is the one of the lowest layer whose path sorts first."""
    groups: dict[bytes, list[Item]] = {}
    seen: set[int] = set()
    for item, content in _large_files(index):
        if item.key not in seen:
            seen.add(item.key)
            groups.setdefault(content, []).append(item)
    found: list[Copy] = []
    for items in groups.values():
        if len(items) > 1:
            first, *others = sorted(items, key=lambda item: (item.layer, item.path))
            found += [Copy(item, first) for item in others]
    return found


def _large_files(index: PathIndex) -> Iterator[tuple[Item, bytes]]:
    """Visible files that are worth it; each hard link group under every name, with the same key."""
    file = Kind.FILE
    for node in index.nodes:
        version = node.versions[-1]
        entry = version.entry
        if entry is None or version.hidden_by is not None:
            continue
        if version.inode is not None:
            entry = version.inode.entry
        if entry.stored_bytes >= _SMALLEST_BYTES and entry.kind is file and entry.content_hash is not None:
            item = item_of(node, version, entry)
            if not item.path.startswith(_TO_LEAVE_OUT):
                yield item, entry.content_hash


def by_layer(found: list[Copy]) -> list[tuple[int, bool, list[Copy]]]:
    """Copies by the layer that ships them, those of packages apart; the largest first."""
    layers: dict[tuple[int, bool], list[Copy]] = {}
    for copy in sorted(found, key=lambda copy: (-copy.item.size_bytes, copy.item.path)):
        layers.setdefault((copy.item.layer, copy.is_packaged), []).append(copy)
    return [(layer, packaged, copies) for (layer, packaged), copies in sorted(layers.items())]
