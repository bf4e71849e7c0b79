"""Everything a run can be told, as one frozen value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from layerscope.extensions import Access, Profile, Progress, PullPolicy
from layerscope.model.platform import Platform

if TYPE_CHECKING:  # most runs ignore nothing
    from layerscope.model.ignore import Ignore


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How an image is chosen and read.

    ``base_layers`` is how many layers belong to the base image, None where only the image itself
    can tell; ``base`` is a reference to the base image, which tells it instead. ``max_unpacked_bytes``
    bounds what the layers may unpack to, None is no bound.
    ``facts`` has the probes look into files: without it there are neither suggestions nor packages.
    ``measured`` has reports tell times by what this run measured: then no two runs write the same.
    ``content_sha256`` asks for the SHA-256 of every file. ``jobs`` is how many processes read
    layers, None for as many as there are processors; with ``fork`` they may be copies of this one, which a
    program may ask for that is not part of a larger one. ``pull``, ``insecure`` and ``notice`` are
    those of `layerscope.extensions.Access`. ``progress`` is told what is being read.
    ``dockerfile`` is the path of the Dockerfile that the image was built from, ``target`` the stage of it;
    with ``dockerfile_is_guess`` it was named by nobody, and is used only where it agrees well.
    ``profile`` is what the image is for, ``ignores`` are suggestions that somebody does not want to see,
    ``assume`` the rules that the potential counts beside those of high confidence.
    """

    platform: Platform | None = None
    verify: bool = False
    base_layers: int | None = None
    base: str | None = None
    max_unpacked_bytes: int | None = None
    facts: bool = True
    measured: bool = False
    content_sha256: bool = False
    jobs: int | None = None
    fork: bool = False
    pull: PullPolicy = "missing"
    insecure: bool = False
    notice: Callable[[str], None] | None = None
    progress: Progress | None = None
    dockerfile: str | None = None
    dockerfile_is_guess: bool = False
    target: str | None = None
    profile: Profile = "runtime"
    ignores: tuple[Ignore, ...] = ()
    assume: tuple[str, ...] = ()

    @property
    def access(self) -> Access:
        """How the image is to be found and fetched."""
        access = Access(platform=self.platform, pull=self.pull, insecure=self.insecure)
        return access if self.notice is None else msgspec.structs.replace(access, notice=self.notice)
