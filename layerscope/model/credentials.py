"""What a secret looks like, and how to speak of it without telling it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_TOKENS = {
    "private key": r"-----BEGIN (?:[A-Z0-9]+ ){0,2}PRIVATE KEY(?: BLOCK)?-----",
    "AWS access key": r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    "GitHub token": r"(?<![A-Za-z0-9])(?:gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_\w{22,})",
    "GitLab token": r"(?<![A-Za-z0-9])glpat-[\w-]{20,}",
    "Slack token": r"(?<![A-Za-z0-9])xox[abeoprs]-[\w-]{10,}",
    "Stripe key": r"(?<![A-Za-z0-9])[rs]k_live_[A-Za-z0-9]{16,}",
    "Google API key": r"(?<![A-Za-z0-9])AIza[\w-]{35}(?![\w-])",
    "npm token": (
        r"(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])|_auth(?:Token)?\s*=\s*[\"']?[\w+/=-]{8,}"
    ),
    "package index token": r"(?<![A-Za-z0-9])pypi-[\w-]{32,}",
    "registry password": r"\"(?:auth|identitytoken)\"\s*:\s*\"[^\"\s]{4,}\"",
    "password": (
        r"(?im)^[^#\n]{0,80}?(?:password|passwd|secret(?:_?(?:access_?)?key)?|api_?key|access_?key|token)"
        r"[\"']?[ \t]*[=: ][ \t]*[\"']?(?!\$|<|\{|%|true\b|false\b|null\b|none\b|change_?me)[^\s\"'#]{6,}"
    ),
}
_DISTINCT = "|".join(pattern for kind, pattern in _TOKENS.items() if kind not in ("password", "npm token"))

_WORDS = r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?|AUTH_?KEY"
_NAME = rf"(?i){_WORDS}"
_HARMLESS_NAME = r"(?i).*(?:_FILE|_PATH|_DIR|_URL|_NAME|_ID|_TTL|_LENGTH|_EXPIR\w*)|.*PUBLIC.*"
_HARMLESS_VALUE = r"(?i)|\$.*|/\S*|true|false|yes|no|null|none|\d{1,5}|<.*>|\*+|…"
_ASSIGNED = rf"(?i)(?<!\w)(?=\w*(?:{_WORDS}))(\w++[\"']?\s?[=:]\s?[\"']?)([^\s\"'&|;]+)"
_OLD_ENV = rf"(?is)^(ENV (?=\w*(?:{_WORDS}))\w++ )(?!.*=).+"
_OPTION = r"(?i)(--?(?:password|passwd|token|secret|api-?key)[= ])(\S+)"
_USERINFO = r"(://)[^/\s@\"']+@"
_BEARER = r"(?i)(\b(?:bearer|basic) )[\w.~+/=-]{6,}"


_TOKEN_SIGNS = (
    *("-----begin", "akia", "asia", "ghp_", "gho_", "ghr_", "ghs_", "ghu_", "github_pat_", "glpat-"),
    *("xox", "_live_", "aiza", "pypi-", '"auth"', '"identitytoken"'),
)
_SIGNS = ("pass", "secret", "token", "key", "credential")
_REDACTIONS = (
    (_TOKEN_SIGNS, _DISTINCT, "…"),
    (("://",), _USERINFO, r"\1…@"),
    (_SIGNS, _OPTION, r"\1…"),
    (("bearer", "basic"), _BEARER, r"\1…"),
    (_SIGNS, _ASSIGNED, r"\1…"),
    (_SIGNS, _OLD_ENV, r"\1…"),
)
"""In this order; a pattern is not even compiled for a text without any of the signs before it."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile when it is first asked for: every run comes by here, few have a secret to look for."""
    return re.compile(pattern)


@cache
def _for_content(kind: str) -> re.Pattern[bytes]:
    return re.compile(_TOKENS[kind].encode())


def credential_in(content: bytes, *, only_private_keys: bool = False) -> str | None:
    """The kind of the first secret in a text (``private key``, ``AWS access key``, …), None without one."""
    if only_private_keys:
        return "private key" if _for_content("private key").search(content) else None
    return next((kind for kind in _TOKENS if _for_content(kind).search(content)), None)


def names_secret(name: str, value: str) -> bool:
    """Whether a variable of this name and value holds a secret, and not where one is to be found."""
    return (
        _compiled(_NAME).search(name) is not None
        and _compiled(_HARMLESS_NAME).fullmatch(name) is None
        and _compiled(_HARMLESS_VALUE).fullmatch(value) is None
    )


def shows_secret(text: str) -> bool:
    """Whether a command line holds a token, a password in a URL, or one given as an option."""
    return any(_compiled(pattern).search(text) for pattern in (_DISTINCT, _BEARER, _OPTION)) or any(
        ":" in match[0] for match in _compiled(_USERINFO).finditer(text)
    )


def redacted(text: str) -> str:
    """The text with ``…`` in place of whatever may be a secret."""
    plain = text.lower() if text.isascii() else None  # beyond ASCII, letters have more than one other case
    for signs, pattern, instead in _REDACTIONS:
        if plain is None or any(sign in plain for sign in signs):
            text = _compiled(pattern).sub(instead, text)
    return text


def without_secrets(value: Any, name: str = "") -> Any:
    """A value of a config, lists and tables too, with ``…`` in place of whatever may be a secret.

    Secrets are told by what they look like, and by the name they have: as a key, or before an ``=``.
    """
    if isinstance(value, dict):
        return {key: without_secrets(item, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if not isinstance(value, str):
        return value
    if names_secret(name, value):
        return "…"
    variable, equals, assigned = value.partition("=")
    if equals and variable.isidentifier() and names_secret(variable, assigned):
        return f"{variable}=…"
    return redacted(value)
