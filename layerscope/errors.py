"""Every error layerscope raises on purpose.

::

    LayerscopeError(message, hint)
    ├─ UsageError          exit 2   bad reference, unknown scheme, bad option
    │  └─ AmbiguousImage            several images and nothing that chooses among them
    ├─ SourceError         exit 3   network, timeout
    │  ├─ EngineUnreachable         no engine answers there
    │  ├─ AccessDenied              credentials are missing or not enough
    │  ├─ ImageNotFound
    │  └─ PlatformNotFound
    ├─ ImageError          exit 4   damaged or unsupported image
    │  ├─ NotAnImage                readable, but no image archive or layout
    │  ├─ BlobMismatch              digest, diff ID or size differs from what is declared
    │  ├─ IncompleteImage           a layer is missing where the whole image is needed
    │  └─ LimitExceeded             a bound on size or depth was reached
    └─ WriteError          exit 5   output exists, disk full

Anything else that escapes is a defect of layerscope and keeps its traceback.
"""

from __future__ import annotations


class LayerscopeError(Exception):
    """What went wrong, where, and (``hint``) what to try."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(LayerscopeError):
    """The command line, a reference or a setting cannot be understood."""

    exit_code = 2


class AmbiguousImage(UsageError):
    """The archive holds several images and nothing chooses among them."""


class SourceError(LayerscopeError):
    """The place where the image should be cannot give it."""

    exit_code = 3


class EngineUnreachable(SourceError):
    """No engine answers where one should be, or its command is not installed."""


class AccessDenied(SourceError):
    """The engine or the registry wants credentials, or other ones."""


class ImageNotFound(SourceError):
    """No image of that name or digest is there."""


class PlatformNotFound(SourceError):
    """The image exists, but not for the platform asked for."""


class ImageError(LayerscopeError):
    """The bytes of the image are damaged, contradictory or not supported."""

    exit_code = 4


class NotAnImage(ImageError):
    """The file or folder is readable but is no image archive or layout."""


class BlobMismatch(ImageError):
    """A blob's digest, diff ID or size differs from what the image declares."""


class IncompleteImage(ImageError):
    """A part of the image is missing and the whole is needed."""


class LimitExceeded(ImageError):
    """A bound on size, count or depth was reached."""


class WriteError(LayerscopeError):
    """An output cannot be written."""

    exit_code = 5
