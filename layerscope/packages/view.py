"""All databases taken together: every visible byte is one package's, or nobody's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from layerscope.model.changeset import Changeset
from layerscope.packages.dpkg import find_dpkg
from layerscope.packages.found import Found, Package, Packages, Unowned
from layerscope.packages.npm import find_npm
from layerscope.packages.pip import find_pip
from layerscope.packages.present import Present
from layerscope.union.index import Node, PathIndex, Version

_DATABASES: tuple[Callable[[Present], Iterator[Found]], ...] = (find_dpkg, find_pip, find_npm)
"""The system's come first: what a distribution ships of a language's packages is the distribution's."""


def find_packages(index: PathIndex, changesets: Sequence[Changeset]) -> Packages:
    """The packages that are visible in the end; there may be none, and all bytes nobody's."""
    present = Present(index, changesets)
    owned: set[int] = set()
    packages: list[Package] = []
    for database in _DATABASES:
        for found in database(present):
            recorded = present.file(found.record)
            if recorded is not None and _key(*recorded) in owned:
                continue  # it is part of another package
            packages.append(_counted(found, owned))
    packages.sort(key=lambda one: (-one.size_bytes, one.kind, one.name, one.record))
    unowned = _unowned(index, owned)
    return Packages(
        packages=tuple(packages),
        owned_bytes=sum(one.size_bytes for one in packages),
        unowned_bytes=sum(one.size_bytes for one in unowned),
        unowned=tuple(unowned),
    )


def _key(node: Node, version: Version) -> int:
    """What tells a file from any other, whatever its name."""
    return id(version.inode) if version.inode is not None else id(node)


def _counted(found: Found, owned: set[int]) -> Package:
    size_bytes = file_count = 0
    for node, version in found.files:
        key, source = _key(node, version), version.source
        if key not in owned and source is not None:
            owned.add(key)
            size_bytes += source.stored_bytes
            file_count += 1
    return Package(
        kind=found.kind,
        name=found.name,
        version=found.version,
        architecture=found.architecture,
        record=found.record,
        layer=found.layer,
        manual=found.manual,
        size_bytes=size_bytes,
        file_count=file_count,
    )


def _unowned(index: PathIndex, owned: set[int]) -> list[Unowned]:
    """Where the bytes are that no package owns."""
    places: dict[str, int] = {}
    seen = set(owned)
    for node in index.nodes:
        version = node.top
        source = version.source if version is not None else None
        if version is None or source is None or not source.stored_bytes:
            continue
        key = _key(node, version)
        if key not in seen:
            seen.add(key)
            place = "/".join(node.path.split("/", 2)[:2])
            places[place] = places.get(place, 0) + source.stored_bytes
    rows = [Unowned(path=path, size_bytes=size_bytes) for path, size_bytes in places.items()]
    return sorted(rows, key=lambda row: (-row.size_bytes, row.path))
