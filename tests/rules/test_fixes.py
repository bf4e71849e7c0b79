"""Fixes that go by what the other instructions do with the files."""

from __future__ import annotations

import pytest

from layerscope.rules import (
    apt_lists,
    chown_copy,
    copied_across_layers,
    duplicate_files,
    git_history,
    maven_gradle_caches,
    npm_cache,
    overwritten,
    package_database_rewritten,
    repeated_copy,
    source_maps,
)
from tests.rules.dsl import case, one, step
from tests.union.dsl import file


@pytest.mark.parametrize(
    "text",
    [
        "find /root/.m2 -name '*.jar' -exec cp {} lib/ \\;",
        "cp ~/.m2/repository/a.jar /lib",
        "cp $HOME/.m2/repository/a.jar /lib",
        "mvn -o package",
    ],
)
def test_what_a_later_run_needs_is_cleaned_up_behind_it(text: str) -> None:
    built = case(
        step("RUN fetch", file("root/.m2/repository/a.jar", b"j" * 9)),
        step(f"RUN {text}", file("lib/b", b"b")),
        step("RUN ls /root", file("z")),
    )

    found = one(built.advice(maven_gradle_caches.RULE))

    assert found.rewrite == f"RUN fetch \\\n    && {text} \\\n    && rm -rf /root/.m2/repository"
    assert "the RUN of layer 1, which needs it" in found.fix


@pytest.mark.parametrize(
    "text", ["ls /root", "cp /root/.m2x /lib", "echo .m2", "cat /srv/root/.m2/repository"]
)
def test_what_nobody_needs_is_cleaned_up_at_once(text: str) -> None:
    built = case(
        step("RUN fetch", file("root/.m2/repository/a.jar", b"j" * 9)),
        step(f"RUN {text}", file("lib/b", b"b")),
    )

    assert (
        one(built.advice(maven_gradle_caches.RULE)).rewrite
        == "RUN fetch \\\n    && rm -rf /root/.m2/repository"
    )


def test_naming_a_folder_of_many_things_needs_none_of_them() -> None:
    built = case(
        step("RUN apt-get update", file("var/lib/apt/lists/a", b"x")),
        step("RUN mkdir -p /var/lib/app && ls /var/lib", file("var/lib/app/b", b"b")),
    )

    found = one(built.advice(apt_lists.RULE))

    assert found.rewrite == "RUN apt-get update \\\n    && rm -rf /var/lib/apt/lists/*"


def test_no_rewrite_where_something_else_stands_before_the_run_that_needs_it() -> None:
    built = case(
        step("RUN fetch", file("root/.m2/repository/a.jar", b"j" * 9)),
        step("COPY src /src", file("src/a", b"s")),
        step("RUN mvn package", file("lib/b", b"b")),
    )

    found = one(built.advice(maven_gradle_caches.RULE))

    assert found.rewrite is None
    assert "Join the RUN of layer 0 with the RUN of layer 2" in found.fix


def test_a_cache_that_a_later_install_would_fill_again_is_cleaned_there_too() -> None:
    built = case(
        step("RUN npm install", file("root/.npm/_cacache/a", b"c" * 9)),
        step("RUN npm run build", file("dist/a", b"d")),
        step("RUN rm -rf node_modules && npm install --omit=dev", file("node_modules/a", b"n")),
    )

    assert "and so in layer 2, which would make it again" in one(built.advice(npm_cache.RULE)).fix


def test_what_is_installed_again_came_with_the_last_install() -> None:
    """With the first one's cleaned up, the second would bring it all the same."""
    first, again = b"m" * 40, b"m" * 40
    built = case(
        step("RUN npm install", file("app/a.js.map", first, mtime=1)),
        step("RUN rm -r app && npm install", file("app/a.js.map", again, mtime=2)),
        step("RUN chown -R 5 /app", file("app/a.js.map", again, mtime=2, uid=5)),
    )

    maps, owner = one(built.advice(source_maps.RULE)), one(built.advice(chown_copy.RULE))

    assert (maps.instruction, maps.layers) == ("RUN rm -r app && npm install", (1, 2))
    assert owner.rewrite == "RUN rm -r app && npm install \\\n    && chown -R 5 /app"


def test_all_that_is_kept_out_with_the_original_is_its_gross_size() -> None:
    built = case(
        step("COPY . /app", file("app/.git/p", b"g" * 50)),
        step("RUN chown -R 5 /app", file("app/.git/p", b"g" * 50, uid=5)),
        step("RUN chmod -R 700 /app", file("app/.git/p", b"g" * 50, uid=5, mode=0o700)),
    )

    found = one(built.advice(git_history.RULE))

    assert (found.net_bytes, found.gross_bytes) == (50, 150)


