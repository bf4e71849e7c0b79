"""Blobs and manifests into a repository (distribution-spec, "Push"): sent only where they are missing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from layerscope.distribution.client import Registry
from layerscope.distribution.exchange import PASSING, BrokenOff, discard
from layerscope.distribution.manifests import ACCEPT
from layerscope.distribution.patience import retry_after_s
from layerscope.errors import SourceError, WriteError
from layerscope.model.digest import is_digest
from layerscope.oci.blobs import MAX_DOCUMENT_BYTES
from layerscope.oci.write.content import Member
from layerscope.oci.write.layout import Manifest
from layerscope.oci.write.output import told

if TYPE_CHECKING:
    import httpx

    from layerscope.extensions import Progress

_COMMIT_TIMEOUT_S = 600
"""Registries over object stores copy a blob to its place before they answer."""
_LOST = frozenset((404, 416))
"""Statuses of an upload that the registry knows no more, or knows another length of."""


class Tally(msgspec.Struct, kw_only=True):
    """What became of the blobs, so far."""

    sent: int = 0
    sent_bytes: int = 0
    there: int = 0
    mounted: int = 0


class _Upload(msgspec.Struct, kw_only=True):
    """A blob on its way: where its next bytes go, and how many are there."""

    url: str
    offset: int = 0


class _Again(Exception):
    """This try failed, and another may succeed; ``lost`` where only from the beginning."""

    def __init__(self, why: str, *, asked_s: float | None = None, lost: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.asked_s = asked_s
        self.lost = lost


class Push:
    """Writes to one repository; blobs may be sent from several threads.

    ``mount_from`` is another repository of the registry that has most of the layers. Raises WriteError
    where the registry does not take what it is sent, SourceError where it cannot be reached or denies it.
    """

    def __init__(self, registry: Registry, *, mount_from: str | None, progress: Progress | None) -> None:
        self._registry = registry
        self._mount_from = mount_from
        self._progress = progress
        self._lock = threading.Lock()
        self.tally = Tally()

    def holds(self, reference: str) -> bool:
        """Whether there is a manifest of that tag or digest."""
        with self._registry.exchange(
            self._registry.url(f"manifests/{reference}"), method="HEAD", headers=ACCEPT
        ) as response:
            return response.status_code == 200

    def check_allowed(self) -> None:
        """Begin an upload and give it up: raises AccessDenied where nothing may be sent."""
        with self._registry.exchange(self._registry.url("blobs/uploads/"), method="POST") as response:
            if response.status_code != 202:
                raise self._not_taken("it takes no uploads", response)
            url = self._location(response)
        self._give_up(_Upload(url=url))

    def blob(self, member: Member) -> None:
        """Have the registry hold a blob: it does, or another repository lends it, or it is sent."""
        if self._is_there(member):
            self._spared(member, there=1)
            return
        failures = 0
        upload: _Upload | None = None
        try:
            while True:
                try:
                    upload = upload or self._begun(member, self._mount_from if not failures else None)
                    if upload is None:
                        self._spared(member, mounted=1)
                        return
                    self._send(upload, member)
                    self._commit(upload, member)
                except _Again as again:
                    failures += 1
                    upload = self._resumed(upload, member, again, failures)
                    if upload is None and self._is_there(member):
                        break  # the answer was lost, not the blob
                else:
                    break
        except BaseException:
            if upload is not None:
                self._give_up(upload)
            raise
        self._count(sent=1, sent_bytes=member.size_bytes)

    def manifest(self, manifest: Manifest, reference: str) -> None:
        """Put a manifest there under a tag or its digest, and look whether that is what is there now."""
        url = self._registry.url(f"manifests/{reference}")
        headers = {"Content-Type": manifest.media_type, "Content-Length": str(len(manifest.raw))}
        with self._registry.exchange(
            url, method="PUT", headers=headers, body=lambda: [manifest.raw], timeout_s=_COMMIT_TIMEOUT_S
        ) as response:
            if response.status_code != 201:
                raise self._not_taken("it does not take the manifest", response)
            self._check_digest(response, manifest.digest)
        found = self._registry.fetch(
            f"manifests/{reference}", max_bytes=MAX_DOCUMENT_BYTES, headers={"Accept": manifest.media_type}
        )
        if found.status != 200 or found.raw != manifest.raw:
            raise WriteError(
                f"{self._registry.name}: the registry gives another manifest than it was sent",
                hint="does somebody else push to this name?",
            )

    def _is_there(self, member: Member) -> bool:
        with self._registry.exchange(self._registry.url(f"blobs/{member.digest}"), method="HEAD") as response:
            length = response.headers.get("content-length", "")
            same = not length.isdigit() or int(length) == member.size_bytes
            return response.status_code == 200 and same

    def _begun(self, member: Member, mount_from: str | None) -> _Upload | None:
        """A new upload; None where the blob was mounted instead."""
        query = f"?{urlencode({'mount': member.digest, 'from': mount_from})}" if mount_from else ""
        with self._asked(self._registry.url(f"blobs/uploads/{query}"), "POST") as response:
            if response.status_code == 201 and mount_from:
                self._check_digest(response, member.digest)
                return None
            if response.status_code != 202:
                raise self._not_taken(f"it begins no upload of {member.digest}", response)
            return _Upload(url=self._location(response))

    def _send(self, upload: _Upload, member: Member) -> None:
        """What the registry lacks of the blob, in one go."""
        left = member.size_bytes - upload.offset
        if not left:
            return
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(left),
        }
        if upload.offset:
            headers["Content-Range"] = f"{upload.offset}-{member.size_bytes - 1}"
        rest = partial(self._rest, member, upload.offset)
        with self._asked(upload.url, "PATCH", headers, rest) as response:
            if response.status_code in _LOST and upload.offset:
                raise _Again(self._registry.told(response), lost=True)
            if response.status_code not in (202, 204):
                raise self._not_taken(f"it does not take {member.digest}", response)
            upload.url = self._location(response)
            upload.offset = member.size_bytes

    def _commit(self, upload: _Upload, member: Member) -> None:
        mark = "&" if "?" in upload.url else "?"
        url = f"{upload.url}{mark}{urlencode({'digest': member.digest})}"
        with self._asked(url, "PUT", {"Content-Length": "0"}) as response:
            if response.status_code in _LOST:
                raise _Again(self._registry.told(response), lost=True)
            if response.status_code not in (201, 204):
                raise self._not_taken(f"it does not take {member.digest}", response)
            self._check_digest(response, member.digest)

    def _resumed(
        self, upload: _Upload | None, member: Member, again: _Again, failures: int
    ) -> _Upload | None:
        """Wait, then the upload as far as the registry has got it; None to begin anew."""
        registry = self._registry
        longest = registry.patience.longest_retry_after_s
        if failures >= registry.patience.tries or (again.asked_s or 0) > longest:
            raise WriteError(
                f"{registry.name}: {member.digest} could not be sent: {again.why}", hint="try again later"
            ) from None
        registry.pause(failures, again.why, again.asked_s)
        if upload is None or again.lost:
            return None
        with registry.exchange(upload.url) as response:
            if response.status_code != 204:
                return None
            end = response.headers.get("range", "").rpartition("-")[2]
            # "0-0" is what registries say of one byte, and of none.
            offset = int(end) + 1 if end.isdigit() and int(end) else 0
            if not 0 < offset <= member.size_bytes:
                return None
            return _Upload(url=self._location(response), offset=offset)

    def _give_up(self, upload: _Upload) -> None:
        """Have the registry forget what was sent; it would after a while anyway."""
        with (
            suppress(SourceError, WriteError),
            self._registry.exchange(upload.url, method="DELETE", once=True) as response,
        ):
            discard(response)

    @contextmanager
    def _asked(
        self,
        url: str,
        method: str,
        headers: dict[str, str] | None = None,
        body: Callable[[], Iterable[bytes]] | None = None,
    ) -> Iterator[httpx.Response]:
        """The answer to what is asked once; raises _Again where it has to be asked in another way."""
        try:
            with self._registry.exchange(
                url, method=method, headers=headers, body=body, once=True, timeout_s=_COMMIT_TIMEOUT_S
            ) as response:
                if response.status_code in PASSING:
                    asked_s = retry_after_s(response.headers.get("retry-after"))
                    raise _Again(self._registry.told(response), asked_s=asked_s)
                yield response
        except BrokenOff as error:
            raise _Again(error.message) from None

    def _rest(self, member: Member, offset: int) -> Generator[bytes, None, None]:
        """A blob from an offset on."""
        skip = offset
        with closing(told(member, self._progress, hashed=False)) as blocks:
            for block in blocks:
                self._registry.check()
                piece = block[skip:] if skip else block
                skip -= min(skip, len(block))
                if piece:
                    yield piece

    def _location(self, response: httpx.Response) -> str:
        location = response.headers.get("location", "")
        if not location:
            raise WriteError(f"{self._registry.name}: the registry does not say where to send a blob")
        return str(response.url.join(location))

    def _check_digest(self, response: httpx.Response, digest: str) -> None:
        """What the registry says that it has got, where it says so."""
        said = response.headers.get("docker-content-digest", "")
        if is_digest(said) and said != digest:
            raise WriteError(
                f"{self._registry.name}: the registry says that it has got {said}, and was sent {digest}",
                hint="ask whoever runs the registry",
            )

    def _not_taken(self, what: str, response: httpx.Response) -> WriteError:
        hint = "the registry bounds the size of what it takes" if response.status_code == 413 else None
        return WriteError(f"{self._registry.name}: {what}: {self._registry.told(response)}", hint=hint)

    def _spared(self, member: Member, **how: int) -> None:
        """A blob that need not be sent."""
        self._count(**how)
        if self._progress is not None:
            self._progress.begin(member.name, member.size_bytes)
            self._progress.advance(member.name, member.size_bytes)
            self._progress.end(member.name)

    def _count(self, **more: int) -> None:
        with self._lock:
            for name, count in more.items():
                setattr(self.tally, name, getattr(self.tally, name) + count)
