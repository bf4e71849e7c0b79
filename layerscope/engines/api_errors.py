"""What goes wrong on the way to an engine's API, as one of our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from layerscope.engines.endpoint import Endpoint, Words, unreachable
from layerscope.engines.secrets import without_secrets
from layerscope.errors import AccessDenied, EngineUnreachable, LayerscopeError, SourceError


@contextmanager
def translated(endpoint: Endpoint, words: Words) -> Iterator[None]:
    """Raise SourceError for whatever the client raises inside."""
    import docker.errors
    import requests.exceptions
    import urllib3.exceptions

    try:
        yield
    except LayerscopeError:
        raise
    except docker.errors.APIError as error:
        raise api_error(error.status_code, error.explanation or str(error), endpoint, words) from None
    except (
        docker.errors.DockerException,
        requests.exceptions.RequestException,
        urllib3.exceptions.HTTPError,
        OSError,
        ValueError,  # a body that is no JSON, a URL that is none
    ) as error:
        raise _connection_error(error, endpoint, words) from None


def api_error(status: int | None, said: str, endpoint: Endpoint, words: Words) -> SourceError:
    """The error for an answer with an error's status."""
    where = f"{words.title} at {endpoint.shown}"
    if status in (401, 403):
        return AccessDenied(f"{where}: {without_secrets(said)}", hint=words.denied_hint)
    error = "error" if status is None else f"error {status}"
    return SourceError(f"{where}: {error}: {without_secrets(said)}", hint="the engine's own log may say more")


def _connection_error(error: Exception, endpoint: Endpoint, words: Words) -> SourceError:
    import http.client
    import ssl

    import requests.exceptions
    import urllib3.exceptions

    causes = list(_causes(error))
    where = f"{words.title} at {endpoint.shown} ({endpoint.origin})"
    # urllib3 counts a refused connection among those that take too long: what the system said comes first.
    for cause in causes:
        if isinstance(cause, ConnectionRefusedError | FileNotFoundError):
            return unreachable(endpoint, words, cause.strerror or str(cause))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            hint = "check the CA and the client certificate (DOCKER_CERT_PATH, docker context inspect)"
            return EngineUnreachable(f"{where}: TLS: {without_secrets(_text(cause))}", hint=hint)
        if isinstance(cause, TimeoutError | requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
            return EngineUnreachable(f"{where}: no answer in time", hint="is the engine overloaded or stuck?")
    kinds = (http.client.HTTPException, ConnectionError, urllib3.exceptions.ProtocolError)
    if any(isinstance(cause, kinds) for cause in causes):
        return SourceError(
            f"{where}: the connection broke: {without_secrets(_text(causes[-1]))}",
            hint="the engine may have been stopped; its own log says more",
        )
    if isinstance(error, ValueError):
        return SourceError(f"{where}: what answers there is no engine: {without_secrets(_text(error))}")
    return unreachable(endpoint, words, _text(causes[-1]))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what lies behind it: its cause, its context, and the errors in its arguments."""
    todo: list[object] = [error]
    seen: set[int] = set()
    while todo:
        item = todo.pop(0)
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        todo += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]


def _text(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
