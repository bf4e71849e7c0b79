"""A registry on this machine that can be told to misbehave, and that remembers what it was asked."""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tests.oci.build import MANIFEST, Built, Files, digest, image_blobs, manifest_of

TLS_HELLO = 0x16


class Seen(NamedTuple):
    """A request as it came; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def authorization(self) -> str | None:
        """Who the client says it is."""
        return self.headers.get("authorization")


Misdeed = Callable[["Handler"], bool]
"""Answers a request in its own way and says True, or leaves it alone and says False."""


class FakeRegistry(http.server.ThreadingHTTPServer):
    """Holds manifests by ``repository/reference`` and blobs by digest; ``misdeeds`` are asked first."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.manifests: dict[str, tuple[str, bytes]] = {}
        self.blobs: dict[str, bytes] = {}
        self.misdeeds: list[Misdeed] = []
        self.seen: list[Seen] = []
        self.ranges = True
        self.over = threading.Event()

    @property
    def host(self) -> str:
        """The host and the port."""
        return f"127.0.0.1:{self.server_port}"

    def hold(self, name: str, files: Files, media_type: str = MANIFEST) -> bytes:
        """Take blobs in, the last of which is the manifest of ``repository:tag``; gives that."""
        repository, _, tag = name.partition(":")
        for content in files.values():
            assert isinstance(content, bytes)
            self.blobs[digest(content)] = content
        manifest = manifest_of(files)
        for reference in (tag, digest(manifest)):
            self.manifests[f"{repository}/{reference}"] = media_type, manifest
        return manifest

    def hold_image(self, name: str, image: Built, stored: tuple[bytes, ...] = ()) -> bytes:
        """Take an image in; gives its manifest."""
        return self.hold(name, image_blobs(image, stored))

    def asked(self, pattern: str) -> list[Seen]:
        """The requests whose path holds a pattern."""
        return [seen for seen in self.seen if re.search(pattern, seen.path)]

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients may go away: that is what is tested."""


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as a registry does, unless a misdeed is quicker."""

    protocol_version = "HTTP/1.1"
    server: FakeRegistry
    body = b""

    def handle_one_request(self) -> None:
        """Hang up on TLS at once instead of waiting for a line to end."""
        if not isinstance(self.connection, ssl.SSLSocket):
            first = self.connection.recv(1, socket.MSG_PEEK)
            if first[:1] == bytes([TLS_HELLO]):
                self.close_connection = True
                return
        super().handle_one_request()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def do_GET(self) -> None:
        """Misbehave, or answer."""
        self.body = body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append(Seen(self.command, self.path, headers, body))
        if any(misdeed(self) for misdeed in list(self.server.misdeeds)):
            return
        self.answer()

    do_HEAD = do_POST = do_GET  # noqa: N815

    def answer(self) -> None:
        """What a registry would say."""
        path = self.path.partition("?")[0]
        if path == "/v2/":
            self.reply(200, b"{}")
        elif match := re.fullmatch(r"/v2/(.+)/manifests/(.+)", path):
            found = self.server.manifests.get(f"{match[1]}/{match[2]}")
            if found is None:
                self.refuse(404, "MANIFEST_UNKNOWN", "manifest unknown")
            else:
                media_type, raw = found
                extra = {"Content-Type": media_type, "Docker-Content-Digest": digest(raw)}
                self.reply(200, raw, extra)
        elif match := re.fullmatch(r"/v2/.+/blobs/(.+)", path):
            self._blob(self.server.blobs.get(match[1]))
        elif match := re.fullmatch(r"/v2/(.+)/tags/list", path):
            names = [name.rpartition("/")[2] for name in self.server.manifests]
            tags = [name for name in names if ":" not in name]
            self.reply(200, json.dumps({"name": match[1], "tags": tags}).encode())
        else:
            self.refuse(404, "UNSUPPORTED", "what?")

    def _blob(self, content: bytes | None) -> None:
        if content is None:
            self.refuse(404, "BLOB_UNKNOWN", "blob unknown")
            return
        start = self.start
        if start and self.server.ranges:
            place = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self.reply(206, content[start:], {"Content-Range": place})
        else:
            self.reply(200, content)

    @property
    def start(self) -> int:
        """Where the range that is asked for begins."""
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(match[1]) if match else 0

    def reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        """A whole answer."""
        self.begin(status, len(body), headers)
        if self.command != "HEAD":
            self.wfile.write(body)

    def begin(self, status: int, length: int, headers: dict[str, str] | None = None) -> None:
        """Only the head of an answer."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def refuse(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        """An error as the distribution-spec has it."""
        self.reply(status, json.dumps({"errors": [{"code": code, "message": message}]}).encode(), headers)

    def hang_up(self, *, reset: bool = False) -> None:
        """Close the connection, with a reset where asked for."""
        self.close_connection = True
        self.wfile.flush()
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving(registry: FakeRegistry | None = None) -> Iterator[FakeRegistry]:
    """A registry that answers until the end of the block."""
    registry = registry or FakeRegistry()
    thread = threading.Thread(target=registry.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        registry.over.set()
        registry.shutdown()
        registry.server_close()
        thread.join()


def times(count: int, deed: Callable[[Handler], None], path: str = "") -> Misdeed:
    """Do it to the first so many requests whose path holds a pattern; -1 is all of them."""
    left = [count]
    lock = threading.Lock()

    def misdeed(handler: Handler) -> bool:
        if not re.search(path, handler.path):
            return False
        with lock:
            if not left[0]:
                return False
            left[0] -= 1
        deed(handler)
        return True

    return misdeed
