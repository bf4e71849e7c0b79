"""What dpkg and apt wrote down."""

from __future__ import annotations

from typing import Any

import pytest

from layerscope.oci.tar.scanner import scan_tar
from layerscope.probes.dpkg import PROBE
from tests.oci.tar.raw import END, member

STANZA = b"Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n"
READ = [{"name": "a", "version": "1", "architecture": "all"}]


@pytest.mark.parametrize(
    ("path", "content", "fact"),
    [
        (b"var/lib/dpkg/status", STANZA, READ),
        (b"var/lib/dpkg/status.d/a", STANZA, READ),
        (b"var/lib/dpkg/status.d/a.md5sums", b"0  f\n", "0  f\n"),
        (b"var/lib/dpkg/info/a.list", b"/f\n", "/f\n"),
        (b"var/lib/dpkg/diversions", b"/a\n/b\nc\n", "/a\n/b\nc\n"),
        (b"var/lib/apt/extended_states", STANZA, []),
        (b"var/lib/dpkg/status-old", STANZA, None),
        (b"var/lib/dpkg/info/a.md5sums", b"0  f\n", None),
        (b"var/lib/apt/lists/x_Packages", STANZA, None),
        (b"etc/apt/sources.list", b"deb\n", None),
        (b"srv/var/lib/dpkg/info/a.list", b"/f\n", None),
    ],
)
def test_which_files_it_reads(path: bytes, content: bytes, fact: Any) -> None:
    scan = scan_tar(iter([member(path, content) + END]), [PROBE])

    assert scan.facts.get("dpkg", {}).get(path.decode()) == fact


@pytest.mark.parametrize(
    ("state", "is_there"),
    [("installed", True), ("half-configured", True), ("config-files", False), ("not-installed", False)],
)
def test_a_package_is_there_when_its_files_are(state: str, *, is_there: bool) -> None:
    content = f"Package: a\nStatus: deinstall ok {state}\n".encode()

    sink = PROBE.begin("var/lib/dpkg/status", len(content))
    sink.feed(memoryview(content))

    assert bool(sink.finish()) is is_there


def test_of_an_endless_file_only_the_beginning_is_kept() -> None:
    sink = PROBE.begin("var/lib/dpkg/status", 1 << 40)
    sink.feed(memoryview(STANZA + b"\n"))
    sink.feed_hole(1 << 40)

    assert sink.finish() == READ
