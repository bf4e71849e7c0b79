"""What the headers of an ELF file tell (System V ABI, chapters 4 and 5)."""

from __future__ import annotations

import struct

import msgspec

from layerscope.model.line_index import ReadAt

_TYPES = {1: "object file", 2: "program", 3: "shared library", 4: "core dump"}
_MACHINES = {
    3: "x86",
    8: "MIPS",
    20: "PowerPC",
    21: "PowerPC 64",
    22: "S390",
    40: "ARM",
    43: "SPARC 64",
    62: "x86-64",
    183: "AArch64",
    243: "RISC-V",
    247: "BPF",
    258: "LoongArch",
}
_LOAD, _DYNAMIC, _INTERP, _NOTE = 1, 2, 3, 4
_DT_NEEDED, _DT_STRTAB, _DT_SONAME, _DT_RPATH, _DT_RUNPATH, _DT_FLAGS_1 = 1, 5, 14, 15, 29, 0x6FFFFFFB
_PIE = 0x08000000
_SHT_SYMTAB = 2
_SHF_ALLOC = 2
_DEBUG_SECTIONS = (b".debug_", b".zdebug_", b".gdb_index", b".stab", b".line", b".gnu.debuglto_")
"""What strip takes for debug information, beside the symbol table."""
_PLACES = (b".go.buildinfo\0", b".dep-v0\0")
_NT_GNU_BUILD_ID = 3
_MAX_HEADERS = 4096
_MAX_HEADER_BYTES = 1024
_MAX_DYNAMIC_BYTES = 1 << 16
_MAX_NAME_BYTES = 4096
_MAX_NEEDED = 1000
_MAX_NOTE_BYTES = 4096


class Elf(msgspec.Struct, frozen=True, kw_only=True):
    """An ELF file.

    ``stripped`` is None where it has no section headers to tell by, ``needed`` where the dynamic section
    cannot be read.
    ``run_path`` is DT_RUNPATH, else DT_RPATH, and then ``run_path_inherited``: it holds for the libraries
    that are needed as well. ``symbol_bytes`` and ``debug_bytes`` are what its symbol table with the names
    and its debug information take, which nothing needs to run; ``build_id`` is in hex. ``places`` are offset
    and size of the sections in which Go and Rust say what a program was made of.
    """

    kind: str
    machine: str
    bits: int
    big_endian: bool
    interpreter: str | None = None
    needed: tuple[str, ...] | None = ()
    soname: str | None = None
    run_path: str | None = None
    run_path_inherited: bool = False
    stripped: bool | None = None
    debug_info: bool = False
    symbol_bytes: int = 0
    debug_bytes: int = 0
    build_id: str | None = None
    places: dict[str, tuple[int, int]] = {}


class _Sections(msgspec.Struct, frozen=True, kw_only=True):
    """What the section headers tell; ``stripped`` is None where there are none."""

    stripped: bool | None = None
    debug_info: bool = False
    symbol_bytes: int = 0
    debug_bytes: int = 0
    places: dict[str, tuple[int, int]] = {}


class _Segment(msgspec.Struct, frozen=True, kw_only=True):
    kind: int
    offset: int
    address: int
    size_bytes: int


def read_elf(read_at: ReadAt) -> Elf | None:
    """Read the headers; None where it is no ELF file or a damaged one."""
    try:
        return _File(read_at).read()
    except (struct.error, IndexError, ValueError):
        return None


