"""A19: large pictures, films and sounds."""

from __future__ import annotations

from layerscope.advice.evidence import Evidence
from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Item, Priority

_LARGE_BYTES = 5_000_000
_PICTURES = ("png", "jpg", "jpeg", "gif", "tif", "tiff", "bmp", "psd", "webp")
_FILMS = ("mp4", "mkv", "mov", "avi", "webm")
_SOUNDS = ("wav", "flac", "mp3", "ogg", "aiff")


def _is_large(evidence: Evidence, item: Item) -> bool:
    return item.size_bytes >= _LARGE_BYTES


RULE = leftover(
    id="large-media",
    title="large pictures, films or sounds",
    family="context",
    patterns=tuple(f"*.{ending}" for ending in (*_PICTURES, *_FILMS, *_SOUNDS)),
    remedy=Remedy(
        cleanup=None,
        ignored=True,
        instead="Serve them from a volume, a bucket or a CDN, or store them as large as they are shown",
    ),
    help="""Media of 5 MB and more do not compress, and change with another rhythm than the program: each new
image ships them again.""",
    priority=Priority.GENERIC,
    confidence="low",
    risk="Something may show them.",
    only=_is_large,
)
