"""An archive that can be read only once: a pipe, or a compressed file.

Which members are layers is known only when the manifest has passed, and that may stand last.
So whatever looks like a layer is scanned as it passes, and put in its place afterwards.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import ExitStack, closing

from layerscope.errors import ImageError, LimitExceeded, NotAnImage
from layerscope.extensions import ScanOptions, Stored
from layerscope.model.changeset import Changeset
from layerscope.model.paths import normalise
from layerscope.oci.blobs import MAX_DOCUMENT_BYTES, absent, algorithm_of, check_document_size
from layerscope.oci.blobs.links import WITHOUT_CONTENT, follow, link_target
from layerscope.oci.compression import Decompressed, RawStream
from layerscope.oci.layer import Budget, Part, read_changeset
from layerscope.oci.read_ahead import read_ahead
from layerscope.oci.stream import TAR_BLOCK_BYTES, BlockStream
from layerscope.oci.tar.header import parse_header
from layerscope.oci.tar.reader import TarReader

_MAX_KEPT_BYTES = 4 * MAX_DOCUMENT_BYTES
_FILES = (b"0", b"\0", b"7")
_DOCUMENT_NAMES = ("json", "index.json", "manifest.json", "repositories", "oci-layout", "VERSION")


class _Member:
    """One member of the archive as a stream."""

    def __init__(self, stream: BlockStream, size_bytes: int) -> None:
        self._stream = stream
        self.left = size_bytes

    def read(self, count: int = -1, /) -> bytes:
        wanted = self.left if count < 0 else min(count, self.left)
        taken = self._stream.take(wanted)
        if len(taken) < wanted:
            raise ImageError("truncated: the archive ends in the middle of a member")
        self.left -= wanted
        return taken


def _is_document(name: str, first: bytes) -> bool:
    """Whether a member is JSON or one of the small files of old archives, and no layer."""
    if name.rpartition("/")[2] in _DOCUMENT_NAMES:
        return True
    return first.lstrip()[:1] in (b"{", b"[") and (
        len(first) < TAR_BLOCK_BYTES or parse_header(first) is None
    )


class PipedBlobs:
    """The members of an archive that came through a pipe: documents kept, layers scanned."""

    def __init__(self, raw: RawStream, where: str, options: ScanOptions) -> None:
        self.where = where
        self.ended = False
        self.streams = 1
        self.options = options
        self._budget = Budget(options.max_unpacked_bytes)
        self._sizes: dict[str, int] = {}
        self._links: dict[str, str] = {}
        self._documents: dict[str, bytes] = {}
        self._kept_bytes = 0
        self._layers: dict[str, Changeset | ImageError] = {}
        try:
            source = Decompressed(raw)
            with ExitStack() as stack:
                blocks = iter(source)
                if source.compressed:
                    blocks = stack.enter_context(closing(read_ahead(self._bounded(source))))
                self._read(BlockStream(blocks))
        except NotAnImage as error:
            raise NotAnImage(f"{where}: {error.message}", hint="expected an image archive") from None
        except ImageError as error:
            raise type(error)(f"{where}: {error.message}", hint=error.hint) from None

    def _bounded(self, blocks: Iterable[bytes]) -> Generator[bytes, None, None]:
        budget = Budget(self.options.max_unpacked_bytes)
        for block in blocks:
            budget.spend(len(block))
            yield block

    def _read(self, stream: BlockStream) -> None:
        reader = TarReader(stream)
        while (header := reader.next_member()) is not None:
            name = normalise(header.name.decode("utf-8", "surrogateescape"))
            if header.typeflag in _FILES and header.sparse is None:
                self._take_member(stream, name, header.size_bytes)
            elif header.typeflag in (b"1", b"2"):
                target = header.link_name.decode("utf-8", "surrogateescape")
                self._links[name] = link_target(name, target, hard=header.typeflag == b"1")
            elif header.typeflag not in WITHOUT_CONTENT:
                stream.skip(header.size_bytes)
                stream.skip_padding(header.size_bytes)
        self.ended = reader.ended
        for _ in stream.rest():
            pass

    def _take_member(self, stream: BlockStream, name: str, size_bytes: int) -> None:
        """Keep a document, scan a layer, pass over anything else."""
        self._sizes[name] = size_bytes
        first = stream.peek(min(size_bytes, TAR_BLOCK_BYTES))
        if len(first) < min(size_bytes, TAR_BLOCK_BYTES):
            raise ImageError(f"truncated: the archive ends in the middle of {name}")
        member = _Member(stream, size_bytes)
        if _is_document(name, first):
            if size_bytes <= MAX_DOCUMENT_BYTES:
                self._documents[name] = member.read()
                self._kept_bytes += size_bytes
                if self._kept_bytes > _MAX_KEPT_BYTES:
                    raise LimitExceeded(f"more than {_MAX_KEPT_BYTES} bytes of JSON documents")
        else:
            try:
                self._layers[name] = read_changeset(
                    member,
                    f"{self.where}: {name}",
                    self.options,
                    self._budget,
                    part=Part(name=name, size_bytes=size_bytes, algorithm=algorithm_of(name)),
                )
            except LimitExceeded:
                raise
            except ImageError as error:
                # Whether it matters is known when the manifest tells which members are layers.
                self._layers[name] = error
        stream.skip(member.left)
        stream.skip_padding(size_bytes)

    def names(self) -> Iterable[str]:
        """All members, in the order of the archive."""
        return [*self._sizes, *self._links]

    def find(self, name: str) -> str | None:
        """The member behind a name."""
        return follow(name, self._sizes, self._links)

    def size_bytes(self, name: str) -> int:
        """The member's size."""
        return self._sizes[name]

    def read(self, name: str) -> bytes:
        """A document that was kept."""
        found = self.find(name)
        if found is None:
            raise absent(self, name)
        check_document_size(self, name, self._sizes[found])
        if found not in self._documents:
            raise ImageError(f"{self.where}: {name}: not valid JSON")
        return self._documents[found]

    def job(self, name: str) -> None:
        """None: what came through a pipe has been scanned."""

    def read_layer(self, name: str) -> Changeset:
        """The layer as it was scanned; raises what scanning it raised."""
        layer = self._layers.get(name)
        if layer is None:
            raise ImageError(f"{self.where}: {name} is no layer: not a tar archive")
        if isinstance(layer, ImageError):
            raise layer
        return layer

    def open(self, name: str) -> Stored:
        """The layer as the keeper kept it."""
        assert self.options.keeper is not None, "nobody asked to keep what passes"
        return self.options.keeper.open(name)
