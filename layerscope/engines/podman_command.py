"""Podman without its socket: the command itself, which finds its own storage or its own machine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from layerscope.engines.command import CommandStream, Finished, feed, follow, run
from layerscope.engines.documents import Inspected, Listed, one_for_each
from layerscope.engines.engine import Held, PullOrder
from layerscope.engines.pull_errors import pull_error
from layerscope.engines.secrets import without_secrets
from layerscope.errors import EngineUnreachable, SourceError
from layerscope.model.local_image import LocalImage
from layerscope.model.platform import Platform
from layerscope.model.reference import may_be_id

_ABSENT = 1
_FULL_ID_LENGTH = len("sha256:") + 64

Shape = TypeVar("Shape")


class _Version(msgspec.Struct, rename="pascal"):
    version: str = "unknown"


class _Versions(msgspec.Struct, rename="pascal"):
    client: _Version | None = None
    server: _Version | None = None


class PodmanCommand:
    """The ``podman`` command; ``options`` stand in front of every subcommand."""

    scheme = "podman"

    def __init__(self, program: str, options: tuple[str, ...] = ()) -> None:
        self._command = (program, *options)

    def about(self) -> str:
        """Version and store."""
        said = _decoded(self._run("version", "--format", "json"), _Versions)
        version = (said.server or said.client or _Version()).version
        store = self._run("info", "--format", "{{.Store.GraphDriverName}}").out.decode().strip()
        return f"Podman {version}, the command {without_secrets(' '.join(self._command))}, store {store}"

    def find(self, name: str, platform: Platform | None) -> Held | None:  # noqa: ARG002 - it tells its own
        """The image, by name, digest or ID."""
        if may_be_id(name) and len(name) < _FULL_ID_LENGTH:
            name = name.removeprefix("sha256:")
        said = run([*self._command, "image", "inspect", name])
        if said.code != 0:
            if run([*self._command, "image", "exists", name]).code == _ABSENT:
                return None
            raise self._failed(said)
        found = _decoded(said, list[Inspected])
        return found[0].held(name) if found else None

    def images(self) -> list[LocalImage]:
        """The command's list."""
        listed = one_for_each(_decoded(self._run("images", "--format", "json"), list[Listed]))
        layers = self._layers([row.id for row in listed])
        return [row.local(self.scheme, layers.get(row.id)) for row in listed]

    def _layers(self, ids: list[str]) -> dict[str, int | None]:
        """How many layers images have, which the list does not say; nothing where one has gone since."""
        said = run([*self._command, "image", "inspect", *ids]) if ids else None
        if said is None or said.code != 0:
            return {}
        return {image.id: image.layer_count for image in _decoded(said, list[Inspected])}

    def remove(self, name: str) -> None:
        """``podman rmi``, which refuses while a container uses the image."""
        said = run([*self._command, "rmi", name])
        if said.code != 0:
            raise SourceError(f"Podman: {said.complaint}", hint="does a container still use it?")

    def pull(self, order: PullOrder) -> None:
        """``podman pull``, with its own credentials."""
        command = [*self._command, "pull"]
        command += ["--platform", str(order.platform)] if order.platform is not None else []
        command += ["--tls-verify=false"] if order.insecure else []
        said = follow([*command, order.name], order.notice)
        if said.code != 0:
            raise pull_error(f"{self.scheme}:{order.name}", said.complaint)

    def export(self, held: Held, platform: Platform | None) -> CommandStream:  # noqa: ARG002
        """``podman save`` into a pipe; oci-archive would take longer, since it compresses."""
        return CommandStream([*self._command, "save", "--format", "docker-archive", held.image_id])

    @property
    def keeps_blobs(self) -> bool:
        """No: it unpacks layers."""
        return False

    def load(self, archive: Iterable[bytes]) -> None:
        """``podman load``, which reads all of its input before it takes anything of it."""
        said = feed([*self._command, "load", "--quiet"], archive)
        if said.code != 0:
            raise self._failed(said)

    def close(self) -> None:
        """Nothing is left open between commands."""

    def _run(self, *arguments: str) -> Finished:
        said = run([*self._command, *arguments])
        if said.code != 0:
            raise self._failed(said)
        return said

    def _failed(self, said: Finished) -> SourceError:
        return EngineUnreachable(
            f"Podman: {said.complaint}", hint="podman info says whether it works on this machine"
        )


def _decoded(said: Finished, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(said.out, type=shape)
    except ValueError as error:
        raise SourceError(f"podman: its answer cannot be read: {error}") from None
