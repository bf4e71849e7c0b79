"""What somebody does who follows a finding to the letter: its words are the only thing these look at."""

from __future__ import annotations

import re
from collections.abc import Callable

from layerscope.model.suggestion import Suggestion

Build = tuple[list[str], list[str]]
"""The instructions of a Dockerfile, and the lines of its .dockerignore."""
Edit = Callable[[Build, Suggestion], Build]


def replace(build: Build, finding: Suggestion) -> Build:
    """Write the rewritten instruction in the place of those that it holds, and drop the one to blame."""
    assert finding.rewrite is not None, finding.fix
    steps, ignored = build
    if finding.rewrite.startswith("RUN "):
        whole = _one_line(finding.rewrite)
        held = [step for step in steps if step.startswith("RUN ") and _one_line(step)[4:] in whole]
        held = held or [step for step in steps if _one_line(step) == finding.instruction]
        first = steps.index(held[0])
        rest = [step for step in steps[first:] if step not in held and _one_line(step) != finding.instruction]
        return [*steps[:first], finding.rewrite, *rest], ignored
    copied = _one_line(finding.rewrite).split()
    place = next(
        number
        for number, step in enumerate(steps)
        if step.split()[0] == copied[0] and step.endswith(copied[-1])
    )
    sources = " ".join(word for word in steps[place].split()[1:-1] if not word.startswith("--"))
    better = finding.rewrite.replace("…", sources)
    changed = [*steps[:place], better, *steps[place + 1 :]]
    return [step for step in changed if _one_line(step) != finding.instruction], ignored


def ignore(build: Build, finding: Suggestion) -> Build:
    """Put into .dockerignore what the fix lists."""
    listed = re.search(r"[Pp]ut (\S+(?:, \S+)*) into \.dockerignore", finding.fix)
    assert listed is not None, finding.fix
    return build[0], [*build[1], *listed[1].split(", ")]


def link(build: Build, finding: Suggestion) -> Build:
    """Run the fix's ``ln``: behind what makes both (a hard link), else instead of the copy (a symlink)."""
    command = re.search(r"ln -[sf] \S+ [^\s;,:.]+", finding.fix)
    assert command is not None, finding.fix
    hard = command[0].startswith("ln -f")
    steps = [
        (f"{step} && {command[0]}" if hard else f"RUN {command[0]}")
        if _one_line(step) == finding.instruction
        else step
        for step in build[0]
    ]
    return steps, build[1]


def _one_line(step: str) -> str:
    return " ".join(step.replace("\\\n", " ").split())
