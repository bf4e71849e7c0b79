"""``docker:NAME``: the images of a Docker engine, through its API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.engines.source import engine_source

if TYPE_CHECKING:
    from layerscope.engines.engine import Engine


def _engine() -> Engine:
    from layerscope.engines.docker import docker

    return docker()


SOURCE = engine_source("docker", _engine, rank=10, description="an image of a Docker engine")
