"""One of the two images that are compared: what is known of it, whether it was read or a report tells of it.

Names and paths are as `layerscope.model.names.shown` writes them: a report has no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from layerscope.model.image import HistoryEntry, Layer
from layerscope.model.instruction import instruction_of
from layerscope.model.names import shown

if TYPE_CHECKING:  # a report is compared without reading any image
    from layerscope.inspection import Inspection


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """What an image comes to, in bytes; as in the totals of `layerscope.union.analysis`."""

    tar_bytes: int
    compressed_bytes: int
    content_bytes: int
    visible_bytes: int
    wasted_bytes: int
    entries: int


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One layer as a report tells of it too, and the instruction that made it.

    ``created_by`` is the instruction as the builder recorded it, its build arguments included.
    """

    number: int
    digest: str | None
    diff_id: str | None
    compression: str
    entries: int
    content_bytes: int
    tar_bytes: int
    compressed_bytes: int
    instruction: str | None
    created_by: str | None
    base: bool | None


class LayerFacts(Recorded, frozen=True, kw_only=True):
    """One layer; ``steps`` are the instructions without a layer before it."""

    steps: tuple[str, ...] = ()


class PackageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A package and the bytes of its visible files; ``record`` is the file that tells of it."""

    kind: str
    name: str
    version: str
    architecture: str | None
    record: str
    size_bytes: int


class Below(msgspec.Struct, frozen=True):
    """What is visible below a directory."""

    size_bytes: int
    file_count: int


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """What only a report has by itself; ``packages`` is None where it does not tell of any."""

    directories: Mapping[str, Below]
    packages: tuple[PackageFacts, ...] | None


class Subject(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """An image to compare; exactly one of ``inspection`` and ``saved`` is set.

    ``runtime`` is the config's ``config`` object as it stands. ``config_bytes`` is the size of the config,
    None where it is unknown.
    """

    reference: str
    names: tuple[str, ...]
    digest: str | None
    image_id: str | None
    platform: str | None
    complete: bool
    base_layers: int | None
    sums: Sums
    layers: tuple[LayerFacts, ...]
    runtime: Mapping[str, Any]
    config_bytes: int | None = None
    inspection: Inspection | None = None
    saved: Saved | None = None

    @cached_property
    def directories(self) -> Mapping[str, Below]:
        """Every visible directory by its path, with what is visible below it."""
        if self.inspection is None:
            return self.saved.directories if self.saved is not None else {}
        return _directories(self.inspection)

    @cached_property
    def packages(self) -> tuple[PackageFacts, ...] | None:
        """What is installed; None where nobody looked for packages."""
        if self.inspection is None:
            return self.saved.packages if self.saved is not None else None
        if not self.inspection.with_facts:
            return None
        return tuple(
            PackageFacts(
                kind=one.kind,
                name=shown(one.name),
                version=shown(one.version),
                architecture=None if one.architecture is None else shown(one.architecture),
                record=shown(one.record),
                size_bytes=one.size_bytes,
            )
            for one in self.inspection.packages.packages
        )


def subject_of(inspection: Inspection) -> Subject:
    """An image that was read."""
    image, totals = inspection.image, inspection.analysis.totals
    return Subject(
        reference=shown(image.reference),
        names=tuple(map(shown, image.names)),
        digest=image.digest,
        image_id=image.image_id,
        platform=str(image.platform) if image.platform else None,
        complete=image.complete,
        base_layers=image.base_layers,
        sums=Sums(**{name: getattr(totals, name) for name in Sums.__struct_fields__}),
        layers=tuple(_layer(inspection, layer) for layer in image.layers),
        runtime=image.config.runtime,
        config_bytes=None if image.config_bytes is None else len(image.config_bytes),
        inspection=inspection,
    )


def _layer(inspection: Inspection, layer: Layer) -> LayerFacts:
    totals = inspection.analysis.layers[layer.number]
    changeset, base = inspection.changesets[layer.number], inspection.image.base_layers
    steps = tuple(text for step in layer.empty_steps if (text := _instruction(step)) is not None)
    return LayerFacts(
        number=layer.number,
        digest=layer.descriptor.digest if layer.descriptor else changeset.digest,
        diff_id=layer.diff_id,
        compression=totals.compression,
        entries=totals.entries,
        content_bytes=totals.content_bytes,
        tar_bytes=totals.tar_bytes,
        compressed_bytes=totals.compressed_bytes,
        instruction=_instruction(layer.history),
        created_by=layer.history.created_by if layer.history else None,
        steps=steps,
        base=None if base is None else layer.number < base,
    )


def _instruction(step: HistoryEntry | None) -> str | None:
    instruction = instruction_of(step)
    return str(instruction) if instruction else None


def _directories(inspection: Inspection) -> dict[str, Below]:
    from layerscope.union.directories import directory_totals
    from layerscope.union.index import is_directory

    index = inspection.analysis.index
    found: dict[str, Below] = {}
    for path, totals in directory_totals(index).items():
        node = index.find(path)
        version = node.top if node is not None else None
        if version is not None and is_directory(version):
            total = totals.at(index.layer_count - 1)
            found[shown(path)] = Below(total.size_bytes, total.file_count)
    return found
