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
_LOAD, _DYNAMIC, _INTERP = 1, 2, 3
_DT_NEEDED, _DT_STRTAB, _DT_SONAME, _DT_RPATH, _DT_RUNPATH, _DT_FLAGS_1 = 1, 5, 14, 15, 29, 0x6FFFFFFB
_PIE = 0x08000000
_SHT_SYMTAB = 2
_MAX_HEADERS = 4096
_MAX_DYNAMIC_BYTES = 1 << 16
_MAX_NAME_BYTES = 4096
_MAX_NEEDED = 1000


class Elf(msgspec.Struct, frozen=True, kw_only=True):
    """An ELF file; ``stripped`` is None where it has no section headers to tell by."""

    kind: str
    machine: str
    bits: int
    big_endian: bool
    interpreter: str | None = None
    needed: tuple[str, ...] = ()
    soname: str | None = None
    run_path: str | None = None
    stripped: bool | None = None
    debug_info: bool = False


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
        dynamic = self._dynamic(segments)
        interpreter = next((self._text(s.offset, s.size_bytes) for s in segments if s.kind == _INTERP), None)
        strings = self._offset_of(segments, dynamic.get(_DT_STRTAB, [0])[0])
        stripped, debug = self._symbols(sections, section_size, min(shown, _MAX_HEADERS), names)
        pie = bool(dynamic.get(_DT_FLAGS_1, [0])[0] & _PIE) or (
            interpreter is not None and _DT_SONAME not in dynamic
        )
        paths = dynamic.get(_DT_RUNPATH) or dynamic.get(_DT_RPATH)
        return Elf(
            kind="position-independent program" if kind == 3 and pie else _TYPES.get(kind, f"type {kind}"),
            machine=_MACHINES.get(machine, f"machine {machine}"),
            bits=64 if self._wide else 32,
            big_endian=self._order == ">",
            interpreter=interpreter,
            needed=tuple(self._text(strings + at) for at in dynamic.get(_DT_NEEDED, [])[:_MAX_NEEDED]),
            soname=self._text(strings + dynamic[_DT_SONAME][0]) if _DT_SONAME in dynamic else None,
            run_path=self._text(strings + paths[0]) if paths else None,
            stripped=stripped,
            debug_info=debug,
        )

    def _unpack(self, fields: str, offset: int) -> tuple[int, ...]:
        form = self._order + fields
        return struct.unpack(form, self._read_at(offset, struct.calcsize(form)))

    def _segments(self, offset: int, size: int, count: int) -> list[_Segment]:
        found = []
        for number in range(count):
            fields = self._unpack("IIQQQQ" if self._wide else "IIIII", offset + number * size)
            if self._wide:
                kind, _, place, address, _, length = fields
            else:
                kind, place, address, _, length = fields
            found.append(_Segment(kind=kind, offset=place, address=address, size_bytes=length))
        return found

    def _dynamic(self, segments: list[_Segment]) -> dict[int, list[int]]:
        """Tag to values, of the dynamic section."""
        found: dict[int, list[int]] = {}
        segment = next((segment for segment in segments if segment.kind == _DYNAMIC), None)
        if segment is None:
            return found
        data = self._read_at(segment.offset, min(segment.size_bytes, _MAX_DYNAMIC_BYTES))
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

    def _symbols(self, offset: int, size: int, count: int, names: int) -> tuple[bool | None, bool]:
        """Whether the symbol table is gone, and whether there is debug information."""
        if not offset or not count:
            return None, False
        form = "IIQQQQ" if self._wide else "IIIIII"
        headers = [self._unpack(form, offset + number * size) for number in range(count)]
        texts = self._read_at(headers[names][4], min(headers[names][5], 1 << 20)) if names < count else b""
        debug = any(texts[h[0] :].startswith((b".debug_info", b".zdebug_info")) for h in headers)
        return not any(h[1] == _SHT_SYMTAB for h in headers), debug

    def _text(self, offset: int, size: int = _MAX_NAME_BYTES) -> str:
        data = self._read_at(offset, min(size, _MAX_NAME_BYTES))
        return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")
