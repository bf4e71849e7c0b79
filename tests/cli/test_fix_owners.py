"""``layerscope fix`` gives owners and modes while copying where that is certain, and else says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.looking import Run
from tests.oci.tar.raw import member
from tests.sources.images import layer, saved, steps

BASE = layer(member(b"base", b"b"))
NOT_CERTAIN = "left out, it is not certain that nothing else has its owner or mode from there"


def fixed(
    folder: Path, look: Run, written: tuple[str, ...], recorded: tuple[str, ...], *layers: bytes
) -> tuple[list[str], str]:
    """The lines of the Dockerfile behind its FROM after ``fix --write``, and what it says."""
    image = saved(folder, BASE, *layers, history=steps("ADD base /", *recorded))
    dockerfile = folder / "Dockerfile"
    dockerfile.write_text("\n".join(["FROM debian", *written, ""]))
    outcome = look("fix", image, "-f", dockerfile, "--at-least", "0", "--write")
    assert outcome.code == 0, outcome.err
    return dockerfile.read_text().split("\n")[1:-1], outcome.err


def given(*, uid: int = 0, mode: int = 0o644) -> bytes:
    """A layer with two files, of this owner and mode."""
    return layer(
        *(
            member(name, b"x" * 900, uid=b"%07o\0" % uid, mode=b"%07o\0" % mode)
            for name in (b"srv/a", b"srv/b")
        )
    )


COPY = "COPY . /srv # buildkit"


@pytest.mark.parametrize(
    ("written", "recorded", "after"),
    [
        pytest.param(
            ("RUN <<EOF", "set -e", "chown -R 5:0 /srv", "echo done", "EOF"),
            "RUN /bin/sh -c set -e\nchown -R 5:0 /srv\necho done\n # buildkit",
            ["RUN <<EOF", "set -e", "echo done", "EOF"],
            id="a line of a here-document",
        ),
        pytest.param(
            ("RUN <<-'END' ", "\tchown -R 5:0 /srv", "END"),
            "RUN /bin/sh -c chown -R 5:0 /srv\n # buildkit",
            [],
            id="all of a here-document",
        ),
        pytest.param(
            ("RUN --mount=type=cache,target=/c a && \\", "  # why", "  chown -R 5:0 /srv && b"),
            "RUN /bin/sh -c a &&   chown -R 5:0 /srv && b # buildkit",
            ["RUN --mount=type=cache,target=/c a && \\", "  # why", "  b"],
            id="with options and comments",
        ),
        pytest.param(
            ("RUN chown -R 5:0 /srv; a || b",),
            "RUN /bin/sh -c chown -R 5:0 /srv; a || b # buildkit",
            ["RUN a || b"],
            id="the first of several",
        ),
        pytest.param(
            ("RUN chown -R 5:0 '/srv'",), "RUN /bin/sh -c chown -R 5:0 '/srv' # buildkit", [], id="quoted",
        ),
    ],
)  # fmt: skip
def test_the_chown_goes_and_the_rest_of_the_run_stays(
    written: tuple[str, ...], recorded: str, after: list[str], tmp_path: Path, look: Run
) -> None:
    lines, told = fixed(
        tmp_path, look, ("COPY --link . /srv", *written), (COPY, recorded), given(), given(uid=5)
    )

    assert lines == ["COPY --chown=5:0 --link . /srv", *after]
    assert "left out" not in told


@pytest.mark.parametrize(
    "text",
    [
        "chown -R $USER /srv",
        "chown -R 5:0 /s*",
        "chown -R 5:0 /srv || true",
        "if a; then chown -R 5:0 /srv; fi",
        "while a; do b; chown -R 5:0 /srv; done",
        "chown -R 5:0 /srv && chown 5:0 /srv/a",
        "chown --reference=/x /srv",
        "find /srv | xargs chown 5:0",
        "(cd / && chown -R 5:0 srv)",
        "./own-it",
    ],
)
def test_a_run_that_cannot_be_read_for_certain_is_left_alone(text: str, tmp_path: Path, look: Run) -> None:
    written = ("COPY . /srv", f"RUN {text}")

    lines, told = fixed(
        tmp_path, look, written, (COPY, f"RUN /bin/sh -c {text} # buildkit"), given(), given(uid=5)
    )

    assert lines == list(written)
    assert NOT_CERTAIN in told


def test_what_has_another_owner_under_the_same_folder_makes_it_unsure(tmp_path: Path, look: Run) -> None:
    """A file that came behind the chown, in the same RUN, is root's."""
    text = "chown -R 5:0 /srv && echo new > /srv/new"
    owned = member(b"srv/a", b"x" * 900, uid=b"0000005\0")
    written = ("COPY . /srv", f"RUN {text}")

    lines, told = fixed(
        tmp_path, look, written, (COPY, f"RUN /bin/sh -c {text} # buildkit"),
        layer(member(b"srv/a", b"x" * 900)), layer(owned, member(b"srv/new", b"new")),
    )  # fmt: skip

    assert lines == list(written)
    assert NOT_CERTAIN in told


