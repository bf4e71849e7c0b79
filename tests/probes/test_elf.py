"""What programs and libraries tell of themselves, held against the linker, readelf and strip."""

from __future__ import annotations

import re
import subprocess
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.oci.tar.scanner import scan_tar
from layerscope.probes.elf import PROBE
from sample_images.elf_binary import executable, library
from tests.oci.tar.raw import END, member

PROGRAM = executable("tool", 90_000, "libc.so.6", "libm.so.6", debug_bytes=30_000)
DYNAMIC = 2
LIBRARY = library("libx.so.1", 500, "libc.so.6")
SOURCE = "#include <math.h>\ndouble a(double x) { return sin(x) * 2; }\n"
MAIN = SOURCE + "int main(int n, char **v) { return (int)a(n); }\n"


def fact_of(data: bytes, cut: int = 1 << 20) -> Any:
    """What is told of a file that comes in pieces of this size."""
    sink = PROBE.begin("f", len(data))
    for start in range(0, len(data), cut):
        sink.feed(memoryview(data)[start : start + cut])
    return sink.finish()


def built(folder: Path, gcc: str, source: str, *options: str) -> Path:
    """What gcc makes of a source."""
    (folder / "a.c").write_text(source)
    subprocess.run([gcc, "-o", folder / "out", folder / "a.c", *options], check=True)
    return folder / "out"


def test_what_is_told_of_a_program() -> None:
    fact = fact_of(PROGRAM)

    assert fact["kind"] == "program"
    assert (fact["machine"], fact["bits"]) == ("x86-64", 64)
    assert fact["interpreter"] == "/lib64/ld-linux-x86-64.so.2"
    assert fact["needed"] == ["libc.so.6", "libm.so.6"]
    assert (fact["runpath"], fact["rpath"], fact["soname"]) == (None, None, None)


@pytest.mark.parametrize(
    ("options", "key", "value"),
    [
        (("-Wl,-rpath,$ORIGIN/../lib:/opt", "-Wl,--enable-new-dtags"), "runpath", "$ORIGIN/../lib:/opt"),
        (("-Wl,-rpath,/opt", "-Wl,--disable-new-dtags"), "rpath", "/opt"),
        (("-shared", "-fPIC", "-Wl,-soname,libx.so.3"), "soname", "libx.so.3"),
        (("-Wl,--build-id=0x0123456789abcdef",), "build_id", "0123456789abcdef"),
        (("-static",), "needed", []),
        (("-c",), "kind", "object file"),
        (("-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1",), "interpreter", "/lib/ld-musl-x86_64.so.1"),
    ],
)
def test_the_linker_s_options_are_found_again(
    tool: Callable[[str], str], tmp_path: Path, options: tuple[str, ...], key: str, value: Any
) -> None:
    path = built(tmp_path, tool("gcc"), MAIN, *options, "-lm")

    assert fact_of(path.read_bytes())[key] == value


@pytest.mark.parametrize("path", ["/bin/ls", "/usr/bin/gcc", "/usr/lib/x86_64-linux-gnu/libstdc++.so.6"])
def test_readelf_names_the_same_libraries(tool: Callable[[str], str], path: str) -> None:
    if not Path(path).exists():
        pytest.skip(f"this machine has no {path}")
    said = subprocess.run([tool("readelf"), "-dnW", path], capture_output=True, text=True, check=True).stdout

    fact = fact_of(Path(path).read_bytes(), 100_000)

    assert fact["needed"] == re.findall(r"\(NEEDED\).*\[(.*)\]", said)
    assert [fact["build_id"]] == re.findall(r"Build ID: (\w+)", said)


