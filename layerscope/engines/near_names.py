"""Names of images that are nearly the one asked for."""

from __future__ import annotations

from collections.abc import Iterable

from layerscope.model.local_image import LocalImage

_NEAR = 3


def near_names(name: str, images: Iterable[LocalImage]) -> list[str]:
    """At most three names that these images have and that are nearly this one, the nearest first."""
    from difflib import get_close_matches

    known: dict[str, str] = {}
    for image in images:
        for image_name in image.names:
            for spelling in _spellings(image_name):
                known.setdefault(spelling, image_name)
    close = get_close_matches(name, known, n=4 * _NEAR, cutoff=0.6)
    return list(dict.fromkeys(known[spelling] for spelling in close))[:_NEAR]


def did_you_mean(name: str, images: Iterable[LocalImage]) -> str | None:
    """The hint that names them, None where nothing is near."""
    near = near_names(name, images)
    return f"did you mean {' or '.join(near)}?" if near else None


def _spellings(name: str) -> set[str]:
    """A name, and without what people leave out: its tag, and the host of images that have none."""
    short = name
    for prefix in ("localhost/", "docker.io/library/", "docker.io/"):
        short = short.removeprefix(prefix)
    return {spelling for given in (name, short) for spelling in (given, _without_tag(given))}


def _without_tag(name: str) -> str:
    """The name up to its tag; the colon of a port is none."""
    path, colon, tag = name.rpartition(":")
    return path if colon and "/" not in tag else name
