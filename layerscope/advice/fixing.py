"""Instructions written better: a cleanup appended, a flag put in, an owner given while copying."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from layerscope.advice.evidence import Evidence
from layerscope.model.instruction import Instruction

_UNSURE = re.compile(r"<<|(?:^|\s)#|&\s*$|\\$")
"""What nothing can be appended to: a here-document, a comment, a command in the background."""
_HASHED = re.compile(r"\b[0-9a-f]{8}… ")
_CARRIES = re.compile(r"(?:^|[\s;&|(])(?:cd|pushd|exit|exec|export|set|trap|umask)(?:$|\s)")
"""What would still hold for a command that follows in the same shell."""
AND = " \\\n    && "
_MOST_PATHS = 4
_MOST_JOINED = 6


def absolute(path: str) -> str:
    """A path of the image as a command names it, quoted where it must be."""
    return shlex.quote("/" + path)


def some(paths: Sequence[str]) -> str:
    """The first paths, absolute and quoted, and a sign that there are more."""
    return " ".join(map(absolute, paths[:_MOST_PATHS])) + (" …" if len(paths) > _MOST_PATHS else "")


def appended(instruction: Instruction | None, command: str) -> str | None:
    """A RUN with one more command at its end; None where that is not safe to write."""
    text = _open_text(instruction)
    return None if text is None else f"RUN {text}{AND}{command}"


def joined(evidence: Evidence, first: int, last: int) -> str | None:
    """The RUNs of adjacent layers as one; None where it would do something else."""
    layers = evidence.image.layers[first + 1 : last + 1]
    if not 0 < len(layers) < _MOST_JOINED or any(layer.empty_steps for layer in layers):
        return None
    texts = [_open_text(evidence.instructions[number]) for number in range(first, last + 1)]
    known = [text for text in texts if text is not None]
    if (
        len(known) < len(texts)
        or any(map(_CARRIES.search, known[:-1]))
        or any("||" in text for text in known[1:])
    ):
        return None
    return f"RUN {AND.join(known)}"


def _open_text(instruction: Instruction | None) -> str | None:
    """The text of a RUN in the shell's form, to which another command can be added."""
    if instruction is None or instruction.keyword != "RUN" or instruction.text[:1] == "[":
        return None
    text = instruction.text.rstrip()
    if not text.endswith("\\;"):  # the end of a find -exec
        text = text.removesuffix(";").rstrip()
    return None if not text or _UNSURE.search(text) else text


def with_option(instruction: Instruction | None, command: str, option: str) -> str | None:
    """A RUN with an option after each command that the pattern matches; None where there is none."""
    if instruction is None or instruction.keyword != "RUN" or option in instruction.text:
        return None
    text, count = re.subn(rf"(?<![\w-])(?:{command})(?![\w-])", rf"\g<0> {option}", instruction.text)
    return f"RUN {text}" if count else None


def without(instruction: Instruction | None, part: str) -> str | None:
    """An instruction without the parts that the pattern matches; None where there is none."""
    if instruction is None or not instruction.keyword:
        return None
    text, count = re.subn(part, "", instruction.text)
    return f"{instruction.keyword} {text.strip()}" if count else None


def copied_with(instruction: Instruction | None, *options: str) -> str | None:
    """A COPY or ADD with further options, ``…`` for sources that the history lacks; None for others."""
    if instruction is None or instruction.keyword not in ("COPY", "ADD"):
        return None
    names = {option.partition("=")[0] for option in options}
    kept = [word for word in _plain(instruction).split() if word.partition("=")[0] not in names]
    return " ".join([instruction.keyword, *options, *kept])


def copies_context(evidence: Evidence, layer: int) -> bool:
    """Whether a layer's instruction copies from the build's context, as far as the history tells."""
    instruction = evidence.instructions[layer]
    return (
        instruction is not None
        and instruction.keyword in ("COPY", "ADD")
        and "--from=" not in instruction.text
    )


def _plain(instruction: Instruction) -> str:
    return _HASHED.sub("… ", instruction.text)


def step(evidence: Evidence, layer: int) -> str:
    """A layer as a fix speaks of it: ``the RUN of layer 3``."""
    keyword = evidence.keyword(layer)
    return f"the {keyword} of layer {layer}" if keyword else f"the step that makes layer {layer}"
