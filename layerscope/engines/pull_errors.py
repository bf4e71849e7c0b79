"""What an engine says when it could not pull, as one of our errors."""

from __future__ import annotations

from layerscope.engines.secrets import without_secrets
from layerscope.errors import AccessDenied, ImageNotFound, PlatformNotFound, SourceError

_OTHER_PLATFORM = (
    "no matching manifest for",
    "does not match the specified platform",
    "no image found in",
    "no match for platform",
)
_ABSENT = (
    "repository does not exist",
    "manifest unknown",
    "name unknown",
    "repository name not known",
    "manifest for ",
    "not found",
    "no such image",
)
_DENIED = (
    "unauthorized",
    "authentication required",
    "authorization failed",
    "access denied",
    "access to the resource is denied",
    "denied:",
    "no basic auth credentials",
    "invalid username/password",
    "403 forbidden",
    "401 unauthorized",
)


def pull_error(where: str, said: str) -> SourceError:
    """The error for a pull that failed; ``where`` names the engine and the image."""
    text = said.lower()
    message = f"{where}: cannot be pulled: {without_secrets(said)}"
    if any(part in text for part in _OTHER_PLATFORM):
        return PlatformNotFound(message, hint="leave --platform out, or choose one that the registry has")
    if any(part in text for part in _DENIED) and "repository does not exist" not in text:
        return AccessDenied(message, hint="log in to the registry first (docker login, podman login)")
    if any(part in text for part in _ABSENT):
        return ImageNotFound(
            message, hint="check the name; a private image needs docker login or podman login"
        )
    return SourceError(message, hint="--pull never takes only what is there already")
