"""A remark about an image that is odd but can be read."""

from __future__ import annotations

import msgspec


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True):
    """What is odd (``code`` for machines, ``message`` for people), where first, and how often."""

    code: str
    message: str
    path: str | None = None
    layer: int | None = None
    count: int = 1
