"""The rules about how an image is cut into layers."""

from __future__ import annotations

import msgspec
import pytest

from layerscope.rules import (
    app_with_dependencies,
    copied_across_layers,
    duplicate_files,
    many_layers,
    monolith_layer,
    noop_layer,
    pip_cache,
    rebuild_churn,
    squash_layers,
    volatile_below_stable,
)
from tests.rules.dsl import Case, case, one, step, stored
from tests.union.dsl import directory, file, hardlink, whiteout

MB = 1_000_000


def big(path: str, megabytes: int) -> object:
    """A file that says that it has so many megabytes."""
    return msgspec.structs.replace(
        file(path, path.encode()), size_bytes=megabytes * MB, stored_bytes=megabytes * MB
    )


def test_copies_in_one_layer_and_across_layers_are_told_apart() -> None:
    same, other = b"s" * 5000, b"o" * 6000
    built = case(
        step("RUN make", file("a", same), file("b", same), file("c", same)),
        step("RUN cp /a /d", file("d", same), file("e", other)),
    )

    inside = one(built.advice(duplicate_files.RULE))
    across = one(built.advice(copied_across_layers.RULE))

    assert (inside.net_bytes, set(inside.paths), inside.layers) == (10_000, {"b", "c"}, (0,))
    assert (across.net_bytes, across.paths, across.layers) == (5000, ("d",), (0, 1))
    assert "ln -s /a /d" in across.fix
    assert "ln -f /a /b" in inside.fix


def test_linked_hidden_and_small_files_are_no_copies() -> None:
    same = b"s" * 5000
    built = case(
        step(
            "RUN a", file("a", same), hardlink("b", "a"), file("gone", same), file("x", b"s"), file("y", b"s")
        ),
        step("RUN b", whiteout("gone"), file("z")),
    )

    assert built.advice(duplicate_files.RULE, copied_across_layers.RULE) == ()


def test_a_copy_in_a_cache_is_the_caches() -> None:
    same = b"s" * 5000
    built = case(step("RUN a", file("a", same), file("root/.cache/pip/a", same)))

    found = built.advice(duplicate_files.RULE, pip_cache.RULE)

    assert [(suggestion.rule, suggestion.net_bytes) for suggestion in found] == [("pip-cache", 5000)]


def test_a_layer_that_changes_nothing() -> None:
    built = case(
        step("FROM", file("a", b"x"), directory("d")),
        step("RUN true"),
        step("RUN mkdir -p /d", directory("d"), file("a", b"x")),
        step("RUN chmod 700 /d", directory("d", mode=0o700)),
        step("RUN touch /a", file("a", b"x", mtime=1)),
        step("RUN rm /gone", whiteout("gone"), directory("new")),
    )

    found = built.advice(noop_layer.RULE)

    assert sorted(suggestion.layers for suggestion in found) == [(1,), (2,)]
    assert {suggestion.net_bytes for suggestion in found} == {0}


@pytest.mark.parametrize(("count", "found"), [(40, 0), (41, 1)])
def test_more_than_forty_layers_with_something_in_them_are_many(count: int, found: int) -> None:
    steps = [step(f"RUN {number}", file(f"f{number}", b"x")) for number in range(count)]

    assert len(case(*steps, step("WORKDIR /")).advice(many_layers.RULE)) == found


@pytest.mark.parametrize(
    ("sizes", "base", "layers"),
    [
        ((10, 300, 50), None, [(1,)]),
        ((10, 250, 50), None, []),
        ((300, 20, 20), 1, []),
        ((10, 1100, 2000), None, [(1,), (2,)]),
        ((300,), None, []),
    ],
)
def test_one_layer_with_nearly_everything(
    sizes: tuple[int, ...], base: int | None, layers: list[tuple[int, ...]]
) -> None:
    steps = [step("RUN x", big(f"f{number}", size)) for number, size in enumerate(sizes)]

    found = case(*steps, base=base).advice(monolith_layer.RULE)

    assert sorted(suggestion.layers for suggestion in found) == layers


def node_app(*steps: object) -> Case:
    """An image of Node with these steps, its layers compressed to 20 MB each."""
    return stored(
        case(step("RUN apt-get install -y nodejs", file("usr/bin/node", b"x")), *steps),
        compressed_bytes=20 * MB,
        compression="gzip",
    )


SOURCE = step("COPY . . # buildkit", file("app/package.json", b"{}"), file("app/main.js", b"1"))
MANIFEST = step("COPY package.json . # buildkit", file("app/package.json", b"{}"))
INSTALL = step("/bin/sh -c npm ci", file("app/node_modules/a/x.js", b"1"))


