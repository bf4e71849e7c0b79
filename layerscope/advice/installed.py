"""The packages of an image as rules speak of them: claims to all of their bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from layerscope.advice.matching import item_of
from layerscope.model.suggestion import Item
from layerscope.packages.present import Present
from layerscope.packages.view import Files, credit


class Installed(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A package and its visible files; ``record`` tells of it, ``layer`` brought it in this version."""

    kind: str
    name: str
    architecture: str
    record: str
    layer: int
    files: Files
    modules: tuple[tuple[str, str], ...] = ()

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Its files as claims speak of them; most packages are claimed by nobody."""
        return tuple(
            item_of(node, version, version.source)
            for node, version in self.files
            if version.source is not None
        )

    @cached_property
    def size_bytes(self) -> int:
        """The bytes of its files."""
        return sum(version.source.stored_bytes for _, version in self.files if version.source is not None)


def installed_in(present: Present) -> tuple[Installed, ...]:
    """All packages; no file is in two of them."""
    return tuple(
        Installed(
            kind=found.kind,
            name=found.name,
            architecture=found.architecture or "",
            record=found.record,
            layer=found.layer,
            files=files,
            modules=found.modules,
        )
        for found, files in present.once(credit).packages
    )


def by_layer(packages: Iterable[Installed]) -> Iterator[tuple[int, list[Installed]]]:
    """Packages by the layer that brought them, the largest first."""
    layers: dict[int, list[Installed]] = {}
    for package in sorted(packages, key=lambda one: (-one.size_bytes, one.name, one.architecture)):
        layers.setdefault(package.layer, []).append(package)
    yield from sorted(layers.items())


def named(packages: Iterable[Installed], most: int = 8) -> str:
    """The names of packages as a command takes them, a sign that there are more."""
    names = list(dict.fromkeys(package.name for package in packages))
    return " ".join(names[:most]) + (" …" if len(names) > most else "")
