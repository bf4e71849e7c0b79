"""What a secret looks like, and how to speak of it without telling it."""

from __future__ import annotations

import re

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
_ANY = {kind: re.compile(pattern.encode()) for kind, pattern in _TOKENS.items()}
_DISTINCT = re.compile(
    "|".join(pattern for kind, pattern in _TOKENS.items() if kind not in ("password", "npm token"))
)

_WORDS = r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?|AUTH_?KEY"
_NAME = re.compile(rf"(?i){_WORDS}")
_HARMLESS_NAME = re.compile(r"(?i).*(?:_FILE|_PATH|_DIR|_URL|_NAME|_ID|_TTL|_LENGTH|_EXPIR\w*)|.*PUBLIC.*")
_HARMLESS_VALUE = re.compile(r"(?i)|\$.*|/\S*|true|false|yes|no|null|none|\d{1,5}|<.*>|\*+|…")
_ASSIGNED = re.compile(rf"(?i)(?<!\w)(?=\w*(?:{_WORDS}))(\w++[\"']?\s?[=:]\s?[\"']?)([^\s\"'&|;]+)")
_OLD_ENV = re.compile(rf"(?is)^(ENV (?=\w*(?:{_WORDS}))\w++ )(?!.*=).+")
_OPTION = re.compile(r"(?i)(--?(?:password|passwd|token|secret|api-?key)[= ])(\S+)")
_USERINFO = re.compile(r"(://)[^/\s@\"']+@")
_BEARER = re.compile(r"(?i)(\b(?:bearer|basic) )[\w.~+/=-]{6,}")


def credential_in(content: bytes, *, only_private_keys: bool = False) -> str | None:
    """The kind of the first secret in a text (``private key``, ``AWS access key``, …), None without one."""
    if only_private_keys:
        return "private key" if _ANY["private key"].search(content) else None
    return next((kind for kind, pattern in _ANY.items() if pattern.search(content)), None)


def names_secret(name: str, value: str) -> bool:
    """Whether a variable of this name and value holds a secret, and not where one is to be found."""
    return (
        _NAME.search(name) is not None
        and _HARMLESS_NAME.fullmatch(name) is None
        and _HARMLESS_VALUE.fullmatch(value) is None
    )


def shows_secret(text: str) -> bool:
    """Whether a command line holds a token, a password in a URL, or one given as an option."""
    return any(pattern.search(text) for pattern in (_DISTINCT, _BEARER, _OPTION)) or any(
        ":" in match[0] for match in _USERINFO.finditer(text)
    )


def redacted(text: str) -> str:
    """The text with ``…`` in place of whatever may be a secret."""
    text = _DISTINCT.sub("…", text)
    text = _USERINFO.sub(r"\1…@", text)
    for pattern in (_OPTION, _BEARER):
        text = pattern.sub(r"\1…", text)
    text = _ASSIGNED.sub(r"\1…", text)
    return _OLD_ENV.sub(r"\1…", text)
