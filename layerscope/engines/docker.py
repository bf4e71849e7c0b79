"""Which way leads to Docker: the endpoint that the user chose, else the first that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.engines.docker_endpoints import DOCKER, docker_endpoints
from layerscope.engines.endpoint import first_that_answers

if TYPE_CHECKING:
    from layerscope.engines.api import ApiEngine


def docker() -> ApiEngine:
    """An engine that answers; raises SourceError."""
    endpoint = first_that_answers(docker_endpoints(), DOCKER)
    from layerscope.engines.api import ApiEngine

    return ApiEngine("docker", endpoint, DOCKER)