def test_one_chown_behind_two_copies_goes_with_options_of_both(tmp_path: Path, look: Run) -> None:
    first, second = (member(name, b"x" * 900) for name in (b"srv/a", b"srv/b"))
    owned = [member(name, b"x" * 900, uid=b"0000005\0") for name in (b"srv/a", b"srv/b")]
    chown = "chown -R 5:0 /srv"

    lines, told = fixed(
        tmp_path, look, ("COPY a /srv/", "COPY b /srv/", f"RUN {chown}"),
        ("COPY a /srv/ # buildkit", "COPY b /srv/ # buildkit", f"RUN /bin/sh -c {chown} # buildkit"),
        layer(first), layer(second), layer(*owned),
    )  # fmt: skip

    assert lines == ["COPY --chown=5:0 a /srv/", "COPY --chown=5:0 b /srv/"]
    assert "left out" not in told


def test_what_add_unpacks_keeps_its_owners(tmp_path: Path, look: Run) -> None:
    written = ("ADD a.tgz /srv", "RUN chown -R 5:0 /srv")

    lines, told = fixed(
        tmp_path, look, written, ("ADD a.tgz /srv # buildkit", f"RUN /bin/sh -c {written[1][4:]} # buildkit"),
        given(), given(uid=5),
    )  # fmt: skip

    assert lines == list(written)
    assert NOT_CERTAIN in told


def test_an_owner_and_a_mode_of_two_steps_are_both_given(tmp_path: Path, look: Run) -> None:
    lines, told = fixed(
        tmp_path, look, ("COPY . /srv", "RUN chown -R 5:0 /srv", "RUN chmod -R 755 /srv"),
        (COPY, "RUN /bin/sh -c chown -R 5:0 /srv # buildkit", "RUN /bin/sh -c chmod -R 755 /srv # buildkit"),
        given(), given(uid=5), given(uid=5, mode=0o755),
    )  # fmt: skip

    assert lines in (["COPY --chmod=755 --chown=5:0 . /srv"], ["COPY --chown=5:0 --chmod=755 . /srv"])
    assert "left out" not in told


def test_a_mode_is_not_given_while_copying_where_the_builder_may_not_know_how(
    tmp_path: Path, look: Run
) -> None:
    digest = "0123456789abcdef" * 4

    lines, told = fixed(
        tmp_path, look, ("COPY . /srv", "RUN chmod -R 755 /srv"),
        (f"/bin/sh -c #(nop) COPY dir:{digest} in /srv ", "/bin/sh -c chmod -R 755 /srv"),
        given(), given(mode=0o755),
    )  # fmt: skip

    assert lines == ["COPY . /srv", "RUN chmod -R 755 /srv"]
    assert "left out, COPY --chmod needs BuildKit, which this image was not built with" in told
