"""What programs and shared libraries tell of themselves: what they need to run, and what they do not need.

The fact of an ELF file::

    {"kind": "program" | "position-independent program" | "shared library" | "object file" | …,
     "machine": "x86-64" | "AArch64" | …,  "bits": 64 | 32,
     "interpreter": "/lib64/ld-linux-x86-64.so.2" | null,
     "needed": ["libc.so.6", …] | null,    DT_NEEDED in order; null where its names lie too far in
     "soname": "libx.so.1" | null,
     "runpath": "$ORIGIN/../lib:/opt" | null,  as written; ld.so leaves DT_RPATH alone where it is there
     "rpath": "…" | null,                      DT_RPATH where there is no DT_RUNPATH
     "build_id": "0123abcd…" | null,           in hex
     "symbol_bytes": 0, "debug_bytes": 0,      sections that `strip` takes away
     "made_of": {"language": "go" | "rust", "name": "example.com/app", "version": "v1.2.0",
                 "toolchain": "go1.22.1" | "", "modules": [["example.com/lib", "v0.3.0"], …]}}
                                               only where the program says so

The file passes once, so what is kept of it is decided by its program headers: the segments with the
dynamic section and its strings, and the section headers with their names, at most 48 MiB of them. Where
the program headers were moved behind the beginning (BOLT does), ``needed`` of a large file is not known.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from layerscope.extensions import Probe
from layerscope.model.elf import Elf, read_elf
from layerscope.probes.go_modules import go_modules
from layerscope.probes.kept_ranges import KeptRanges, Range
from layerscope.probes.rust_crates import rust_crates

_HEAD_BYTES = 1 << 12
_LIMIT_BYTES = 48 << 20
_MOST_OF_A_SEGMENT_BYTES = 12 << 20
_NAMES_BYTES = 4 << 20
_TAIL_BYTES = 16 << 20
"""What is kept in front of the section headers, where linkers put the names of sections."""
_MOST_SEGMENTS = 64
_LOAD, _DYNAMIC, _INTERP, _NOTE = 1, 2, 3, 4
_RELOCATED = 0x6474E552
"""PT_GNU_RELRO: data that are constant once they are loaded; the others follow."""
_READ_ONLY, _WRITABLE = 4, 2
_START_OF_DATA_BYTES = 1 << 20
"""Where Go puts what a program was made of."""

_Segment = tuple[int, int, int, int]
"""A segment's type and flags, and where its part of the file begins and ends."""


def _plan(head: bytes, size_bytes: int) -> Iterator[Range]:
    """The ranges that may matter, the most important ones first."""
    try:
        yield from _ranges(head)
    except (struct.error, IndexError):
        return


def _ranges(head: bytes) -> Iterator[Range]:
    order = ">" if head[5] == 2 else "<"
    wide = head[4] == 2
    fields = struct.unpack_from(order + ("QQIHHHHHH" if wide else "IIIHHHHHH"), head, 32 if wide else 28)
    programs, sections, _, _, program_size, count, section_size, shown, names = fields
    yield sections, sections + min(section_size * shown, _NAMES_BYTES)
    if sections + section_size * shown <= len(head):
        place = sections + names * section_size + (24 if wide else 16)
        start, length = struct.unpack_from(order + ("QQ" if wide else "II"), head, place)
        yield start, start + min(length, _NAMES_BYTES)
    yield programs, programs + program_size * min(count, _MOST_SEGMENTS)
    if programs + program_size * count <= len(head):
        segments = [_segment(head, programs + n * program_size, order, wide) for n in range(count)]
        yield from _loaded(segments)
        loaded_end = max((end for kind, _, _, end in segments if kind == _LOAD), default=0)
    else:
        yield 0, 2 * _MOST_OF_A_SEGMENT_BYTES
        loaded_end = 0
    yield max(loaded_end if loaded_end < sections else 0, sections - _TAIL_BYTES), sections


def _loaded(segments: list[_Segment]) -> Iterator[Range]:
    """Notes, interpreter, dynamic section, and the segments in which linkers put the names it refers to."""
    yield from ((start, end) for kind, _, start, end in segments if kind in (_DYNAMIC, _INTERP, _NOTE))
    loaded = [segment for segment in segments if segment[0] == _LOAD]
    data = [start for _, flags, start, _ in loaded if flags & _WRITABLE][:1]
    data += [end for kind, _, _, end in segments if kind == _RELOCATED]
    yield from ((start, start + _START_OF_DATA_BYTES) for start in data)
    dynamic = next((start for kind, _, start, _ in segments if kind == _DYNAMIC), None)
    if dynamic is None:
        return
    likely = [
        *loaded[:1],
        *[segment for segment in loaded if segment[1] == _READ_ONLY][:1],
        *[segment for segment in loaded if segment[2] <= dynamic < segment[3]],
        *loaded[-1:],  # what patchelf adds
    ]
    for _, _, start, end in dict.fromkeys(likely):
        yield start, min(end, start + _MOST_OF_A_SEGMENT_BYTES)


def _segment(head: bytes, place: int, order: str, wide: bool) -> _Segment:  # noqa: FBT001
    if wide:
        kind, flags, start, _, _, length = struct.unpack_from(order + "IIQQQQ", head, place)
    else:
        kind, start, _, _, length, _, flags = struct.unpack_from(order + "IIIIIII", head, place)
    return kind, flags, start, start + length


_MADE_OF = {".go.buildinfo": go_modules, ".dep-v0": rust_crates}
_MOST_TOLD_BYTES = 1 << 22


class _Headers:
    """Keeps what is needed of a file."""

    def __init__(self, size_bytes: int) -> None:
        self._kept = KeptRanges(size_bytes, _HEAD_BYTES, _LIMIT_BYTES, _plan)
        self.feed = self._kept.feed
        self.feed_hole = self._kept.feed_hole

    def finish(self) -> dict[str, Any] | None:
        """The fact."""
        self._kept.settle()
        elf = read_elf(self._kept.read_at)
        if elf is None:
            return None
        fact = _fact(elf)
        for section, read in _MADE_OF.items():
            start, length = elf.places.get(section, (0, 0))
            if length and (made_of := read(self._kept.read_at(start, min(length, _MOST_TOLD_BYTES)))):
                fact["made_of"] = made_of
        return fact


def _fact(elf: Elf) -> dict[str, Any]:
    return {
        "kind": elf.kind,
        "machine": elf.machine,
        "bits": elf.bits,
        "interpreter": elf.interpreter,
        "needed": list(elf.needed) if elf.needed is not None and all(elf.needed) else None,
        "soname": elf.soname or None,
        "runpath": None if elf.run_path_inherited else elf.run_path or None,
        "rpath": elf.run_path or None if elf.run_path_inherited else None,
        "build_id": elf.build_id,
        "symbol_bytes": elf.symbol_bytes,
        "debug_bytes": elf.debug_bytes,
    }


PROBE = Probe(
    id="elf",
    version=1,
    paths=frozenset(),
    begin=lambda path, stored_bytes: _Headers(stored_bytes),  # noqa: ARG005
    start=b"\x7fELF",
)
