"""How a name from an image is written where people or other programs read it."""

from __future__ import annotations

import re

_UNSAFE = (
    "[\x00-\x1f\x7f-\x9f\\\\\xad\u061c\u200b-\u200f\u2028\u2029\u2060-\u2064"
    "\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def _escape(match: re.Match[str]) -> str:
    undecoded = "\udc80" <= match[0] <= "\udcff"
    raw = match[0].encode("utf-8", "surrogateescape" if undecoded else "surrogatepass")
    return "".join(f"\\x{byte:02x}" for byte in raw)


_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")


def shown(name: str) -> str:
    r"""The name with everything that could mislead a reader or a terminal as ``\xNN``.

    That is: bytes that are not UTF-8, control characters, line separators, characters that
    reorder text or take no room, and the backslash itself (``\x5c``), so that no two names look the same.
    """
    if name.isascii() and name.isprintable() and "\\" not in name:
        return name
    return re.sub(_UNSAFE, _escape, name)


def meant(text: str) -> str:
    r"""The name that is shown so: the inverse of `shown`, which leaves text without ``\xNN`` as it is."""
    raw = text.encode("utf-8", "surrogateescape")
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), raw).decode("utf-8", "surrogateescape")
