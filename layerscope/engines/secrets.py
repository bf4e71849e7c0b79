"""Text of engines, tools and settings without what nobody else may read."""

from __future__ import annotations

import re

_MAX_LENGTH = 600
_USERINFO = re.compile(r"(?<=://)[^\s/@\"']+@")
_CREDENTIAL = re.compile(
    r"(?i)\b((?:proxy-)?authorization|x-registry-auth)(\"?\s*[:=]\s*\"?)(?:(?:basic|bearer)\s+)?[^\s,;\"']+"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{16,}")
_VALUE = re.compile(
    r"(?i)\b((?:[\w-]*_)?(?:password|passwd|identitytoken|access_token|refresh_token|token|secret|sig"
    r"|signature|x-amz-[\w-]+))(\"?\s*[=:]\s*\"?)[^\s&,;\"']+"
)


def without_secrets(text: str) -> str:
    """The text, shortened, with userinfo in URLs, tokens, passwords and credentials left out."""
    text = _USERINFO.sub("", text)
    text = _CREDENTIAL.sub(r"\1\2…", text)
    text = _BEARER.sub(r"\1 …", text)
    text = _VALUE.sub(r"\1\2…", text)
    text = " ".join(text.split())
    return text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}…"
