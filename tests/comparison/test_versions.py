"""Which version is newer, as those say who made the rules."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from itertools import product

import pytest
from packaging.version import Version

from layerscope.comparison.versions import is_newer

DEBIAN = (
    *(
        "1.0",
        "1.0-1",
        "1.0-2",
        "1.0~rc1-1",
        "1.0~rc1",
        "1.0+b1",
        "1.0a",
        "1:0.9",
        "2.0",
        "10.0",
        "1.0-1+deb12u1",
    ),
    *("1.0-1+deb12u10", "1.0-1~bpo12+1", "1.0.1", "12.2.0-14+deb12u1", "1.0.0", "0", "1.0-0", "2:9.0.1378-2"),
)
PYTHON = (
    *(
        "1.0",
        "1.0.0",
        "1.0.1",
        "1.0a1",
        "1.0b2",
        "1.0rc1",
        "1.0.dev3",
        "1.0.post1",
        "1!0.5",
        "2.0",
        "10.0",
        "1.10",
    ),
    *("1.9", "v1.0.2", "1.0rc2", "1.0a2"),
)
# semver.org, 11.4
SEMVER = (
    "1.0.0-alpha",
    "1.0.0-beta",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.1.0",
    "2.0.0-rc.1",
    "2.0.0",
    "10.0.0",
)


def test_debians_versions_as_dpkg_compares_them(tool: Callable[[str], str]) -> None:
    dpkg = tool("dpkg")

    def says(relation: str, old: str, new: str) -> bool:
        command = [dpkg, "--compare-versions", old, relation, new]
        return subprocess.run(command, check=False).returncode == 0

    for old, new in product(DEBIAN, repeat=2):
        expected = True if says("lt", old, new) else False if says("gt", old, new) else None
        assert is_newer("dpkg", old, new) is expected, (old, new)


def test_pythons_versions_as_packaging_compares_them() -> None:
    for old, new in product(PYTHON, repeat=2):
        before, after = Version(old), Version(new)
        expected = None if before == after else before < after
        assert is_newer("pip", old, new) is expected, (old, new)


def test_npms_versions_stand_in_the_order_of_semver() -> None:
    for (low, old), (high, new) in product(enumerate(SEMVER), repeat=2):
        assert is_newer("npm", old, new) is (None if low == high else low < high), (old, new)


@pytest.mark.parametrize(
    ("old", "new"), [("main", "dev"), ("", "1.0"), ("1.0", "unknown"), ("1.0+a", "1.0+b")]
)
def test_what_nobody_can_order_is_left_open(old: str, new: str) -> None:
    assert is_newer("npm", old, new) is None
