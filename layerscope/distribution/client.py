"""A registry, for one repository: what its API gives, with whatever it asks for to give it.

`Registry.exchange` is the one way in; reading manifests, blobs and tags is built on it, and so is
writing them (`layerscope.distribution.pushing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from layerscope.distribution.authorization import Authorization
from layerscope.distribution.credentials import Search, find_credentials
from layerscope.distribution.endpoint import api_host, is_loopback, origin, shown_url
from layerscope.distribution.exchange import Exchanges, Request, discard, read_body, status_line
from layerscope.distribution.failures import said, speaks_no_tls, transport_failure
from layerscope.distribution.patience import Patience, TooSlow
from layerscope.errors import LimitExceeded, SourceError, UsageError
from layerscope.extensions import Access
from layerscope.model.reference import ImageName

if TYPE_CHECKING:
    import httpx

_MAX_RENEWALS = 3
_MAX_ERROR_BYTES = 64 << 10


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A small answer as a whole; header names are in lower case."""

    status: int
    headers: dict[str, str]
    raw: bytes


class Registry:
    """Speaks to the registry that a name is in; may be used from several threads. Close it."""

    def __init__(
        self,
        name: ImageName,
        access: Access,
        *,
        patience: Patience | None = None,
        search: Search | None = None,
        scopes: Sequence[str] = (),
    ) -> None:
        """``scopes`` are those of the tokens it asks for; none given, to pull."""
        self.name = name
        self._host = _usable(api_host(name.host))
        self.patience = patience or Patience()
        local = is_loopback(name.host)
        self._exchanges = Exchanges(
            insecure=access.insecure, local=local, patience=self.patience, notice=access.notice
        )
        self._authorization = Authorization(
            self._exchanges,
            lambda: find_credentials(name) if search is None else search,
            name.host,
            scopes or (f"repository:{name.repository}:pull",),
        )
        self._scheme = "" if access.insecure or local else "https"

    def close(self) -> None:
        """Close all connections; whatever still reads raises SourceError."""
        self._exchanges.close()

    def stop(self) -> None:
        """Have all that waits or reads in other threads raise SourceError soon."""
        self._exchanges.stop()

    def check(self) -> None:
        """Raise SourceError after `stop`."""
        self._exchanges.check()

    def pause(self, failures: int, why: str, asked_s: float | None = None) -> None:
        """Wait before trying again, at least as long as was asked."""
        self._exchanges.pause(failures, why, asked_s)

    def url(self, path: str) -> str:
        """The URL of something in the repository, such as ``manifests/latest``."""
        return f"{self._base()}/v2/{self.name.repository}/{path}"

    @contextmanager
    def exchange(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: Callable[[], Iterable[bytes]] | None = None,
        once: bool = False,
        timeout_s: float | None = None,
    ) -> Iterator[httpx.Response]:
        """The answer to a request, whatever its status, its body still to be read.

        Who we are is told to the registry's own host only, whatever the URL.

        Authentication, redirects and retries are done, of what is asked ``once`` no retries (see `Request`).
        Raises SourceError; AccessDenied for 401 and 403. What is read of the body may raise
        httpx.TransportError.
        """
        request = Request(
            url=url, method=method, headers=headers or {}, body=body, once=once, timeout_s=timeout_s
        )
        try:
            response = self._authorized(request)
        except UnicodeEncodeError:
            raise SourceError(f"{self.name.host}: the credentials for it are not ASCII") from None
        try:
            if response.status_code in (401, 403):
                raise self._denied(response)
            yield response
        finally:
            response.close()

    def _authorized(self, request: Request) -> httpx.Response:
        import httpx

        home = origin(httpx.URL(self._base()))
        if origin(httpx.URL(request.url)) != home:  # a place that the registry gave, as for uploads
            return self._exchanges.send(request)
        header = self._authorization.header
        response = self._exchanges.send(request, header)
        for _ in range(_MAX_RENEWALS):
            # What another host wants, after a redirect, is not for us to answer.
            if response.status_code != 401 or origin(response.url) != home:
                break
            try:
                renewed = self._authorization.renew(response.headers.get_list("www-authenticate"), header)
            except BaseException:
                response.close()
                raise
            if renewed is None:
                break
            header = renewed
            discard(response)
            response = self._exchanges.send(request, header)
        return response

    def fetch(self, path: str, *, max_bytes: int, headers: dict[str, str] | None = None) -> Document:
        """A whole document, whatever its status; raises SourceError or LimitExceeded."""
        import httpx

        url = self.url(path)
        failures = 0
        while True:
            with self.exchange(url, headers=headers) as response:
                try:
                    raw = read_body(response, max_bytes, self.patience)
                except (httpx.TransportError, TooSlow) as error:
                    failure = broken_off(error, response.url)
                else:
                    return Document(status=response.status_code, headers=dict(response.headers), raw=raw)
            failures += 1
            if failures >= self.patience.tries:
                raise failure
            self.pause(failures, failure.message)

    def refused(self, response: httpx.Response) -> SourceError:
        """The error for a status that nobody expects, with what the registry says about it."""
        return self.failed(response.status_code, self.told(response))

    def failed(self, status: int, what: str) -> SourceError:
        """The error for a status that nobody expects."""
        hint = None
        if status == 429:
            hint = "the registry limits how much may be pulled; wait, or log in, which often raises the limit"
        elif status >= 500:
            hint = "the registry is in trouble; try again later"
        return SourceError(f"{self.name.host}: the registry answers {what}", hint=hint)

    def words(self, body: bytes) -> str:
        """What the registry says in an answer about an error, without secrets that it repeats."""
        return said(body, self._authorization.secrets)

    def _denied(self, response: httpx.Response) -> SourceError:
        """Denied by the registry, or by what it leads to, where no login of ours helps."""
        import httpx

        if origin(response.url) == origin(httpx.URL(self._base())):
            return self._authorization.denied(self.told(response))
        return SourceError(
            f"{shown_url(response.url)}: where the registry leads, access is denied: {self.told(response)}",
            hint="try again; else ask whoever runs the registry",
        )

    def told(self, response: httpx.Response) -> str:
        """The status of an answer, and what the registry says with it."""
        import httpx

        try:
            words = self.words(read_body(response, _MAX_ERROR_BYTES, self.patience))
        except (httpx.TransportError, httpx.StreamError, TooSlow, LimitExceeded):
            words = ""
        return f"{status_line(response)}: {words}" if words else status_line(response)

    def _base(self) -> str:
        """Scheme and host; where plain HTTP is allowed, HTTPS is tried first."""
        if not self._scheme:
            self._scheme = self._spoken()
        return f"{self._scheme}://{self._host}"

    def _spoken(self) -> str:
        import httpx

        url = httpx.URL(f"https://{self._host}/v2/")
        try:
            self._exchanges.probe(url)
        except httpx.TransportError as error:
            if speaks_no_tls(error):
                return "http"
            raise transport_failure(error) from None
        return "https"


def _usable(host: str) -> str:
    """A host that a connection can be made to; raises UsageError: names are read with less care than URLs."""
    import httpx

    try:
        port = httpx.URL(f"https://{host}/").port
    except httpx.InvalidURL:
        raise UsageError(f"{host}: no host", hint="such as registry.example:5000") from None
    if port is not None and not 0 < port < 1 << 16:
        raise UsageError(f"{host}: no such port", hint="such as registry.example:5000")
    return host


def broken_off(error: Exception, url: httpx.URL) -> SourceError:
    """The error for a body that did not come to its end."""
    import httpx

    if isinstance(error, httpx.TransportError):
        return transport_failure(error)
    return SourceError(f"{shown_url(url)}: {error}", hint="the network is too slow; try again later")
