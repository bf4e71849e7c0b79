"""``podman:NAME``: an image into Podman, through its socket or its command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.errors import EngineUnreachable
from layerscope.model.reference import DEFAULT_HOST, parse_image_name
from layerscope.targets.engines import engine_target
from layerscope.targets.naming import tagged_name

if TYPE_CHECKING:
    from layerscope.engines.engine import Loader


def _engine() -> Loader:
    from layerscope.engines.api import ApiEngine
    from layerscope.engines.podman import podman
    from layerscope.engines.podman_command import PodmanCommand

    engine = podman()
    if not isinstance(engine, ApiEngine | PodmanCommand):
        engine.close()
        raise EngineUnreachable("Buildah alone loads no images", hint="install podman")
    return engine


def names(place: str) -> tuple[str, ...]:
    """The name that is given; one without a host is of this machine, as those of ``podman build`` are."""
    if not place:
        return ()
    name = tagged_name(place)
    with_host = parse_image_name(name).host != DEFAULT_HOST or name.startswith(f"{DEFAULT_HOST}/")
    return (name if with_host else f"localhost/{name}",)


TARGET = engine_target("podman", _engine, names, description="into Podman")
