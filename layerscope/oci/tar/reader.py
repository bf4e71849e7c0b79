"""The members of a tar one after another, with GNU's and PAX's extension headers applied."""

from __future__ import annotations

from layerscope.errors import ImageError, LimitExceeded, NotAnImage
from layerscope.oci.stream import TAR_BLOCK_BYTES, ByteStream, truncated
from layerscope.oci.tar import pax, sparse
from layerscope.oci.tar.header import Header, device_number, parse_header
from layerscope.oci.tar.numbers import pax_integer, pax_nanoseconds

_MAX_EXTENSION_BYTES = 8 << 20
_MAX_GLOBAL_RECORDS = 1000
_MAX_NAME_BYTES = 1 << 14
"""Four times what Linux takes for a path; each level of one costs a directory."""

_ZEROS = bytes(TAR_BLOCK_BYTES)
_EXTENSIONS = frozenset(b"xXgLK"[i : i + 1] for i in range(5))
_SPECIAL = frozenset((b"S", b"3", b"4"))


class TarReader:
    """Reads headers from a stream; whoever calls reads or skips each member's content.

    ``lone_zeros`` says, once all members have been read, that a single zero block ended them
    where something else followed; ``ended`` whether there was any.
    """

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._global: pax.Records = {}
        self._local: pax.Records | None = None
        self._long_name: bytes | None = None
        self._long_link: bytes | None = None
        self._extended = False
        self._members = 0
        self.lone_zeros = False
        self.ended = False

    @property
    def plain(self) -> bool:
        """Whether no extension header is waiting for the next member."""
        return not self._extended

    def next_member(self) -> Header | None:
        """The next member, None at the end; raises ImageError where there is no valid header."""
        stream = self._stream
        while True:
            block = stream.take(TAR_BLOCK_BYTES)
            complete = len(block) == TAR_BLOCK_BYTES and block != _ZEROS
            header = parse_header(block) if complete else None
            if header is None:
                self._check_end(block)
                return None
            self._members += 1
            if header.typeflag in _EXTENSIONS:
                self._read_extension(header)
                continue
            if self._extended or header.typeflag in _SPECIAL:
                self._complete(header, block)
            if header.size_bytes < 0:
                raise ImageError(f"tar header: negative size {header.size_bytes}")
            return header

    def _check_end(self, block: bytes) -> None:
        """Accept two zero blocks, one, or none at all; refuse everything else."""
        where = self._stream.offset - len(block)
        if self._local is not None or self._long_name is not None or self._long_link is not None:
            raise truncated(where)
        self.ended = block == _ZEROS
        if block == _ZEROS:
            self.lone_zeros = bool(self._stream.take(TAR_BLOCK_BYTES).strip(b"\0"))
        elif block.strip(b"\0"):
            if self._members == 0:
                raise NotAnImage("not a tar archive: it does not begin with a tar header")
            raise ImageError(f"damaged: no tar header at byte {where}")

    def _take_block(self) -> bytes:
        block = self._stream.take(TAR_BLOCK_BYTES)
        if len(block) < TAR_BLOCK_BYTES:
            raise truncated(self._stream.offset)
        return block

    def _read_extension(self, header: Header) -> None:
        """Keep a long name or a set of PAX records for the member that follows."""
        size = header.size_bytes
        if size < 0:
            raise ImageError(f"tar header: negative size {size}")
        if size > _MAX_EXTENSION_BYTES:
            raise LimitExceeded(
                f"tar: an extension header of {size} bytes, {_MAX_EXTENSION_BYTES} are allowed"
            )
        data = self._stream.take(size)
        if len(data) < size:
            raise truncated(self._stream.offset)
        self._stream.take(-size % TAR_BLOCK_BYTES)
        self._extended = True
        match header.typeflag:
            case b"x" | b"X":
                self._local = pax.parse_records(data)
            case b"L":
                self._long_name = data.partition(b"\0")[0]
            case b"K":
                self._long_link = data.partition(b"\0")[0]
            case _:
                self._global |= pax.parse_records(data)
                if len(self._global) > _MAX_GLOBAL_RECORDS:
                    raise LimitExceeded(f"tar: more than {_MAX_GLOBAL_RECORDS} global PAX records")

    def _complete(self, header: Header, block: bytes) -> None:
        """Apply the extensions that came before this header, and its own."""
        records = self._global | (self._local or {}) if self._global else self._local or {}
        header.name = self._long_name or records.get(b"path") or header.name
        header.link_name = self._long_link or records.get(b"linkpath") or header.link_name
        self._long_name = self._long_link = self._local = None
        self._extended = bool(self._global)
        if header.typeflag in b"34":
            header.device = device_number(block)
        if records:
            self._apply_records(header, records)
        if header.typeflag == b"S":
            header.sparse = sparse.old_gnu(block, self._take_block)
        elif header.typeflag in (b"0", b"\0", b"7") and records:
            header.sparse = sparse.from_records(records, self._take_block)
            if header.sparse:
                header.name = records.get(b"GNU.sparse.name") or header.name
                header.size_bytes -= header.sparse.map_bytes
        if len(header.name) > _MAX_NAME_BYTES or len(header.link_name) > _MAX_NAME_BYTES:
            raise LimitExceeded(f"tar: a name of more than {_MAX_NAME_BYTES} bytes")
        if header.sparse and header.sparse.data_bytes != header.size_bytes:
            raise ImageError(
                f"sparse map: {header.sparse.data_bytes} bytes of data, but the entry has {header.size_bytes}"
            )

    def _apply_records(self, header: Header, records: pax.Records) -> None:
        for key, value in records.items():
            match key:
                case b"mtime" if value:
                    header.mtime_ns = pax_nanoseconds("mtime", value)
                case b"size" if value:
                    header.size_bytes = pax_integer("size", value)
                case b"uid" if value:
                    header.uid = pax_integer("uid", value)
                case b"gid" if value:
                    header.gid = pax_integer("gid", value)
        header.xattrs = pax.xattrs(records)
