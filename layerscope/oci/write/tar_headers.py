"""Headers of a tar: those of a member that gets another name, and those that no archive held."""

from __future__ import annotations

import tarfile

import msgspec

from layerscope.oci.stream import TAR_BLOCK_BYTES
from layerscope.oci.tar import pax
from layerscope.oci.tar.header import POSIX
from layerscope.oci.tar.numbers import header_number

_EXTENSIONS = frozenset(b"xXgLK")
_NAME, _SIZE, _CHECKSUM, _LINK, _PREFIX = (
    slice(0, 100),
    slice(124, 136),
    slice(148, 156),
    slice(157, 257),
    345,
)
_FIELD_BYTES = 100
_PREFIX_BYTES = 155
_OLD_SPARSE = ord("S")
_HARMLESS = frozenset((b"comment",))
"""Global records that change no member."""

END = bytes(2 * TAR_BLOCK_BYTES)
"""What ends a tar."""


class RawHeader(msgspec.Struct, frozen=True, kw_only=True):
    """All that stands in front of a member's content, taken apart.

    ``raw`` is the whole as it stands. ``local`` and ``shared`` are the PAX records for this member and
    those for all that follow; ``long_name`` and ``long_link`` are GNU's. ``block`` is the header
    proper, ``rest`` what follows it: the map of a sparse file.
    """

    raw: bytes
    local: pax.Records
    shared: pax.Records
    long_name: bytes | None
    long_link: bytes | None
    block: bytes
    rest: bytes

    @property
    def depends(self) -> bool:
        """Whether it would mean something else without the global records before it."""
        return bool(self.shared.keys() - _HARMLESS)


def taken_apart(raw: bytes, shared: pax.Records) -> RawHeader:
    """The parts of a member's headers; ``shared`` are the global records so far and gets those in it."""
    local: pax.Records = {}
    names: dict[int, bytes] = {}
    position = 0
    while (kind := raw[position + 156]) in _EXTENSIONS:
        size_bytes = header_number(raw[position : position + TAR_BLOCK_BYTES][_SIZE])
        start = position + TAR_BLOCK_BYTES
        data = raw[start : start + size_bytes]
        position = start + size_bytes + -size_bytes % TAR_BLOCK_BYTES
        if kind == ord("g"):
            shared |= pax.parse_records(data)
        elif kind in b"xX":
            local = pax.parse_records(data)
        else:
            names[kind] = data.partition(b"\0")[0]
    return RawHeader(
        raw=raw,
        local=local,
        shared=dict(shared),
        long_name=names.get(ord("L")),
        long_link=names.get(ord("K")),
        block=raw[position : position + TAR_BLOCK_BYTES],
        rest=raw[position + TAR_BLOCK_BYTES :],
    )


def rewritten(
    header: RawHeader, name: bytes, link: bytes, *, empty: bool = False, kind: bytes | None = None
) -> bytes:
    """The headers with this name and link name, all else as it was; ``empty`` takes the size away.

    ``kind`` makes another type of it.
    """
    records = {key: value for key, value in (header.shared | header.local).items() if value}
    for key in (b"path", b"linkpath", b"hdrcharset", *_HARMLESS):
        records.pop(key, None)
    block = bytearray(header.block)
    if kind is not None:
        block[156:157] = kind
    if empty:
        records.pop(b"size", None)
        block[_SIZE] = b"%011o\0" % 0
    before = b""
    if b"GNU.sparse.name" in records:
        records[b"GNU.sparse.name"] = name
        block[_NAME] = _field(name)
    elif block[156] == _OLD_SPARSE:  # its header has no room for a prefix, and GNU's extensions suit it
        before += _gnu_name(b"L", name)
        block[_NAME] = _field(name)
    else:
        put_name(block, _NAME, b"path", name, records)
    put_name(block, _LINK, b"linkpath", link, records)
    if header.block[257:263] == POSIX:
        block[_PREFIX:500] = bytes(500 - _PREFIX)
    sum_up(block)
    return before + pax_header(records) + bytes(block) + header.rest


def whiteout_header(name: bytes) -> bytes:
    """An empty file, as a marker is one (image-spec, layer.md, "Whiteouts")."""
    return _plain(name, tarfile.REGTYPE, 0)


def directory_header(name: bytes) -> bytes:
    """A directory that no layer mentions: what engines make where a parent is missing."""
    return _plain(name + b"/" if name else b"./", tarfile.DIRTYPE, 0o755)


def _plain(name: bytes, kind: bytes, mode: int) -> bytes:
    info = tarfile.TarInfo("x")
    info.type, info.mode = kind, mode
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    records: pax.Records = {}
    put_split_name(block, name, records)
    sum_up(block)
    return pax_header(records) + bytes(block)


def split_name(name: bytes) -> tuple[bytes, bytes]:
    """A long name as ustar's prefix and name; all in the name where these have no room for it."""
    if len(name) > _FIELD_BYTES and name.isascii():
        place = name.find(b"/", len(name) - _FIELD_BYTES - 1, len(name) - 1)
        if 0 < place <= _PREFIX_BYTES:
            return name[:place], name[place + 1 :]
    return b"", name


def put_split_name(block: bytearray, name: bytes, records: pax.Records) -> None:
    """A name into the two fields of a POSIX header, and into a record where there is no room."""
    prefix, rest = split_name(name)
    put_name(block, _NAME, b"path", rest, records)
    block[_PREFIX : _PREFIX + _PREFIX_BYTES] = prefix.ljust(_PREFIX_BYTES, b"\0")


def put_name(block: bytearray, field: slice, key: bytes, value: bytes, records: pax.Records) -> None:
    """A name into its field, and into a record where the field is no place for it."""
    block[field] = _field(value)
    if len(value) > _FIELD_BYTES or not value.isascii():
        records[key] = value


def _field(value: bytes) -> bytes:
    return value[:_FIELD_BYTES].ljust(_FIELD_BYTES, b"\0")


def sum_up(block: bytearray) -> None:
    """The checksum into its field, all else being there."""
    block[_CHECKSUM] = b" " * 8
    block[_CHECKSUM] = b"%06o\0 " % sum(block)


def pax_header(records: pax.Records) -> bytes:
    """The header with these records, none where there are none."""
    if not records:
        return b""
    data = b"".join(_record(key, value) for key, value in records.items())
    info = tarfile.TarInfo("././@PaxHeader")
    info.type, info.size = tarfile.XHDTYPE, len(data)
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % TAR_BLOCK_BYTES)


def _record(key: bytes, value: bytes) -> bytes:
    """``length key=value``, the length counting its own digits."""
    body = b" " + key + b"=" + value + b"\n"
    length = len(body)
    while length != len(body) + len(str(length)):
        length = len(body) + len(str(length))
    return str(length).encode() + body


def _gnu_name(kind: bytes, name: bytes) -> bytes:
    """GNU's header for a long name; none where the name is short."""
    if len(name) <= _FIELD_BYTES:
        return b""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = kind, len(name) + 1
    return info.tobuf(tarfile.GNU_FORMAT) + name + bytes(1 + -(len(name) + 1) % TAR_BLOCK_BYTES)
