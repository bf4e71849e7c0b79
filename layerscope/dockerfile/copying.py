"""What a COPY or ADD copies, and which path of the build's context a path of the image comes from."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence

import msgspec

from layerscope.model.image import Image
from layerscope.model.instruction import Instruction, instruction_of
from layerscope.model.paths import normalise

_OPTION = re.compile(r"--[\w-]+(?:=(?:\"[^\"]*\"|'[^']*'|\S*))?\s+")
_UNKNOWN = "…"
_MAGIC = re.compile(r"[*?\[$]")


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """The sources as written, None where nothing tells; the destination from the root, normalised."""

    sources: tuple[str, ...] | None
    destination: str


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """A path of the context, or why there is none."""

    path: str | None = None
    reason: str = ""


def words_of_copy(text: str) -> list[str]:
    """Sources and destination of a COPY or ADD, without its options; empty where they cannot be read."""
    text = text.strip()
    while (option := _OPTION.match(text)) is not None:
        text = text[option.end() :]
    if "<<" in text:
        return []
    try:
        if text.startswith("["):
            words = msgspec.json.decode(text)
            return [str(word) for word in words] if isinstance(words, list) else []
        return shlex.split(text)
    except (ValueError, msgspec.DecodeError):
        return []


def work_folder(image: Image, layer: int) -> str:
    """The WORKDIR in force when a layer was made, as far as the history tells."""
    folder = ""
    for one in image.layers[: layer + 1]:
        steps = [*one.empty_steps, *([one.history] if one.number < layer else [])]
        for step in steps:
            instruction = instruction_of(step)
            if instruction is not None and instruction.keyword == "WORKDIR":
                folder = normalise(f"{'' if instruction.text.startswith('/') else folder}/{instruction.text}")
    return folder


def copied(recorded: Instruction, written: str | None, folder: str) -> Copied | None:
    """What an instruction copies: the destination as recorded, the sources as ``written`` if known."""
    words = words_of_copy(recorded.text)
    if len(words) < 2:
        return None
    *sources, destination = words
    if written is not None and len(mine := words_of_copy(written)) > 1:
        sources = mine[:-1]
    known = not any(_UNKNOWN in source for source in sources)
    place = destination if destination.startswith("/") else f"{folder}/{destination}"
    return Copied(sources=tuple(sources) if known else None, destination=normalise(place))


def origin_of(copy: Copied, path: str, exists: Callable[[str], bool]) -> Origin:
    """Where in the context a path of the image comes from; ``exists`` tells what lies there."""
    if copy.sources is None:
        sources: Sequence[str] = (".",)  # a classic builder records a hash; nearly always it is the whole
    else:
        sources = copy.sources
    inside = f"{copy.destination}/" if copy.destination else ""
    if not path.startswith(inside):
        return Origin(reason="it is copied by name")
    rest = path[len(inside) :]
    found = []
    for source in sources:
        place = normalise(source)
        if _MAGIC.search(source):
            return Origin(reason="its source holds a pattern or a variable")
        if place and rest == place.rpartition("/")[2]:
            return Origin(reason="it is copied by name")
        found.append(f"{place}/{rest}" if place else rest)
    if len(found) > 1:
        found = [one for one in found if exists(one)]
    return (
        Origin(path=found[0]) if len(found) == 1 else Origin(reason="it is not clear which source it is of")
    )
