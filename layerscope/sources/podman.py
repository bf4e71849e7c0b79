"""``podman:NAME``: Podman's images, through its socket, its command, or Buildah's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.engines.source import engine_source

if TYPE_CHECKING:
    from layerscope.engines.engine import Engine


def _engine() -> Engine:
    from layerscope.engines.podman import podman

    return podman()


SOURCE = engine_source("podman", _engine, rank=20, description="an image of Podman or Buildah")
