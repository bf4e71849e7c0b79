"""The commands that a RUN instruction runs, as far as a glance at its text tells."""

from __future__ import annotations

import re
import shlex
from functools import lru_cache

import msgspec

_SEPARATOR = re.compile(r"[;&|()]+")
_REDIRECTION = re.compile(r"[<>&|]*[<>][<>&|]*")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_PREFIXES = frozenset(("{", "!", "if", "then", "else", "elif", "while", "until", "do", "time", "exec"))
_PREFIXES |= {"sudo", "env", "command", "nice"}
_MAX_CHARACTERS = 1 << 16


class Command(msgspec.Struct, frozen=True):
    """One command: its words, the program's name without its folder first."""

    words: tuple[str, ...]

    @property
    def program(self) -> str:
        """The program's name."""
        return self.words[0]

    @property
    def operands(self) -> tuple[str, ...]:
        """The words after the program that are no options."""
        return tuple(word for word in self.words[1:] if not word.startswith("-"))

    def does(self, programs: frozenset[str], actions: frozenset[str]) -> bool:
        """Whether it is one of the programs with one of the actions, which is its first operand or option."""
        return self.words[0] in programs and not actions.isdisjoint((self.action, *self.words[1:2]))

    @property
    def action(self) -> str:
        """The first word that is neither an option nor an option's ``key=value``; empty without one."""
        return next((word for word in self.operands if "=" not in word), "")


def _command(words: list[str]) -> Command:
    """The command of these words; ``python -m pip`` is pip."""
    if words[0].rpartition("/")[2].startswith("python") and words[1:2] == ["-m"] and len(words) > 2:
        words = words[2:]
    return Command((words[0].rpartition("/")[2], *words[1:]))


@lru_cache(maxsize=512)
def commands_of(text: str) -> tuple[Command, ...]:
    """The simple commands of a shell's text, in order; none where its quotes do not close.

    Assignments, redirections and the words of the shell's own grammar are left out; nothing is
    expanded, and what stands in ``$(…)`` counts as commands of their own.
    """
    lexer = shlex.shlex(
        text[:_MAX_CHARACTERS].replace("\\\n", " ").replace("\n", " ; "), posix=True, punctuation_chars=True
    )
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        tokens = list(lexer)
    except ValueError:
        return ()
    found: list[Command] = []
    words: list[str] = []
    redirected = False
    for token in [*tokens, ";"]:
        if redirected:
            redirected = False
        elif _REDIRECTION.fullmatch(token):
            redirected = True
        elif _SEPARATOR.fullmatch(token):
            if words:
                found.append(_command(words))
            words = []
        elif words or not (token in _PREFIXES or _ASSIGNMENT.fullmatch(token)):
            words.append(token)
    return tuple(found)
