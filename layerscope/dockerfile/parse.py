"""A Dockerfile's text to instructions with their lines: continuations, here-documents, stages.

As BuildKit reads it (Dockerfile reference): the directive ``escape``, comments and empty lines within an
instruction, several here-documents in one. Variables stay as they are written.
"""

from __future__ import annotations

import re

import msgspec

_DIRECTIVE = re.compile(r"#\s*([A-Za-z][\w-]*)\s*=\s*(.+?)\s*")
_COMMENT = re.compile(r"\s*#")
_HEREDOC = re.compile(r"\d*<<(-?)([^<]+)")
_WORD = re.compile(r"(?:[^\s\"'\\]|\\.|\"(?:[^\"\\]|\\.)*\"|'[^']*'|[\"'\\])+")
_TAKE_HEREDOCS = frozenset(("RUN", "COPY", "ADD"))
_FROM = re.compile(r"((?:--\S+\s+)*)(\S+)(?:\s+AS\s+(\S+))?\s*", re.IGNORECASE)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One instruction; lines are numbered from 1, both ends included.

    ``text`` is what follows the keyword with continued lines joined; the bodies of here-documents follow
    on lines of their own. ``trigger`` marks one behind an ONBUILD, which makes no layer here.
    """

    keyword: str
    text: str
    first_line: int
    last_line: int
    trigger: bool = False


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A FROM and the steps on it; ``image`` may be the name of a stage before it."""

    image: str
    name: str | None
    start: Step
    steps: tuple[Step, ...]


class Dockerfile(msgspec.Struct, frozen=True, kw_only=True):
    """The text by lines, and its stages in order; ARGs in front of the first FROM are in none."""

    lines: tuple[str, ...]
    stages: tuple[Stage, ...]

    def chain(self, target: str | None = None) -> tuple[Stage, ...]:
        """A stage (the last one by default) with those below it that it is built on, the lowest first.

        ``target`` is a stage's name or number; empty where there is none of that name.
        """
        place = len(self.stages) - 1 if target is None else self._place(target, len(self.stages))
        found: list[Stage] = []
        while place is not None and place >= 0:
            found.insert(0, self.stages[place])
            place = self._place(self.stages[place].image, place)
        return tuple(found)

    def _place(self, name: str, before: int) -> int | None:
        for place in range(before - 1, -1, -1):
            if (self.stages[place].name or "").lower() == name.lower():
                return place
        return int(name) if name.isdecimal() and int(name) < before else None


def parse_dockerfile(text: str) -> Dockerfile:
    """Read a Dockerfile; what is no instruction is left to the builder to complain about."""
    lines = tuple(text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n"))
    lines = lines[:-1] if lines[-1] == "" else lines
    stages: list[Stage] = []
    for step in _steps(lines):
        if step.keyword == "FROM":
            origin = _FROM.fullmatch(step.text)
            image, name = (origin[2], origin[3]) if origin else (step.text, None)
            stages.append(Stage(image=image, name=name, start=step, steps=()))
        elif stages:
            last = stages[-1]
            stages[-1] = msgspec.structs.replace(last, steps=(*last.steps, step))
    return Dockerfile(lines=lines, stages=tuple(stages))


def _steps(lines: tuple[str, ...]) -> list[Step]:
    continued = re.compile(re.escape(_escape(lines)) + r"[ \t]*$")
    steps: list[Step] = []
    place = 0
    while place < len(lines):
        first = place
        place += 1
        line = lines[first]
        if not line.strip() or _COMMENT.match(line):
            continue
        parts, last = [], first
        while (joint := continued.search(line)) is not None:
            parts.append(line[: joint.start()])
            while place < len(lines) and (not lines[place].strip() or _COMMENT.match(lines[place])):
                place += 1
            if place == len(lines):
                line, last = "", place - 1
                break
            line, last = lines[place], place
            place += 1
        keyword, _, text = "".join([*parts, line]).strip().partition(" ")
        keyword, text = keyword.upper(), text.strip()
        if "\t" in keyword:
            keyword, _, more = keyword.partition("\t")
            text = f"{more} {text}".strip()
        trigger = keyword == "ONBUILD"
        inner = text.partition(" ")[0].upper() if trigger else keyword
        if inner in _TAKE_HEREDOCS:
            body, place = _heredocs(text, lines, place)
            text, last = text + body, max(last, place - 1) if body else last
        steps.append(
            Step(keyword=keyword, text=text, first_line=first + 1, last_line=last + 1, trigger=trigger)
        )
    return steps


def _escape(lines: tuple[str, ...]) -> str:
    """The sign that continues a line; directives stand in front of everything else."""
    for line in lines:
        directive = _DIRECTIVE.fullmatch(line.strip())
        if directive is None:
            break
        if directive[1].lower() == "escape" and directive[2] in ("\\", "`"):
            return directive[2]
    return "\\"


def _heredocs(text: str, lines: tuple[str, ...], place: int) -> tuple[str, int]:
    """The bodies of the here-documents that an instruction opens, and the line behind them."""
    body = ""
    for word in _WORD.findall(text):
        opened = _HEREDOC.fullmatch(word)
        if opened is None:
            continue
        end = opened[2].replace('"', "").replace("'", "")
        while place < len(lines):
            line = lines[place].lstrip("\t") if opened[1] else lines[place]
            place += 1
            body += "\n" + line
            if line == end:
                break
    return body, place