class _File:
    """One file; raises struct.error, IndexError or ValueError where it is damaged."""

    def __init__(self, read_at: ReadAt) -> None:
        self._read_at = read_at
        ident = read_at(0, 16)
        if ident[:4] != b"\x7fELF" or ident[4] not in (1, 2) or ident[5] not in (1, 2):
            raise ValueError("no ELF file")
        self._wide = ident[4] == 2
        self._order = ">" if ident[5] == 2 else "<"

    def read(self) -> Elf:
        head = self._unpack("HHIQQQIHHHHHH" if self._wide else "HHIIIIIHHHHHH", 16)
        kind, machine, _, _, programs, sections, _, _, program_size, count, section_size, shown, names = head
        segments = self._segments(programs, program_size, min(count, _MAX_HEADERS))
        found = self._dynamic(segments)
        dynamic = found or {}
        interpreter = next((self._text(s.offset, s.size_bytes) for s in segments if s.kind == _INTERP), None)
        strings = self._offset_of(segments, dynamic.get(_DT_STRTAB, [0])[0])
        told = self._sections(sections, section_size, min(shown, _MAX_HEADERS), names)
        pie = bool(dynamic.get(_DT_FLAGS_1, [0])[0] & _PIE) or (
            interpreter is not None and _DT_SONAME not in dynamic
        )
        needed = tuple(self._text(strings + at) for at in dynamic.get(_DT_NEEDED, [])[:_MAX_NEEDED])
        paths = dynamic.get(_DT_RUNPATH) or dynamic.get(_DT_RPATH)
        return Elf(
            kind="position-independent program" if kind == 3 and pie else _TYPES.get(kind, f"type {kind}"),
            machine=_MACHINES.get(machine, f"machine {machine}"),
            bits=64 if self._wide else 32,
            big_endian=self._order == ">",
            interpreter=interpreter,
            needed=needed if found is not None else None,
            soname=self._text(strings + dynamic[_DT_SONAME][0]) if _DT_SONAME in dynamic else None,
            run_path=self._text(strings + paths[0]) if paths else None,
            run_path_inherited=_DT_RUNPATH not in dynamic and paths is not None,
            stripped=told.stripped,
            debug_info=told.debug_info,
            symbol_bytes=told.symbol_bytes,
            debug_bytes=told.debug_bytes,
            build_id=self._build_id(segments),
            places=told.places,
        )

    def _unpack(self, fields: str, offset: int) -> tuple[int, ...]:
        form = self._order + fields
        return struct.unpack(form, self._read_at(offset, struct.calcsize(form)))

    def _table(self, fields: str, offset: int, size: int, count: int) -> list[tuple[int, ...]]:
        """So many headers of a size."""
        form = struct.Struct(self._order + fields)
        if size > _MAX_HEADER_BYTES:
            raise ValueError("no ELF file")
        data = self._read_at(offset, size * count)
        return [form.unpack_from(data, number * size) for number in range(count)]

    def _segments(self, offset: int, size: int, count: int) -> list[_Segment]:
        found = []
        for fields in self._table("IIQQQQ" if self._wide else "IIIII", offset, size, count):
            if self._wide:
                kind, _, place, address, _, length = fields
            else:
                kind, place, address, _, length = fields
            found.append(_Segment(kind=kind, offset=place, address=address, size_bytes=length))
        return found

    def _dynamic(self, segments: list[_Segment]) -> dict[int, list[int]] | None:
        """Tag to values, of the dynamic section; None where there is one but not its bytes."""
        found: dict[int, list[int]] = {}
        segment = next((segment for segment in segments if segment.kind == _DYNAMIC), None)
        if segment is None:
            return found
        data = self._read_at(segment.offset, min(segment.size_bytes, _MAX_DYNAMIC_BYTES))
        if segment.size_bytes and not data:
            return None
        pair = struct.Struct(self._order + ("qQ" if self._wide else "iI"))
        for place in range(0, len(data) - pair.size + 1, pair.size):
            tag, value = pair.unpack_from(data, place)
            if not tag:
                break
            found.setdefault(tag, []).append(value)
        return found

    @staticmethod
    def _offset_of(segments: list[_Segment], address: int) -> int:
        """Where in the file an address is loaded from."""
        for segment in segments:
            if segment.kind == _LOAD and segment.address <= address < segment.address + segment.size_bytes:
                return segment.offset + address - segment.address
        return address

    def _sections(self, offset: int, size: int, count: int, names: int) -> _Sections:
        """Whether the symbol table is gone and whether there is debug information, and their bytes."""
        if not offset or not count:
            return _Sections()
        headers = self._table("IIQQQQII" if self._wide else "IIIIIIII", offset, size, count)
        texts = self._read_at(headers[names][4], min(headers[names][5], 1 << 20)) if names < count else b""
        symbols = [header for header in headers if header[1] == _SHT_SYMTAB]
        strings = {header[6] for header in symbols if header[6] < count}
        has_debug = any(name in texts for name in _DEBUG_SECTIONS)
        debug = [
            h
            for h in (headers if has_debug else ())
            if not h[2] & _SHF_ALLOC and texts.startswith(_DEBUG_SECTIONS, h[0])
        ]
        named = {texts.find(name): name for name in _PLACES if name in texts}
        return _Sections(
            stripped=not symbols,
            debug_info=any(texts.startswith((b".debug_info", b".zdebug_info"), h[0]) for h in debug),
            symbol_bytes=sum(h[5] for h in symbols) + sum(headers[number][5] for number in strings),
            debug_bytes=sum(h[5] for h in debug),
            places={named[h[0]][:-1].decode(): (h[4], h[5]) for h in headers if h[0] in named},
        )

    def _build_id(self, segments: list[_Segment]) -> str | None:
        """The identity that the linker gave it, from the notes (elf(5), "Notes")."""
        for segment in segments:
            if segment.kind != _NOTE:
                continue
            notes = self._read_at(segment.offset, min(segment.size_bytes, _MAX_NOTE_BYTES))
            place = 0
            while place + 12 <= len(notes):
                name_size, size, kind = struct.unpack_from(self._order + "III", notes, place)
                start = place + 12 + (name_size + 3 & -4)
                if kind == _NT_GNU_BUILD_ID and notes[place + 12 : place + 16] == b"GNU\0":
                    return notes[start : start + size].hex()
                place = start + (size + 3 & -4)
        return None

    def _text(self, offset: int, size: int = _MAX_NAME_BYTES) -> str:
        data = self._read_at(offset, min(size, _MAX_NAME_BYTES))
        return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")
