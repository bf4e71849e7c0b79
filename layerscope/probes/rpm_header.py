"""The header that rpm keeps of a package (rpm, "Header format"): numbered fields and their data."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

from layerscope.probes.rpm_database import Bytes
from layerscope.probes.sqlite_in_memory import Unreadable

_NAME, _VERSION, _RELEASE, _EPOCH, _ARCHITECTURE = 1000, 1001, 1002, 1003, 1022
_OLD_NAMES, _STATES, _FLAGS, _FOLDER_OF, _NAMES, _FOLDERS = 1027, 1029, 1037, 1116, 1117, 1118
_WANTED = frozenset(
    (
        *(_NAME, _VERSION, _RELEASE, _EPOCH, _ARCHITECTURE),
        *(_OLD_NAMES, _STATES, _FLAGS, _FOLDER_OF, _NAMES, _FOLDERS),
    )
)
_INT32 = 4
_NOT_THERE = frozenset((1, 2, 4))
"""Files that another package replaced, that were left out, or that another architecture's package has."""

_GHOST = 1 << 6
"""A file that the package only speaks for, as rpm does for its own database; it ships none."""

_Fields = dict[int, tuple[int, int, int]]
"""Tag to type, offset of the data, number of values."""


def packages_of(headers: Iterable[Bytes], limit_bytes: int) -> list[dict[str, Any]]:
    """Each package's name, version, architecture and files; paths of no more than ``limit_bytes`` in all.

    Raises Unreadable.
    """
    found = []
    left = limit_bytes
    for header in headers:
        try:
            package, left = _package(header, left)
        except struct.error:
            raise Unreadable("the database is damaged: a package's header ends too early") from None
        if package["name"]:
            found.append(package)
    found.sort(key=lambda one: (one["name"], one["version"], one["architecture"]))
    return found


def _package(header: Bytes, left: int) -> tuple[dict[str, Any], int]:
    count, data_bytes = struct.unpack_from(">II", header)
    if count > len(header) // 16:
        raise Unreadable("the database is damaged: a package's header has too many fields")
    fields: _Fields = {}
    for number in range(count):
        tag, kind, offset, values = struct.unpack_from(">IIII", header, 8 + 16 * number)
        if tag in _WANTED:
            fields[tag] = (kind, offset, values)
    data = bytes(header[8 + 16 * count : 8 + 16 * count + data_bytes])
    epoch = _numbers(data, fields.get(_EPOCH))
    version = f"{_text(data, fields.get(_VERSION))}-{_text(data, fields.get(_RELEASE))}"
    files, left = _files(data, fields, left)
    package = {
        "name": _text(data, fields.get(_NAME)),
        "version": f"{epoch[0]}:{version}" if epoch else version,
        "architecture": _text(data, fields.get(_ARCHITECTURE)),
        "files": "\n".join(files),
    }
    return package, left


def _files(data: bytes, fields: _Fields, left: int) -> tuple[list[str], int]:
    """The paths of the files that are the package's, directories among them."""
    paths = _texts(data, fields.get(_OLD_NAMES))
    folders = _texts(data, fields.get(_FOLDERS))
    names = zip(_numbers(data, fields.get(_FOLDER_OF)), _texts(data, fields.get(_NAMES)), strict=False)
    for folder, name in names:
        if folder >= len(folders) or (left := left - len(folders[folder]) - len(name)) < 0:
            break
        paths.append(folders[folder] + name)
    states = data[fields[_STATES][1] :][: fields[_STATES][2]] if _STATES in fields else b""
    absent = {number for number, state in enumerate(states) if state in _NOT_THERE}
    absent.update(number for number, flags in enumerate(_numbers(data, fields.get(_FLAGS))) if flags & _GHOST)
    return [path for number, path in enumerate(paths) if number not in absent], left


def _text(data: bytes, field: tuple[int, int, int] | None) -> str:
    texts = _texts(data, None if field is None else (field[0], field[1], 1))
    return texts[0] if texts else ""


def _texts(data: bytes, field: tuple[int, int, int] | None) -> list[str]:
    """Strings, each of which ends with a zero byte."""
    if field is None or not field[2]:
        return []
    texts = data[field[1] :].split(b"\0", field[2])[: field[2]]
    return [text.decode("utf-8", "surrogateescape") for text in texts]


def _numbers(data: bytes, field: tuple[int, int, int] | None) -> tuple[int, ...]:
    if field is None or field[0] != _INT32:
        return ()
    part = data[field[1] :][: 4 * field[2]]
    return struct.unpack(f">{len(part) // 4}I", part[: len(part) // 4 * 4])
