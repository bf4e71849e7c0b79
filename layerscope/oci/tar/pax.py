"""PAX extended headers (POSIX.1-2001, pax, "pax Extended Header")."""

from __future__ import annotations

import binascii

from layerscope.errors import ImageError
from layerscope.oci.tar.numbers import pax_integer

_SCHILY = b"SCHILY.xattr."
_LIBARCHIVE = b"LIBARCHIVE.xattr."
_SPARSE_PAIR = (b"GNU.sparse.offset", b"GNU.sparse.numbytes")
_NAMES = frozenset((b"path", b"linkpath", b"uname", b"gname", b"GNU.sparse.name"))

Records = dict[bytes, bytes]
"""Key to value; an empty value takes a record back."""


def parse_records(data: bytes) -> Records:
    """All records of one extended header; raises ImageError where one is malformed.

    The offsets and lengths of GNU's sparse format 0.0, which repeat their keys, are joined
    into the one record ``GNU.sparse.map`` that format 0.1 uses.
    """
    records: Records = {}
    sparse_map: list[bytes] = []
    position = 0
    while position < len(data) and data[position]:
        key, value, position = _record(data, position)
        if key in _SPARSE_PAIR:
            if key != _SPARSE_PAIR[len(sparse_map) % 2]:
                raise ImageError("PAX header: GNU.sparse.offset and GNU.sparse.numbytes do not alternate")
            sparse_map.append(value)
        else:
            records[key] = value
    if sparse_map:
        records[b"GNU.sparse.map"] = b",".join(sparse_map)
    return records


def _record(data: bytes, position: int) -> tuple[bytes, bytes, int]:
    """One ``length key=value`` record and where the next one begins."""
    blank = data.find(b" ", position, position + 20)
    length = data[position:blank]
    if blank < 0 or not length.isdigit():
        raise ImageError("PAX header: a record does not begin with its length")
    end = position + int(length)
    equals = data.find(b"=", blank, end)
    if end > len(data) or equals < 0 or data[end - 1 : end] != b"\n" or end - 1 < equals:
        raise ImageError(f"PAX header: the record at byte {position} is malformed")
    key, value = data[blank + 1 : equals], data[equals + 1 : end - 1]
    if not key or b"\0" in key or (b"\0" in value and key in _NAMES):
        raise ImageError(f"PAX header: the record {key[:40]!r} has a NUL or no name")
    return key, value, end


def integer(records: Records, key: bytes) -> int | None:
    """A record's integer; None where the record is absent or empty."""
    value = records.get(key)
    return pax_integer(key.decode("utf-8", "replace"), value) if value else None


def xattrs(records: Records) -> dict[str, bytes] | None:
    """Extended attributes by name, their values raw; star's spelling wins over libarchive's."""
    if not any(b".xattr." in key for key in records):
        return None
    found: dict[str, bytes] = {}
    for key, value in records.items():
        if value and key.startswith(_LIBARCHIVE):
            from urllib.parse import unquote_to_bytes

            name = unquote_to_bytes(key[len(_LIBARCHIVE) :])
            try:
                raw = binascii.a2b_base64(value + b"=" * (-len(value) % 4))
            except binascii.Error:
                continue
            found.setdefault(name.decode("utf-8", "surrogateescape"), raw)
    for key, value in records.items():
        if value and key.startswith(_SCHILY):
            found[key[len(_SCHILY) :].decode("utf-8", "surrogateescape")] = value
    return found or None
