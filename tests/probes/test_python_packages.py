"""What installers wrote down of Python's packages."""

from __future__ import annotations

from typing import Any

import pytest

from layerscope.oci.tar.scanner import scan_tar
from layerscope.probes.python_packages import PROBE
from tests.oci.tar.raw import END, member

HEAD = b"Metadata-Version: 2.1\nName: Flask\nVersion: 3.0\n\nName: no field\n"
READ = {"name": "Flask", "version": "3.0"}


@pytest.mark.parametrize(
    ("path", "content", "fact"),
    [
        (b"x/flask-3.0.dist-info/METADATA", HEAD, READ),
        (b"x/flask.egg-info/PKG-INFO", HEAD, READ),
        (b"x/flask-3.0.dist-info/RECORD", b'a.py,sha256=x,3\n"a,b.py",,\n\n', "a.py\na,b.py"),
        (b"x/flask.egg-info/installed-files.txt", b"../a.py\n", "../a.py"),
        (b"x/flask-3.0.dist-info/METADATA", b"Version: 1\n", None),
        (b"srv/METADATA", HEAD, None),
        (b"srv/installed-files.txt", b"a\n", None),
        (b"x/flask-3.0.dist-info/LICENSE", HEAD, None),
    ],
)
def test_which_files_it_reads(path: bytes, content: bytes, fact: Any) -> None:
    scan = scan_tar(iter([member(path, content) + END]), [PROBE])

    assert scan.facts.get("python-packages", {}).get(path.decode()) == fact


def test_a_line_too_long_for_csv_is_no_error() -> None:
    content = b"a" * 200_000 + b",,\n"

    scan = scan_tar(iter([member(b"x/a.dist-info/RECORD", content) + END]), [PROBE])

    assert scan.facts["python-packages"] == {"x/a.dist-info/RECORD": ""}
