"""The explorer in a browser, through textual-serve: a process for each window."""

from __future__ import annotations

import ipaddress
import shlex
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from layerscope.errors import SourceError, UsageError

if TYPE_CHECKING:
    from aiohttp import web

_INSTALL = "pip install 'layerscope[web]'"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve_web(command: Sequence[str], host: str, port: int, told: Callable[[str], None]) -> None:
    """Serve what a command shows until Ctrl-C.

    ``told`` hears where to look. Raises UsageError without textual-serve, SourceError where the
    address is taken.
    """
    try:
        from textual_serve.server import Server
    except ImportError:
        raise UsageError("--web needs textual-serve", hint=_INSTALL) from None

    server = _quiet(Server)(shlex.join(command), host=host, port=port, title="layerscope")
    told(f"layerscope on {server.public_url}   Ctrl-C ends it")
    try:
        server.serve()
    except OSError as error:
        raise SourceError(
            f"{host}:{port}: {error.strerror or error}", hint="choose another one with --web-port"
        ) from None


FROM_HERE_ONLY = (
    "default-src 'self' data:; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self' {websocket}"
)
"""What the page may load, for its header Content-Security-Policy."""


def _quiet(server: type[Any]) -> type[Any]:
    """The server without its banner and its log, which answers only pages of its own."""

    class Quiet(server):  # type: ignore[misc]
        def initialize_logging(self) -> None:
            """Tell of what goes wrong, not of every request."""

        async def on_startup(self, app: web.Application) -> None:
            """Say nothing: it has been said."""

        async def _make_app(self) -> web.Application:
            app: web.Application = await super()._make_app()
            app.middlewares.append(only_for(self.public_url))
            app.middlewares.append(from_here_only())
            return app

    return Quiet


def only_for(public_url: str) -> Any:
    """A middleware that refuses what other sites' pages ask for.

    A browser lets any page open a connection to this machine: without this, one could read and remove
    images. Pages tell their origin, and a name that leads here (DNS rebinding) is not ours.
    """
    from aiohttp import web

    host = public_url.partition("://")[2]

    @web.middleware
    async def check(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if request.host != host or origin not in (None, public_url):
            raise web.HTTPForbidden(text="this is for the page of layerscope only")
        return await handler(request)

    return check


def from_here_only() -> Any:
    """A middleware that keeps the page from loading anything from elsewhere.

    The page of textual-serve asks a font service for its font: without a network one would look at nothing
    until that fails, with one the service would hear of each use.
    """
    from aiohttp import web

    @web.middleware
    async def tell(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request)
        if not response.prepared:
            policy = FROM_HERE_ONLY.format(websocket=f"ws://{request.host}")
            response.headers["Content-Security-Policy"] = policy
        return response

    return tell
