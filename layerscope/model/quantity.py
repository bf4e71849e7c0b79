"""Sizes and shares as people write them."""

from __future__ import annotations

import re
from decimal import Decimal

_UNITS = {"": 1, "b": 1}
_UNITS |= {
    f"{prefix}{suffix}": 1000**power for power, prefix in enumerate("kmgtp", 1) for suffix in ("", "b")
}
_UNITS |= {
    f"{prefix}i{suffix}": 1024**power for power, prefix in enumerate("kmgtp", 1) for suffix in ("", "b")
}
_SIZE = r"(\d+(?:\.\d+)?)\s*((?i:[a-z]*))"
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")


def parse_size(text: str) -> int:
    """Bytes from ``20MB``, ``1.5GiB`` or ``1048576``; raises ValueError."""
    match = re.fullmatch(_SIZE, text.strip())
    if match is None or match[2].lower() not in _UNITS:
        raise ValueError(f"{text!r} is no size: write 20MB, 1.5GiB or plain bytes")
    size_bytes = int((Decimal(match[1]) * _UNITS[match[2].lower()]).to_integral_value())
    if size_bytes >= 1 << 63:
        raise ValueError(f"{text[:40]!r} is no size: beyond 64 bits")
    return size_bytes


def parse_ratio(text: str, *, most: float = 1) -> float:
    """A share from 0 to ``most``, from ``95%`` or ``0.95``; raises ValueError."""
    match = _PERCENT.fullmatch(text.strip())
    try:
        ratio = float(f"{match[1]}e-2") if match else float(text)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= most:
        raise ValueError(f"{text!r} is no share: write 95% or 0.95")
    return ratio


def parse_count(text: str) -> int:
    """A whole number that is not negative; raises ValueError."""
    if not text.strip().isdecimal() or len(text) > 18:
        raise ValueError(f"{text!r} is no count: write a whole number")
    return int(text)


class Share(float):
    """A limit given as a share, where bytes could have been given too."""

    __slots__ = ()


def parse_size_or_share(text: str, *, most: float = 1) -> int | Share:
    """Bytes, or a share up to ``most`` where the text ends in ``%``; raises ValueError."""
    return Share(parse_ratio(text, most=most)) if text.strip().endswith("%") else parse_size(text)
