"""What a registry asks for when it answers 401 (RFC 9110, 11.6.1, ``WWW-Authenticate``)."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110, 5.6.2
_PARAMETER = re.compile(rf'({_TOKEN})[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^\s,"=][^\s,"]*)')
_SCHEME = re.compile(rf"({_TOKEN})(?:[ \t]+|(?=,)|$)(?!=)")
_BETWEEN = re.compile(r"[\s,]*")
_TOKEN68 = re.compile(r"[A-Za-z0-9._~+/-]+=*(?=[\s,]|$)")


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """One way to authenticate: its scheme in lower case, its parameters by lower-case name."""

    scheme: str
    parameters: dict[str, str]


def parse_challenges(values: Iterable[str]) -> list[Challenge]:
    """All challenges of all ``WWW-Authenticate`` headers, in their order; what cannot be read is left out."""
    found: list[Challenge] = []
    for value in values:
        found += _parse(value)
    return found


def _parse(value: str) -> list[Challenge]:
    found: list[Challenge] = []
    place = _end(_BETWEEN.match(value))
    while place < len(value):
        # A name followed by "=" belongs to the last scheme, one followed by a space begins the next.
        if found and (parameter := _PARAMETER.match(value, place)):
            found[-1].parameters.setdefault(parameter[1].lower(), _unquoted(parameter[2]))
            place = parameter.end()
        elif scheme := _SCHEME.match(value, place):
            found.append(Challenge(scheme=scheme[1].lower(), parameters={}))
            place = scheme.end()
            if not _PARAMETER.match(value, place) and (token := _TOKEN68.match(value, place)):
                place = token.end()
        else:
            return found
        place = _end(_BETWEEN.match(value, place))
    return found


def _end(match: re.Match[str] | None) -> int:
    assert match is not None  # it matches nothing, too
    return match.end()


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text
