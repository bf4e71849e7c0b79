"""What programs of Go and Rust were made of, held against the go command and objcopy."""

from __future__ import annotations

import json
import os
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.probes.elf import PROBE
from layerscope.probes.go_modules import go_modules
from layerscope.probes.rust_crates import rust_crates

SENTINEL = b"0w\xaf\x0c\x92t\x08\x02A\xe1\xc1\x07\xe6\xd6\x18\xe6"
CRATES = {
    "packages": [
        {"name": "log", "version": "0.4.1", "source": "crates.io"},
        {"name": "cc", "version": "1.0.0", "source": "crates.io", "kind": "build"},
        {"name": "app", "version": "2.0.0", "source": "local", "root": True, "dependencies": [0, 1]},
    ]
}


def go_section(toolchain: str, noted: str) -> bytes:
    """A section as Go's linker has written it since 1.18."""
    head = (b"\xff Go buildinf:" + bytes((8, 2))).ljust(32, b"\0")
    parts = (toolchain.encode(), SENTINEL + noted.encode() + SENTINEL if noted else b"")
    return head + b"".join(length(len(part)) + part for part in parts)


def length(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*found, number))


def of_file(path: Path) -> Any:
    data = path.read_bytes()
    sink = PROBE.begin(str(path), len(data))
    for start in range(0, len(data), 1 << 20):
        sink.feed(memoryview(data)[start : start + (1 << 20)])
    return sink.finish()["made_of"]


@pytest.mark.parametrize("options", [(), ("-ldflags=-s -w",), ("-buildmode=pie",)])
def test_the_go_command_says_the_same(
    tool: Callable[[str], str], tmp_path: Path, options: tuple[str, ...]
) -> None:
    """A module that needs two others, one of them put in place of a third; none is fetched."""
    go = tool("go")
    for name, required in (("app", ("lib", "old")), ("lib", ()), ("new", ())):
        folder = tmp_path / name
        folder.mkdir()
        lines = [f"module example.com/{'old' if name == 'new' else name}", "go 1.18"]
        lines += [f"require example.com/{one} v1.2.3" for one in required]
        lines += [
            f"replace example.com/{one} => ../{at}"
            for one, at in (("lib", "lib"), ("old", "new"))
            if required
        ]
        (folder / "go.mod").write_text("\n".join(lines) + "\n")
        (folder / "a.go").write_text(f"package {name}\n\nvar X = 1\n")
    (tmp_path / "app/a.go").write_text(
        'package main\n\nimport (\n\t"example.com/lib"\n\told "example.com/old"\n)\n\n'
        "func main() { println(lib.X + old.X) }\n"
    )
    environment = {
        **os.environ,
        "GOFLAGS": "-mod=mod",
        "GOPROXY": "off",
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
    }
    subprocess.run(
        [go, "build", "-o", "../out", *options, "."], cwd=tmp_path / "app", env=environment, check=True
    )
    said = subprocess.run(
        [go, "version", "-m", tmp_path / "out"], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.strip().split("\t") for line in said.splitlines()]

    found = of_file(tmp_path / "out")

    assert found["toolchain"] == rows[0][0].rpartition(" ")[2]
    assert [found["name"], found["version"]] == next(row[1:3] for row in rows if row[0] == "mod")
    assert found["modules"] == [row[1:3] for row in rows if row[0] == "dep"]
    assert [name for name, _ in found["modules"]] == ["example.com/lib", "example.com/old"]


def test_a_module_put_in_place_of_another_is_the_one_that_is_there() -> None:
    noted = "path\tx.org/app\nmod\tx.org/app\tv1\t\n"
    noted += "dep\tx.org/a\tv1\th1:\n=>\tx.org/b\tv2\th1:\ndep\tx.org/c\tv3\th\n"

    found = go_modules(go_section("go1.22.1", noted))

    assert found is not None
    assert found["modules"] == [["x.org/b", "v2"], ["x.org/c", "v3"]]


def test_a_program_of_the_distribution_has_a_path_and_no_module() -> None:
    found = go_modules(go_section("go1.19", "path\tcmd/go\n"))

    assert found is not None
    assert (found["name"], found["version"], found["modules"]) == ("cmd/go", "go1.19", [])


@given(st.binary(max_size=200), st.integers(0, 200))
def test_damage_to_what_go_noted_raises_nothing(spoilt: bytes, place: int) -> None:
    section = go_section("go1.22.1", "path\tx\nmod\tx\tv1\t\ndep\ty\tv2\n")

    found = go_modules(section[:32] + section[32 : 32 + place] + spoilt)

    assert found is None or isinstance(found["modules"], list)


def test_what_cargo_auditable_notes_is_found_in_a_program(tool: Callable[[str], str], tmp_path: Path) -> None:
    """Crates that only built it are no part of it."""
    (tmp_path / "a.c").write_text("int main(void) { return 0; }\n")
    (tmp_path / "noted").write_bytes(zlib.compress(json.dumps(CRATES).encode()))
    subprocess.run([tool("gcc"), "-o", tmp_path / "plain", tmp_path / "a.c"], check=True)
    section = f"--add-section=.dep-v0={tmp_path}/noted"
    subprocess.run([tool("objcopy"), section, tmp_path / "plain", tmp_path / "out"], check=True)

    found = of_file(tmp_path / "out")

    assert found == {
        "language": "rust",
        "name": "app",
        "version": "2.0.0",
        "toolchain": "",
        "modules": [["log", "0.4.1"]],
    }


@pytest.mark.parametrize(
    "section",
    [
        b"",
        b"no zlib",
        zlib.compress(b"[1]"),
        zlib.compress(b'{"packages": []}'),
        zlib.compress(b'{"packages": [{"name": 1}]}'),
        zlib.compress(b"[" * 100_000),
        zlib.compress(json.dumps(CRATES).encode())[:20],
        zlib.compress(b'{"packages": [' + b" " * (1 << 24) + b"]}"),
    ],
)
def test_what_cargo_auditable_never_wrote_is_none(section: bytes) -> None:
    assert rust_crates(section) is None
