"""A file's content as text that a terminal takes for nothing but text."""

from __future__ import annotations

import re

TAB = 8
_UNSAFE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028\u2029\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufff9-\uffff\U000e0000-\U000e0fff]"
)


def harmless(text: str, *, ascii_only: bool = False) -> str:
    """One line with tabs as blanks, and a sign for whatever moves a cursor, reorders or takes no room."""
    if "\t" in text:
        text = text.expandtabs(TAB)
    if not (text.isascii() and text.isprintable()):
        text = _UNSAFE.sub(_sign, text)
    return text.encode("ascii", "replace").decode() if ascii_only else text


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"
