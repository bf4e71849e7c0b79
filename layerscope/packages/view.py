"""All databases taken together: every visible byte is one package's, or nobody's."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layerscope.packages.apk import find_apk
from layerscope.packages.dpkg import find_dpkg
from layerscope.packages.found import Found, Package, Packages, Unowned
from layerscope.packages.made_of import find_jars, find_programs
from layerscope.packages.npm import find_npm
from layerscope.packages.pip import find_pip
from layerscope.packages.present import Database, Present
from layerscope.packages.rpm import find_rpm, unreadable_rpm
from layerscope.union.index import Node, PathIndex, Version, file_key

Files = list[tuple[Node, Version]]

_SYSTEM: tuple[Database, ...] = (find_dpkg, find_apk, find_rpm)
_LANGUAGES: tuple[Database, ...] = (find_pip, find_npm, find_programs, find_jars)
"""These come second: what a distribution ships of a language's packages is the distribution's."""


def tell_packages(present: Present) -> Iterator[Found]:
    """What each database says, the system's first, whether it is part of another package or not."""
    for database in (*_SYSTEM, *_LANGUAGES):
        yield from present.told_by(database)


class Credited(msgspec.Struct, frozen=True):
    """Each package with the files that are its own and nobody's before it, and what tells all of these."""

    packages: list[tuple[Found, Files]]
    owned: set[int]


def find_packages(present: Present) -> Packages:
    """The packages that are visible in the end; there may be none, and all bytes nobody's."""
    return packages_and_files(present)[0]


def packages_and_files(present: Present) -> tuple[Packages, list[Files]]:
    """The same, and the files of each of the packages."""
    credited = present.once(credit)
    found = [(_counted(one, files), files) for one, files in credited.packages]
    found.sort(key=lambda one: (-one[0].size_bytes, one[0].kind, one[0].name, one[0].record))
    unowned = _unowned(present.index, credited.owned)
    packages = Packages(
        packages=tuple(package for package, _ in found),
        owned_bytes=sum(package.size_bytes for package, _ in found),
        unowned_bytes=sum(one.size_bytes for one in unowned),
        unowned=tuple(unowned),
        unreadable=tuple(unreadable_rpm(present)),
    )
    return packages, [files for _, files in found]


def credit(present: Present) -> Credited:
    """Give each visible file to the first package that has it; ask for it with `Present.once`."""
    owned: set[int] = set()
    packages: list[tuple[Found, Files]] = []
    for database in _SYSTEM:
        packages += [(found, _taken(found, owned)) for found in present.told_by(database)]
    for database in _LANGUAGES:
        for found in present.told_by(database):
            recorded = present.file(found.record)
            if recorded is None or file_key(*recorded) not in owned:  # else it is part of another package
                packages.append((found, _taken(found, owned)))
    return Credited(packages, owned)


def _taken(found: Found, owned: set[int]) -> Files:
    files: Files = []
    for node, version in found.files:
        key = file_key(node, version)
        if key not in owned and version.source is not None:
            owned.add(key)
            files.append((node, version))
    return files


def _counted(found: Found, files: Files) -> Package:
    return Package(
        kind=found.kind,
        name=found.name,
        version=found.version,
        architecture=found.architecture,
        record=found.record,
        layer=found.layer,
        manual=found.manual,
        size_bytes=sum(version.source.stored_bytes for _, version in files if version.source is not None),
        file_count=len(files),
        modules=found.modules,
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
        key = file_key(node, version)
        if key not in seen:
            seen.add(key)
            place = "/".join(node.path.split("/", 2)[:2])
            places[place] = places.get(place, 0) + source.stored_bytes
    rows = [Unowned(path=path, size_bytes=size_bytes) for path, size_bytes in places.items()]
    return sorted(rows, key=lambda row: (-row.size_bytes, row.path))
