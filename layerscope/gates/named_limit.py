"""Limits that name what they are for: ``/usr/share=50MB``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from layerscope.model.names import shown
from layerscope.model.people import fit
from layerscope.model.quantity import parse_size

_SHOWN = 60


class NamedLimit(msgspec.Struct, frozen=True):
    """What is limited, and to what."""

    subject: Any
    limit: int


def split_limit(text: str, example: str) -> tuple[str, str]:
    """The name and the limit behind the last ``=``; raises ValueError."""
    subject, equals, limit = text.rpartition("=")
    if not equals or not subject.strip():
        raise ValueError(f"{text!r} is no limit: write {example}")
    return subject.strip(), limit


def parse_sized(text: str, example: str) -> tuple[str, int]:
    """A name and a size in bytes; raises ValueError."""
    subject, limit = split_limit(text, example)
    return subject, parse_size(limit)


def named(places: Sequence[str]) -> str:
    """The first of several places, and how many more there are; harmless."""
    if not places:
        return ""
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return fit(shown(places[0]), _SHOWN, end=True) + more
