"""One question to a registry and its answer: tried again where that helps, redirects followed with care."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from layerscope.distribution.connections import Connections
from layerscope.distribution.endpoint import is_loopback, origin, shown_url
from layerscope.distribution.failures import is_passing, transport_failure
from layerscope.distribution.patience import Pace, Patience, TooSlow, retry_after_s
from layerscope.errors import LimitExceeded, SourceError

if TYPE_CHECKING:
    import httpx

PASSING = frozenset((429, 502, 503, 504))
"""Statuses of a request that may be answered otherwise a little later."""

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MAX_REDIRECTS = 10
_WORTH_A_WORD_S = 3
_SMALL_BYTES = 64 << 10


class BrokenOff(SourceError):
    """A request that is not repeated as it stands got no answer; another one may get through."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A question; ``body`` gives what is sent with it, anew at each try.

    One that is asked ``once`` changes something: whoever asks knows what to ask next where no answer comes.
    ``timeout_s`` is how long the answer may take, where that is longer than usual.
    """

    url: str
    method: str = "GET"
    headers: dict[str, str] = {}
    body: Callable[[], Iterable[bytes]] | None = None
    once: bool = False
    timeout_s: float | None = None


class Exchanges:
    """Sends requests; may be used from several threads.

    Plain HTTP is spoken with ``insecure``, and on this machine where the registry is on it too
    (``local``). ``notice`` is told of long waits. After `stop` nothing waits any more.
    """

    def __init__(
        self, *, insecure: bool, local: bool, patience: Patience, notice: Callable[[str], None]
    ) -> None:
        self.patience = patience
        self._insecure = insecure
        self._local = local
        self._notice = notice
        self._stopped = threading.Event()
        self._connections = Connections(insecure=insecure, patience=patience)

    def stop(self) -> None:
        """Have everything that waits, or goes on to read, raise SourceError."""
        self._stopped.set()

    def close(self) -> None:
        """Close all connections."""
        self.stop()
        self._connections.close()

    def check(self) -> None:
        """Raise SourceError after `stop`."""
        if self._stopped.is_set():
            raise SourceError("stopped, since something else failed")

    def send(self, request: Request, authorization: str | None = None) -> httpx.Response:
        """The answer, its body still to be read; whatever its status, but no redirect.

        ``authorization`` goes to the request's own host only. Raises SourceError where there is
        no answer; BrokenOff where one that is asked once may get it by another. The caller closes the
        response.
        """
        import httpx

        url = httpx.URL(request.url)
        failures = 0
        while True:
            self.check()
            try:
                response = self._follow(request, url, authorization)
                if response.status_code not in PASSING or request.once:
                    return response
            except httpx.TransportError as error:
                failures += 1
                failure = transport_failure(error)
                if request.once and is_passing(error):
                    raise BrokenOff(failure.message, hint=failure.hint) from None
                unreachable = isinstance(error, httpx.ConnectTimeout)
                tries = self.patience.connect_tries if unreachable else self.patience.tries
                if not is_passing(error) or failures >= tries:
                    raise failure from None
                self.pause(failures, failure.message)
            else:
                failures += 1
                asked_s = retry_after_s(response.headers.get("retry-after"))
                if failures >= self.patience.tries or (asked_s or 0) > self.patience.longest_retry_after_s:
                    return response
                discard(response)
                self.pause(failures, f"{shown_url(url)}: {status_line(response)}", asked_s)

    def probe(self, url: httpx.URL) -> None:
        """Return where anything answers; raises what httpx raises where nothing does."""
        client = self._connections.client_for(url)
        discard(client.send(client.build_request("GET", url), stream=True))

    def pause(self, failures: int, why: str, asked_s: float | None = None) -> None:
        """Wait before the next try, at least as long as was asked, or until `stop`."""
        delay_s = max(self.patience.delay_s(failures), asked_s or 0)
        if delay_s >= _WORTH_A_WORD_S:
            self._notice(f"{why}; trying again in {delay_s:.0f} s")
        self._stopped.wait(delay_s)

    def _follow(self, request: Request, url: httpx.URL, authorization: str | None) -> httpx.Response:
        """The answer at the end of redirects; once another host is reached, nobody is told who we are."""
        home = origin(url)
        for _ in range(_MAX_REDIRECTS + 1):
            self._refuse_plain(url)
            headers = dict(request.headers)
            if authorization is not None:
                headers["Authorization"] = authorization
            client = self._connections.client_for(url)
            body = None if request.body is None else request.body()
            asked = client.build_request(request.method, url, headers=headers, content=body)
            if request.timeout_s is not None:
                asked.extensions["timeout"] |= {"read": request.timeout_s}
            response = client.send(asked, stream=True)
            location = response.headers.get("location")
            if (
                response.status_code not in _REDIRECTS
                or request.method not in ("GET", "HEAD")
                or not location
            ):
                return response
            discard(response)
            url = url.join(location)  # httpx has refused what is no URL
            if origin(url) != home:
                authorization = None
        raise SourceError(f"{home[1]}: more than {_MAX_REDIRECTS} redirects")

    def _refuse_plain(self, url: httpx.URL) -> None:
        if url.scheme == "https" or (
            url.scheme == "http" and (self._insecure or (self._local and is_loopback(url.host)))
        ):
            return
        raise SourceError(
            f"{shown_url(url)}: the registry leads there without encryption",
            hint="--insecure allows it" if url.scheme == "http" else None,
        )


def status_line(response: httpx.Response) -> str:
    """The status as people know it."""
    from http import HTTPStatus

    try:
        return f"{response.status_code} {HTTPStatus(response.status_code).phrase}"
    except ValueError:
        return str(response.status_code)


def read_body(response: httpx.Response, max_bytes: int, patience: Patience) -> bytes:
    """The whole of a small body; raises LimitExceeded, TooSlow, or what httpx raises where it is cut off."""
    pace = Pace(patience)
    taken: list[bytes] = []
    count = 0
    began = time.monotonic()
    for piece in response.iter_raw():
        count += len(piece)
        if count > max_bytes:
            raise LimitExceeded(
                f"{shown_url(response.url)}: more than the {max_bytes} bytes that are allowed"
            )
        taken.append(piece)
        now = time.monotonic()
        pace.note(len(piece), now - began)
        began = now
    return b"".join(taken)


def discard(response: httpx.Response) -> None:
    """Let go of an answer; one that is small is read, so that its connection serves again."""
    import httpx

    try:
        if int(response.headers.get("content-length", _SMALL_BYTES)) < _SMALL_BYTES:
            read_body(response, _SMALL_BYTES, Patience(slow_after_s=1))
    except (httpx.TransportError, TooSlow, LimitExceeded, ValueError):
        pass  # it is of no use anyway
    finally:
        response.close()