def test_the_source_below_the_install_of_its_dependencies() -> None:
    found = one(node_app(SOURCE, INSTALL).advice(volatile_below_stable.RULE))

    assert found.layers == (1, 2)
    assert found.rewrite == "COPY package*.json ./\nRUN npm ci\nCOPY . ."
    assert "20.0 MB" in found.title
    assert found.net_bytes == 0


def test_the_source_may_lie_below_usr() -> None:
    source = step("/bin/sh -c #(nop) COPY dir:0123456789 in . ", file("usr/src/app/main.js", b"1"))

    assert one(node_app(source, INSTALL).advice(volatile_below_stable.RULE)).layers == (1, 2)


STAGE = step("/bin/sh -c #(nop) COPY dir:0123456789 in /usr/local/ ", file("usr/local/bin/node", b"1"))


@pytest.mark.parametrize(
    "steps", [(MANIFEST, INSTALL, SOURCE), (SOURCE,), (INSTALL, SOURCE), (STAGE, INSTALL, SOURCE)]
)
def test_the_source_above_the_install_is_well(steps: tuple[object, ...]) -> None:
    assert node_app(*steps).advice(volatile_below_stable.RULE) == ()


@pytest.mark.parametrize(
    ("dependencies", "code", "keyword", "found"),
    [
        ("app/node_modules/a/x.js", "app/main.js", "COPY . /app", 1),
        ("app/node_modules/a/x.js", "app/src/main.js", "ADD app.tgz /", 1),
        ("app/node_modules/a/x.js", "app/main.js", "RUN npm ci", 0),
        ("app/node_modules/a/x.js", "app/README", "COPY . /app", 0),
        ("venv/lib/python3.11/site-packages/a.py", "venv/lib/python3.11/b.py", "COPY /venv /venv", 0),
    ],
)
def test_dependencies_and_code_in_one_layer(dependencies: str, code: str, keyword: str, found: int) -> None:
    built = case(step(keyword, big(dependencies, 10), file(code, b"x")))

    assert len(built.advice(app_with_dependencies.RULE)) == found


@pytest.mark.parametrize(
    ("instruction", "path", "found"),
    [
        ("RUN apt-get install x", "var/log/dpkg.log", 1),
        ("RUN apt-get install x", "var/cache/ldconfig/aux-cache", 1),
        ("RUN apt-get install x", "usr/lib/x.so", 0),
        ("COPY . /", "var/log/dpkg.log", 0),
    ],
)
def test_a_layer_that_is_never_the_same_twice(instruction: str, path: str, found: int) -> None:
    built = stored(case(step(instruction, file(path, b"x"))), compressed_bytes=20 * MB, compression="gzip")

    assert len(built.advice(rebuild_churn.RULE)) == found


def squashed(*ranges: tuple[int, int, int], count: int, base: int | None = None) -> Case:
    """A stack in which, for each range, megabytes are shipped by one layer and deleted by another."""
    layers: list[list[object]] = [[file(f"own{number}", b"x")] for number in range(count)]
    for first, last, megabytes in ranges:
        layers[first].append(big(f"{first}-{last}", megabytes))
        layers[last].append(whiteout(f"{first}-{last}"))
    return case(*(step(f"RUN {number}", *entries) for number, entries in enumerate(layers)), base=base)


@pytest.mark.parametrize(
    ("ranges", "base", "layers", "megabytes"),
    [
        (((2, 4, 50),), None, (2, 3, 4), 50),
        (((2, 4, 50), (3, 4, 20)), None, (2, 3, 4), 70),
        (((2, 3, 96), (4, 5, 4)), None, (2, 3), 96),
        (((2, 3, 90), (4, 5, 10)), None, (2, 3, 4, 5), 100),
        (((0, 5, 900), (2, 4, 50)), None, (2, 3, 4), 50),
        (((0, 5, 900), (1, 4, 60), (3, 4, 50)), 2, (3, 4), 50),
    ],
)
def test_the_shortest_range_that_saves_nearly_all(
    ranges: tuple[tuple[int, int, int], ...], base: int | None, layers: tuple[int, ...], megabytes: int
) -> None:
    """The base stays as it is: what it ships is shared."""
    found = one(squashed(*ranges, count=6, base=base).advice(squash_layers.RULE))

    assert found.layers == layers
    assert (found.gross_bytes, found.net_bytes) == (megabytes * MB, 0)


def test_what_squashing_the_base_would_cost_is_told() -> None:
    found = one(squashed((0, 5, 900), (2, 4, 50), count=6).advice(squash_layers.RULE))

    assert "900 MB more" in found.fix


@pytest.mark.parametrize("ranges", [((0, 3, 50),), ()])
def test_there_is_no_squash_where_only_the_base_would_shrink(
    ranges: tuple[tuple[int, int, int], ...],
) -> None:
    assert squashed(*ranges, count=4).advice(squash_layers.RULE) == ()
