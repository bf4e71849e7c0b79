"""The accounts of an image: what is visible, what is wasted, by which layer, own or base."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from layerscope.model.changeset import Changeset
from layerscope.model.image import Image
from layerscope.model.waste import Cause, Waste
from layerscope.union.apply import build_index
from layerscope.union.compressed import CompressedMap
from layerscope.union.index import PathIndex
from layerscope.union.waste import find_waste


class LayerTotals(msgspec.Struct, frozen=True, kw_only=True):
    """One layer's accounts, in bytes.

    ``waste_shipped_bytes`` is what its blob holds that nobody can see, ``waste_caused_bytes``
    what it made useless, of its own or of lower layers.
    """

    number: int
    entries: int
    content_bytes: int
    tar_bytes: int
    compressed_bytes: int
    compression: str
    waste_shipped_bytes: int
    waste_caused_bytes: int


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """The balance sheet, in bytes (DESIGN: "The accounting identity").

    ``content_bytes = visible_bytes + wasted_bytes`` and
    ``tar_bytes = content_bytes + tar_overhead_bytes``. The figures of the own layers and of the
    base are None where it is not known where the base ends.
    """

    entries: int
    content_bytes: int
    visible_bytes: int
    wasted_bytes: int
    wasted_by_cause: dict[str, int]
    efficiency_ratio: float
    tar_bytes: int
    tar_overhead_bytes: int
    compressed_bytes: int
    compressed_wasted_bytes: int
    base_layers: int | None
    base_content_bytes: int | None
    own_content_bytes: int | None
    base_wasted_bytes: int | None
    own_wasted_bytes: int | None

    @property
    def wasted_ratio(self) -> float:
        """Wasted bytes as a share of the content; 0 for an empty image."""
        return self.wasted_bytes / self.content_bytes if self.content_bytes else 0.0


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """An image understood: every path with its versions, the waste, the accounts."""

    index: PathIndex
    waste: tuple[Waste, ...]
    layers: tuple[LayerTotals, ...]
    totals: Totals


def analyze(image: Image, changesets: Sequence[Changeset]) -> Analysis:
    """Stack the changesets (one for each layer, an empty one for a missing layer) and account for them."""
    index = build_index(changesets)
    waste, visible_bytes = find_waste(index)
    totals = _totals(image, changesets, waste, visible_bytes)
    if totals.content_bytes != totals.visible_bytes + totals.wasted_bytes:
        raise AssertionError(f"the accounts of {image.reference} do not add up: {totals}")
    return Analysis(index=index, waste=tuple(waste), layers=_layer_totals(changesets, waste), totals=totals)


def _layer_totals(changesets: Sequence[Changeset], waste: Sequence[Waste]) -> tuple[LayerTotals, ...]:
    shipped, caused = [0] * len(changesets), [0] * len(changesets)
    for record in waste:
        shipped[record.shipped_by] += record.size_bytes
        caused[record.hidden_by] += record.size_bytes
    return tuple(
        LayerTotals(
            number=number,
            entries=len(changeset.entries),
            content_bytes=changeset.content_bytes,
            tar_bytes=changeset.tar_bytes,
            compressed_bytes=changeset.compressed_bytes,
            compression=changeset.compression,
            waste_shipped_bytes=shipped[number],
            waste_caused_bytes=caused[number],
        )
        for number, changeset in enumerate(changesets)
    )


def _totals(
    image: Image, changesets: Sequence[Changeset], waste: Sequence[Waste], visible_bytes: int
) -> Totals:
    content_bytes = sum(changeset.content_bytes for changeset in changesets)
    tar_bytes = sum(changeset.tar_bytes for changeset in changesets)
    by_cause = dict.fromkeys((cause.value for cause in Cause), 0)
    maps = [CompressedMap(changeset) for changeset in changesets]
    compressed_wasted = 0.0
    for record in waste:
        by_cause[record.cause] += record.size_bytes  # a cause is the text that names it
        compressed_wasted += maps[record.shipped_by].estimate(record.offset, record.size_bytes)
    wasted_bytes = sum(by_cause.values())
    base = image.base_layers
    own_content = own_wasted = None
    if base is not None:
        own_content = sum(changeset.content_bytes for changeset in changesets[base:])
        own_wasted = sum(record.size_bytes for record in waste if record.blamed >= base)
    return Totals(
        entries=sum(len(changeset.entries) for changeset in changesets),
        content_bytes=content_bytes,
        visible_bytes=visible_bytes,
        wasted_bytes=wasted_bytes,
        wasted_by_cause=by_cause,
        efficiency_ratio=visible_bytes / content_bytes if content_bytes else 1.0,
        tar_bytes=tar_bytes,
        tar_overhead_bytes=tar_bytes - content_bytes,
        compressed_bytes=sum(changeset.compressed_bytes for changeset in changesets),
        compressed_wasted_bytes=round(compressed_wasted),
        base_layers=base,
        base_content_bytes=None if own_content is None else content_bytes - own_content,
        own_content_bytes=own_content,
        base_wasted_bytes=None if own_wasted is None else wasted_bytes - own_wasted,
        own_wasted_bytes=own_wasted,
    )
