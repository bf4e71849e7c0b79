"""Which way leads to Podman: its socket, its command, or Buildah's."""

from __future__ import annotations

from shutil import which

from layerscope.engines.endpoint import Endpoint, first_that_answers
from layerscope.engines.engine import Engine
from layerscope.engines.podman_endpoints import PODMAN, podman_endpoints
from layerscope.errors import SourceError

_BY_THE_USER = ("CONTAINER_HOST", "CONTAINER_CONNECTION")


def podman() -> Engine:
    """An engine that answers; raises SourceError.

    What the environment names is taken or nothing. An endpoint behind ssh is left to the command,
    which knows the keys of its machines, where it is installed.
    """
    endpoints = podman_endpoints()
    program = which("podman")
    if endpoints and program and endpoints[0].url.startswith("ssh://"):
        return _podman_command(program, ("--remote", "--url", endpoints[0].url))
    try:
        return _api(first_that_answers(endpoints, PODMAN))
    except SourceError:
        if endpoints and endpoints[0].origin.startswith(_BY_THE_USER):
            raise
        if program:
            return _podman_command(program)
        if buildah := which("buildah"):
            from layerscope.engines.buildah_command import BuildahCommand

            return BuildahCommand(buildah)
        raise


def _api(endpoint: Endpoint) -> Engine:
    from layerscope.engines.api import ApiEngine

    return ApiEngine("podman", endpoint, PODMAN)


def _podman_command(program: str, options: tuple[str, ...] = ()) -> Engine:
    from layerscope.engines.podman_command import PodmanCommand

    return PodmanCommand(program, options)
