"""``containerd:NAME``: containerd's images, also those of Kubernetes, through ctr or nerdctl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.engines.source import engine_source

if TYPE_CHECKING:
    from layerscope.engines.engine import Engine


def _engine() -> Engine:
    from layerscope.engines.containerd import Containerd

    return Containerd()


SOURCE = engine_source("containerd", _engine, rank=30, description="an image of containerd or Kubernetes")
