"""What tags a repository has, to tell near ones where the one asked for is not there."""

from __future__ import annotations

from difflib import get_close_matches

import msgspec

from layerscope.distribution.client import Registry
from layerscope.distribution.failures import codes
from layerscope.errors import ImageNotFound, LayerscopeError

_MAX_BYTES = 1 << 20
_ASKED = 1000
_SHOWN = 3


class _Answer(msgspec.Struct):
    tags: list[str] | None = None


def list_tags(registry: Registry) -> list[str] | None:
    """The first thousand tags, none where the registry does not tell; None without such a repository."""
    try:
        document = registry.fetch(f"tags/list?n={_ASKED}", max_bytes=_MAX_BYTES)
        if document.status == 404 and "NAME_UNKNOWN" in codes(document.raw):
            return None
        return msgspec.json.decode(document.raw, type=_Answer).tags or [] if document.status == 200 else []
    except (LayerscopeError, msgspec.DecodeError, UnicodeDecodeError):
        return []


def unknown_image(registry: Registry, answer: bytes) -> ImageNotFound:
    """The error for a name that the registry does not know, by the body of its answer."""
    name = registry.name
    said = codes(answer)
    if not said:  # a registry says why
        return ImageNotFound(f"{name}: not found", hint=f"is {name.host} a registry?")
    tags = None if "NAME_UNKNOWN" in said else list_tags(registry)
    if tags is None:
        return ImageNotFound(f"{name}: no such repository in the registry", hint="check the spelling")
    if name.digest:
        return ImageNotFound(f"{name}: the repository has nothing with this digest", hint="check the digest")
    return ImageNotFound(f"{name}: no such image in the registry", hint=_hint(name.tag or "", tags))


def _hint(tag: str, tags: list[str]) -> str:
    close = get_close_matches(tag, tags, n=_SHOWN, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(close) + "?"
    if tags:
        more = f", … {len(tags) - _SHOWN} more" if len(tags) > _SHOWN else ""
        return "its tags are " + ", ".join(tags[:_SHOWN]) + more
    return "check the spelling"
