"""Debian's packages: dpkg's records against the files that are there."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from layerscope.inspection import inspect
from tests.conftest import PROJECT
from tests.oci.tar.raw import member
from tests.packages.stacks import package, packages_of, sizes
from tests.sources.images import layer, whiteout


def stanza(name: str, version: str = "1", architecture: str = "amd64", state: str = "installed") -> bytes:
    """A package as the file ``status`` has it."""
    return (
        f"Package: {name}\nStatus: install ok {state}\nArchitecture: {architecture}\nVersion: {version}\n"
        "Description: it\n Package: no field\n\n"
    ).encode()


def status(*stanzas: bytes) -> bytes:
    return member(b"var/lib/dpkg/status", b"".join(stanzas))


def listed(name: str, *paths: str) -> bytes:
    """The list of a package's files."""
    return member(f"var/lib/dpkg/info/{name}.list".encode(), "".join(f"{p}\n" for p in paths).encode())


def test_a_package_weighs_what_its_files_do() -> None:
    found = packages_of(
        layer(
            status(stanza("tool", "1.2-3")),
            listed("tool", "/.", "/usr", "/usr/tool", "/usr/doc", "/usr/gone", "/usr/link"),
            member(b"usr/tool", b"t" * 100),
            member(b"usr/doc", b"d" * 10),
            member(b"usr/link", typeflag=b"2", link=b"tool"),
            member(b"usr/other", b"o" * 1000),
        )
    )

    tool = package(found, "tool")
    assert (tool.size_bytes, tool.file_count, tool.version, tool.architecture) == (110, 2, "1.2-3", "amd64")
    assert {row.path: row.size_bytes for row in found.unowned}["usr/other"] == 1000


def test_a_deleted_file_weighs_nothing_and_a_changed_one_what_it_is_now() -> None:
    found = packages_of(
        layer(
            status(stanza("tool")),
            listed("tool", "/a", "/b"),
            member(b"a", b"a" * 100),
            member(b"b", b"b" * 10),
        ),
        layer(whiteout(b"a"), member(b"b", b"b" * 33)),
    )

    assert sizes(found) == {"tool": 33}


def test_paths_lead_through_symlinks() -> None:
    """After the merge of /usr the lists still say /bin."""
    found = packages_of(
        layer(
            status(stanza("sh")),
            listed("sh", "/bin/sh"),
            member(b"bin", typeflag=b"2", link=b"usr/bin"),
            member(b"usr/bin/sh", b"s" * 7),
        )
    )

    assert sizes(found) == {"sh": 7}


def test_a_diverted_file_is_where_it_was_diverted_to() -> None:
    """The list, as dpkg -L prints it, names both paths; the one that diverts has its own there."""
    found = packages_of(
        layer(
            status(stanza("bash"), stanza("dash")),
            listed("bash", "/sh"),
            listed("dash", "/sh"),
            member(b"var/lib/dpkg/diversions", b"/sh\n/sh.distrib\ndash\n"),
            member(b"sh", b"d" * 5),
            member(b"sh.distrib", b"b" * 50),
        )
    )

    assert sizes(found) == {"bash": 50, "dash": 5}


def test_what_is_removed_but_for_its_configuration_is_no_package() -> None:
    found = packages_of(layer(status(stanza("gone", state="config-files"), stanza("there"))))

    assert list(sizes(found)) == ["there"]


def test_packages_of_several_architectures_have_lists_of_their_own() -> None:
    found = packages_of(
        layer(
            status(stanza("libc6"), stanza("libc6", architecture="i386")),
            listed("libc6:amd64", "/lib64/libc"),
            listed("libc6:i386", "/lib/libc"),
            member(b"lib64/libc", b"x" * 64),
            member(b"lib/libc", b"x" * 32),
        )
    )

    assert {one.architecture: one.size_bytes for one in found.packages} == {"amd64": 64, "i386": 32}


def test_a_package_came_with_the_layer_that_brought_its_version() -> None:
    """A later layer that installs others, or only touches the file, is none of its business."""
    found = packages_of(
        layer(status(stanza("kept"), stanza("upgraded"))),
        layer(status(stanza("kept"), stanza("upgraded", "2"), stanza("new"))),
        layer(member(b"var/lib/dpkg/status", stanza("kept") + stanza("upgraded", "2") + stanza("new"))),
    )

    assert {one.name: one.layer for one in found.packages} == {"kept": 0, "upgraded": 1, "new": 1}