@pytest.mark.parametrize(
    "options", [(), ("-g",), ("-g3", "-gz"), ("-g", "-shared", "-fPIC"), ("-g", "-static")]
)
def test_strip_saves_as_much(tool: Callable[[str], str], tmp_path: Path, options: tuple[str, ...]) -> None:
    """But for the headers and names of the sections and what aligns them."""
    path = built(tmp_path, tool("gcc"), MAIN, *options, "-lm")
    stripped = tmp_path / "stripped"
    subprocess.run([tool("strip"), "--strip-unneeded", "-o", stripped, path], check=True)
    saved_bytes = path.stat().st_size - stripped.stat().st_size

    fact, after = fact_of(path.read_bytes()), fact_of(stripped.read_bytes())

    assert fact["symbol_bytes"] > 0
    assert (fact["debug_bytes"] > 0) is any(option.startswith("-g") for option in options)
    assert abs(fact["symbol_bytes"] + fact["debug_bytes"] - saved_bytes) < 2048
    assert (after["symbol_bytes"], after["debug_bytes"]) == (0, 0)


@given(st.integers(1, 9000))
def test_it_does_not_matter_where_the_pieces_are_cut(cut: int) -> None:
    assert fact_of(PROGRAM, cut) == fact_of(PROGRAM)


@given(place=st.integers(4, 400), byte=st.integers(0, 255), end=st.integers(1, len(PROGRAM)))
def test_a_damaged_file_raises_nothing(place: int, byte: int, end: int) -> None:
    data = bytearray(PROGRAM)
    data[place] = byte

    fact = fact_of(bytes(data[:end]))

    assert fact is None or fact["bits"] in (32, 64)


def test_which_files_it_reads() -> None:
    tar = (
        member(b"bin/tool", PROGRAM)
        + member(b"lib/x", LIBRARY)
        + member(b"a.sh", b"#!/bin/sh\n\x7fELF")
        + END
    )

    facts = scan_tar(iter([tar]), [PROBE]).facts["elf"]

    assert {path: fact["kind"] for path, fact in facts.items()} == {
        "bin/tool": "program",
        "lib/x": "shared library",
    }


def test_of_an_endless_file_only_so_much_is_kept() -> None:
    """Every segment says that it is as large as the file, and most of the file is a hole."""
    head = bytearray(PROGRAM[:4096])
    head[40:48] = (1 << 39).to_bytes(8, "little")  # the section headers
    count = int.from_bytes(head[56:58], "little")
    for number in range(count):
        place = 64 + 56 * number + 32
        head[place : place + 8] = (1 << 40).to_bytes(8, "little")
    tracemalloc.start()
    sink = PROBE.begin("f", 1 << 40)
    sink.feed(memoryview(bytes(head)))
    sink.feed_hole((1 << 40) - len(head))

    sink.finish()

    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 4 << 20


@pytest.mark.parametrize(("hole_bytes", "is_known"), [(1 << 16, True), (1 << 24, False)])
def test_a_sparse_program_is_read_as_far_as_its_holes_are_small(hole_bytes: int, *, is_known: bool) -> None:
    """The zeros lie in front of the section headers."""
    place = int.from_bytes(PROGRAM[40:48], "little")
    data = bytearray(PROGRAM)
    data[40:48] = (place + hole_bytes).to_bytes(8, "little")
    sink = PROBE.begin("f", len(data))
    sink.feed(memoryview(data)[:place])
    sink.feed_hole(hole_bytes)
    sink.feed(memoryview(data)[place:])

    fact = sink.finish()

    assert (fact is not None and fact["debug_bytes"] > 0) is is_known


def test_what_lies_too_far_in_is_not_known() -> None:
    """As BOLT leaves it: the program headers at the end, the dynamic section in the middle."""
    count = int.from_bytes(PROGRAM[56:58], "little")
    headers = bytearray(PROGRAM[64 : 64 + 56 * count])
    data = bytearray(PROGRAM).ljust(40 << 20, b"\0")
    for start in range(0, len(headers), 56):
        if headers[start] == DYNAMIC:
            offset = int.from_bytes(headers[start + 8 : start + 16], "little")
            headers[start + 8 : start + 16] = (30 << 20).to_bytes(8, "little")
            data[30 << 20 : (30 << 20) + 512] = PROGRAM[offset : offset + 512]
    data[32:48] = len(data).to_bytes(8, "little") + bytes(8)

    fact = fact_of(bytes(data + headers))

    assert fact["needed"] is None
    assert fact["interpreter"] == "/lib64/ld-linux-x86-64.so.2"
