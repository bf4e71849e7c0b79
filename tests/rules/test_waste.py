"""The rules about bytes that layers ship and nobody can see: which rule tells of which."""

from __future__ import annotations

import pytest

from layerscope.extensions import Rule
from layerscope.loading import load
from layerscope.model.suggestion import Priority
from layerscope.rules import (
    chmod_copy,
    chown_copy,
    cleanup_layer,
    deleted_later,
    filesystem_copied,
    host_artefacts,
    moved,
    overwritten,
    package_database_rewritten,
    purged_later,
    repeated_copy,
    upgraded_base,
    xattr_copy,
)
from tests.rules.dsl import Case, case, one, step
from tests.union.dsl import directory, file, opaque, whiteout

PLAIN = (deleted_later, overwritten, chown_copy, chmod_copy, repeated_copy, xattr_copy)


def ids(built: Case, *rules: Rule) -> dict[str, int]:
    """Net bytes by rule."""
    found: dict[str, int] = {}
    for suggestion in built.advice(*rules):
        found[suggestion.rule] = found.get(suggestion.rule, 0) + suggestion.net_bytes
    return found


@pytest.mark.parametrize(
    ("rule", "upper"),
    [
        ("deleted-later", whiteout("a")),
        ("overwritten", file("a", b"y" * 70)),
        ("overwritten", directory("a")),
        ("chown-copy", file("a", b"x" * 70, uid=5)),
        ("chown-copy", file("a", b"x" * 70, uid=5, mode=0o755, mtime=3)),
        ("chmod-copy", file("a", b"x" * 70, mode=0o755, mtime=3)),
        ("xattr-copy", file("a", b"x" * 70, xattrs={"security.capability": b"c"})),
        ("repeated-copy", file("a", b"x" * 70, mtime=3)),
        ("repeated-copy", file("a", b"x" * 70)),
    ],
)
def test_each_cause_has_one_rule(rule: str, upper: object) -> None:
    """Every other one of these rules passes it over."""
    built = case(step("RUN one", file("a", b"x" * 70)), step("RUN two", upper))

    assert ids(built, *(module.RULE for module in PLAIN)) == {rule: 70}


def test_there_is_one_finding_for_each_pair_of_layers() -> None:
    built = case(
        step("RUN one", file("a", b"x" * 10), file("b", b"x" * 20), file("c", b"x" * 40)),
        step("RUN two", file("d", b"x" * 80)),
        step("RUN three", whiteout("a"), whiteout("b"), whiteout("d"), file("z")),
        step("RUN four", whiteout("c"), file("z", b"1")),
    )

    found = {suggestion.layers: suggestion.net_bytes for suggestion in built.advice(deleted_later.RULE)}

    assert found == {(0, 2): 30, (1, 2): 80, (0, 3): 40}


def test_what_is_deleted_in_the_next_run_is_deleted_in_the_same_one() -> None:
    built = case(
        step("/bin/sh -c head -c 99 /dev/urandom > /d.bin", file("d.bin", b"x" * 99)),
        step("/bin/sh -c sha256sum /d.bin > /d.sum && rm /d.bin", whiteout("d.bin"), file("d.sum", b"s")),
    )

    found = one(built.advice(deleted_later.RULE))

    assert found.rewrite == (
        "RUN head -c 99 /dev/urandom > /d.bin \\\n    && sha256sum /d.bin > /d.sum && rm /d.bin"
    )
    assert found.instruction == "RUN head -c 99 /dev/urandom > /d.bin"
    assert "/d.bin" in found.fix


@pytest.mark.parametrize(
    ("lower", "upper", "between"),
    [
        ("cd /src && make", "rm -rf /src; touch /z", ()),
        ("make", "test -e /x || rm -rf /src; touch /z", ()),
        ("make", "rm -rf /src; touch /z", ("ENV A=1",)),
        ("make <<EOF\nx\nEOF", "rm -rf /src; touch /z", ()),
    ],
)
def test_runs_are_not_joined_where_that_would_do_something_else(
    lower: str, upper: str, between: tuple[str, ...]
) -> None:
    built = case(
        step(f"/bin/sh -c {lower}", directory("src"), file("src/o", b"x" * 9)),
        step(f"/bin/sh -c {upper}", whiteout("src"), file("z")),
        empty={1: between},
    )

    rewrite = one(built.advice(deleted_later.RULE)).rewrite

    assert rewrite is None


