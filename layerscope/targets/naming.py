"""Names that an image is to get."""

from __future__ import annotations

from layerscope.errors import UsageError
from layerscope.model.reference import parse_image_name


def tagged_name(text: str) -> str:
    """A name as people write it, which has a tag or means ``latest``; raises UsageError."""
    name = parse_image_name(text)
    if name.tag is None or name.digest is not None:
        raise UsageError(f"{text}: a name with a tag is needed, not a digest", hint="such as my-app:1.2")
    return text
