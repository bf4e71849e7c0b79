"""An engine that is none: Docker's API on a socket, with answers that no real engine would give."""

from __future__ import annotations

import json
import shutil
import socketserver
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.oci.build import Built, digest

Answer = Callable[[BaseHTTPRequestHandler], None]
_CHUNK_BYTES = 32 << 10


@dataclass
class FakeEngine:
    """Where it listens, what it answers by method and path (without the version), what it was asked."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def paths(self, beginning: str) -> list[str]:
        """What was asked that begins so."""
        return [path for path, _ in self.asked if path.startswith(beginning)]

    def hang(self, handler: BaseHTTPRequestHandler) -> None:  # noqa: ARG002
        """Say nothing until the test is over."""
        self.let_go.wait(60)

    def hold(self, name: str, image: Built, archive: bytes, **more: Any) -> str:
        """Have an image under a name and by its ID; gives the ID."""
        image_id = digest(image.config)
        document = inspected(image, **more)
        for key in (name, image_id, image_id.removeprefix("sha256:")[:12]):
            self.answers[f"GET /images/{key}/json"] = as_json(document)
        self.answers[f"GET /images/{image_id}/get"] = as_chunks(archive)
        self.answers["GET /images/json"] = as_json([listed(image)])
        return image_id


def inspected(image: Built, **more: Any) -> dict[str, Any]:
    """What an engine says of an image."""
    return {
        "Id": digest(image.config),
        "RepoTags": list(image.names),
        "RepoDigests": [],
        "Os": image.document["os"],
        "Architecture": image.document["architecture"],
        "Size": sum(map(len, image.layers)),
    } | more


def listed(image: Built) -> dict[str, Any]:
    """An image in an engine's list."""
    return {"Id": digest(image.config), "RepoTags": list(image.names), "Size": 7, "Created": 1_600_000_000}


def as_json(document: Any, status: int = 200) -> Answer:
    """A document."""
    return as_text(json.dumps(document), status)


def as_error(status: int, message: str) -> Answer:
    """An error as engines put it."""
    return as_json({"message": message}, status)


def as_text(text: str, status: int = 200) -> Answer:
    """Any text."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = text.encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def as_chunks(body: bytes, *, ends: bool = True) -> Answer:
    """A body in chunks; where it does not end, the connection is closed before the last one."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for start in range(0, len(body), _CHUNK_BYTES):
            piece = body[start : start + _CHUNK_BYTES]
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if ends:
            handler.wfile.write(b"0\r\n\r\n")
        handler.close_connection = not ends

    return answer


def as_rest(body: bytes) -> Answer:
    """A body that ends where the connection does, so that nobody can tell whether it is whole."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    return answer


def as_events(*events: dict[str, Any]) -> Answer:
    """What an engine says while it pulls."""
    return as_chunks(b"".join(json.dumps(event).encode() + b"\r\n" for event in events))


def as_bytes(body: bytes) -> Answer:
    """No HTTP at all."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(body)
        handler.close_connection = True

    return answer


@contextmanager
def fake_engine(api_version: str = "1.41", tls: ssl.SSLContext | None = None) -> Iterator[FakeEngine]:
    """A fake engine on a unix socket, or on loopback with TLS."""
    # Not pytest's own folder: a socket's path ends at 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="layerscope-fake-"))
    engine = FakeEngine(url="")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            path = unquote(parts.path)
            if path.startswith("/v1."):
                path = "/" + path.split("/", 2)[2]
            engine.asked.append(
                (f"{self.command} {path}", {k: v[0] for k, v in parse_qs(parts.query).items()})
            )
            engine.headers.append(dict(self.headers.items()))
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            absent = as_error(404, "no such image")
            try:
                engine.answers.get(f"{self.command} {path}", absent)(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        do_GET = do_POST = handle_any  # noqa: N815 - names that http.server looks for

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

        def address_string(self) -> str:
            return "nobody"

    server: socketserver.BaseServer
    if tls is None:
        engine.url = f"unix://{folder}/docker.sock"
        server = _UnixServer(f"{folder}/docker.sock", Handler)
    else:
        tcp = _TcpServer(("127.0.0.1", 0), Handler)
        tcp.socket = tls.wrap_socket(tcp.socket, server_side=True)
        engine.url = f"tcp://127.0.0.1:{tcp.server_address[1]}"
        server = tcp
    engine.answers["GET /version"] = as_json({"Version": "99.1", "ApiVersion": api_version})
    engine.answers["GET /info"] = as_json({"Driver": "overlay2", "DriverStatus": []})
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield engine
    finally:
        engine.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
        shutil.rmtree(folder)


class _UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 16

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class _TcpServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass
