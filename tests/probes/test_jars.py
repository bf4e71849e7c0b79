"""What archives of Java say of themselves."""

from __future__ import annotations

import io
import random
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.oci.tar.scanner import scan_tar
from layerscope.probes.jars import PROBE
from tests.oci.tar.raw import END, member

MANIFEST = "META-INF/MANIFEST.MF"


def jar(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content, method)  # of 1980, whenever it is made
    return target.getvalue()


def pom(group: str, artifact: str, version: str) -> dict[str, str]:
    """What Maven notes of an artifact."""
    text = f"#Generated\n#Mon Jan 01\nversion={version}\ngroupId={group}\nartifactId={artifact}\n"
    return {f"META-INF/maven/{group}/{artifact}/pom.properties": text}


def fact_of(data: bytes, path: str = "app/lib-1.0.jar") -> Any:
    sink = PROBE.begin(path, len(data))
    sink.feed(memoryview(data))
    return sink.finish()


@pytest.mark.parametrize(
    ("files", "path", "name", "version"),
    [
        (pom("org.x", "lib", "2.0"), "lib-1.0.jar", "org.x:lib", "2.0"),
        (pom("org.x", "lib", "2.0") | pom("org.y", "shaded", "3"), "lib-1.0.jar", "org.x:lib", "2.0"),
        ({MANIFEST: "Implementation-Version: 4\r\n"}, "a/lib.jar", "lib", "4"),
        (
            {MANIFEST: "Bundle-SymbolicName: org.\r\n osgi;x=y\r\nBundle-Version: 5\r\n"},
            "z.jar",
            "org.osgi",
            "5",
        ),
        (
            {MANIFEST: "A: 1\r\n\r\nName: b\r\nBundle-Version: 5\r\n"},
            "my-lib-1.2-rc1.jar",
            "my-lib",
            "1.2-rc1",
        ),
        ({}, "plain.war", "plain", ""),
        ({}, "level-3-jar.jar", "level-3-jar", ""),
    ],
)
def test_who_it_is(files: dict[str, str], path: str, name: str, version: str) -> None:
    fact = fact_of(jar({"a.class": b"x", **files}), path)

    assert (fact["name"], fact["version"]) == (name, version)


def test_what_is_within_is_named() -> None:
    """Jars by their file names, shaded artifacts by Maven's."""
    files = pom("org.x", "app", "1") | pom("org.y", "shaded", "3") | {"BOOT-INF/lib/guava-30.1-jre.jar": "x"}

    assert fact_of(jar(files), "app.jar")["modules"] == [["guava", "30.1-jre"], ["org.y:shaded", "3"]]


def test_the_jar_tool_s_archives_are_read(tool: Callable[[str], str], tmp_path: Path) -> None:
    """It does not know a member's size before it has written it."""
    (tmp_path / "manifest").write_text("Implementation-Version: 7.1\nAutomatic-Module-Name: org.made\n")
    (tmp_path / "A.class").write_bytes(b"x" * 1000)
    command = [tool("jar"), "cfm", "made.jar", "manifest", "A.class"]
    subprocess.run(command, cwd=tmp_path, check=True)

    fact = fact_of((tmp_path / "made.jar").read_bytes(), "made.jar")

    assert fact == {"name": "org.made", "version": "7.1", "modules": []}


@pytest.mark.parametrize(
    "data",
    [
        b"#!/bin/sh\nexec java -jar $0\n" + jar(pom("org.x", "lib", "2.0")),
        jar(pom("org.x", "lib", "2.0"), zipfile.ZIP_STORED),
        jar(pom("org.x", "lib", "2.0") | {f"{number}.class": "" for number in range(70_000)}),
    ],
    ids=["a script in front", "not compressed", "so many that it is zip64"],
)
def test_archives_that_are_out_of_the_ordinary(data: bytes) -> None:
    assert fact_of(data)["name"] == "org.x:lib"


def test_of_a_large_archive_the_ends_are_looked_at() -> None:
    """Two properties: one at the beginning, one in the middle, whose content is passed over."""
    noise = random.Random(1).randbytes(20 << 20)
    data = jar(
        {**pom("org.x", "lib", "2.0"), "a": noise, **pom("org.y", "far", "3"), "b": noise, "c.jar": b""}
    )
    tracemalloc.start()

    fact = fact_of(data)

    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert fact == {"name": "org.x:lib", "version": "2.0", "modules": [["c", ""]], "within_bytes": 2}
    assert peak_bytes < 80 << 20


@pytest.mark.parametrize(
    ("path", "is_read"),
    [
        (b"a.jar", True),
        (b"opt/b.war", True),
        (b"c.ear", True),
        (b"d.zip", False),
        (b"jar", True),
        (b"e.jar.md5", False),
    ],
)
def test_which_files_it_reads(path: bytes, *, is_read: bool) -> None:
    scan = scan_tar(iter([member(path, jar({"a": "b"})) + END]), [PROBE])

    assert ("jars" in scan.facts) is is_read


@pytest.mark.parametrize("data", [b"", b"PK\5\6", b"no archive" * 100, jar({"a": "b"})[:-10]])
def test_what_is_no_archive_has_no_fact(data: bytes) -> None:
    assert fact_of(data) is None


@given(st.data())
def test_damage_anywhere_raises_nothing(data: st.DataObject) -> None:
    whole = jar({MANIFEST: "Bundle-Version: 5\r\n", **pom("org.x", "lib", "2.0")})
    spoilt = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=5)):
        spoilt[place] = data.draw(st.integers(0, 255))

    fact = fact_of(bytes(spoilt))

    assert fact is None or isinstance(fact["name"], str)


def test_a_member_that_unpacks_to_gigabytes_is_read_a_little() -> None:
    fact = fact_of(jar({MANIFEST: b"Bundle-Version: 5\r\n" + b"X: " + bytes(1 << 26)}), "bomb.jar")

    assert fact["version"] == "5"
