"""What steps would come to for an image that has been read already: nothing is opened, nothing written."""

from __future__ import annotations

from collections.abc import Sequence

from layerscope.errors import UsageError
from layerscope.extensions import LayerJob, Stored
from layerscope.model.changeset import Changeset
from layerscope.model.image import Image, Layer
from layerscope.oci.write.content import CheckedImage
from layerscope.optimize.naming_dropped import check_drop
from layerscope.optimize.optimizing import Optimized, told
from layerscope.optimize.preparing import prepare
from layerscope.optimize.steps import Steps
from layerscope.union.apply import build_index


class _Unopened:
    """An image that has been read and is not open any more."""

    streams = 1

    def __init__(self, image: Image) -> None:
        self.image = image

    def job(self, layer: Layer) -> LayerJob | None:  # noqa: ARG002
        return None

    def read_layer(self, layer: Layer) -> Changeset:
        raise NotImplementedError(layer.blob)

    def open_layer(self, layer: Layer) -> Stored:
        raise NotImplementedError(layer.blob)


def foresee(image: Image, changesets: Sequence[Changeset], steps: Steps, *, compress: bool) -> Optimized:
    """The plan's sizes; steps that compress anew cannot be foreseen. Raises UsageError or ImageError.

    ``compress`` is whether the target keeps layers compressed.
    """
    unread = CheckedImage(opened=_Unopened(image), config=b"", layers=())
    # An index of its own: what is dropped is taken out of it.
    work = prepare(unread, changesets, build_index(changesets), steps, image.base_layers or 0)
    return told(work, changesets, steps, image.base_layers, compress=compress)


def can_be_dropped(rule: str) -> bool:
    """Whether what a rule finds may be left out of an image."""
    try:
        check_drop(f"rule:{rule}")
    except UsageError:
        return False
    return True
