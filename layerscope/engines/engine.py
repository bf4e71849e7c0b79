"""What a container engine does for us, whether it is spoken to by API or by command."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from layerscope.extensions import Progress, Stored
from layerscope.model.digest import Digest
from layerscope.model.local_image import LocalImage
from layerscope.model.platform import Platform


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """An image that an engine holds.

    ``image_id`` is what the engine exports it by. ``digest`` is its manifest's, as the engine
    knows it from a registry. ``platforms`` are those whose content is there, none where the
    engine does not tell. ``export_bytes`` is about how long the exported archive is.
    """

    image_id: str
    names: tuple[str, ...] = ()
    digest: Digest | None = None
    platforms: tuple[Platform, ...] = ()
    export_bytes: int | None = None


class PullOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine is to fetch from a registry, and who is told of it."""

    name: str
    platform: Platform | None
    insecure: bool
    notice: Callable[[str], None]
    progress: Progress | None


class Engine(Protocol):
    """An engine that answers; every method raises SourceError. Closed by whoever asked for it."""

    scheme: str
    """Of references to its images."""

    def about(self) -> str:
        """One line: version, endpoint, store."""

    def find(self, name: str, platform: Platform | None) -> Held | None:
        """An image by name, digest or ID; None where there is none."""

    def images(self) -> list[LocalImage]:
        """All its images, those without a name too."""

    def remove(self, name: str) -> None:
        """Forget one of its images, by that name or ID; layers that nothing else needs go too."""

    def pull(self, order: PullOrder) -> None:
        """Fetch an image from its registry."""

    def export(self, held: Held, platform: Platform | None) -> Stored:
        """The image as an archive; reading raises SourceError where the engine breaks off."""

    def close(self) -> None:
        """End connections and processes."""


class Loader(Protocol):
    """An engine that takes images in; every method raises SourceError."""

    scheme: str

    @property
    def keeps_blobs(self) -> bool:
        """Whether it keeps layers as they are stored, and so wants an OCI layout."""

    def find(self, name: str, platform: Platform | None) -> Held | None:
        """As `Engine.find`."""

    def load(self, archive: Iterable[bytes]) -> None:
        """Take an archive in as it comes; one that breaks off is not taken in at all."""

    def close(self) -> None:
        """End connections and processes."""
