"""The map of a sparse file, which entries do not carry: read once more from its header in the layer."""

from __future__ import annotations

from collections.abc import Callable

from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry, Kind
from layerscope.oci.stream import TAR_BLOCK_BYTES
from layerscope.oci.tar.reader import TarReader
from layerscope.oci.tar.sparse import SparseFile

_CONTENT = frozenset((Kind.FILE, Kind.AUFS))
_BARE = frozenset(b"123456"[i : i + 1] for i in range(6))
"""Types of members whose size means nothing."""


def sparse_file(
    entry: Entry, changeset: Changeset, read_at: Callable[[int, int], bytes]
) -> SparseFile | None:
    """Where an entry of a layer has data; None where it is not stored as a sparse file.

    Its header stands somewhere behind the content before it. Raises ImageError.
    """
    ends = (
        other.offset + other.stored_bytes + -other.stored_bytes % TAR_BLOCK_BYTES
        for other in changeset.entries
        if other.kind in _CONTENT and other.offset < entry.offset
    )
    stream = _LayerStream(read_at, max(ends, default=0))
    reader = TarReader(stream)
    while stream.offset < entry.offset and (header := reader.next_member()) is not None:
        if stream.offset == entry.offset:
            return header.sparse
        if header.typeflag not in _BARE:
            stream.skip(header.size_bytes + -header.size_bytes % TAR_BLOCK_BYTES)
    return None


class _LayerStream:
    """A layer from some offset on; a `layerscope.oci.stream.ByteStream`."""

    def __init__(self, read_at: Callable[[int, int], bytes], offset: int) -> None:
        self._read_at = read_at
        self.offset = offset

    def take(self, count: int) -> bytes:
        """The next bytes."""
        taken = self._read_at(self.offset, count)
        self.offset += len(taken)
        return taken

    def skip(self, count: int) -> None:
        """Pass over bytes."""
        self.offset += count
