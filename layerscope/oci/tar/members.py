"""A layer's members once more, as they stand: for whoever copies them into another layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from layerscope.errors import ImageError
from layerscope.model.entry import Entry
from layerscope.oci.stream import TAR_BLOCK_BYTES, BlockStream
from layerscope.oci.tar.header import Header, parse_header
from layerscope.oci.tar.plain_members import Put, Verdict, pass_plain
from layerscope.oci.tar.reader import TarReader

_CONTENT_TYPES = frozenset((b"0", b"\0", b"7", b"S", b"D"))
_KNOWN_TYPES = _CONTENT_TYPES | frozenset(b"123456"[i : i + 1] for i in range(6))


class Member:
    """One member: its headers as they stand, and its content, which is passed over if nobody takes it.

    ``entry`` is what the scanner made of it, None where it left the member out.
    """

    def __init__(self, raw: bytes, header: Header, entry: Entry | None, stored_bytes: int) -> None:
        self.raw = raw
        self.header = header
        self.entry = entry
        self.stored_bytes = stored_bytes
        """What its content takes, the padding left out."""


class Members:
    """The members of a layer's tar, in pairs with the entries that were made of it."""

    def __init__(self, blocks: Iterator[bytes], entries: Sequence[Entry]) -> None:
        self._stream = BlockStream(blocks)
        self._recorder = _Recorder(self._stream)
        self._reader = TarReader(self._recorder)
        self._entries = entries
        self._left = 0
        self._number = 0

    def __iter__(self) -> Iterator[Member]:
        """All members; raises ImageError where the layer is not the one that was scanned."""
        while (header := self._reader.next_member()) is not None:
            entry = self._entries[self._number] if self._number < len(self._entries) else None
            if entry is not None and _is_made_of(entry, header):
                self._number += 1
            else:
                entry = None
            self._left = self._content_bytes(header)
            yield Member(self._recorder.taken(), header, entry, self._left)
            self._pass_over()
        if self._number < len(self._entries):
            raise ImageError("the layer is not what it was when it was scanned")

    def pass_plain(self, verdict: Verdict, put: Put) -> None:
        """Go past the plain members that come next and hand on those that are to be copied as they stand.

        ``verdict`` tells that of an entry by its number, None for one that is to be come upon by iterating.
        """
        self._pass_over()
        if self._reader.plain:
            self._number = pass_plain(self._stream, self._entries, self._number, verdict, put)

    def content(self) -> Iterator[memoryview]:
        """The content of the member at hand, to be read to its end before the next."""
        count, self._left = self._left, 0
        yield from self._stream.pieces(count)
        self._stream.skip_padding(count)

    def _pass_over(self) -> None:
        if self._left:
            self._stream.skip(self._left)
            self._stream.skip_padding(self._left)
            self._left = 0

    def _content_bytes(self, header: Header) -> int:
        """How much content follows; a hard link's size says nothing, what follows tells (see the scanner)."""
        if header.typeflag == b"\0" and header.name.endswith(b"/"):  # a directory, of before POSIX
            return 0
        if header.typeflag in _CONTENT_TYPES or header.typeflag not in _KNOWN_TYPES:
            return header.size_bytes
        if header.typeflag != b"1" or not header.size_bytes:
            return 0
        block = self._stream.peek(TAR_BLOCK_BYTES)
        try:
            follows = parse_header(block.ljust(TAR_BLOCK_BYTES, b"\0")) is None
        except ImageError:
            follows = False
        return header.size_bytes if block.strip(b"\0") and follows else 0


class _Recorder:
    """A `layerscope.oci.stream.ByteStream` that remembers what was taken from it."""

    def __init__(self, stream: BlockStream) -> None:
        self._stream = stream
        self._parts: list[bytes] = []

    @property
    def offset(self) -> int:
        return self._stream.offset

    def take(self, count: int) -> bytes:
        part = self._stream.take(count)
        self._parts.append(part)
        return part

    def skip(self, count: int) -> None:
        self._stream.skip(count)

    def taken(self) -> bytes:
        """What was taken since this was last asked."""
        raw = b"".join(self._parts)
        self._parts.clear()
        return raw


def _is_made_of(entry: Entry, header: Header) -> bool:
    """Whether the scanner made this entry of that member."""
    if header.typeflag not in _KNOWN_TYPES:
        return False
    name = header.name.decode("utf-8", "surrogateescape")
    if entry.spelling is not None:
        return name == entry.spelling
    return name == entry.path or name == entry.path + "/"
