"""A pull through an engine's API: who we are, and what the engine says while it fetches."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from layerscope.engines.engine import PullOrder
from layerscope.engines.pull_errors import pull_error
from layerscope.engines.secrets import without_secrets
from layerscope.extensions import Progress
from layerscope.model.reference import parse_image_name

if TYPE_CHECKING:
    from docker import APIClient

PULL_SILENCE_S = 300
_CONNECT_TIMEOUT_S = 60
_DOWNLOADING = "Downloading"


def pull_events(client: APIClient, order: PullOrder, where: str) -> None:
    """Pull and follow it to its end; raises SourceError for what the engine complains of."""
    from docker.auth import get_config_header, resolve_repository_name
    from docker.errors import DockerException

    name = parse_image_name(order.name)
    familiar = name.familiar
    repository = familiar.partition("@")[0].removesuffix(f":{name.tag}" if name.tag else "")
    registry, _ = resolve_repository_name(repository)
    try:
        credentials = get_config_header(client, registry)
    except DockerException as error:  # as the docker command does: perhaps none are needed
        order.notice(f"{where}: pulling without credentials: {without_secrets(str(error))}")
        credentials = None
    parameters = {"fromImage": repository, "tag": name.digest or name.tag}
    if order.platform is not None:
        parameters["platform"] = str(order.platform)
    response = client.post(
        f"{client.base_url}/v{client.api_version}/images/create",
        params=parameters,
        headers={"X-Registry-Auth": credentials} if credentials else {},
        stream=True,
        timeout=(_CONNECT_TIMEOUT_S, PULL_SILENCE_S),
    )
    try:
        if not response.ok:
            raise pull_error(where, _message(response.content))
        follow = _Follower(order)
        for line in response.iter_lines(chunk_size=None):
            if line.strip():
                event = msgspec.json.decode(line, type=_Event)
                if event.complaint:
                    raise pull_error(where, event.complaint)
                follow.event(event)
        follow.end()
    finally:
        response.close()


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode("utf-8", "replace")


class _Detail(msgspec.Struct):
    current: int = 0
    total: int | None = None


class _Complaint(msgspec.Struct):
    message: str = ""


class _Event(msgspec.Struct, rename="camel"):
    """A line of what the engine says; ``id`` is a layer's, or the tag's."""

    status: str = ""
    id: str = ""
    progress_detail: _Detail | None = None
    error: str = ""
    error_detail: _Complaint | None = None

    @property
    def complaint(self) -> str:
        """What went wrong, empty where nothing did."""
        return (self.error_detail.message if self.error_detail is not None else "") or self.error


class _Follower:
    """Turns events into progress for each layer, and into a line for what has no layer."""

    def __init__(self, order: PullOrder) -> None:
        self._order = order
        self._known: dict[str, int] = {}

    def event(self, event: _Event) -> None:
        """One event of the engine."""
        progress, detail = self._order.progress, event.progress_detail
        if event.status == _DOWNLOADING and event.id and detail is not None:
            if progress is not None:
                self._advance(progress, f"pull {event.id}", detail.current, detail.total)
        elif event.status and (not event.id or event.status.startswith("Pulling from")):
            self._order.notice(without_secrets(event.status))

    def _advance(self, progress: Progress, part: str, current: int, total: int | None) -> None:
        if part not in self._known:
            self._known[part] = 0
            progress.begin(part, total)
        if current > self._known[part]:
            progress.advance(part, current - self._known[part])
            self._known[part] = current

    def end(self) -> None:
        """The engine has all of them."""
        for part in self._known:
            if self._order.progress is not None:
                self._order.progress.end(part)
