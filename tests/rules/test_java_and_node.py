"""The rules that ask what archives of Java and packages of Node say of themselves."""

from __future__ import annotations

import json
import random

import pytest

from layerscope.oci.tar.scanner import scan_tar
from layerscope.probes.jars import PROBE
from layerscope.rules import fat_jar, jars_twice, node_packages_twice
from tests.oci.tar.raw import END, member
from tests.packages.stacks import probed
from tests.probes.test_jars import fact_of, jar, pom
from tests.rules.dsl import Case, case, one, step
from tests.union.dsl import file

MIB = 1 << 20


def noise(size_bytes: int, seed: int = 1) -> bytes:
    """What does not compress, always the same."""
    return random.Random(seed).randbytes(size_bytes)


def of_files(*layers: dict[str, bytes], base: int | None = None) -> Case:
    """An image whose files the probes have looked into, one COPY a layer."""
    tars = [b"".join(member(path.encode(), data) for path, data in one.items()) + END for one in layers]
    steps = [("COPY x /", changeset) for changeset in probed(*tars)]
    return case(*steps, base=base)


FAT = jar(
    {"BOOT-INF/lib/a-1.jar": noise(9 * MIB), "BOOT-INF/lib/b-2.jar": noise(2 * MIB, 2), "App.class": b"x"}
)


def test_the_libraries_within_a_jar_are_what_an_update_need_not_ship() -> None:
    """They are told once, of the copy that came last."""
    found = one(of_files({"build/app.jar": FAT}, {"opt/app.jar": FAT}).advice(fat_jar.RULE))

    assert 11 * MIB < found.gross_bytes < 11 * MIB + 10_000
    assert (found.net_bytes, found.compressed_bytes, found.layers) == (0, found.gross_bytes, (1,))
    assert "java -Djarmode=tools -jar app.jar extract --layers" in found.fix


@pytest.mark.parametrize(
    ("data", "base"),
    [
        (FAT, 1),
        (jar({"BOOT-INF/lib/a-1.jar": noise(9 * MIB), "App.class": noise(9 * MIB)}), None),
        (jar({"App.class": noise(11 * MIB)}), None),
    ],
    ids=["the base's", "of few libraries", "of classes"],
)
def test_a_jar_that_is_another_s_or_holds_few_libraries_is_no_finding(data: bytes, base: int | None) -> None:
    assert of_files({"opt/app.jar": data}, {"b": b"x"}, base=base).advice(fat_jar.RULE) == ()


def test_a_jar_that_lies_about_what_is_within_it_is_no_larger_than_it_is() -> None:
    fact = {"name": "app", "version": "", "modules": [], "within_bytes": 1 << 40}
    app = file("opt/app.jar", b"x" * 11_000_000)

    found = one(case(step("COPY a /", app, facts={"jars": {"opt/app.jar": fact}})).advice(fat_jar.RULE))

    assert found.gross_bytes == 11_000_000


def test_the_probe_adds_up_what_the_jars_within_take_there() -> None:
    """Compressed, as the archive stores them."""
    data = jar({"lib/a.jar": b"x" * 50_000, "lib/b.war": noise(3000), "c.class": noise(5000)})

    fact = fact_of(data, "app.jar")

    assert 3000 < fact["within_bytes"] < 3300
    assert scan_tar(iter([member(b"app.jar", data) + END]), [PROBE]).facts["jars"]["app.jar"] == fact


GUAVA = jar(pom("com.google.guava", "guava", "30") | {"a.class": noise(MIB)})
NEWER = jar(pom("com.google.guava", "guava", "31") | {"a.class": noise(MIB + 100_000, 2)})


def test_a_library_in_two_versions_is_there_once_too_often() -> None:
    found = one(
        of_files({"opt/plugins/a/guava-30.jar": GUAVA}, {"opt/plugins/b/guava-31.jar": NEWER}).advice(
            jars_twice.RULE
        )
    )

    assert (found.net_bytes, found.paths) == (len(GUAVA), ("opt/plugins/a/guava-30.jar",))
    assert (found.layers, found.confidence) == ((0,), "low")


@pytest.mark.parametrize(
    "other",
    [
        {"opt/b/guava-30.jar": GUAVA},
        {"root/.m2/repository/guava-31.jar": NEWER},
        {"usr/share/java/guava-31.jar": NEWER},
        {"opt/b/other-31.jar": jar(pom("com.google.guava", "other", "31") | {"a.class": noise(MIB)})},
        {"opt/b/guava-1.jar": jar(pom("com.google.guava", "guava", "1"))},
    ],
    ids=["equal", "in a cache", "the distribution's", "another library", "small"],
)
def test_what_others_tell_of_or_is_no_second_version_is_left_alone(other: dict[str, bytes]) -> None:
    assert of_files({"opt/a/guava-30.jar": GUAVA, **other}).advice(jars_twice.RULE) == ()


def package(name: str, version: str, size_bytes: int, seed: int = 1) -> dict[str, bytes]:
    """The files of a package of Node."""
    manifest = json.dumps({"name": name, "version": version}).encode()
    return {"package.json": manifest, "index.js": noise(size_bytes, seed)}


def placed(folder: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """These files in a folder."""
    return {f"{folder}/{name}": data for name, data in files.items()}


def test_all_versions_but_the_largest_are_counted() -> None:
    """A package within another is its own: lodash's bytes are not those of the one that brings it."""
    old, oldest = package("lodash", "3.0.0", 900_000, 2), package("lodash", "2.0.0", 300_000, 3)
    built = of_files(
        {
            **placed("app/node_modules/lodash", package("lodash", "4.0.0", 1_000_000)),
            **placed("app/node_modules/a", package("a", "1.0.0", 400_000, 4)),
            **placed("app/node_modules/a/node_modules/lodash", old),
            **placed("app/node_modules/b/node_modules/lodash", oldest),
        }
    )

    found = one(built.advice(node_packages_twice.RULE))

    assert found.net_bytes == sum(len(data) for data in (*old.values(), *oldest.values()))
    assert "npm ls lodash;" in found.fix
    assert found.confidence == "low"


@pytest.mark.parametrize(
    ("folder", "version", "size_bytes"),
    [
        ("other/node_modules/lodash", "3.0.0", 2_000_000),
        ("app/node_modules/a/node_modules/lodash", "4.0.0", 2_000_000),
        ("app/node_modules/a/node_modules/lodash", "3.0.0", 900_000),
    ],
    ids=["another application", "the same version", "small"],
)
def test_one_version_in_an_application_is_as_it_should_be(folder: str, version: str, size_bytes: int) -> None:
    built = of_files(
        {
            **placed("app/node_modules/lodash", package("lodash", "4.0.0", 3_000_000)),
            **placed(folder, package("lodash", version, size_bytes, 2)),
        }
    )

    assert built.advice(node_packages_twice.RULE) == ()
