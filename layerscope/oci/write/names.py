"""The names that a written image carries."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from layerscope.errors import UsageError
from layerscope.model.image import Image
from layerscope.model.reference import ImageName, parse_image_name


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """``tagged`` are whole names; ``bare`` are a layout's own words for an image, such as ``latest``."""

    tagged: tuple[ImageName, ...] = ()
    bare: tuple[str, ...] = ()

    @property
    def full(self) -> list[str]:
        """The whole names with their hosts; podman takes a name without one for localhost's."""
        return [str(name) for name in self.tagged]


def names_of(image: Image) -> Names:
    """The names that an image has; what is only a digest is left out."""
    tagged: list[ImageName] = []
    bare: set[str] = set()
    for text in image.names:
        try:
            name = parse_image_name(text)
        except UsageError:
            name = None
        if name is None or (":" not in text and "/" not in text):
            bare.add(text)
        else:
            tagged.append(name)
    return Names(tagged=_in_order(tagged), bare=tuple(sorted(bare)))


def given_names(texts: Iterable[str]) -> Names:
    """Names as people write them (``my-app`` is my-app:latest); raises UsageError."""
    return Names(tagged=_in_order([parse_image_name(text) for text in texts]))


def _in_order(names: Iterable[ImageName]) -> tuple[ImageName, ...]:
    """The names that have a tag, each once and without a digest, sorted."""
    tagged = [msgspec.structs.replace(name, digest=None) for name in names if name.tag is not None]
    distinct = {str(name): name for name in tagged}
    return tuple(distinct[key] for key in sorted(distinct))
