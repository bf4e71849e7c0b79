"""Histories of every builder, read as what their authors wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.model.image import HistoryEntry
from layerscope.model.instruction import Instruction, instruction_of
from tests.sources.samples import samples

DIGEST = "0eb5ea35741d23fe39cbac245b3a5d84856ed6384f4ff07d496369ee6d960bad"
DOCKER_CLASSIC = {
    f"/bin/sh -c #(nop) ADD file:{DIGEST} in / ": "ADD 0eb5ea35… /",
    f"/bin/sh -c #(nop) COPY dir:{DIGEST} in /app ": "COPY 0eb5ea35… /app",
    f"/bin/sh -c #(nop) ADD multi:{DIGEST} in /etc/ ": "ADD 0eb5ea35… /etc/",
    '/bin/sh -c #(nop)  CMD ["/bin/sh"]': 'CMD ["/bin/sh"]',
    '/bin/sh -c #(nop) CMD ["sh"]': 'CMD ["sh"]',
    "/bin/sh -c #(nop)  ENV A=1 B=2": "ENV A=1 B=2",
    "/bin/sh -c #(nop) MAINTAINER Jérôme <j@example.org>": "MAINTAINER Jérôme <j@example.org>",
    '/bin/sh -c #(nop) HEALTHCHECK &{["CMD-SHELL" "x"]}': 'HEALTHCHECK &{["CMD-SHELL" "x"]}',
    "/bin/sh -c #(nop)  VOLUME [/data]": "VOLUME [/data]",
    f"/bin/sh -c #(nop) COPY --chown=app:appfile:{DIGEST} in /srv/ ": "COPY --chown=app:app 0eb5ea35… /srv/",
    f"/bin/sh -c #(nop) COPY --chown=7:8multi:{DIGEST} in . ": "COPY --chown=7:8 0eb5ea35… .",
    "/bin/sh -c apt-get update": "RUN apt-get update",
    "/bin/bash -o pipefail -c curl x | sh": "RUN curl x | sh",
    "/bin/ash -eo pipefail -c apk add x": "RUN apk add x",
    "/bin/sh -c set -ex; \tapt-get update; \t\tapt-get clean": "RUN set -ex; apt-get update; apt-get clean",
    "|1 VERSION=1.26 /bin/sh -c chmod 0644 /etc/seed": "RUN chmod 0644 /etc/seed",
}
BUILDKIT = {
    "RUN /bin/sh -c apt-get update # buildkit": "RUN apt-get update",
    "RUN |1 APP_ENV=prod /bin/sh -c make install # buildkit": "RUN make install",
    "RUN /bin/bash -o pipefail -c a | b # buildkit": "RUN a | b",
    "RUN /bin/sh -c set -ex # a comment # buildkit": "RUN set -ex # a comment",
    "COPY --from=build /a /b # buildkit": "COPY --from=build /a /b",
    "COPY --chown=app:app . . # buildkit": "COPY --chown=app:app . .",
    "ADD alpine.tar.gz / # buildkit": "ADD alpine.tar.gz /",
    'CMD ["/hello"]': 'CMD ["/hello"]',
    "WORKDIR /app": "WORKDIR /app",
    "ENV PATH=/usr/local/bin:/bin": "ENV PATH=/usr/local/bin:/bin",
    "EXPOSE map[8000/tcp:{}]": "EXPOSE map[8000/tcp:{}]",
}
BUILDAH_AND_PODMAN = {
    f"/bin/sh -c #(nop) COPY file:{DIGEST} in / ": "COPY 0eb5ea35… /",
    "/bin/sh -c mkdir /a": "RUN mkdir /a",
    "/bin/sh": "/bin/sh",
}
OTHERS = {
    "RUN mkdir /home && echo -n gem > /home/Gemfile": "RUN mkdir /home && echo -n gem > /home/Gemfile",
    "COPY . .": "COPY . .",
    "jib-maven-plugin:3.4.0": "jib-maven-plugin:3.4.0",
    "bazel build ...": "bazel build ...",
    "apko": "apko",
    "umoci insert": "umoci insert",
    "crane append file.tar": "crane append file.tar",
    "ko build ko://example.org/app": "ko build ko://example.org/app",
    "Apply image 10.0.17763.1697": "Apply image 10.0.17763.1697",
}
WINDOWS = {
    "RUN cmd /S /C mkdir C:\\app # buildkit": "RUN mkdir C:\\app",
    "cmd /S /C mkdir C:\\app": "RUN mkdir C:\\app",
    "|1 A=b cmd /S /C dir": "RUN dir",
}
ALL = DOCKER_CLASSIC | BUILDKIT | BUILDAH_AND_PODMAN | OTHERS | WINDOWS


def read(created_by: str, comment: str = "") -> Instruction:
    """The instruction of a step that says something."""
    found = instruction_of(HistoryEntry(created_by=created_by, comment=comment))
    assert found is not None
    return found


@pytest.mark.parametrize(("created_by", "expected"), ALL.items())
def test_the_instruction_is_what_its_author_wrote(created_by: str, expected: str) -> None:
    assert str(read(created_by)) == expected


@pytest.mark.parametrize(
    ("created_by", "arguments"),
    [
        ("RUN |1 A=1 /bin/sh -c make # buildkit", ("A=1",)),
        ("|2 A=1 B=2 /bin/sh -c make", ("A=1", "B=2")),
        ("|2 A=one two B= /bin/sh -c make", ("A=one two", "B=")),
        ("|2 A=x=y B=/bin/tool /bin/sh -c make", ("A=x=y", "B=/bin/tool")),
        ("|0 /bin/sh -c make", ()),
        ("RUN /bin/sh -c make |1 A=2 # buildkit", ()),
    ],
)
def test_build_arguments_stand_apart(created_by: str, arguments: tuple[str, ...]) -> None:
    found = read(created_by)

    assert found.keyword == "RUN"
    assert found.text.startswith("make")
    assert found.arguments == arguments


def test_the_keyword_stands_apart_from_what_follows() -> None:
    assert read("COPY a b # buildkit") == Instruction(keyword="COPY", text="a b")
    assert read("copy a b").keyword == ""
    assert read("RUNNING late").keyword == ""


def test_the_text_keeps_its_lines_and_shows_as_one() -> None:
    found = read("RUN /bin/sh -c a \\\n  && b # buildkit")

    assert found.text == "a \\\n  && b"
    assert str(found) == "RUN a \\ && b"


def test_a_step_that_only_has_a_comment_is_told_by_it() -> None:
    """As nix writes it."""
    comment = "store paths: ['/nix/store/abc-hello-2.12']"

    assert str(read("", comment)) == comment


def test_what_was_run_counts_before_the_comment() -> None:
    """As podman commit, buildah and BuildKit write it."""
    assert str(read("/bin/sh -c mkdir /a", "FROM docker.io/library/alpine:3")) == "RUN mkdir /a"
    assert str(read("COPY a b # buildkit", "buildkit.dockerfile.v0")) == "COPY a b"


@pytest.mark.parametrize("step", [None, HistoryEntry(), HistoryEntry(created="2024-01-01T00:00:00Z")])
def test_without_a_word_there_is_no_instruction(step: HistoryEntry | None) -> None:
    assert instruction_of(step) is None


@pytest.mark.parametrize("name", ["lean.tar", "wasteful.tar"])
def test_what_was_run_stands_in_the_dockerfile(name: str) -> None:
    sample = samples()[name]
    lines = sample.dockerfile.splitlines()

    found = [str(read(step.created_by, step.comment)) for step in sample.steps]

    runs = [line for line in found if line.startswith("RUN ")]
    assert runs
    assert [line for line in runs if line not in lines] == []


@given(st.text(), st.text())
def test_whatever_it_says_it_is_read(created_by: str, comment: str) -> None:
    found = instruction_of(HistoryEntry(created_by=created_by, comment=comment))

    assert (found is None) == (not created_by and not comment)
    assert "\n" not in str(found)


@given(st.integers(0, 10**30), st.text())
def test_any_number_of_arguments_may_be_claimed(count: int, rest: str) -> None:
    found = read(f"|{count} {rest}")

    assert len(found.arguments) <= len(rest.split())