def test_the_topmost_of_what_is_gone_is_named() -> None:
    built = case(
        step("RUN make", file("src/a/b/c", b"x" * 9), file("src/d", b"x"), file("keep/x/y", b"x" * 3)),
        step("RUN rm", whiteout("src"), opaque("keep"), file("keep/z")),
    )

    found = one(built.advice(deleted_later.RULE))

    assert "delete /src /keep/x in one RUN" in found.fix


def test_a_copied_file_that_is_deleted_belongs_into_dockerignore() -> None:
    built = case(step("COPY . /app", file("app/big", b"x" * 9)), step("RUN rm /app/big", whiteout("app/big")))

    found = one(built.advice(deleted_later.RULE))

    assert ".dockerignore" in found.fix
    assert found.rewrite is None


def test_what_a_package_manager_replaces_is_less_sure() -> None:
    lower, upper = file("lib/a", b"x" * 9), file("lib/a", b"y" * 9)
    by_apt = case(step("FROM"), step("RUN x", lower), step("RUN apt-get install -y b", upper))
    by_hand = case(step("FROM"), step("RUN x", lower), step("RUN make install", upper))

    assert one(by_apt.advice(overwritten.RULE)).confidence == "medium"
    assert one(by_hand.advice(overwritten.RULE)).confidence == "high"


def test_what_comes_up_elsewhere_was_moved() -> None:
    built = case(
        step("RUN get", file("a", b"x" * 50), file("other", b"o" * 7)),
        step("RUN mv /a /b && rm /other", whiteout("a"), whiteout("other"), file("b", b"x" * 50)),
    )

    assert ids(built, moved.RULE, deleted_later.RULE) == {"moved": 50, "deleted-later": 7}
    assert "/a becomes /b" in one(built.advice(moved.RULE)).fix


def test_what_was_there_before_it_was_deleted_was_not_moved() -> None:
    built = case(
        step("RUN get", file("a", b"x" * 50), file("b", b"x" * 50)),
        step("RUN rm /a", whiteout("a")),
    )

    assert built.advice(moved.RULE) == ()


def test_a_database_that_every_install_rewrites_is_one_finding() -> None:
    built = case(
        step("FROM", file("var/lib/dpkg/status", b"1" * 10), file("etc/x", b"1" * 3)),
        step("RUN apt-get install a", file("var/lib/dpkg/status", b"2" * 20), file("etc/x", b"2" * 3)),
        step("RUN apt-get install b", file("var/lib/dpkg/status", b"3" * 40)),
    )

    found = one(built.advice(package_database_rewritten.RULE))

    assert (found.net_bytes, found.layers, found.confidence) == (30, (0, 1, 2), "medium")


def test_of_a_known_base_the_first_rewriting_is_told_apart() -> None:
    built = case(
        step("FROM", file("lib/apk/db/installed", b"1" * 10)),
        step("RUN apk add a", file("lib/apk/db/installed", b"2" * 20)),
        step("RUN apk add b", file("lib/apk/db/installed", b"3" * 40)),
        base=1,
    )

    found = {one.confidence: one.net_bytes for one in built.advice(package_database_rewritten.RULE)}

    assert found == {"high": 20, "low": 10}


def upgrade(command: str, count: int) -> Case:
    """A base of so many files, all of which a RUN replaces."""
    names = [f"usr/lib/{number}" for number in range(count)]
    return case(
        step("FROM", *(file(name, b"old") for name in names)),
        step(f"/bin/sh -c {command}", *(file(name, b"newer") for name in names)),
    )


@pytest.mark.parametrize(
    "command", ["apt-get -y upgrade", "apt-get dist-upgrade", "apk upgrade", "dnf update -y"]
)
def test_an_upgrade_of_the_base_is_told_from_an_install(command: str) -> None:
    found = one(upgrade(command, 60).advice(upgraded_base.RULE))

    assert (found.net_bytes, found.confidence) == (180, "medium")


