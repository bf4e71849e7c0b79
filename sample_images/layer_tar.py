"""One member of a layer, and the exact tar bytes it becomes.

``tarfile`` cannot write most of what `odd_image` needs (two names for one path, sparse
members, raw bytes in names), so the headers are made here, field by field.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

BLOCK: Final = 512
NANOSECONDS: Final = 10**9

Kind = Literal["file", "hardlink", "symlink", "char", "dir", "fifo"]
Dialect = Literal["pax", "gnu"]
Run = tuple[int, int]

_TYPEFLAGS: Final[dict[Kind, bytes]] = {
    "file": b"0",
    "hardlink": b"1",
    "symlink": b"2",
    "char": b"3",
    "dir": b"5",
    "fifo": b"6",
}
# The largest values that seven and eleven octal digits hold.
_ID_LIMIT: Final = 0o7777777
_SIZE_LIMIT: Final = 0o77777777777
_SPARSE_IN_HEADER: Final = 4
_SPARSE_IN_EXTENSION: Final = 21


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A tar member as the archive spells it; names hold surrogates where bytes are not UTF-8.

    ``dialect`` says how a value that plain ustar cannot hold is written: as a PAX record, or
    the GNU way (``L`` and ``K`` members, base-256 numbers, type ``S``). A sparse file has its
    stored data in ``content``, its logical length in ``sparse_size_bytes`` and the places of
    the data, as (offset, length), in ``data_runs``.
    """

    name: str
    kind: Kind = "file"
    content: bytes = b""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime_ns: int = 0
    target: str = ""
    device: tuple[int, int] = (0, 0)
    xattrs: tuple[tuple[str, bytes], ...] = ()
    dialect: Dialect = "pax"
    data_runs: tuple[Run, ...] = ()
    sparse_size_bytes: int | None = None

    @property
    def stored_bytes(self) -> int:
        """What the archive keeps for this member: the size field of its header."""
        return len(_stored(self))

    @property
    def logical_content(self) -> bytes:
        """The content as a program would read it, holes filled with zeros."""
        if self.sparse_size_bytes is None:
            return self.content
        logical = bytearray(self.sparse_size_bytes)
        position = 0
        for offset, length in self.data_runs:
            logical[offset : offset + length] = self.content[position : position + length]
            position += length
        return bytes(logical)


def encode_layer(members: Iterable[Member]) -> bytes:
    """Return the uncompressed tar of one layer, ended by two zero blocks as docker ends it."""
    return b"".join(encode_member(member) for member in members) + bytes(2 * BLOCK)


def encode_member(member: Member) -> bytes:
    """Return the header blocks and the padded content of one member."""
    name = raw(member.name)
    if member.kind == "dir" and not name.endswith(b"/"):
        name += b"/"
    headers = _gnu_headers(member, name) if member.dialect == "gnu" else _pax_headers(member, name)
    return headers + _padded(_stored(member))


def raw(name: str) -> bytes:
    """Return the bytes a name stands for."""
    return name.encode("utf-8", "surrogateescape")


def _stored(member: Member) -> bytes:
    if member.sparse_size_bytes is None or member.dialect == "gnu":
        return member.content
    # PAX 1.0 puts the map in front of the data, as decimal lines in whole blocks
    # (GNU tar manual, "PAX Format, Version 1.0").
    numbers = [len(member.data_runs), *(n for run in member.data_runs for n in run)]
    return _padded("".join(f"{number}\n" for number in numbers).encode()) + member.content


def _pax_headers(member: Member, name: bytes) -> bytes:
    target = raw(member.target)
    records = {f"SCHILY.xattr.{key}": value for key, value in member.xattrs}
    if member.sparse_size_bytes is not None:
        records |= {
            "GNU.sparse.major": b"1",
            "GNU.sparse.minor": b"0",
            "GNU.sparse.name": name,
            "GNU.sparse.realsize": b"%d" % member.sparse_size_bytes,
        }
        folder, _, base = name.rpartition(b"/")
        name = b"%s/GNUSparseFile.0/%s" % (folder, base)
    split = _split_name(name)
    if split is None:
        records["path"] = name
    if len(target) > 100:
        records["linkpath"] = target
    for key, number in (("uid", member.uid), ("gid", member.gid)):
        if number > _ID_LIMIT:
            records[key] = b"%d" % number
    if member.mtime_ns < 0 or member.mtime_ns % NANOSECONDS:
        records["mtime"] = _decimal_seconds(member.mtime_ns)
    prefix, short = split if split is not None else (b"", name[:100])
    header = _header(member, short, target[:100], _TYPEFLAGS[member.kind], prefix=prefix)
    return (_pax_member(name, records) if records else b"") + header


