"""What a Go program was made of, as its linker noted it (Go, debug/buildinfo)."""

from __future__ import annotations

from typing import Any

_MAGIC = b"\xff Go buildinf:"
_HEADER_BYTES = 32
_INLINE = 2
_SENTINEL_BYTES = 16


def go_modules(section: bytes) -> dict[str, Any] | None:
    """The main module and those it needs; None where there is nothing, or only Go before 1.18 reads it."""
    if not section.startswith(_MAGIC) or len(section) < _HEADER_BYTES or not section[15] & _INLINE:
        return None
    release, place = _string(section, _HEADER_BYTES)
    noted, _ = _string(section, place)
    toolchain = _text(release)
    # A mark on both sides tells the linker where it is.
    rows = [line.split("\t") for line in _text(noted[_SENTINEL_BYTES:-_SENTINEL_BYTES]).split("\n")]
    name = version = path = ""
    modules: list[list[str]] = []
    for kind, *fields in rows:
        if kind == "path" and fields:
            path = fields[0]
        elif kind == "mod" and len(fields) > 1:
            name, version = fields[:2]
        elif kind == "dep" and len(fields) > 1:
            modules.append(fields[:2])
        elif kind == "=>" and len(fields) > 1 and modules and fields[0][:1] not in (".", "/"):
            modules[-1] = fields[:2]
    return {
        "language": "go",
        "name": name or path,
        "version": version if name else toolchain,
        "toolchain": toolchain,
        "modules": modules,
    }


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _string(section: bytes, place: int) -> tuple[bytes, int]:
    """Bytes with its length in front, seven bits a byte, and where it ends."""
    length = shift = 0
    while place < len(section) and shift < 35:
        byte = section[place]
        place += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return section[place : place + length], place + length
