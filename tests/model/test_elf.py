"""The headers of ELF files, held against readelf."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.model.elf import Elf, read_elf
from sample_images.elf_binary import executable, library

PROGRAM = executable("tool", 900, "libc.so.6", "libm.so.6", debug_bytes=300)
FILES = {
    "program": PROGRAM,
    "stripped": executable("tool", 900, "libc.so.6"),
    "library": library("libx.so.1", 500, "libc.so.6"),
}
HOST = [path for path in map(Path, ("/bin/ls", "/usr/bin/env", "/bin/mount")) if path.exists()]


def elf_of(data: bytes) -> Elf | None:
    """Read the headers of these bytes."""
    return read_elf(lambda offset, count: data[offset : offset + count])


@pytest.mark.parametrize("name", [*FILES, *map(str, HOST)])
def test_readelf_says_the_same(name: str, tool: Callable[[str], str], tmp_path: Path) -> None:
    data = FILES[name] if name in FILES else Path(name).read_bytes()
    path = tmp_path / "file"
    path.write_bytes(data)
    said = subprocess.run(
        [tool("readelf"), "-hldSW", path], capture_output=True, text=True, check=True, env={"LC_ALL": "C"}
    ).stdout

    found = elf_of(data)

    assert found is not None
    assert list(found.needed or ()) == re.findall(r"\(NEEDED\).*\[(.*)\]", said)
    assert [found.interpreter] == (re.findall(r"interpreter: (\S+)\]", said) or [None])
    assert [found.soname] == (re.findall(r"\(SONAME\).*\[(.*)\]", said) or [None])
    assert found.stripped is (".symtab" not in said)
    assert found.debug_info is (".debug_info" in said)
    assert f"ELF{found.bits}" in said
    assert found.kind.startswith("position") is ("PIE" in said)
    assert ("X86-64" in said) is (found.machine == "x86-64")


@given(place=st.integers(0, len(PROGRAM) - 1), byte=st.integers(0, 255), cut=st.integers(0, len(PROGRAM)))
def test_a_damaged_file_raises_nothing(place: int, byte: int, cut: int) -> None:
    data = bytearray(PROGRAM)
    data[place] = byte

    found = elf_of(bytes(data[:cut]))

    assert found is None or isinstance(found, Elf)


def test_what_is_no_elf_file_is_none() -> None:
    assert elf_of(b"#!/bin/sh\n") is None