def test_apt_knows_who_asked_for_a_package() -> None:
    states = b"Package: lib\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: data\nArchitecture: amd64\n"
    found = packages_of(
        layer(
            status(stanza("tool"), stanza("lib"), stanza("data", architecture="all")),
            member(b"var/lib/apt/extended_states", states + b"Auto-Installed: 1\n"),
        )
    )

    assert {one.name: one.manual for one in found.packages} == {"tool": True, "lib": False, "data": False}


def test_images_without_dpkg_have_a_file_for_each_package() -> None:
    found = packages_of(
        layer(
            member(b"var/lib/dpkg/status.d/base-files", b"Package: base-files\nVersion: 12\n"),
            member(b"var/lib/dpkg/status.d/base-files.md5sums", b"0123  usr/lib/os-release\n"),
            member(b"usr/lib/os-release", b"ID=debian\n"),
        )
    )

    base = package(found, "base-files")
    assert (base.version, base.size_bytes, base.manual, base.architecture) == ("12", 10, None, None)


def test_a_file_of_two_packages_is_counted_once() -> None:
    found = packages_of(
        layer(
            status(stanza("a"), stanza("b")),
            listed("a", "/f", "/g"),
            listed("b", "/f", "/h"),
            member(b"f", b"f" * 100),
            member(b"g", typeflag=b"1", link=b"f"),
            member(b"h", typeflag=b"1", link=b"f"),
        )
    )

    assert sizes(found) == {"a": 100, "b": 0}


def test_records_that_a_layer_removed_tell_nothing() -> None:
    found = packages_of(
        layer(status(stanza("tool")), listed("tool", "/f"), member(b"f", b"f")),
        layer(whiteout(b"var/lib/dpkg")),
    )

    assert (found.packages, found.unowned_bytes) == ((), 1)


def test_files_that_only_look_like_records_are_passed_over() -> None:
    found = packages_of(
        layer(
            member(b"var/lib/apt/lists/x_Packages", stanza("offered")),
            member(b"var/lib/dpkg/status-old", stanza("old")),
            member(b"opt/var/lib/dpkg/info/x.list", b"/f\n"),
            member(b"etc/apt/sources.list", b"deb x\n"),
        )
    )

    assert found.packages == ()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\n\n", b"Package:\n\n", b"Package: x", b"\n\n\n: :\n"])
def test_damaged_records_do_no_harm(content: bytes) -> None:
    found = packages_of(
        layer(
            *(
                member(f"var/lib/dpkg/{name}".encode(), content)
                for name in ("status", "diversions", "info/x.list")
            )
        )
    )

    assert sizes(found) in ({}, {"x": 0})


def test_dpkg_itself_names_the_same_packages_and_files(tool: Callable[[str], str], tmp_path: Path) -> None:
    """The sample's own database, read by dpkg-query; sizes are those of the files in the unpacked layers."""
    dpkg_query = tool("dpkg-query")
    inspection = inspect(str(PROJECT / "sample_images/wasteful.tar"))
    files = unpacked(PROJECT / "sample_images/wasteful.tar", tmp_path)
    run = [dpkg_query, f"--admindir={tmp_path}/var/lib/dpkg"]
    names = subprocess.run([*run, "-W", "-f", "${Package} ${Version}\n"], capture_output=True, check=True)

    theirs = {}
    for line in names.stdout.decode().splitlines():
        name, _, version = line.partition(" ")
        paths = subprocess.run([*run, "-L", name], capture_output=True, check=True).stdout.decode()
        theirs[name] = (version, sum(files.get(path, 0) for path in paths.splitlines()))

    ours = {one.name: (one.version, one.size_bytes) for one in inspection.packages.packages}
    assert {name: ours.get(name) for name in theirs} == theirs
    assert sum(size for _, size in theirs.values()) > 0


def unpacked(archive: Path, folder: Path) -> dict[str, int]:
    """The sizes of an archive's visible files; what dpkg wrote down goes into the folder."""
    sizes_of: dict[str, int] = {}
    with tarfile.open(archive) as image:
        manifest = image.extractfile("manifest.json")
        assert manifest is not None
        for blob in json.load(manifest)[0]["Layers"]:
            stream = image.extractfile(blob)
            assert stream is not None
            with tarfile.open(fileobj=io.BytesIO(stream.read())) as tar:
                for item in tar:
                    above, _, name = item.name.rpartition("/")
                    if name.startswith(".wh."):
                        gone = f"/{above}/{name.removeprefix('.wh.')}"
                        for path in [p for p in sizes_of if p == gone or p.startswith(f"{gone}/")]:
                            del sizes_of[path]
                    elif item.isreg():
                        sizes_of[f"/{item.name}"] = item.size
                        if item.name.startswith("var/lib/dpkg/"):
                            tar.extract(item, folder, filter="data")
    return sizes_of
