"""Programs and archives that are packages by themselves."""

from __future__ import annotations

import json
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.oci.tar.raw import member
from tests.packages.stacks import package, packages_of, sizes
from tests.packages.test_dpkg import listed, stanza, status
from tests.probes.test_jars import jar, pom
from tests.probes.test_made_of import CRATES
from tests.sources.images import layer


def test_a_jar_is_a_package_of_one_file() -> None:
    data = jar(pom("org.x", "app", "1") | {"BOOT-INF/lib/guava-30.1-jre.jar": "x"})
    found = packages_of(layer(member(b"other", b"o")), layer(member(b"opt/app.jar", data)))

    app = package(found, "org.x:app")
    assert (app.kind, app.version, app.size_bytes, app.file_count) == ("jar", "1", len(data), 1)
    assert (app.layer, app.manual, app.modules) == (1, None, (("guava", "30.1-jre"),))
    assert found.unowned_bytes == 1


def test_a_program_that_says_so_is_a_package(tool: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("int main(void) { return 0; }\n")
    (tmp_path / "noted").write_bytes(zlib.compress(json.dumps(CRATES).encode()))
    subprocess.run([tool("gcc"), "-o", tmp_path / "plain", tmp_path / "a.c"], check=True)
    section = f"--add-section=.dep-v0={tmp_path}/noted"
    subprocess.run([tool("objcopy"), section, tmp_path / "plain", tmp_path / "out"], check=True)
    data, plain = (tmp_path / "out").read_bytes(), (tmp_path / "plain").read_bytes()

    found = packages_of(layer(member(b"usr/bin/app", data), member(b"usr/bin/plain", plain)))

    (app,) = found.packages
    assert (app.kind, app.name, app.version, app.size_bytes) == ("rust", "app", "2.0.0", len(data))
    assert app.modules == (("log", "0.4.1"),)
    assert found.unowned_bytes == len(plain)


def test_what_the_distribution_ships_is_the_distribution_s() -> None:
    data = jar(pom("org.x", "lib", "1"))
    found = packages_of(
        layer(
            status(stanza("liblib-java")),
            listed("liblib-java", "/usr/share/java/lib.jar"),
            member(b"usr/share/java/lib.jar", data),
        )
    )

    assert sizes(found) == {"liblib-java": len(data)}
