"""What package.json says of Node's packages."""

from __future__ import annotations

from typing import Any

import pytest

from layerscope.oci.tar.scanner import scan_tar
from layerscope.probes.node_packages import PROBE
from tests.oci.tar.raw import END, member

MANIFEST = b'{"name": "a", "version": "1", "dependencies": {"b": "2"}, "devDependencies": {"c": "3"}}'
READ = {"name": "a", "version": "1", "needs": ["b", "c"]}


@pytest.mark.parametrize(
    ("path", "is_read"),
    [
        (b"package.json", True),
        (b"app/package.json", True),
        (b"app/node_modules/a/package.json", True),
        (b"app/node_modules/@scope/a/package.json", True),
        (b"app/node_modules/a/node_modules/b/package.json", True),
        (b"app/node_modules/a/lib/package.json", False),
        (b"app/node_modules/@scope/package.json", False),
        (b"app/node_modules/.cache/package.json", False),
        (b"app/node_modules/package.json", False),
        (b"app/package.json5", False),
    ],
)
def test_which_files_it_reads(path: bytes, *, is_read: bool) -> None:
    scan = scan_tar(iter([member(path, MANIFEST) + END]), [PROBE])

    assert scan.facts.get("node-packages", {}) == ({path.decode(): READ} if is_read else {})


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"\xef\xbb\xbf" + MANIFEST, READ),
        (b'{"name": 3, "version": null, "dependencies": []}', {"name": "", "version": "", "needs": []}),
        (b"[]", None),
        (b"{", None),
        (b"\xff", None),
        (b'{"name": "\\ud800"}', None),
        (b"[" * 100_000, None),
    ],
)
def test_odd_manifests(content: bytes, fact: Any) -> None:
    scan = scan_tar(iter([member(b"package.json", content) + END]), [PROBE])

    assert scan.facts.get("node-packages", {}).get("package.json") == fact
