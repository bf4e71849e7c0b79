"""The commands of a RUN, as far as its text tells."""

from __future__ import annotations

import pytest

from layerscope.model.shell import commands_of


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("apt-get update", [("apt-get", "update")]),
        ("a && b || c; d | e", [("a",), ("b",), ("c",), ("d",), ("e",)]),
        ("set -eux;   apt-get update;\\\n  rm x", [("set", "-eux"), ("apt-get", "update"), ("rm", "x")]),
        ("a\nb", [("a",), ("b",)]),
        ("A=1 B='x y' make -j2", [("make", "-j2")]),
        ("sudo env A=1 make", [("make",)]),
        ("/usr/bin/apt-get install x", [("apt-get", "install", "x")]),
        ("echo 'a && b' > /x 2>&1 && c", [("echo", "a && b", "2"), ("c",)]),
        ("if test -f x; then rm x; fi", [("test", "-f", "x"), ("rm", "x"), ("fi",)]),
        ("(cd /x && make)", [("cd", "/x"), ("make",)]),
        ("python3 -m pip install x", [("pip", "install", "x")]),
        ("echo 'unclosed", []),
        ("", []),
    ],
)
def test_a_text_is_split_as_a_shell_splits_it(text: str, commands: list[tuple[str, ...]]) -> None:
    assert [command.words for command in commands_of(text)] == commands


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("apt-get purge x", True),
        ("apt-get -y -o A=b purge x", True),
        ("apt-get install purge", False),
        ("apt purge x", False),
        ("apt-get", False),
    ],
)
def test_what_a_command_does_is_its_first_operand(text: str, *, does: bool) -> None:
    (command,) = commands_of(text)

    assert command.does(frozenset(("apt-get",)), frozenset(("purge",))) is does
