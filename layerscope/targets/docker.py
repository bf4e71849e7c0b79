"""``docker:NAME``: an image into a Docker engine, through its API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.targets.engines import engine_target
from layerscope.targets.naming import tagged_name

if TYPE_CHECKING:
    from layerscope.engines.engine import Loader


def _engine() -> Loader:
    from layerscope.engines.docker import docker

    return docker()


def names(place: str) -> tuple[str, ...]:
    """The name that is given, or the image's own where there is none."""
    return (tagged_name(place),) if place else ()


TARGET = engine_target("docker", _engine, names, description="into a Docker engine")
