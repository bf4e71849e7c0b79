"""What to do about leftovers: where to clean up, and the instruction written better."""

from __future__ import annotations

import pytest

from layerscope.extensions import Rule
from layerscope.rules import (
    apk_cache,
    apt_lists,
    git_history,
    man_pages,
    npm_cache,
    pip_cache,
    source_maps,
    temporary_files,
)
from tests.rules.dsl import case, one, step
from tests.union.dsl import file


@pytest.mark.parametrize(
    ("rule", "path", "instruction", "rewrite"),
    [
        (
            apt_lists.RULE,
            "var/lib/apt/lists/x",
            "apt-get update",
            "RUN apt-get update \\\n    && rm -rf /var/lib/apt/lists/*",
        ),
        (
            pip_cache.RULE,
            "root/.cache/pip/x",
            "pip install -r a.txt && pip3 install b",
            "RUN pip install --no-cache-dir -r a.txt && pip3 install --no-cache-dir b",
        ),
        (apk_cache.RULE, "var/cache/apk/x", "apk add curl", "RUN apk add --no-cache curl"),
        (
            npm_cache.RULE,
            "root/.npm/_cacache/x",
            "npm ci",
            "RUN npm ci \\\n    && rm -rf /root/.npm/_cacache",
        ),
        (temporary_files.RULE, "tmp/x", "make  # why", None),
        (apt_lists.RULE, "var/lib/apt/lists/x", "cat <<EOF > /x\nEOF", None),
    ],
)
def test_the_fix_is_the_instruction_written_better(
    rule: Rule, path: str, instruction: str, rewrite: str | None
) -> None:
    found = one(case(step(f"/bin/sh -c {instruction}", file(path, b"x"))).advice(rule))

    assert found.rewrite == rewrite


def test_package_lists_are_deleted_behind_the_last_install_that_needs_them() -> None:
    built = case(
        step("RUN apt-get update", file("var/lib/apt/lists/a", b"x")),
        step("RUN apt-get install -y a", file("usr/bin/a")),
        step("RUN apt-get -y install b", file("usr/bin/b")),
        step("RUN make", file("z")),
    )

    found = one(built.advice(apt_lists.RULE))

    assert found.rewrite == (
        "RUN apt-get update \\\n    && apt-get install -y a \\\n    && apt-get -y install b"
        " \\\n    && rm -rf /var/lib/apt/lists/*"
    )


def test_what_a_copy_brings_belongs_into_dockerignore() -> None:
    built = case(step("COPY . . # buildkit", file("app/.git/x", b"x")))

    found = one(built.advice(git_history.RULE))

    assert ".dockerignore" in found.fix
    assert found.rewrite is None


def test_what_the_base_brings_is_fixed_by_another_base() -> None:
    built = case(step("RUN x", file("usr/share/man/a", b"x")), step("RUN y", file("b", b"y")), base=1)

    found = one(built.advice(man_pages.RULE))

    assert found.blame == "base"
    assert "base" in found.fix
    assert found.rewrite is None


@pytest.mark.parametrize(
    ("instruction", "files", "is_unpacked"),
    [
        ("/bin/sh -c #(nop) ADD file:0123456789abcdef in / ", 2, True),
        ("/bin/sh -c #(nop) ADD file:0123456789abcdef in / ", 1, False),
        ("/bin/sh -c #(nop) ADD dir:0123456789abcdef in / ", 2, False),
        ("ADD --chown=1:1 rootfs.tar.xz / # buildkit", 1, True),
        ("ADD https://example.com/a.tar.gz /srv/ # buildkit", 2, False),
        ("ADD . / # buildkit", 2, False),
        ("COPY a.tar.gz / # buildkit", 2, False),
    ],
)
def test_what_an_archive_brings_is_left_out_of_the_archive(
    instruction: str, files: int, *, is_unpacked: bool
) -> None:
    """No .dockerignore reaches into it."""
    built = case(step(instruction, *(file(f"app/{number}.js.map", b"x") for number in range(files))))

    found = one(built.advice(source_maps.RULE))

    assert ("out of the archive" in found.fix) is is_unpacked
    assert is_unpacked is not ("ignore" in found.fix or "Do not copy" in found.fix)
