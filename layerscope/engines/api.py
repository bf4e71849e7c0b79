"""An engine spoken to through Docker's API: Docker itself, and Podman's socket."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from layerscope.engines.api_errors import api_error, translated
from layerscope.engines.api_pull import pull_events
from layerscope.engines.client import CALL_TIMEOUT_S, connect
from layerscope.engines.documents import About, Info, Inspected, Listed, one_for_each
from layerscope.engines.endpoint import Endpoint, Words
from layerscope.engines.engine import Held, PullOrder
from layerscope.model.local_image import LocalImage
from layerscope.model.platform import Platform
from layerscope.model.reference import may_be_id

if TYPE_CHECKING:
    from docker import APIClient

EXPORT_SILENCE_S = 900
"""Engines that write the archive to their disk first are silent for minutes before its first byte."""
_PLATFORM_IN_EXPORTS = (1, 48)
_SEVERAL_PLATFORMS = (1, 48)
_FULL_ID_LENGTH = len("sha256:") + 64
_BLOCK_BYTES = 1 << 20
_PATIENCE_FOR_LAYERS_S = 2


class ApiEngine:
    """An engine behind an endpoint."""

    def __init__(self, scheme: str, endpoint: Endpoint, words: Words) -> None:
        self.scheme = scheme
        self._endpoint = endpoint
        self._words = words
        with translated(endpoint, words):
            self._client: APIClient = connect(endpoint)

    def about(self) -> str:
        """Version, API, endpoint, store."""
        with translated(self._endpoint, self._words):
            said = msgspec.convert(self._client.version(), About)
            info = msgspec.convert(self._client.info(), Info)
        kind = "containerd" if info.keeps_blobs else "classic"
        store = f"{info.driver} ({kind})" if self.scheme == "docker" else info.driver
        return (
            f"{self._words.title} {said.version}, API {self._client.api_version}, "
            f"{self._endpoint.shown} ({self._endpoint.origin}), store {store}"
        )

    def find(self, name: str, platform: Platform | None) -> Held | None:  # noqa: ARG002 - it tells them all
        """The image, by name, digest or ID."""
        asked = name
        if may_be_id(name) and len(name) < _FULL_ID_LENGTH:
            asked = name.removeprefix("sha256:")  # Podman knows no shortened ID with its algorithm
        with translated(self._endpoint, self._words):
            response = self._client.get(
                self._url(f"/images/{quote(asked, safe='/:@')}/json"),
                params={"manifests": "1"} if self._version >= _SEVERAL_PLATFORMS else None,
                timeout=CALL_TIMEOUT_S,
            )
            if response.status_code == 404:
                return None
            self._raise_for(response)
            return msgspec.json.decode(response.content, type=Inspected).held(name)

    def images(self) -> list[LocalImage]:
        """The engine's list, with the layers of those that it tells of in time."""
        with translated(self._endpoint, self._words):
            listed = msgspec.convert(self._client.images(), list[Listed])
        patience_ends = time.monotonic() + _PATIENCE_FOR_LAYERS_S
        return [
            image.local(self.scheme, self._layers(image, patience_ends)) for image in one_for_each(listed)
        ]

    def _layers(self, image: Listed, patience_ends: float) -> int | None:
        """How many layers an image has, which the list does not say; None where that takes too long."""
        if time.monotonic() > patience_ends:
            return None
        with translated(self._endpoint, self._words):
            response = self._client.get(self._url(f"/images/{quote(image.id, safe=':')}/json"))
            told = response.status_code == 200  # it may have gone since
            return msgspec.json.decode(response.content, type=Inspected).layer_count if told else None

    def remove(self, name: str) -> None:
        """The engine refuses while a container uses the image."""
        with translated(self._endpoint, self._words):
            self._client.remove_image(name)

    def pull(self, order: PullOrder) -> None:
        """Have the engine pull, with the credentials of the docker client."""
        with translated(self._endpoint, self._words):
            pull_events(self._client, order, f"{self.scheme}:{order.name}")

    def export(self, held: Held, platform: Platform | None) -> ExportedImage:
        """The archive, as the response to ``GET /images/ID/get``."""
        params = None
        if platform is not None and len(held.platforms) > 1 and self._version >= _PLATFORM_IN_EXPORTS:
            params = {"platform": json.dumps(_as_oci(platform))}
        with translated(self._endpoint, self._words):
            response = self._client.get(
                self._url(f"/images/{quote(held.image_id, safe=':')}/get"),
                params=params,
                stream=True,
                timeout=(CALL_TIMEOUT_S, EXPORT_SILENCE_S),
            )
            try:
                self._raise_for(response)
            except BaseException:
                response.close()
                raise
        return ExportedImage(response, self._endpoint, self._words)

    @property
    def keeps_blobs(self) -> bool:
        """Whether the engine has containerd's image store."""
        with translated(self._endpoint, self._words):
            return msgspec.convert(self._client.info(), Info).keeps_blobs

    def load(self, archive: Iterable[bytes]) -> None:
        """``POST /images/load``; the engine reads the archive to its end before it takes anything of it."""
        with (
            translated(self._endpoint, self._words),
            closing(
                self._client.post(
                    self._url("/images/load"),
                    params={"quiet": "1"},
                    data=iter(archive),
                    headers={"Content-Type": "application/x-tar"},
                    stream=True,
                    timeout=(CALL_TIMEOUT_S, EXPORT_SILENCE_S),
                )
            ) as response,
        ):
            self._raise_for(response)
            for line in response.iter_lines():
                said = _complaint(line)
                if said:
                    raise api_error(None, said, self._endpoint, self._words)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    @cached_property
    def _version(self) -> tuple[int, ...]:
        parts = self._client.api_version.split(".")
        return tuple(int(part) if part.isdecimal() else 0 for part in parts)

    def _url(self, path: str) -> str:
        return f"{self._client.base_url}/v{self._client.api_version}{path}"

    def _raise_for(self, response: Any) -> None:
        if response.ok:
            return
        try:
            said = response.json()["message"]
        except (ValueError, KeyError, TypeError):
            said = response.text
        raise api_error(response.status_code, str(said), self._endpoint, self._words)


class ExportedImage:
    """An image that the engine streams; whatever breaks the stream is a SourceError."""

    def __init__(self, response: Any, endpoint: Endpoint, words: Words) -> None:
        self._response = response
        self._endpoint = endpoint
        self._words = words

    def read(self, count: int = -1, /) -> bytes:
        """The next bytes, fewer than asked for only at the end."""
        with translated(self._endpoint, self._words):
            taken: bytes = self._response.raw.read(count if count >= 0 else None)
            while count > len(taken) and (more := self._response.raw.read(count - len(taken))):
                taken += more
            return taken

    def close(self) -> None:
        """Hang up."""
        self._response.close()


def _complaint(line: bytes) -> str | None:
    """What a line of the engine's says of an error; other lines are of progress, or no JSON at all."""
    try:
        said = json.loads(line)
        return str(said["error"]) if said.get("error") else None
    except (ValueError, AttributeError):
        return None


def _as_oci(platform: Platform) -> dict[str, str]:
    said = {"os": platform.os, "architecture": platform.architecture}
    return said | {"variant": platform.variant} if platform.variant else said