def test_what_is_written_again_is_written_once_in_one_run() -> None:
    built = case(
        step("RUN make", file("a", b"x" * 9, mtime=1)), step("RUN make again", file("a", b"x" * 9, mtime=2))
    )

    assert one(built.advice(repeated_copy.RULE)).rewrite == "RUN make \\\n    && make again"


def test_installs_that_follow_each_other_are_joined() -> None:
    status = "var/lib/dpkg/status"
    built = case(
        step("ADD rootfs.tar /", file(status, b"0" * 10)),
        step("RUN apt-get install -y a", file(status, b"1" * 20)),
        step("RUN apt-get install -y b", file(status, b"2" * 30)),
    )

    found = {one.confidence: one.rewrite for one in built.advice(package_database_rewritten.RULE)}

    assert found == {
        "medium": "RUN apt-get install -y a \\\n    && apt-get install -y b",
        "low": None,  # what the base brought is replaced whatever one does
    }


@pytest.mark.parametrize(
    ("lowest", "between", "confidence"),
    [
        ("ADD rootfs.tar /", [], "low"),
        ("", [], "low"),
        ("RUN apt-get install -y a", ['CMD ["python3"]'], "low"),
        ("RUN apt-get install -y a", ['/bin/sh -c #(nop)  ENTRYPOINT ["a"]'], "low"),
        ("RUN apt-get install -y a", ["ENV A=1"], "medium"),
        ("RUN apt-get install -y a", [], "medium"),
    ],
)
def test_packages_replace_what_the_base_has_as_they_must(
    lowest: str, between: list[str], confidence: str
) -> None:
    """Where no one says where the base ends, its CMD does, or that no Dockerfile made it."""
    built = case(
        step(lowest, file("usr/lib/a", b"old"), file("etc/b", b"b")),
        step("RUN apt-get install -y c", file("usr/lib/a", b"newer"), file("etc/b", b"b", mtime=9)),
        empty={1: between},
    )

    found = built.advice(overwritten.RULE, repeated_copy.RULE)

    assert [one.confidence for one in found] == [confidence] * 2


def test_a_run_that_is_no_install_writes_over_the_base_for_nothing() -> None:
    built = case(
        step("ADD rootfs.tar /", file("usr/lib/a", b"old")),
        step("RUN sed -i s/a/b/ /usr/lib/a", file("usr/lib/a", b"new")),
    )

    assert one(built.advice(overwritten.RULE)).confidence == "high"


@pytest.mark.parametrize("layers", [1, 2])
def test_packages_at_two_places_are_not_to_be_linked(layers: int) -> None:
    same = b"p" * 9000
    paths = ("usr/lib/python3/dist-packages/pip/a.py", "venv/lib/python3/site-packages/pip/a.py")
    files = [file(path, same) for path in paths]
    steps = [step("RUN make", *files)] if layers == 1 else [step(f"RUN {file.path}", file) for file in files]

    found = one(case(*steps).advice(duplicate_files.RULE, copied_across_layers.RULE))

    assert (found.net_bytes, found.confidence) == (9000, "low")


def test_what_a_package_puts_elsewhere_as_well_can_be_linked() -> None:
    same = b"p" * 9000
    paths = ("usr/lib/python3/dist-packages/widgets/a.js", "usr/local/share/jupyter/a.js")
    built = case(step("RUN pip install widgets", *(file(path, same) for path in paths)))

    assert one(built.advice(duplicate_files.RULE)).confidence == "medium"


@pytest.mark.parametrize("folder", ["usr/share/doc", "usr/include"])
def test_what_other_rules_tell_to_leave_out_is_not_to_be_linked(folder: str) -> None:
    same = b"d" * 9000
    built = case(step("RUN make", file(f"{folder}/a/c.gz", same), file(f"{folder}/b/c.gz", same)))

    assert not built.advice(duplicate_files.RULE)


def test_copies_that_a_copy_brings_are_not_linked_in_the_copy() -> None:
    same = b"d" * 9000
    built = case(step("COPY app /srv", file("srv/a", same), file("srv/b", same)))

    found = one(built.advice(duplicate_files.RULE))

    assert "ln -s /srv/a /srv/b" in found.fix
    assert "ln -f" not in found.fix


@pytest.mark.parametrize(("mode", "said"), [(0o755, True), (0o644, False)])
def test_a_mode_while_copying_takes_a_newer_builder(mode: int, *, said: bool) -> None:
    built = case(
        step("COPY a /a", file("a", b"x" * 9)),
        step("RUN chown 5 /a && chmod 755 /a", file("a", b"x" * 9, uid=5, mode=mode)),
    )

    assert ("BuildKit" in one(built.advice(chown_copy.RULE)).fix) is said
