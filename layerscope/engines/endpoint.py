"""Where an engine listens, and a cheap look whether anybody does."""

from __future__ import annotations

import socket
from collections.abc import Iterable

import msgspec

from layerscope.engines.secrets import without_secrets
from layerscope.errors import AccessDenied, EngineUnreachable, SourceError

_KNOCK_TIMEOUT_S = 5


class TlsFiles(msgspec.Struct, frozen=True, kw_only=True):
    """Paths of the certificates for an endpoint; ``verify`` is whether the engine must show one too."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    verify: bool = True


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A URL (unix://, tcp://, ssh://, npipe://) and who named it, such as DOCKER_HOST."""

    url: str
    origin: str
    tls: TlsFiles | None = None

    @property
    def socket_path(self) -> str | None:
        """The path of a unix socket, None for any other endpoint."""
        return self.url.removeprefix("unix://") if self.url.startswith("unix://") else None

    @property
    def shown(self) -> str:
        """The URL as messages have it, without userinfo."""
        return without_secrets(self.url)


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine is called, and what to try where it cannot be reached."""

    title: str
    start_hint: str
    denied_hint: str


def first_that_answers(endpoints: Iterable[Endpoint], words: Words) -> Endpoint:
    """The first endpoint where somebody listens.

    Raises what was found wrong: AccessDenied where one may not be opened, else EngineUnreachable.
    """
    failures: list[SourceError] = []
    for endpoint in endpoints:
        try:
            knock(endpoint, words)
        except SourceError as error:
            failures.append(error)
        else:
            return endpoint
    if len(failures) == 1:
        raise failures[0]
    for failure in failures:
        if isinstance(failure, AccessDenied):
            raise failure
    raise EngineUnreachable(
        f"no {words.title} answers: {'; '.join(failure.message for failure in failures)}"
        if failures
        else f"no {words.title} answers: none of its sockets is there",
        hint=words.start_hint,
    )


def knock(endpoint: Endpoint, words: Words) -> None:
    """Connect to a unix socket and hang up; other endpoints are only tried when they are used."""
    path = endpoint.socket_path
    if path is None:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_KNOCK_TIMEOUT_S)
        try:
            connection.connect(path)
        except PermissionError:
            raise AccessDenied(
                f"{words.title} at {endpoint.shown} ({endpoint.origin}): permission denied",
                hint=words.denied_hint,
            ) from None
        except OSError as error:
            raise unreachable(endpoint, words, error.strerror or str(error)) from None


def unreachable(endpoint: Endpoint, words: Words, why: str) -> EngineUnreachable:
    """The error for an endpoint where nobody answers."""
    return EngineUnreachable(
        f"{words.title} at {endpoint.shown} ({endpoint.origin}): {without_secrets(why)}",
        hint=words.start_hint,
    )
