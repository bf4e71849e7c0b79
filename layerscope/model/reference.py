"""The name of an image in a registry or an engine: ``[host[:port]/]path[:tag][@digest]``."""

from __future__ import annotations

import re

import msgspec

from layerscope.errors import UsageError
from layerscope.model.digest import Digest, is_digest

DEFAULT_HOST = "docker.io"
DEFAULT_TAG = "latest"

# distribution-spec, "Pulling manifests", and what Docker's own parser takes.
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{4,64}")
_MAX_LENGTH = 255


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
        """The name as people write it: without the host and the path that are understood."""
        text = str(self)
        for prefix in (f"{DEFAULT_HOST}/library/", f"{DEFAULT_HOST}/"):
            if text.startswith(prefix):
                return text.removeprefix(prefix)
        return text


def parse_image_name(text: str) -> ImageName:
    """Read a name as Docker does (``python`` is docker.io/library/python:latest); raises UsageError."""
    rest, at, digest = text.partition("@")
    if at and not is_digest(digest):
        raise _bad(text, f"{digest!r} is no digest")
    first, slash, path = rest.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        host = DEFAULT_HOST if first in ("index.docker.io", "registry-1.docker.io") else first
    else:
        host, path = DEFAULT_HOST, rest
    path, colon, tag = path.partition(":")
    if host == DEFAULT_HOST and "/" not in path:
        path = f"library/{path}"
    if not _HOST.fullmatch(host):
        raise _bad(text, f"{host!r} is no host")
    if not _PATH.fullmatch(path) or len(f"{host}/{path}") > _MAX_LENGTH:
        lower = path.lower() != path and _PATH.fullmatch(path.lower())
        raise _bad(text, "names are lower case" if lower else f"{path.removeprefix('library/')!r} is no name")
    if colon and not _TAG.fullmatch(tag):
        raise _bad(text, f"{tag!r} is no tag")
    return ImageName(
        host=host,
        repository=path,
        tag=tag if colon else None if at else DEFAULT_TAG,
        digest=Digest(digest) if at else None,
    )


def may_be_id(text: str) -> bool:
    """Whether this can be an engine's image ID or the beginning of one."""
    return _ID.fullmatch(text) is not None


def _bad(text: str, why: str) -> UsageError:
    return UsageError(
        f"{text}: not an image name: {why}", hint="such as my-app:1.2 or ghcr.io/team/app@sha256:…"
    )
