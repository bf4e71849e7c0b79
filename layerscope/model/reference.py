"""The name of an image in a registry or an engine: ``[host[:port]/]path[:tag][@digest]``."""

from __future__ import annotations

import re

import msgspec

from layerscope.errors import UsageError
from layerscope.model.digest import Digest, is_digest

DEFAULT_HOST = "docker.io"
DEFAULT_TAG = "latest"
_OLD_DEFAULT_HOST = "index.docker.io"
_OFFICIAL = "library/"

# distribution-spec, "Pulling manifests", and the grammar of Docker's own parser
# (github.com/distribution/reference).
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = rf"{_COMPONENT}(?:/{_COMPONENT})*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_ID = r"(?:sha256:)?[0-9a-f]{4,64}"
_WHOLE_ID = r"[0-9a-f]{64}"
_MAX_PATH_LENGTH = 255


class ImageName(msgspec.Struct, frozen=True, kw_only=True):
    """Where an image is in a registry; ``tag`` and ``digest`` may both be given, the digest counts."""

    host: str
    repository: str
    tag: str | None
    digest: Digest | None

    def __str__(self) -> str:
        """The whole name; reading it again gives the same."""
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.host}/{self.repository}{tag}{'@' + self.digest if self.digest else ''}"

    @property
    def familiar(self) -> str:
        """The shortest name that means the same: without the host and the path that are understood."""
        text = str(self)
        for prefix in (f"{DEFAULT_HOST}/{_OFFICIAL}", f"{DEFAULT_HOST}/"):
            if text.startswith(prefix) and _means(text.removeprefix(prefix), self):
                return text.removeprefix(prefix)
        return text


def _means(text: str, name: ImageName) -> bool:
    """Whether a text is read as this name: ``docker.io/my.team/app`` needs its host."""
    try:
        return parse_image_name(text) == name
    except UsageError:
        return False


def parse_image_name(text: str) -> ImageName:
    """Read a name as Docker does (``python`` is docker.io/library/python:latest); raises UsageError."""
    if re.fullmatch(_WHOLE_ID, text):
        raise _bad(text, "64 hexadecimal digits are an image's ID")
    rest, at, digest = text.partition("@")
    if at and not is_digest(digest):
        raise _bad(text, f"{digest!r} is no digest")
    host, path = _split_host(rest)
    path, colon, tag = path.partition(":")
    if not re.fullmatch(_HOST, host):
        raise _bad(text, f"{host!r} is no host")
    if not re.fullmatch(_PATH, path):
        lower = path.lower() != path and re.fullmatch(_PATH, path.lower())
        raise _bad(text, "names are lower case" if lower else f"{path.removeprefix(_OFFICIAL)!r} is no name")
    if len(path) > _MAX_PATH_LENGTH:
        raise _bad(text, f"a name has at most {_MAX_PATH_LENGTH} characters")
    if colon and not re.fullmatch(_TAG, tag):
        raise _bad(text, f"{tag!r} is no tag")
    return ImageName(
        host=host,
        repository=path,
        tag=tag if colon else None if at else DEFAULT_TAG,
        digest=Digest(digest) if at else None,
    )


def _split_host(text: str) -> tuple[str, str]:
    """The host and the rest; what stands before the first slash is a host only where it looks like one."""
    first, slash, path = text.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        host = DEFAULT_HOST if first == _OLD_DEFAULT_HOST else first
    else:
        host, path = DEFAULT_HOST, text
    return host, _OFFICIAL + path if host == DEFAULT_HOST and "/" not in path else path


def may_be_id(text: str) -> bool:
    """Whether this can be an engine's image ID or the beginning of one."""
    return re.fullmatch(_ID, text) is not None


def _bad(text: str, why: str) -> UsageError:
    return UsageError(
        f"{text}: not an image name: {why}", hint="such as my-app:1.2 or ghcr.io/team/app@sha256:…"
    )
