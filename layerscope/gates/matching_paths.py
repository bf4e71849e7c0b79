"""The paths of an image that a pattern means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from layerscope.model.path_pattern import PathPattern

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.union.index import PathIndex


def sizes_of_files(index: PathIndex, pattern: PathPattern) -> dict[str, int]:
    """The files of the final image that match, and what each stores; a hard link group once."""
    from layerscope.model.entry import Kind
    from layerscope.union.views import merged

    return {
        row.path: row.entry.stored_bytes
        for row in merged(index)
        if row.entry is not None
        and row.entry.kind is Kind.FILE
        and row.link_of is None
        and pattern.matches(row.path)
    }


def visible_paths(index: PathIndex, pattern: PathPattern) -> list[str]:
    """The paths of the final image that match, of any kind, sorted."""
    return sorted(node.path for node in index.nodes if node.top is not None and pattern.matches(node.path))


def shipped_paths(index: PathIndex, pattern: PathPattern) -> Iterator[tuple[str, int]]:
    """The paths that match and that any layer ever brought, with the first layer that did; sorted."""
    found = [(node.path, node.versions[0].layer) for node in index.nodes if pattern.matches(node.path)]
    yield from sorted(found)
