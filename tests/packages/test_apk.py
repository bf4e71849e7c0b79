"""Alpine's packages: apk's records against the files that are there."""

from __future__ import annotations

import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from layerscope.inspection import inspect
from tests.oci.tar.raw import member
from tests.packages.stacks import package, packages_of, sizes
from tests.sources.images import layer


def record(name: str, *paths: str, version: str = "1-r0", needs: str = "", provides: str = "") -> str:
    """A package as the file ``installed`` has it."""
    files = "".join("F:{0}\nR:{2}\n".format(*path.rpartition("/")) for path in paths)
    return f"P:{name}\nV:{version}\nA:x86_64\nD:{needs}\np:{provides}\n{files}\n"


def installed(*records: str, path: bytes = b"lib/apk/db/installed") -> bytes:
    return member(path, "".join(records).encode())


def test_a_package_weighs_what_its_files_do() -> None:
    found = packages_of(
        layer(
            installed(record("tool", "usr/bin/tool", "gone", "usr/link"), record("other", "x")),
            member(b"usr/bin/tool", b"t" * 100),
            member(b"usr/link", typeflag=b"2", link=b"bin/tool"),
            member(b"x", b"x" * 7),
            member(b"y", b"y" * 5),
        )
    )

    assert sizes(found) == {"tool": 100, "other": 7}
    assert (package(found, "tool").kind, package(found, "tool").file_count) == ("apk", 1)


@pytest.mark.parametrize(
    ("world", "asked"),
    [
        (b"tool\n", {"tool"}),
        (b"tool=1-r0\n", {"tool"}),
        (b".build\n", {".build", "gcc"}),
        (b"old-lib\n", {"lib"}),
        (b"", set()),
    ],
)
def test_world_names_what_was_asked_for(world: bytes, asked: set[str]) -> None:
    """Also by way of a virtual package, and by another name that a package stands for."""
    found = packages_of(
        layer(
            installed(
                record("tool", needs="lib"),
                record("lib", provides="old-lib=1-r0"),
                record(".build", needs="gcc"),
                record("gcc", needs="binutils"),
                record("binutils"),
            ),
            member(b"etc/apk/world", world),
        )
    )

    assert {one.name for one in found.packages if one.manual} == asked
    assert all(one.manual is not None for one in found.packages)


def test_without_a_world_nobody_knows() -> None:
    found = packages_of(layer(installed(record("tool"))))

    assert package(found, "tool").manual is None


def test_a_package_came_with_the_layer_that_brought_its_version() -> None:
    found = packages_of(
        layer(installed(record("kept"), record("upgraded"))),
        layer(installed(record("kept"), record("upgraded", version="2-r0"), record("new"))),
    )

    assert {one.name: one.layer for one in found.packages} == {"kept": 0, "upgraded": 1, "new": 1}


def test_a_database_behind_a_link_is_one() -> None:
    found = packages_of(
        layer(
            member(b"lib", typeflag=b"2", link=b"usr/lib"),
            installed(record("tool", "usr/bin/tool"), path=b"usr/lib/apk/db/installed"),
        )
    )

    assert [one.record for one in found.packages] == ["usr/lib/apk/db/installed"]


def test_apk_itself_names_the_same_packages_and_files(
    tool: Callable[[str], str], shared_dir: Path, tmp_path: Path
) -> None:
    """The image's own apk, run in its own filesystem."""
    if os.geteuid() != 0:
        pytest.skip("only root can change the root")
    archive = shared_dir / "images/archives/alpine314-docker25.tar"
    unpack(archive, tmp_path, tool("tar"))
    apk = [tool("chroot"), str(tmp_path), "/sbin/apk", "--no-network", "info"]

    theirs = {}
    for name in subprocess.run(apk, capture_output=True, text=True, check=True).stdout.split():
        listing = subprocess.run([*apk, "-qL", name], capture_output=True, text=True, check=True).stdout
        paths = {tmp_path / line for line in listing.split("\n") if line}
        theirs[name] = sum(path.lstat().st_size for path in paths if path.is_file() and not path.is_symlink())

    ours = inspect(str(archive)).packages
    assert {one.name: one.size_bytes for one in ours.packages} == theirs
    assert sum(theirs.values()) > 5_000_000


def unpack(archive: Path, folder: Path, tar: str) -> None:
    """The only layer of an archive as files."""
    with tarfile.open(archive) as image:
        (layer,) = (item for item in image if item.size > 1_000_000)
        stream = image.extractfile(layer)
        assert stream is not None
        subprocess.run([tar, "-xz", "-C", folder], input=stream.read(), check=True)
