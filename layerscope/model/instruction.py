"""The instruction that made a layer, as its author wrote it rather than as the builder recorded it."""

from __future__ import annotations

import re

import msgspec

from layerscope.model.credentials import redacted
from layerscope.model.image import HistoryEntry

_NOP = re.compile(r"^(?:/bin/sh -c |cmd /S /C )?#\(nop\)\s*")
_ARGUMENTS = re.compile(r"^\|(\d+) ")
_SHELL = re.compile(
    r"(?:^|(?<= ))(?:(?:/\S*/)?(?:ba|da|a|z|k)?sh(?: -(?!\w*c )\w+(?: pipefail)?)* -\w*c"
    r"|cmd(?:\.exe)? /S /C"
    r"|(?:\S*[\\/])?(?:powershell|pwsh)(?:\.exe)?(?: -(?!Command)\w+(?: \w+)?)* -Command) "
)
_ADDED = re.compile(r"^(ADD|COPY) (--\S+?)?(?:multi:|file:|dir:)([0-9a-f]{8})[0-9a-f]* in (.*)$", re.DOTALL)
"""A classic builder writes no blank behind an option: ``COPY --chown=app:appfile:0123… in /srv``."""
_KEYWORDS = frozenset(
    (
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
    )
) | frozenset(("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"))


class Instruction(msgspec.Struct, frozen=True, kw_only=True):
    """A Dockerfile keyword, what follows it, and the build arguments that were in force.

    ``keyword`` is empty where the step was not made by a Dockerfile.
    """

    keyword: str
    text: str
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The instruction on one line, as everybody may see it: without what looks like a secret."""
        return redacted(" ".join(f"{self.keyword} {self.text}".split()))


def instruction_of(step: HistoryEntry | None) -> Instruction | None:
    """Read a history entry of docker build, BuildKit, buildah, kaniko or the like; None without one."""
    if step is None or not (step.created_by or step.comment):
        return None
    text = step.created_by.strip() or step.comment.strip()
    text, nop = _NOP.subn("", text)
    text = text.removesuffix("# buildkit").rstrip()
    keyword, _, rest = text.partition(" ")
    if keyword in _KEYWORDS:
        arguments, rest = _split_arguments(rest)
        if keyword == "RUN":
            rest = _without_shell(rest)
        added = _ADDED.match(text)
        return Instruction(
            keyword=keyword,
            text=f"{f'{added[2]} ' if added[2] else ''}{added[3]}… {added[4].strip()}" if added else rest,
            arguments=arguments,
        )
    arguments, text = _split_arguments(text)
    plain = _without_shell(text)
    if not nop and (arguments or plain != text):
        return Instruction(keyword="RUN", text=plain, arguments=arguments)
    return Instruction(keyword="", text=text, arguments=arguments)


def _split_arguments(text: str) -> tuple[tuple[str, ...], str]:
    """``|2 A=1 B=x y /bin/sh -c …``: so many arguments, whose values may hold blanks, then the shell."""
    match = _ARGUMENTS.match(text)
    if match is None:
        return (), text
    rest = text[match.end() :]
    shell = _SHELL.search(rest)
    words = (rest[: shell.start()] if shell else rest).split()
    count = int(match[1][:6])
    if shell is None:
        return tuple(words[:count]), " ".join(words[count:])
    arguments: list[str] = []
    for word in words:
        if "=" in word or not arguments:
            arguments.append(word)
        else:
            arguments[-1] += f" {word}"
    return tuple(arguments[:count]), rest[shell.start() :]


def _without_shell(text: str) -> str:
    shell = _SHELL.match(text)
    return text[shell.end() :].strip() if shell else text
