"""Podman's storage where only ``buildah`` is there to open it."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from layerscope.engines.command import CommandStream, Finished, follow, run
from layerscope.engines.documents import Listed, platform_of, with_algorithm
from layerscope.engines.engine import Held, PullOrder
from layerscope.engines.pull_errors import pull_error
from layerscope.errors import EngineUnreachable, SourceError
from layerscope.model.digest import Digest, is_digest
from layerscope.model.local_image import LocalImage
from layerscope.model.platform import Platform

_UNKNOWN = ("image not known", "no such image", "identifier is not an image")


Shape = TypeVar("Shape")


class _Version(msgspec.Struct):
    version: str


class _Store(msgspec.Struct):
    driver: str = msgspec.field(name="GraphDriverName", default="unknown")


class _Info(msgspec.Struct):
    store: _Store


class _Config(msgspec.Struct):
    os: str = ""
    architecture: str = ""
    variant: str | None = None


class _Listed(msgspec.Struct):
    id: str
    names: list[str] | None = None
    created: int | None = None


class _Inspected(msgspec.Struct):
    image_id: str = msgspec.field(name="FromImageID")
    name: str = msgspec.field(name="FromImage", default="")
    digest: str = msgspec.field(name="FromImageDigest", default="")
    config: _Config = msgspec.field(name="OCIv1", default_factory=_Config)

    def held(self) -> Held:
        """What matters of it; an image without a name has its ID for one."""
        config = self.config
        return Held(
            image_id=with_algorithm(self.image_id),
            names=(self.name,) if ":" in self.name else (),
            digest=Digest(self.digest) if is_digest(self.digest) else None,
            platforms=tuple(platform_of(config.os, config.architecture, config.variant)),
        )


class BuildahCommand:
    """The ``buildah`` command."""

    scheme = "podman"

    def __init__(self, program: str) -> None:
        self._program = program

    def about(self) -> str:
        """Version and store."""
        version = _decoded(self._run("version", "--json"), _Version).version
        store = _decoded(self._run("info"), _Info).store.driver
        return f"Buildah {version}, the command {self._program}, store {store}"

    def find(self, name: str, platform: Platform | None) -> Held | None:  # noqa: ARG002 - it tells its own
        """The image, by name, digest or ID."""
        said = run([self._program, "inspect", "--type", "image", name.removeprefix("sha256:")])
        if said.code != 0:
            if any(words in said.complaint for words in _UNKNOWN):
                return None
            raise self._failed(said)
        return _decoded(said, _Inspected).held()

    def images(self) -> list[LocalImage]:
        """The command's list."""
        listed = _decoded(self._run("images", "--json", "--no-trunc"), list[_Listed])
        return [
            Listed(id=image.id, names=image.names, created=image.created).local(self.scheme)
            for image in listed
        ]

    def remove(self, name: str) -> None:
        """``buildah rmi``, which refuses while a container uses the image."""
        said = run([self._program, "rmi", name])
        if said.code != 0:
            raise SourceError(f"Buildah: {said.complaint}", hint="does a container still use it?")

    def pull(self, order: PullOrder) -> None:
        """``buildah pull``, with its own credentials."""
        command = [self._program, "pull"]
        command += ["--platform", str(order.platform)] if order.platform is not None else []
        command += ["--tls-verify=false"] if order.insecure else []
        said = follow([*command, order.name], order.notice)
        if said.code != 0:
            raise pull_error(f"{self.scheme}:{order.name}", said.complaint)

    def export(self, held: Held, platform: Platform | None) -> CommandStream:  # noqa: ARG002
        """``buildah push`` into an archive that is a pipe."""
        image_id = held.image_id.removeprefix("sha256:")
        return CommandStream([self._program, "push", "--quiet", image_id, "docker-archive:/dev/stdout"])

    def close(self) -> None:
        """Nothing is left open between commands."""

    def _run(self, *arguments: str) -> Finished:
        said = run([self._program, *arguments])
        if said.code != 0:
            raise self._failed(said)
        return said

    def _failed(self, said: Finished) -> SourceError:
        return EngineUnreachable(
            f"Buildah: {said.complaint}", hint="buildah info says whether it works on this machine"
        )


def _decoded(said: Finished, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(said.out, type=shape)
    except ValueError as error:
        raise SourceError(f"buildah: its answer cannot be read: {error}") from None
