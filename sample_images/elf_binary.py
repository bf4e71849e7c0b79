"""ELF files that ``readelf`` accepts and that do nothing.

Sections, interpreter, NEEDED and debug sections are real; the machine code is drawn from a
small seeded vocabulary, so that it compresses about as well as real code.
"""

import struct
from typing import Final

from sample_images.filler import noise

_HEX: Final = """
55 4889e5 4883ec20 c3 c9 31c0 85c0 4885ff 488b07 488b4708 4889c7 4889de 4c89e2 5b 5d 415c
e8a0120000 e8140f0000 7408 7512 eb1c 0f1f4000 488d3d102f0000 488d35420e0000 8b45fc ffd0
4883c408 bf01000000 b83c000000 0f05 90 f30f1efa
"""
_INSTRUCTIONS: Final = tuple(bytes.fromhex(code) for code in _HEX.split())
_BASE_ADDRESS: Final = 0x400000
_HEADER_BYTES: Final = 64
_PROGRAM_HEADER_BYTES: Final = 56
_INTERPRETER: Final = b"/lib64/ld-linux-x86-64.so.2\0"
_SECTION = struct.Struct("<IIQQQQIIQQ")
_Sections = list[tuple[bytes, int, bytes]]
_PROGBITS, _SYMTAB, _STRTAB, _DYNAMIC = 1, 2, 3, 6


def executable(name: str, code_bytes: int, *needed: str, debug_bytes: int = 0) -> bytes:
    """Return a dynamic x86-64 program; with ``debug_bytes``, one that was not stripped."""
    return _elf(name, code_bytes, needed, soname="", debug_bytes=debug_bytes)


def library(soname: str, code_bytes: int, *needed: str, debug_bytes: int = 0) -> bytes:
    """Return a shared x86-64 library that names itself."""
    return _elf(soname, code_bytes, needed, soname=soname, debug_bytes=debug_bytes)


def _elf(name: str, code_bytes: int, needed: tuple[str, ...], *, soname: str, debug_bytes: int) -> bytes:
    strings = b"\0"
    dynamic: list[tuple[int, int]] = []
    for tag, value in [*((1, item) for item in needed), *([(14, soname)] if soname else [])]:
        dynamic.append((tag, len(strings)))
        strings += value.encode() + b"\0"
    usage = f"Usage: {name} [OPTION]...\n{name}: invalid option -- '%c'\n%s: %s\n".encode()
    sections: _Sections = [] if soname else [(b".interp", _PROGBITS, _INTERPRETER)]
    sections += [
        (b".dynstr", _STRTAB, strings),
        (b".text", _PROGBITS, _code(name, code_bytes)),
        (b".rodata", _PROGBITS, usage.replace(b"\n", b"\0")),
    ]
    if debug_bytes:
        symbols = b"".join(f"{name}_{verb}\0".encode() for verb in ("main", "parse", "run", "free"))
        sections += [
            (b".debug_info", _PROGBITS, noise(f"debug {name}", debug_bytes)),
            (b".symtab", _SYMTAB, bytes(24)),
            (b".strtab", _STRTAB, b"\0" + symbols),
        ]
    return _assemble(sections, dynamic, shared=bool(soname))


def _code(seed: str, size_bytes: int) -> bytes:
    picks = noise(f"code {seed}", size_bytes)
    return b"".join(_INSTRUCTIONS[pick % len(_INSTRUCTIONS)] for pick in picks)[:size_bytes]


def _assemble(sections: _Sections, dynamic: list[tuple[int, int]], *, shared: bool) -> bytes:
    headers_bytes = _HEADER_BYTES + 3 * _PROGRAM_HEADER_BYTES
    places: dict[bytes, tuple[int, int]] = {}
    body = bytearray()
    table = [(b".dynamic", _DYNAMIC, bytes(16 * (len(dynamic) + 3))), *sections]
    for name, _, data in table:
        body += bytes(-len(body) % 16)
        places[name] = (headers_bytes + len(body), len(data))
        body += data
    strings_at, strings_size = places[b".dynstr"]
    rows = [*dynamic, (5, _BASE_ADDRESS + strings_at), (10, strings_size), (0, 0)]
    body[: 16 * len(rows)] = b"".join(struct.pack("<QQ", *row) for row in rows)
    names = b"\0" + b"".join(name + b"\0" for name, _, _ in [*table, (b".shstrtab", 0, b"")])
    names_at = headers_bytes + len(body)
    body += names + bytes(-len(names) % 8)
    table_at = headers_bytes + len(body)
    entries = [bytes(_SECTION.size)]
    for name, kind, _ in table:
        entries.append(_section_header(names, name, kind, places[name], table))
    strings_header = (names.index(b".shstrtab\0"), _STRTAB, 0, 0, names_at, len(names), 0, 0, 1, 0)
    entries.append(_SECTION.pack(*strings_header))
    file_bytes = table_at + len(entries) * _SECTION.size
    header = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\x02\x01\x01",
        *(3 if shared else 2, 62, 1),
        _BASE_ADDRESS + places[b".text"][0],
        *(_HEADER_BYTES, table_at, 0, _HEADER_BYTES, _PROGRAM_HEADER_BYTES),
        3 if b".interp" in places else 2,
        *(_SECTION.size, len(entries), len(entries) - 1),
    )
    segments = _program_headers(places, file_bytes)
    return (header + segments).ljust(headers_bytes, b"\0") + bytes(body) + b"".join(entries)


def _section_header(names: bytes, name: bytes, kind: int, place: tuple[int, int], table: _Sections) -> bytes:
    order = [b"", *(entry[0] for entry in table)]
    offset, size = place
    loaded = not name.startswith((b".debug", b".symtab", b".strtab"))
    link = order.index({_DYNAMIC: b".dynstr", _SYMTAB: b".strtab"}.get(kind, b""))
    flags = {b".text": 6, b".dynamic": 3}.get(name, 2) if loaded else 0
    address = _BASE_ADDRESS + offset if loaded else 0
    width = {_DYNAMIC: 16, _SYMTAB: 24}.get(kind, 0)
    at = names.index(b"\0" + name + b"\0") + 1
    info = 1 if kind == _SYMTAB else 0
    return _SECTION.pack(at, kind, flags, address, offset, size, link, info, 8, width)


def _program_headers(places: dict[bytes, tuple[int, int]], file_bytes: int) -> bytes:
    def segment(kind: int, flags: int, place: tuple[int, int]) -> bytes:
        offset, size = place
        address = _BASE_ADDRESS + offset
        return struct.pack("<IIQQQQQQ", kind, flags, offset, address, address, size, size, 8)

    segments = [segment(3, 4, places[b".interp"])] if b".interp" in places else []
    segments += [segment(1, 7, (0, file_bytes)), segment(2, 6, places[b".dynamic"])]
    return b"".join(segments)
