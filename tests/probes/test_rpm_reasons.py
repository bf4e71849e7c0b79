"""Why rpm's packages are there, as dnf, dnf 5 and zypper note it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.probes.rpm_reasons import PROBE

HISTORY = "var/lib/dnf/history.sqlite"
STATE = "usr/lib/sysimage/libdnf5/packages.toml"
ZYPPER = "var/lib/zypp/AutoInstalled"
INSTALL, UPGRADE, UPGRADED, REMOVE, REASON_CHANGE = 1, 6, 7, 8, 11
DEPENDENCY, USER, WEAK, GROUP = 1, 2, 4, 5
Item = tuple[str, int, int]
"""A package, what was done, and why."""


def fact_of(data: bytes, path: str) -> Any:
    sink = PROBE.begin(path, len(data))
    sink.feed(memoryview(data))
    return sink.finish()


def history(*transactions: Sequence[Item], failed: Sequence[int] = ()) -> bytes:
    """A history of these transactions, as far as it tells of reasons (libdnf, transaction database 1.2)."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        """
        CREATE TABLE trans (id INTEGER PRIMARY KEY AUTOINCREMENT, dt_begin INTEGER, state INTEGER NOT NULL);
        CREATE TABLE rpm (item_id INTEGER UNIQUE NOT NULL, name TEXT, epoch INTEGER, version TEXT,
            release TEXT, arch TEXT);
        CREATE TABLE trans_item (id INTEGER PRIMARY KEY AUTOINCREMENT, trans_id INTEGER, item_id INTEGER,
            repo_id INTEGER, action INTEGER NOT NULL, reason INTEGER NOT NULL, state INTEGER NOT NULL);
        """
    )
    item = 0
    for number, items in enumerate(transactions, 1):
        connection.execute("INSERT INTO trans VALUES (?, 0, ?)", (number, 2 if number in failed else 1))
        for name, action, reason in items:
            item += 1
            connection.execute("INSERT INTO rpm VALUES (?, ?, 0, '1', '1', 'x86_64')", (item, name))
            connection.execute(
                "INSERT INTO trans_item VALUES (NULL, ?, ?, 1, ?, ?, 1)", (number, item, action, reason)
            )
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


def test_the_last_transaction_says_why() -> None:
    data = history(
        [("app", INSTALL, USER), ("lib", INSTALL, DEPENDENCY), ("nice", INSTALL, WEAK), ("x", INSTALL, USER)],
        [("lib", UPGRADE, DEPENDENCY), ("lib", UPGRADED, USER), ("shell", INSTALL, GROUP)],
        [("nice", REASON_CHANGE, USER), ("x", REMOVE, USER)],
        [("app", REASON_CHANGE, DEPENDENCY)],
        failed=(4,),
    )

    assert fact_of(data, HISTORY) == {
        "automatic": ["lib.x86_64"],
        "asked": ["app.x86_64", "nice.x86_64", "shell.x86_64"],
    }


def test_dnf_5_notes_reasons_by_word() -> None:
    """Also a word that is not known: who wrote it did not take it for a dependency."""
    data = b"""
version = "1.0"
[packages]
"bash.x86_64" = {reason = "User"}
[packages."glibc.x86_64"]
reason = "Dependency"
[packages."langpack.noarch"]
reason = "Weak Dependency"
[packages."kernel.x86_64"]
reason = "External User"
"""

    assert fact_of(data, STATE) == {
        "automatic": ["glibc.x86_64", "langpack.noarch"],
        "asked": ["bash.x86_64", "kernel.x86_64"],
    }


def test_zypper_notes_what_came_for_others() -> None:
    data = b"# AutoInstalled generated 2024\nlibz1\n\n  libssl3 \nlibz1\n"

    assert fact_of(data, ZYPPER) == {"automatic": ["libssl3", "libz1"]}


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"x" * 600, HISTORY),
        (history()[:5000], HISTORY),
        (b"[packages", STATE),
        (b"\xff", STATE),
        (b"packages = 3", STATE),
        (b"[" * 5000, STATE),
    ],
)
def test_what_cannot_be_read_tells_nothing(data: bytes, path: str) -> None:
    assert fact_of(data, path) is None


def test_odd_values_are_passed_over() -> None:
    assert fact_of(b'[packages]\na = 3\nb = {reason = 4}\nc = {}\nd = {reason = "User"}', STATE) == {
        "automatic": [],
        "asked": ["d"],
    }


WHOLE = history([(f"p{number}", INSTALL, number % 5) for number in range(300)])


@given(place=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255), end=st.integers(1, len(WHOLE)))
def test_damage_anywhere_raises_nothing(place: int, byte: int, end: int) -> None:
    spoilt = bytearray(WHOLE)
    spoilt[place] = byte

    assert fact_of(bytes(spoilt), HISTORY) is None or fact_of(bytes(spoilt), HISTORY).keys() == {
        "automatic",
        "asked",
    }
    assert fact_of(bytes(spoilt[:end]), HISTORY) is None or end > 4096


SPEC = """Name: {0}
Version: {1}
Release: 1
Summary: it
License: MIT
BuildArch: noarch
{2}
%description
it
%files
"""
RELATIONS = {
    "app": "Requires: lib\nRecommends: nice",
    "lib": "",
    "nice": "",
    "tool": "",
    "gone": "",
    "kept": "",
}


def packed(tool: Callable[[str], str], folder: Path, version: str) -> None:
    """Packages of this version, as a repository."""
    for name, relations in RELATIONS.items():
        spec = folder / f"{name}.spec"
        spec.write_text(SPEC.format(name, version, relations))
        defined = ("--define", f"_topdir {folder}/top", "--define", f"_rpmdir {folder}/rpms")
        subprocess.run([tool("rpmbuild"), "-bb", *defined, str(spec)], check=True, capture_output=True)
    subprocess.run([tool("createrepo_c"), str(folder / "rpms")], check=True, capture_output=True)


def test_dnf_itself_says_the_same(tool: Callable[[str], str], tmp_path: Path) -> None:
    """After installing, marking, removing and upgrading."""
    dnf = tool("dnf")
    root = tmp_path / "root"
    settings = tmp_path / "dnf.conf"
    settings.write_text(
        f"[main]\ngpgcheck=0\nplugins=0\ncachedir={tmp_path}/cache\nreposdir=/nonexistent\n"
        f"[r]\nname=r\nbaseurl=file://{tmp_path}/rpms\n"
    )

    def run(*words: str) -> str:
        command = [dnf, "-c", str(settings), f"--installroot={root}", "--releasever=1", "-y", "-q", *words]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout

    packed(tool, tmp_path, "1")
    run("install", "app", "tool", "gone", "kept")
    run("mark", "install", "nice")
    run("mark", "remove", "kept")
    run("remove", "gone")
    packed(tool, tmp_path, "2")
    run("--refresh", "upgrade", "lib", "tool")

    fact = fact_of((root / HISTORY).read_bytes(), HISTORY)

    by_dnf = run("repoquery", "--userinstalled", "--qf", "%{name}.%{arch}").split()
    assert fact["asked"] == sorted(by_dnf) == ["app.noarch", "nice.noarch", "tool.noarch"]
    assert fact["automatic"] == ["kept.noarch", "lib.noarch"]
