"""The rule about sources beside what was compiled from them."""

from __future__ import annotations

from typing import Any

import pytest

from layerscope.rules import sources_left
from tests.rules.dsl import Case, case, one, step
from tests.rules.installed import big, elf

GO = {"elf": {"app/bin/app": elf(made_of={"language": "go", "name": "app", "version": "", "modules": []})}}
C = {"elf": {"opt/tool": elf()}}
JAR = {"jars": {"app/target/app.jar": {"name": "app", "version": "1", "modules": []}}}


def compiled(
    facts: dict[str, Any], *sources: str, instruction: str = "COPY . /app", size_bytes: int = 200_000
) -> Case:
    """Sources of that size, and programs made of them."""
    programs = [big(path) for found in facts.values() for path in found]
    return case(
        step(instruction, *(big(path, size_bytes) for path in sources)),
        step("RUN build", *programs, facts=facts),
    )


@pytest.mark.parametrize(
    ("facts", "source"),
    [
        (GO, "app/cmd/main.go"),
        (GO, "app/vendor/x/y.go"),
        (C, "src/tool/main.c"),
        (JAR, "app/src/App.java"),
        ({}, "usr/src/redis/server.c"),
        ({}, "usr/local/src/tool/main.rs"),
    ],
)
def test_sources_of_a_language_of_which_there_is_a_program(facts: dict[str, Any], source: str) -> None:
    found = one(compiled(facts, source, "app/README.md").advice(sources_left.RULE))

    assert (found.net_bytes, found.paths, found.layers) == (200_000, (source,), (0,))
    assert source.rpartition("/")[0] in found.fix


@pytest.mark.parametrize(
    ("facts", "source"),
    [
        ({}, "app/cmd/main.go"),
        (C, "app/cmd/main.go"),
        (GO, "app/src/main.py"),
        (GO, "usr/local/go/src/fmt/print.go"),
        (GO, "go/pkg/mod/x/y.go"),
        (C, "usr/include/stdio.h"),
        (C, "app/node_modules/x/binding.cc"),
        (C, "opt/venv/lib/python3/site-packages/numpy/x.h"),
        ({}, "usr/src/app/index.js"),
        ({"elf": {"usr/bin/gcc": elf()}}, "app/main.c"),
        ({"elf": {"app/lib.so": elf(kind="shared library")}}, "app/main.c"),
        ({"jars": {"usr/share/java/x.jar": {"name": "x", "version": "1", "modules": []}}}, "app/App.java"),
    ],
)
def test_sources_that_something_else_may_need_are_left_alone(facts: dict[str, Any], source: str) -> None:
    assert compiled(facts, source).advice(sources_left.RULE) == ()


def test_a_few_sources_are_no_finding() -> None:
    """Nor are many, of which only a few are of a compiled language that was compiled."""
    built = compiled(GO, "app/main.go", size_bytes=99_999)
    mixed = case(
        *[
            step(
                "COPY . .",
                big("app/main.go", 99_999),
                big("app/a.java", 300_000),
                *[big("app/bin/app")],
                facts=GO,
            )
        ]
    )

    assert built.advice(sources_left.RULE) == mixed.advice(sources_left.RULE) == ()


@pytest.mark.parametrize(("instruction", "mounts"), [("COPY . /app", True), ("RUN git clone x", False)])
def test_what_the_context_has_can_be_mounted(instruction: str, *, mounts: bool) -> None:
    found = one(compiled(GO, "app/main.go", instruction=instruction).advice(sources_left.RULE))

    assert ("--mount=type=bind" in found.fix) is mounts


def test_a_profile_to_develop_in_keeps_its_sources() -> None:
    assert compiled(GO, "app/main.go").advice(sources_left.RULE, profile="dev") == ()
