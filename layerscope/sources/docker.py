"""``docker:NAME``: the images of a Docker engine, through its API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.engines.source import engine_source

if TYPE_CHECKING:
    from layerscope.engines.engine import Engine


def _engine() -> Engine:
    from layerscope.engines.docker_endpoints import DOCKER, docker_endpoints
    from layerscope.engines.endpoint import first_that_answers

    endpoint = first_that_answers(docker_endpoints(), DOCKER)
    from layerscope.engines.api import ApiEngine

    return ApiEngine("docker", endpoint, DOCKER)


SOURCE = engine_source("docker", _engine, rank=10, description="an image of a Docker engine")