@pytest.mark.parametrize(
    ("command", "count"), [("apt-get install x", 60), ("apt-get update", 60), ("apt-get upgrade", 49)]
)
def test_an_install_or_a_few_files_are_no_upgrade(command: str, count: int) -> None:
    assert upgrade(command, count).advice(upgraded_base.RULE) == ()


def test_without_the_upgrade_the_rest_of_the_run_stays() -> None:
    found = one(upgrade("apt-get update && apt-get upgrade -y && make", 60).advice(upgraded_base.RULE))

    assert found.rewrite == "RUN apt-get update &&  make"


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("apt-get purge -y gcc && x", "purged-later"),
        ("apk del .build", "purged-later"),
        ("apt-get -o a=b remove gcc", "purged-later"),
        ("rm -rf /usr/lib/gcc", "deleted-later"),
        ("apt-get install purge", "deleted-later"),
    ],
)
def test_packages_that_are_removed_too_late(command: str, rule: str) -> None:
    built = case(
        step("RUN apt-get install gcc", file("usr/lib/gcc/cc1", b"x" * 60)),
        step(f"/bin/sh -c {command}", whiteout("usr/lib/gcc/cc1"), file("z")),
    )

    assert ids(built, purged_later.RULE, deleted_later.RULE) == {rule: 60}


def test_a_layer_that_only_deletes() -> None:
    built = case(
        step("RUN one", file("a/x", b"x" * 60), file("b", b"x" * 5)),
        step("RUN rm -r /a", whiteout("a")),
        step("RUN rm /b && touch /c", whiteout("b"), file("c")),
    )

    assert ids(built, cleanup_layer.RULE, deleted_later.RULE) == {"cleanup-layer": 60, "deleted-later": 5}


def test_what_the_host_built_and_the_build_makes_again() -> None:
    built = case(
        step("COPY . /app", file("app/node_modules/a", b"1" * 60), file("app/main.js", b"1" * 5)),
        step("RUN npm ci", file("app/node_modules/a", b"2" * 61), file("app/main.js", b"2" * 6)),
    )

    found = built.advice(host_artefacts.RULE, overwritten.RULE)

    assert {suggestion.rule: suggestion.net_bytes for suggestion in found} == {
        "host-artefacts": 60,
        "overwritten": 5,
    }
    assert "**/node_modules into .dockerignore" in found[0].fix


def test_what_a_stage_built_is_not_the_hosts() -> None:
    built = case(
        step("COPY --from=build /app /app # buildkit", file("app/dist/a", b"1" * 60)),
        step("RUN make", file("app/dist/a", b"2" * 60)),
    )

    assert built.advice(host_artefacts.RULE) == ()


def copied_over(count: int, again: int) -> Case:
    """A filesystem of so many files, of which a COPY brings some again."""
    names = [f"usr/{number}" for number in range(count)]
    return case(
        step("FROM", *(file(name, name.encode()) for name in names)),
        step(
            "COPY --from=build / / # buildkit",
            *(file(n, n.encode()) for n in names[:again]),
            file("new", b"n"),
        ),
    )


def test_a_whole_filesystem_copied_over_itself() -> None:
    found = one(copied_over(125, 100).advice(filesystem_copied.RULE))

    assert found.net_bytes == sum(len(f"usr/{number}") for number in range(100))


@pytest.mark.parametrize(("count", "again"), [(126, 100), (99, 99)])
def test_a_part_of_it_or_a_handful_is_no_whole_filesystem(count: int, again: int) -> None:
    assert copied_over(count, again).advice(filesystem_copied.RULE) == ()


def test_what_the_base_ships_and_an_own_layer_deletes_is_the_bases() -> None:
    built = case(step("FROM", file("a", b"x" * 9)), step("RUN rm /a", whiteout("a")), base=1)

    assert one(built.advice(deleted_later.RULE)).blame == "base"
    assert one(built.advice(cleanup_layer.RULE)).blame == "own"


def test_the_rules_about_waste_are_those_that_are_told_where_no_file_was_looked_into() -> None:
    about_waste = (Priority.WASTE_EXPLAINED, Priority.WASTE)
    rules: dict[str, Rule] = load("rule")

    told = load("waste_rule")

    assert told == {name: rule for name, rule in rules.items() if rule.priority in about_waste}
