"""A registry that takes pushes too, with blobs by repository, and that can break off in the middle."""

from __future__ import annotations

import re
import uuid
from urllib.parse import parse_qs, urlsplit

from tests.distribution.server import FakeRegistry, Handler
from tests.oci.build import digest


class TakingRegistry(FakeRegistry):
    """``held`` has the blobs of each repository, ``cuts`` after how many bytes each upload breaks off."""

    def __init__(self) -> None:
        super().__init__()
        self.RequestHandlerClass = TakingHandler
        self.held: dict[str, dict[str, bytes]] = {}
        self.uploads: dict[str, bytes] = {}
        self.cuts: list[int] = []
        self.mounts = True
        self.resumes = True

    def count(self, method: str, pattern: str) -> int:
        """How often it was asked."""
        return sum(seen.method == method for seen in self.asked(pattern))

    @property
    def taken(self) -> list[bytes]:
        """What came in bodies of uploads."""
        return [seen.body for seen in self.seen if seen.method == "PATCH"]


class TakingHandler(Handler):
    """Answers as the distribution-spec has it for pushes (end-4 to end-7, end-11, end-13)."""

    server: TakingRegistry

    def do_PATCH(self) -> None:  # noqa: N802
        """Take a part of a blob, or break off in the middle of it."""
        if self.server.cuts:
            count = self.server.cuts.pop(0)
            self.server.uploads[self.session] += self.rfile.read(count)
            self.hang_up(reset=True)
            return
        self.do_GET()

    def do_PUT(self) -> None:  # noqa: N802
        """The same way as anything else."""
        self.do_GET()

    do_DELETE = do_PUT  # noqa: N815

    @property
    def session(self) -> str:
        """The upload that the path names."""
        return urlsplit(self.path).path.rpartition("/")[2]

    def answer(self) -> None:
        """What a registry would say."""
        path = urlsplit(self.path).path
        if match := re.fullmatch(r"/v2/(.+)/blobs/uploads/", path):
            self._begin(match[1])
        elif match := re.fullmatch(r"/v2/(.+)/blobs/uploads/.+", path):
            self._go_on(match[1], self.body)
        elif match := re.fullmatch(r"/v2/(.+)/blobs/(.+)", path):
            self._blob(self.server.held.get(match[1], {}).get(match[2]))
        elif self.command == "PUT":
            match = re.fullmatch(r"/v2/(.+)/manifests/(.+)", path)
            assert match is not None
            document = self.headers["Content-Type"], self.body
            for reference in (match[2], digest(self.body)):
                self.server.manifests[f"{match[1]}/{reference}"] = document
            self.reply(201, headers={"Docker-Content-Digest": digest(self.body)})
        else:
            super().answer()

    def _begin(self, repository: str) -> None:
        query = parse_qs(urlsplit(self.path).query)
        lent = self.server.held.get(query.get("from", [""])[0], {}).get(query.get("mount", [""])[0])
        if lent is not None and self.server.mounts:
            self.server.held.setdefault(repository, {})[digest(lent)] = lent
            self.reply(201, headers={"Docker-Content-Digest": digest(lent)})
            return
        session = uuid.uuid4().hex
        self.server.uploads[session] = b""
        self.reply(202, headers={"Location": f"/v2/{repository}/blobs/uploads/{session}?state=x"})

    def _go_on(self, repository: str, body: bytes) -> None:
        known = self.server.uploads.get(self.session)
        place = {"Location": self.path, "Range": f"0-{max(0, len(known or b'') + len(body) - 1)}"}
        if known is None or (self.command == "GET" and not self.server.resumes):
            self.refuse(404, "BLOB_UPLOAD_UNKNOWN", "no such upload")
        elif self.command == "DELETE":
            del self.server.uploads[self.session]
            self.reply(204)
        elif self.command == "GET":
            self.reply(204, headers=place)
        elif self.command == "PATCH":
            start = int(self.headers.get("Content-Range", "0-").partition("-")[0])
            if start != len(known):
                self.refuse(416, "BLOB_UPLOAD_INVALID", "wrong offset")
                return
            self.server.uploads[self.session] = known + body
            self.reply(202, headers=place)
        else:
            self._end(repository, known)

    def _end(self, repository: str, content: bytes) -> None:
        said = parse_qs(urlsplit(self.path).query)["digest"][0]
        if digest(content) != said:
            self.refuse(400, "DIGEST_INVALID", "it is another one")
            return
        del self.server.uploads[self.session]
        self.server.held.setdefault(repository, {})[said] = content
        self.reply(201, headers={"Docker-Content-Digest": said})
