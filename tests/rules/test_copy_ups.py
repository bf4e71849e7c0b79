"""Files that a chown or a chmod stores again: given with the copy, or in the RUN that makes them."""

from __future__ import annotations

import pytest

from layerscope.rules import (
    chmod_copy,
    chown_copy,
)
from tests.rules.dsl import Case, case, one, step
from tests.union.dsl import file


def chowned(copy: str, run: str) -> Case:
    """Files that one instruction brings and the next one chowns."""
    return case(
        step("FROM"),
        step(copy, file("srv/a", b"x" * 30), file("srv/b", b"y" * 12)),
        step(run, file("srv/a", b"x" * 30, uid=9, gid=9), file("srv/b", b"y" * 12, uid=9, gid=9)),
    )


def test_a_chown_becomes_part_of_the_copy() -> None:
    found = one(chowned("COPY . /srv # buildkit", "/bin/sh -c chown -R app:app /srv").advice(chown_copy.RULE))

    assert found.rewrite == "COPY --chown=app:app . /srv"
    assert (found.net_bytes, found.layers, found.blame) == (42, (1, 2), None)
    assert found.instruction == "RUN chown -R app:app /srv"


def test_a_chown_without_a_name_in_the_history_is_by_numbers() -> None:
    found = one(chowned("COPY . /srv # buildkit", "/bin/sh -c ./setup").advice(chown_copy.RULE))

    assert found.rewrite == "COPY --chown=9:9 . /srv"


def test_a_chown_of_what_a_run_makes_joins_that_run() -> None:
    found = one(chowned("/bin/sh -c make install", "/bin/sh -c chown -R app /srv").advice(chown_copy.RULE))

    assert found.rewrite == "RUN make install \\\n    && chown -R app /srv"


def test_the_builder_that_names_no_source_leaves_room_for_it() -> None:
    digest = "0123456789abcdef" * 4
    built = chowned(f"/bin/sh -c #(nop) COPY dir:{digest} in /srv ", "/bin/sh -c chown -R app:app /srv")

    assert one(built.advice(chown_copy.RULE)).rewrite == "COPY --chown=app:app … /srv"


def test_an_owner_and_a_mode_are_given_together() -> None:
    content = b"x" * 30
    built = case(
        step("COPY --chown=1:1 a /srv/ # buildkit", file("srv/a", content, uid=1)),
        step("/bin/sh -c chown app /srv/a", file("srv/a", content, uid=9)),
        step("/bin/sh -c chmod 755 /srv/a", file("srv/a", content, uid=9, mode=0o755)),
    )

    found = built.advice(chown_copy.RULE, chmod_copy.RULE)

    assert {suggestion.rule for suggestion in found} == {"chown-copy", "chmod-copy"}
    assert {suggestion.rewrite for suggestion in found} == {"COPY --chown=app --chmod=755 a /srv/"}


@pytest.mark.parametrize(
    ("chmod", "after", "rewrite"),
    [
        ("chmod -R 755 /srv", (0o755, 0o755), "COPY --chmod=755 . /srv"),
        ("chmod -R g+w /srv", (0o664, 0o664), "COPY --chmod=664 . /srv"),
        ("chmod -R g+w /srv", (0o664, 0o775), None),
        ("./setup", (0o755, 0o755), "COPY --chmod=755 . /srv"),
        ("./setup", (0o755, 0o644 | 0o020), None),
    ],
)
def test_a_chmod_becomes_part_of_the_copy_where_one_mode_fits_all(
    chmod: str, after: tuple[int, int], rewrite: str | None
) -> None:
    built = case(
        step("COPY . /srv # buildkit", file("srv/a", b"x" * 9), file("srv/b", b"y" * 5, mode=0o600)),
        step(
            f"/bin/sh -c {chmod}",
            file("srv/a", b"x" * 9, mode=after[0]),
            file("srv/b", b"y" * 5, mode=after[1]),
        ),
    )

    found = one(built.advice(chmod_copy.RULE))

    assert (found.net_bytes, found.rewrite) == (14, rewrite)


def test_a_chown_of_a_part_of_what_was_copied_is_no_chown_of_all() -> None:
    built = case(
        step("COPY . /srv # buildkit", file("srv/data/a", b"x" * 30), file("srv/b", b"y" * 12)),
        step("/bin/sh -c chown -R app /srv/data", file("srv/data/a", b"x" * 30, uid=9)),
    )

    found = one(built.advice(chown_copy.RULE))

    assert found.rewrite is None
    assert "Copy /srv/data in an instruction of its own, with --chown=app" in found.fix


def test_a_chown_of_what_the_base_ships_cannot_be_given_there() -> None:
    built = case(
        step("COPY . /srv # buildkit", file("srv/a", b"x" * 30)),
        step("/bin/sh -c chown -R app /srv", file("srv/a", b"x" * 30, uid=9)),
        base=1,
    )

    found = one(built.advice(chown_copy.RULE))

    assert (found.blame, found.rewrite) == ("own", None)


def test_a_chmod_of_what_a_run_makes_keeps_its_words() -> None:
    built = case(
        step("/bin/sh -c make", file("srv/a", b"x" * 9)),
        step("COPY b /", file("b")),
        step("/bin/sh -c chmod -R go-w /srv", file("srv/a", b"x" * 9, mode=0o600)),
    )

    assert one(built.advice(chmod_copy.RULE)).rewrite == "RUN make \\\n    && chmod -R go-w /srv"
