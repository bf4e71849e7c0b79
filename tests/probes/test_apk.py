"""What apk wrote down."""

from __future__ import annotations

from typing import Any

import pytest

from layerscope.oci.tar.scanner import scan_tar
from layerscope.probes.apk import PROBE
from tests.oci.tar.raw import END, member

RECORD = b"""C:Q1abc=
P:musl
V:1.2-r0
A:x86_64
S:100
D:so:libc.so.1 a>=1 !b c@edge~2
p:libc-utils=1.2-r0 cmd:ldd=1.2-r0 so:libx.so=1
F:
R:root-file
F:lib
M:0:0:755
R:ld.so
Z:Q1x=
F:etc

P:empty
V:1

"""
READ = [
    {
        "name": "musl",
        "version": "1.2-r0",
        "architecture": "x86_64",
        "needs": ["so:libc.so.1", "a", "c"],
        "provides": ["libc-utils"],
        "files": "root-file\nlib/ld.so",
    },
    {"name": "empty", "version": "1", "architecture": "", "needs": [], "provides": [], "files": ""},
]


@pytest.mark.parametrize(
    ("path", "content", "fact"),
    [
        (b"lib/apk/db/installed", RECORD, READ),
        (b"usr/lib/apk/db/installed", RECORD, READ),
        (b"etc/apk/world", b"musl\nbusybox>1\n.build\n!x\n", ["musl", "busybox", ".build"]),
        (b"lib/apk/db/installed", b"", []),
        (b"lib/apk/db/installed", b"\xff:\n\nP\nR:x\n\n:::\n\n", []),
        (b"lib/apk/db/installed", RECORD[: RECORD.index(b"P:empty") + 7], READ[:1]),
        (b"lib/apk/db/triggers", RECORD, None),
        (b"srv/lib/apk/db/installed", RECORD, None),
    ],
)
def test_which_files_it_reads(path: bytes, content: bytes, fact: Any) -> None:
    scan = scan_tar(iter([member(path, content) + END]), [PROBE])

    assert scan.facts.get("apk", {}).get(path.decode()) == fact


def test_paths_do_not_grow_beyond_the_bound() -> None:
    """A folder of a megabyte with a hundred thousand files in it."""
    content = b"P:bomb\nF:" + b"x" * 1_000_000 + b"\n" + b"R:y\n" * 100_000 + b"\n"
    sink = PROBE.begin("lib/apk/db/installed", len(content))
    sink.feed(memoryview(content))

    (package,) = sink.finish()

    assert len(package["files"]) < 1 << 27