def _gnu_headers(member: Member, name: bytes) -> bytes:
    blocks = []
    target = raw(member.target)
    for typeflag, value in ((b"K", target), (b"L", name)):
        if len(value) > 100:
            long = Member(name="././@LongLink", content=value + b"\0", mode=0, dialect="gnu")
            blocks.append(_header(long, raw(long.name), b"", typeflag) + _padded(long.content))
    if member.sparse_size_bytes is None:
        typeflag = _TYPEFLAGS[member.kind]
        return b"".join([*blocks, _header(member, name[:100], target[:100], typeflag)])
    inside, rest = _sparse_map(member, member.sparse_size_bytes)
    return b"".join([*blocks, _header(member, name[:100], b"", b"S", tail=inside), rest])


def _sparse_map(member: Member, size_bytes: int) -> tuple[bytes, bytes]:
    """Return the old GNU map: what goes into the header itself, and the extension blocks."""
    pairs = [_octal(offset, 12) + _octal(length, 12) for offset, length in member.data_runs]
    head, rest = pairs[:_SPARSE_IN_HEADER], pairs[_SPARSE_IN_HEADER:]
    # 41 bytes between the prefix offset and the map: atime, ctime, offset, long names, unused.
    more = b"\1" if rest else b"\0"
    inside = bytes(41) + b"".join(head).ljust(96, b"\0") + more + _octal(size_bytes, 12)
    extensions = []
    while rest:
        block, rest = rest[:_SPARSE_IN_EXTENSION], rest[_SPARSE_IN_EXTENSION:]
        extensions.append(b"".join(block).ljust(504, b"\0") + (b"\1" if rest else b"\0"))
    return inside, b"".join(_padded(extension) for extension in extensions)


def _header(
    member: Member,
    name: bytes,
    target: bytes,
    typeflag: bytes,
    *,
    prefix: bytes = b"",
    tail: bytes = b"",
) -> bytes:
    seconds = member.mtime_ns // NANOSECONDS
    if member.dialect == "pax":
        seconds = max(seconds, 0)
    fields = [
        name.ljust(100, b"\0"),
        _octal(member.mode, 8),
        _number(member.uid, 8, member.dialect),
        _number(member.gid, 8, member.dialect),
        _octal(len(_stored(member)), 12),
        _number(seconds, 12, member.dialect),
        b" " * 8,
        typeflag,
        target.ljust(100, b"\0"),
        b"ustar  \0" if member.dialect == "gnu" else b"ustar\x0000",
        bytes(64),
        _octal(member.device[0], 8),
        _octal(member.device[1], 8),
        tail or prefix.ljust(155, b"\0"),
    ]
    block = _padded(b"".join(fields))
    checksum = b"%06o\0 " % sum(block)
    return block[:148] + checksum + block[156:]


def _number(value: int, width: int, dialect: Dialect) -> bytes:
    limit = _ID_LIMIT if width == 8 else _SIZE_LIMIT
    if 0 <= value <= limit:
        return _octal(value, width)
    if dialect == "pax":
        return _octal(0, width)
    # Base-256: two's complement, the top bit of the first byte set (GNU tar manual).
    number = bytearray(value.to_bytes(width, "big", signed=True))
    number[0] |= 0x80
    return bytes(number)


def _octal(value: int, width: int) -> bytes:
    return b"%0*o\0" % (width - 1, value)


def _split_name(name: bytes) -> tuple[bytes, bytes] | None:
    """Return (prefix, name) as ustar holds a path, or None where it does not fit."""
    if len(name) <= 100:
        return b"", name
    at = name.find(b"/", len(name) - 101, 156)
    return None if at <= 0 else (name[:at], name[at + 1 :])


def _pax_member(name: bytes, records: dict[str, bytes]) -> bytes:
    body = b"".join(_pax_record(key, records[key]) for key in sorted(records))
    header = Member(name="", content=body)
    label = b"PaxHeaders.0/" + name.rstrip(b"/").rpartition(b"/")[2]
    return _header(header, label[:100], b"", b"x") + _padded(body)


def _pax_record(key: str, value: bytes) -> bytes:
    rest = b" %s=%s\n" % (key.encode(), value)
    length = len(rest)
    while length != len(rest) + len(str(length)):
        length = len(rest) + len(str(length))
    return b"%d%s" % (length, rest)


def _decimal_seconds(mtime_ns: int) -> bytes:
    seconds, fraction = divmod(abs(mtime_ns), NANOSECONDS)
    sign = "-" if mtime_ns < 0 else ""
    digits = f".{fraction:09d}".rstrip("0") if fraction else ""
    return f"{sign}{seconds}{digits}".encode()


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)
