"""What rpm wrote down, in each of its databases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.inspection import inspect
from layerscope.oci.tar.scanner import scan_tar
from layerscope.probes.rpm import PROBE
from tests.oci.tar.raw import END, member
from tests.probes.rpm_databases import header, in_bdb, in_ndb, in_sqlite, joined, numbers, text, texts

TOOL = header("tool", "/usr/bin/tool", "/etc/tool.conf", "/usr/bin/x", epoch=3)
BIG = header("big", *(f"/usr/share/big/{number}" for number in range(1000)))
READ = [
    {
        "name": "big",
        "version": "1-2",
        "architecture": "noarch",
        "files": "\n".join(f"/usr/share/big/{number}" for number in range(1000)),
    },
    {
        "name": "tool",
        "version": "3:1-2",
        "architecture": "noarch",
        "files": "/usr/bin/tool\n/etc/tool.conf\n/usr/bin/x",
    },
]
SPEC = """Name: {0}
Epoch: {1}
Version: 1.5
Release: {1}
Summary: it
License: MIT
BuildArch: noarch
%description
it
%install
mkdir -p %{{buildroot}}/usr/bin %{{buildroot}}/usr/share/{0}
head -c 1000 /dev/zero > %{{buildroot}}/usr/bin/{0}
head -c 70 /dev/zero > %{{buildroot}}/usr/share/{0}/data
%files
/usr/bin/{0}
/usr/share/{0}
%ghost /var/log/{0}.log
"""
QUERY = "PACKAGE %{name}\t%|epoch?{%{epoch}:}|%{version}-%{release}\t%|arch?{%{arch}}|\n"
FILES = "[%{filestates}\t%{fileflags}\t%{filenames}\n]"


def fact_of(data: bytes, path: str = "var/lib/rpm/Packages") -> Any:
    sink = PROBE.begin(path, len(data))
    sink.feed(memoryview(data))
    return sink.finish()


def said_by(rpm: str, folder: Path, backend: str) -> list[tuple[tuple[str, ...], list[str]]]:
    """What rpm says of a database: its packages, and the files that these ship."""
    said = subprocess.run(
        [rpm, "--dbpath", folder, "--define", f"_db_backend {backend}", "-qa", "--qf", QUERY + FILES],
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[tuple[tuple[str, ...], list[str]]] = []
    for line in said.stdout.splitlines():
        first, *rest = line.split("\t")
        if first.startswith("PACKAGE "):
            found.append(((first.removeprefix("PACKAGE "), *rest), []))
        elif first in "03" and not int(rest[0]) & 64:  # normal, not a ghost
            found[-1][1].append(rest[1])
    return sorted((package, sorted(files)) for package, files in found)


def as_said(fact: Any) -> list[tuple[tuple[str, ...], list[str]]]:
    """The fact in the same form."""
    return sorted(
        ((one["name"], one["version"], one["architecture"]), sorted(filter(None, one["files"].split("\n"))))
        for one in fact
    )


@pytest.mark.parametrize(
    "data",
    [
        in_sqlite(TOOL, BIG),
        in_ndb(TOOL, BIG),
        in_bdb(TOOL, BIG),
        in_bdb(TOOL, BIG, page_bytes=512, order=">"),
    ],
    ids=["sqlite", "ndb", "bdb", "bdb of another machine"],
)
def test_every_database_tells_the_same(data: bytes) -> None:
    assert fact_of(data) == READ


@pytest.mark.parametrize(
    ("path", "is_read"),
    [
        (b"var/lib/rpm/rpmdb.sqlite", True),
        (b"usr/lib/sysimage/rpm/Packages.db", True),
        (b"var/lib/rpm/Packages", True),
        (b"var/lib/rpm/Name", False),
        (b"srv/var/lib/rpm/Packages", False),
    ],
)
def test_which_files_it_reads(path: bytes, *, is_read: bool) -> None:
    scan = scan_tar(iter([member(path, in_ndb(TOOL)) + END]), [PROBE])

    assert ("rpm" in scan.facts) is is_read


def test_what_a_package_does_not_ship_is_not_its_own() -> None:
    """Replaced, left out, of another architecture; a ghost; normal, and on a shared disk."""
    data = in_ndb(header("a", *"123456", states=(1, 2, 4, 0, 0, 3), flags=(0, 0, 0, 64, 2, 0)))

    assert fact_of(data)[0]["files"] == "/5\n/6"


def test_rpm_says_the_same_of_a_database_that_it_made(tool: Callable[[str], str], tmp_path: Path) -> None:
    rpm = tool("rpm")
    for number, name in enumerate(("one", "two", "three")):
        spec = tmp_path / f"{name}.spec"
        spec.write_text(SPEC.format(name, number))
        folders = [f"_topdir {tmp_path}/top", f"_rpmdir {tmp_path}/rpms"]
        options: list[str] = [word for folder in folders for word in ("--define", folder)]
        subprocess.run([tool("rpmbuild"), "-bb", *options, str(spec)], check=True, capture_output=True)
    packages = sorted((tmp_path / "rpms").rglob("*.rpm"))
    install = [rpm, "--dbpath", f"{tmp_path}/db", "-i", "--justdb", "--nodeps", "--force-debian"]
    subprocess.run([*install, *map(str, packages)], check=True, capture_output=True)

    fact = fact_of((tmp_path / "db/rpmdb.sqlite").read_bytes())

    assert as_said(fact) == said_by(rpm, tmp_path / "db", "sqlite")
    assert [(one["name"], one["version"]) for one in fact] == [
        ("one", "0:1.5-0"),
        ("three", "2:1.5-2"),
        ("two", "1:1.5-1"),
    ]


def test_rpm_says_the_same_of_a_distribution_s_database(
    tool: Callable[[str], str], shared_dir: Path, tmp_path: Path
) -> None:
    """Berkeley DB, as rpm wrote it in the image; this rpm still reads it."""
    archive = shared_dir / "images/archives/ubi8-rootfs.tar.gz"
    subprocess.run(
        [sys.executable, "-m", "layerscope", "extract", archive, "/var/lib/rpm", "-o", tmp_path / "out"],
        check=True,
        capture_output=True,
    )
    (database,) = (tmp_path / "out").rglob("Packages")

    (fact,) = (
        facts["var/lib/rpm/Packages"]
        for changeset in inspect(str(archive)).changesets
        if (facts := changeset.facts.get("rpm"))
    )

    assert as_said(fact) == said_by(tool("rpm"), database.parent, "bdb_ro")
    assert len(fact) > 150


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"x" * 600, "unknown form"),
        (b"SQLite format 3\0" + b"x" * 600, "damaged"),
        (in_sqlite(before="CREATE TABLE Other (a)"), "no table of packages"),
        (in_ndb(TOOL)[:4200], "damaged"),
        (in_ndb(TOOL).replace(b"BlbS", b"Blob"), "damaged"),
        (in_ndb(b"\xff" * 100), "damaged"),
        (in_bdb(TOOL)[: 4096 * 2], "damaged"),
    ],
)
def test_a_damaged_database_says_so(data: bytes, why: str) -> None:
    assert why in fact_of(data)["unreadable"]


def test_an_empty_database_is_none() -> None:
    """Where rpm reads another database, it leaves an empty file."""
    assert fact_of(b"") is None


@pytest.mark.parametrize("data", [in_sqlite(TOOL, BIG), in_ndb(TOOL, BIG), in_bdb(TOOL, BIG)])
def test_damage_anywhere_raises_nothing(data: bytes) -> None:
    @given(place=st.integers(0, len(data) - 1), byte=st.integers(0, 255), end=st.integers(1, len(data)))
    def damaged(place: int, byte: int, end: int) -> None:
        spoilt = bytearray(data)
        spoilt[place] = byte

        assert isinstance(fact_of(bytes(spoilt)), list | dict)
        assert isinstance(fact_of(bytes(spoilt[:end])), list | dict)

    damaged()


def test_a_view_that_never_ends_is_not_asked() -> None:
    """Nor is a table whose rows are computed."""
    endless = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS hnum, x AS blob FROM n"
    )

    assert "unreadable" in fact_of(in_sqlite(before=f"CREATE VIEW Packages AS {endless}"))


def test_packages_that_share_their_bytes_are_refused() -> None:
    """A database of 4 kB whose 250 slots name one package of 4 kB would be a megabyte."""
    data = bytearray(in_ndb(BIG))
    for place in range(48, 4096, 16):
        data[place : place + 16] = data[32:48]

    assert "overlap" in fact_of(bytes(data))["unreadable"]


def test_paths_do_not_grow_beyond_the_bound() -> None:
    """A folder of a megabyte with a hundred thousand files in it."""
    count = 100_000
    data = in_ndb(
        joined(
            [
                text(1000, "bomb"),
                numbers(1116, *[0] * count),
                texts(1117, *["y"] * count),
                texts(1118, "/" + "x" * 1_000_000),
            ]
        )
    )

    (package,) = fact_of(data)

    assert len(package["files"]) <= 1 << 27


def test_what_is_larger_than_the_bound_is_not_read() -> None:
    sink = PROBE.begin("var/lib/rpm/Packages", 1 << 40)
    sink.feed(memoryview(in_ndb(TOOL)))
    sink.feed_hole(1 << 40)

    assert "larger than 128 MiB" in sink.finish()["unreadable"]
