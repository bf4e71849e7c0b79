"""Where the loader looks: as ldconfig and the loader itself say of the same files."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import pytest

from layerscope.advice.loader_settings import LoaderSettings
from layerscope.advice.shared_libraries import SharedLibraries
from layerscope.advice.visible_paths import VisiblePaths
from tests.advice.test_runtime_closure import elf
from tests.advice.test_splitting import packed
from tests.conftest import engine_missing
from tests.union.dsl import file, layer, stack

CONF = "etc/ld.so.conf"
FILES = {
    CONF: "/opt/first/lib # why\n\n# no\ninclude ld.so.conf.d/*.conf more/*/x.conf\n  /opt/last/lib\n",
    "etc/ld.so.conf.d/b.conf": "/opt/b\n/opt/first/lib\n",
    "etc/ld.so.conf.d/a.conf": "/opt/a\ninclude /etc/ld.so.conf.d/b.conf\n/opt/twice\n",
    "etc/ld.so.conf.d/c.txt": "/opt/not\n",
    "etc/more/deep/x.conf": "/opt/more\n/opt/a\n",
    "etc/more/x.conf": "/opt/not\n",
}
FOLDERS = ("first/lib", "last/lib", "a", "b", "twice", "more", "not")


def settings_of(texts: Mapping[str, str], *files: str) -> LoaderSettings:
    """Settings beside these other files."""
    return LoaderSettings(VisiblePaths(stack(layer(*map(file, (*texts, *files))))), texts)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with the settings and all folders of them."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    for folder in FOLDERS:
        (tmp_path / "opt" / folder).mkdir(parents=True)
    return tmp_path


def test_the_folders_and_what_names_them_are_those_of_ldconfig(
    root: Path, tool: Callable[[str], str]
) -> None:
    said = subprocess.run(
        [tool("ldconfig"), "-v", "-N", "-X", "-r", str(root)], capture_output=True, text=True, check=True
    ).stdout
    told = re.findall(r"^/(\S+): \(from /(\S+?):\d+\)$", said, re.MULTILINE)

    found = settings_of(FILES)

    assert list(found.configured.items()) == told
    assert len(told) == 6


def test_a_library_is_found_where_the_loader_finds_it(root: Path, tool: Callable[[str], str]) -> None:
    """A program of this machine in a root of its own; one of its libraries lies in three folders."""
    if os.geteuid() != 0:
        engine_missing("only root can change its root")
    program = tool("tar")
    said = subprocess.run([tool("ldd"), program], capture_output=True, text=True, check=True).stdout
    needed = {word for line in said.splitlines() for word in line.split() if word.startswith("/")}
    library = next((path for path in sorted(needed) if "libacl.so" in path), None)
    if library is None:
        engine_missing("the tar of this machine needs no libacl")
    name = Path(library).name
    with tarfile.open(fileobj=BytesIO(packed({*needed - {library}, program}))) as archive:
        archive.extractall(root, filter="fully_trusted")  # noqa: S202 - made just now
    for folder in ("more", "not", "last/lib"):
        (root / "opt" / folder / name).write_bytes(Path(library).read_bytes())
    subprocess.run([tool("ldconfig"), "-r", str(root)], check=True)
    loader = next(path for path in needed if "/ld-" in path)
    listed = subprocess.run(
        [tool("chroot"), str(root), loader, "--list", program], capture_output=True, text=True, check=True
    ).stdout
    (path,) = re.findall(rf"{re.escape(name)} => /(\S+)", listed)

    files = [f"opt/{folder}/{name}" for folder in ("more", "not", "last/lib")]
    paths = VisiblePaths(stack(layer(*map(file, (*FILES, *files, "bin/tar")))))
    libraries = SharedLibraries(paths, {"bin/tar": elf(name)}, "", FILES)

    assert libraries.find(name, "bin/tar") == (path, True)
    assert libraries.through_cache == {path: "etc/more/deep/x.conf"}


@pytest.mark.parametrize(
    ("text", "folders"),
    [(None, ["lib", "usr/local/lib", "usr/lib"]), ("/opt/a:/opt/b\n/opt/c\n", ["opt/a", "opt/b", "opt/c"])],
)
def test_musl_has_a_file_of_its_own(text: str | None, folders: list[str]) -> None:
    texts = {"etc/ld-musl-x86_64.path": text} if text is not None else {}

    found = settings_of(texts | FILES, "lib/ld-musl-x86_64.so.1")

    assert (found.is_musl, found.usual, found.configured) == (True, folders, {})


def test_without_settings_the_loader_looks_only_where_it_was_built_to() -> None:
    found = settings_of({}, "lib64/ld-linux-x86-64.so.2", "usr/lib/x86_64-linux-gnu/libc.so.6")

    assert found.usual == ["usr/lib/x86_64-linux-gnu", "lib64", "usr/lib64", "lib", "usr/lib"]
    assert "usr/local/lib" not in found.configured


def test_settings_that_include_each_other_end() -> None:
    texts = {CONF: "include ld.so.conf.d/a\n/x\n", "etc/ld.so.conf.d/a": "include /etc/ld.so.conf /etc/*/a\n"}

    assert settings_of(texts).configured == {"x": CONF}
