"""What the probes saw of the files that are visible in the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from layerscope.advice.evidence import Evidence
from layerscope.advice.matching import item_of
from layerscope.model.suggestion import Item


def visible_facts(evidence: Evidence, probe: str) -> Iterator[tuple[Item, Any]]:
    """Each file with a fact whose content a visible name still reaches, as an item of all its bytes."""
    for layer, path, fact in evidence.facts(probe):
        node = evidence.analysis.index.find(path)
        version = evidence.version_in(layer, path)
        if node is None or version is None:
            continue
        # A hard link's content may be there under another name.
        inode = version.inode
        hidden_by = inode.hidden_by if inode is not None else version.hidden_by
        entry = version.source
        if hidden_by is None and entry is not None and (inode is None or inode.layer == layer):
            yield item_of(node, version, entry), fact
