"""Everything a run can be told, as one frozen value."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from layerscope.extensions import Access, Progress, PullPolicy
from layerscope.model.platform import Platform


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How an image is chosen and read.

    ``base_layers`` is how many layers belong to the base image, None where only the image itself
    can tell; ``base`` is a reference to the base image, which tells it instead. ``max_unpacked_bytes``
    bounds what the layers may unpack to, None is no bound.
    ``facts`` has the probes look into files: without it there are neither suggestions nor packages.
    ``content_sha256`` asks for the SHA-256 of every file. ``jobs`` is how many processes read
    layers, None for as many as there are processors. ``pull``, ``insecure`` and ``notice`` are
    those of `layerscope.extensions.Access`. ``progress`` is told what is being read.
    """

    platform: Platform | None = None
    verify: bool = False
    base_layers: int | None = None
    base: str | None = None
    max_unpacked_bytes: int | None = None
    facts: bool = True
    content_sha256: bool = False
    jobs: int | None = None
    pull: PullPolicy = "missing"
    insecure: bool = False
    notice: Callable[[str], None] | None = None
    progress: Progress | None = None

    @property
    def access(self) -> Access:
        """How the image is to be found and fetched."""
        access = Access(platform=self.platform, pull=self.pull, insecure=self.insecure)
        return access if self.notice is None else msgspec.structs.replace(access, notice=self.notice)
