"""Node's packages: the folders of node_modules."""

from __future__ import annotations

import json

from tests.oci.tar.raw import member
from tests.packages.stacks import package, packages_of, sizes
from tests.sources.images import layer


def manifest(folder: str, name: str, *needs: str, version: str = "1.0.0") -> bytes:
    content = {"name": name, "version": version, "dependencies": dict.fromkeys(needs, "*")}
    # Always as long, so that bytes can be counted.
    return member(f"{folder}/package.json".encode(), json.dumps(content).encode().ljust(200))


def test_a_package_weighs_what_is_below_it_but_for_packages_within() -> None:
    found = packages_of(
        layer(
            manifest("app", "app", "a"),
            manifest("app/node_modules/a", "a", version="2.3.4"),
            member(b"app/node_modules/a/lib/index.js", b"a" * 1000),
            member(b"app/node_modules/a/node_modules/.bin/x", b"x" * 5),
            manifest("app/node_modules/a/node_modules/@s/b", "@s/b"),
            member(b"app/node_modules/a/node_modules/@s/b/b.js", b"b" * 70),
            member(b"app/node_modules/.cache/c", b"c" * 30),
        )
    )

    assert sizes(found) == {"a": 1205, "@s/b": 270}
    assert (package(found, "a").version, package(found, "a").file_count) == ("2.3.4", 3)
    assert found.unowned_bytes == 230


def test_the_application_says_what_it_asked_for() -> None:
    found = packages_of(
        layer(
            manifest("app", "app", "a", "c"),
            manifest("app/node_modules/a", "a", "b", "c"),
            manifest("app/node_modules/b", "b"),
            manifest("app/node_modules/a/node_modules/c", "c"),
            manifest("usr/lib/node_modules/npm", "npm"),
            manifest("app/node_modules/.pnpm/d@1/node_modules/d", "d"),
        )
    )

    manual = {one.name: one.manual for one in found.packages}
    assert manual == {"a": True, "b": False, "c": False, "npm": True, "d": None}


def test_a_package_is_named_by_its_manifest_else_by_its_folder() -> None:
    found = packages_of(
        layer(
            manifest("node_modules/alias", "real"),
            member(b"node_modules/bare/package.json", b"{}"),
        )
    )

    assert set(sizes(found)) == {"real", "bare"}


def test_the_same_package_in_two_places_is_two() -> None:
    found = packages_of(layer(manifest("a/node_modules/x", "x"), manifest("b/node_modules/x", "x")))

    assert [one.record for one in found.packages] == [
        "a/node_modules/x/package.json",
        "b/node_modules/x/package.json",
    ]


def test_a_package_came_with_the_layer_that_brought_its_manifest() -> None:
    found = packages_of(
        layer(manifest("node_modules/a", "a"), manifest("node_modules/b", "b")),
        layer(manifest("node_modules/a", "a", version="1.0.1")),
    )

    assert {one.name: one.layer for one in found.packages} == {"a": 1, "b": 0}


def test_a_manifest_that_a_later_layer_spoils_tells_nothing() -> None:
    found = packages_of(
        layer(manifest("node_modules/a", "a")), layer(member(b"node_modules/a/package.json", b"{"))
    )

    assert found.packages == ()
