"""The numbers of tar headers and PAX records, all spellings of them."""

from __future__ import annotations

import re

from layerscope.errors import ImageError

_DECIMAL = r"-?[0-9]{1,20}"
_SECONDS = r"(-?)([0-9]{1,20})(?:\.([0-9]*))?"


def _fits(value: int) -> bool:
    """Whether 64 bits hold a number, as the cache and other programs want it."""
    return -(1 << 63) <= value < 1 << 63


def clamped(time_ns: int) -> int:
    """A time that 64 bits hold: from 1677 to 2262."""
    return max(-(1 << 63), min((1 << 63) - 1, time_ns))


def header_number(field: bytes) -> int:
    """A header's numeric field: octal with blanks and NULs around it, or base-256 (GNU, star).

    Raises ValueError where it is neither.
    """
    digits = field[:-1]
    if not field[-1] & 0xDF and digits.isdigit():  # what nearly all writers write
        return int(digits, 8)
    if field[0] & 0x80:
        value = int.from_bytes(field, "big") - (1 << (8 * len(field) - 1))
        if field[0] & 0x40:  # the sign is the bit below the marker bit
            value -= 1 << (8 * len(field) - 1)
        if not _fits(value):
            raise ValueError("beyond 64 bits")
        return value
    text = field.partition(b"\0")[0].strip(b" ")
    if not text:
        return 0
    if not text.isdigit():
        raise ValueError(f"not a number: {text!r}")
    return int(text, 8)


def pax_integer(key: str, value: bytes) -> int:
    """A PAX record's decimal integer; raises ImageError."""
    text = value.decode("ascii", "replace")
    if not re.fullmatch(_DECIMAL, text) or not _fits(int(text)):
        raise ImageError(f"PAX record {key}: expected an integer, got {text[:40]!r}")
    return int(text)


def pax_nanoseconds(key: str, value: bytes) -> int:
    """A PAX record's time, decimal seconds with any number of fraction digits, in ns, rounded down."""
    seconds, _, rest = value.partition(b".")
    if seconds.isdigit() and (rest.isdigit() or not rest) and len(seconds) < 10:
        return int(seconds) * 1_000_000_000 + int(rest[:9].ljust(9, b"0"))
    match = re.fullmatch(_SECONDS, value.decode("ascii", "replace"))
    if match is None:
        raise ImageError(f"PAX record {key}: expected seconds, got {value[:40]!r}")
    sign, whole, fraction = match.groups()
    digits = ((fraction or "") + "0" * 9)[:9]
    value_ns = int(whole) * 1_000_000_000 + int(digits)
    if sign:
        value_ns = -value_ns - (1 if (fraction or "")[9:].strip("0") else 0)
    return clamped(value_ns)
