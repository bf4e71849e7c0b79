"""What went wrong between us and a registry, as an error that says what to try."""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from layerscope.distribution.endpoint import shown_url
from layerscope.errors import SourceError

if TYPE_CHECKING:
    import httpx

_SHOWN = 200
_PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came of, down to the system's own."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def is_passing(error: httpx.TransportError) -> bool:
    """Whether trying again may help: resets, cuts and timeouts, but no refusal and no bad certificate."""
    import httpx

    if isinstance(error, httpx.ConnectError):
        return any(
            isinstance(cause, ConnectionResetError | ConnectionAbortedError) for cause in causes(error)
        )
    return isinstance(error, httpx.TimeoutException | httpx.NetworkError | httpx.RemoteProtocolError)


def speaks_no_tls(error: httpx.TransportError) -> bool:
    """Whether an attempt at HTTPS failed as it does where only plain HTTP is spoken, or let through."""
    import httpx

    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes(error)):
        return False
    failures = httpx.ConnectError | httpx.ConnectTimeout | httpx.RemoteProtocolError | httpx.ProxyError
    return isinstance(error, failures)


def transport_failure(error: httpx.TransportError) -> SourceError:
    """The error for a request that got no answer, or not all of it; names the host that it was sent to."""
    import httpx

    url = error.request.url
    host = shown_url(url.copy_with(raw_path=b"/")).removesuffix("/")
    for cause in causes(error):
        if isinstance(cause, ssl.SSLError):
            return _tls_failure(cause, host, url)
        if isinstance(cause, socket.gaierror):
            return SourceError(f"{host}: the name {url.host} is not known here", hint=_network_hint())
        if isinstance(cause, ConnectionRefusedError):
            return SourceError(f"{host}: the connection is refused", hint=_network_hint())
    if isinstance(error, httpx.ProxyError):
        return SourceError(
            f"{host}: the proxy gives no way there: {_short(str(error))}", hint=_network_hint()
        )
    if isinstance(error, httpx.TimeoutException):
        what = "no connection" if isinstance(error, httpx.ConnectTimeout) else "no answer"
        return SourceError(f"{host}: {what} in time", hint=_network_hint())
    if isinstance(error, httpx.RemoteProtocolError):
        return SourceError(f"{host}: a broken answer: {_short(str(error))}", hint=_network_hint())
    return SourceError(f"{host}: the connection broke: {_reason(error)}", hint=_network_hint())


def _reason(error: BaseException) -> str:
    """The system's word for the first cause."""
    first = list(causes(error))[-1]
    text = first.strerror if isinstance(first, OSError) and first.strerror else str(first)
    return _short(text) or type(first).__name__


def _tls_failure(error: ssl.SSLError, host: str, url: httpx.URL) -> SourceError:
    if isinstance(error, ssl.SSLCertVerificationError):
        place = url.netloc.decode("ascii")
        return SourceError(
            f"{host}: its certificate is not accepted: {error.verify_message}",
            hint=f"put its authority's certificate into ~/.config/containers/certs.d/{place}/ca.crt "
            "or name it in SSL_CERT_FILE; --insecure accepts any",
        )
    reason = (error.reason or str(error)).replace("_", " ").lower()
    hint = "where it speaks plain HTTP only, add --insecure"
    if "certificate required" in reason or "alert" in reason:
        hint = "a client's certificate goes into certs.d/HOST:PORT as NAME.cert and NAME.key"
    return SourceError(f"{host}: no TLS: {reason}", hint=hint)


def _network_hint() -> str:
    set_ones = [name for name in _PROXIES if os.environ.get(name) or os.environ.get(name.lower())]
    if set_ones:
        return f"check the network, and the proxy that {', '.join(set_ones)} names"
    return "check the name and the network; a proxy can be named in HTTPS_PROXY"


def said(body: bytes, secrets: tuple[str, ...]) -> str:
    """What a registry (distribution-spec, "Error Codes") or a token server says of an error, if anything.

    Secrets that it repeats are taken out.
    """
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    errors = document.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else document
    if not isinstance(first, dict):
        return ""
    words = [first.get(key) for key in ("code", "message", "details", "error_description")]
    texts = [text for text in words if isinstance(text, str) and text]
    text = ": ".join(dict.fromkeys(texts))
    for secret in secrets:
        text = text.replace(secret, "…")
    return _short(text)


def codes(body: bytes) -> list[str]:
    """The codes of the errors in a registry's answer."""
    try:
        errors = msgspec.json.decode(body)["errors"]
        return [str(item["code"]) for item in errors]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError, KeyError):
        return []


def _short(text: str) -> str:
    plain = re.sub(r"\s+", " ", text).strip()
    return plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "…"
