"""Answers to a registry's challenges: basic, or a token from its token server.

See the distribution project's "Token Authentication Specification" and "OAuth2 Token Authentication".
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from layerscope.distribution.challenge import Challenge, parse_challenges
from layerscope.distribution.credentials import Credentials, Search
from layerscope.distribution.exchange import Exchanges, Request, read_body, status_line
from layerscope.distribution.failures import said, transport_failure
from layerscope.errors import AccessDenied, SourceError

if TYPE_CHECKING:
    import httpx

_MAX_TOKEN_BYTES = 1 << 20
_CLIENT_ID = "layerscope"


class _TokenAnswer(msgspec.Struct):
    token: str = ""
    access_token: str = ""


class Authorization:
    """What to say in the ``Authorization`` header to one registry about one repository.

    Several threads share it: whoever is refused first renews it for all. ``find`` is called when
    credentials are asked for, and not before: it may start a helper, which may ask the user. ``scopes``
    are what a token is asked for; where it is only to pull, the registry's own word for that counts.
    """

    def __init__(
        self, exchanges: Exchanges, find: Callable[[], Search], host: str, scopes: Sequence[str]
    ) -> None:
        self._exchanges = exchanges
        self._find = find
        self._found: Search | None = None
        self._host = host
        self._scopes = scopes
        self._lock = threading.Lock()
        self.header: str | None = None

    @property
    def _search(self) -> Search:
        if self._found is None:
            self._found = self._find()
        return self._found

    @property
    def _credentials(self) -> Credentials | None:
        return self._search.credentials

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may hold."""
        known = self._found.credentials if self._found is not None else None
        given = () if known is None else (*known.secrets, _basic(known).partition(" ")[2])
        return (*given, *(self.header.split()[1:] if self.header else ()))

    def renew(self, challenges: list[str], refused: str | None) -> str | None:
        """The header to try next, after ``refused`` was; None where there is nothing else to try.

        Raises AccessDenied or SourceError where the token server gives none.
        """
        with self._lock:
            if self.header != refused:  # another thread was here
                return self.header
            for challenge in parse_challenges(challenges):
                header = self._answer(challenge)
                if header is not None and header != refused:
                    self.header = header
                    return header
            return None

    def _answer(self, challenge: Challenge) -> str | None:
        known = self._credentials
        if challenge.scheme == "bearer":
            if known is not None and known.registry_token:
                return f"Bearer {known.registry_token}"
            return f"Bearer {self._token(challenge)}" if challenge.parameters.get("realm") else None
        if challenge.scheme == "basic" and known is not None and known.username:
            return _basic(known)
        return None

    def _token(self, challenge: Challenge) -> str:
        """A token from the server that the challenge names."""
        import httpx

        scopes = list(self._scopes)
        if len(scopes) == 1 and scopes[0].endswith(":pull"):
            scopes = [challenge.parameters.get("scope") or scopes[0]]
        service = challenge.parameters.get("service", "")
        query: dict[str, Any] = {"service": service} if service else {}
        try:
            realm = httpx.URL(challenge.parameters["realm"])
            if realm.scheme not in ("http", "https"):
                raise httpx.InvalidURL("")  # noqa: TRY301
        except httpx.InvalidURL:
            raise SourceError(f"{self._host}: names no usable token server") from None
        request, authorization = self._question(realm, query, scopes)
        response = self._exchanges.send(request, authorization)
        try:
            body = read_body(response, _MAX_TOKEN_BYTES, self._exchanges.patience)
        except httpx.TransportError as error:
            raise transport_failure(error) from None
        finally:
            response.close()
        return self._token_in(response, body)

    def _question(
        self, realm: httpx.URL, query: dict[str, Any], scopes: list[str]
    ) -> tuple[Request, str | None]:
        known = self._credentials
        if known is not None and known.identity_token:
            form = query | {
                "grant_type": "refresh_token",
                "client_id": _CLIENT_ID,
                "refresh_token": known.identity_token,
                "scope": " ".join(scopes),
            }
            data = urlencode(form).encode()
            request = Request(
                url=str(realm),
                method="POST",
                headers={
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Content-Length": str(len(data)),
                },
                body=lambda: [data],
            )
            return request, None
        request = Request(url=str(realm.copy_merge_params(query | {"scope": scopes})))
        return request, _basic(known) if known is not None and known.username else None

    def _token_in(self, response: httpx.Response, body: bytes) -> str:
        if response.status_code in (400, 401, 403, 404):
            raise self.denied(said(body, self.secrets) or status_line(response))
        if response.status_code != 200:
            raise SourceError(f"{self._host}: its token server answers {status_line(response)}")
        try:
            answer = msgspec.json.decode(body, type=_TokenAnswer)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise SourceError(f"{self._host}: its token server does not answer in JSON") from None
        token = answer.token or answer.access_token
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise SourceError(f"{self._host}: its token server gives no token")
        return token

    def denied(self, why: str) -> AccessDenied:
        """The error for a request that stays refused, with what may help."""
        from layerscope.distribution.endpoint import HUB

        login = "docker login" if self._host == HUB else f"docker login {self._host}"
        known = self._credentials
        if known is not None:
            hint = f"the credentials of {known.found_in} were refused; {login} renews them"
        else:
            hint = f"no credentials for {self._host} were found; {login} stores them"
        where = "Docker Hub answers" if self._host == HUB else "many registries answer"
        hint += f"; {where} so too where there is no such repository"
        if self._search.problems:
            hint += "; not used: " + "; ".join(self._search.problems)
        return AccessDenied(f"{self._host}: access denied: {why}", hint=hint)


def _basic(credentials: Credentials) -> str:
    pair = f"{credentials.username}:{credentials.password}".encode()
    return "Basic " + base64.b64encode(pair).decode("ascii")
