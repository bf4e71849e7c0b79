"""An owner or a mode given while copying, and taken out of the RUN that gave it: only where that is certain.

Certain is what leaves the merged filesystem as it is: everything that the COPY brought has the owner or mode
in the end, and what else the command changed is little enough to be named one by one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import copied_with
from layerscope.dockerfile.copying import copied, work_folder
from layerscope.model.entry import Entry, Kind
from layerscope.model.paths import normalise
from layerscope.model.suggestion import Edit
from layerscope.union.index import Node

_SPLIT = re.compile(r"(\s*(?:&&|;|\n)\s*)")
_UNPLAIN = re.compile(r"[|&<>()$`*?\[\]{}~!\\#]")
_GRAMMAR = re.compile(r"(?:if|for|while|until|case|do|then|else|select|function)\b|[({!]")
_OPTIONS = re.compile(r"-[Rcfv]+|--(?:recursive|changes|silent|quiet|verbose)")
_MOST_NAMED = 6
_MARKERS = (Kind.WHITEOUT, Kind.OPAQUE)
_ACCOUNTS = ("etc/passwd", "etc/group")
_BUILDKIT = "# buildkit"
_PROGRAMS = {"owner": "chown", "mode": "chmod"}


class _Part(NamedTuple):
    """One command of a RUN, where it stands between its separators, and the paths that it was given."""

    number: int
    words: tuple[str, ...]
    value: str
    folders: tuple[str, ...]


class GivenWhileCopying:
    """What layer ``hidden_by`` gave to files that COPYs brought, ``differs`` being owner, mode or both."""

    def __init__(self, evidence: Evidence, hidden_by: int, differs: Sequence[str]) -> None:
        self._evidence = evidence
        self._hidden_by = hidden_by
        self._differs = list(differs) if set(differs) <= _PROGRAMS.keys() else []
        self._find = evidence.analysis.index.find

    def edits(self, origin: int, path: str) -> tuple[Edit, ...]:
        """The COPYs and the RUN written anew, for a file of layer ``origin``; none where that is unsure."""
        instruction = self._evidence.instructions[self._hidden_by]
        if instruction is None or instruction.keyword != "RUN" or instruction.text[:1] == "[":
            return ()
        if not self._differs or self._evidence.keyword(origin) != "COPY":
            return ()
        pieces = _SPLIT.split(instruction.text)
        if any(map(_GRAMMAR.match, (piece.strip() for piece in pieces[::2]))):
            return ()
        copies: dict[int, list[str]] = {}
        for one in self._differs:
            part = self._part(pieces, _PROGRAMS[one], path)
            rest = self._rest(one, part, copies) if part is not None else None
            if part is None or rest is None or origin not in copies:
                return ()
            pieces[2 * part.number] = shlex.join([*part.words[:1], part.value, *rest]) if rest else ""
        rewritten = [
            Edit(layer=layer, text=copied_with(self._evidence.instructions[layer], *options) or "")
            for layer, options in sorted(copies.items())
        ]
        text = _joined(pieces)
        return (*rewritten, Edit(layer=self._hidden_by, text=f"RUN {text}" if text else ""))

    def _part(self, pieces: Sequence[str], program: str, path: str) -> _Part | None:
        """The only command of this name that leads to the path, where all of it can be read."""
        found = []
        for number, piece in enumerate(pieces[::2]):
            if program not in piece:
                continue
            try:
                words = shlex.split(piece)
            except ValueError:
                return None
            operands = [word for word in words[1:] if not _OPTIONS.fullmatch(word)]
            if _UNPLAIN.search(piece) or words[0] != program or len(operands) < 2 or operands[0][:1] == "-":
                return None
            folder = work_folder(self._evidence.image, self._hidden_by)
            folders = tuple(
                normalise(word if word.startswith("/") else f"{folder}/{word}") for word in operands[1:]
            )
            found.append(_Part(number, tuple(words), operands[0], folders))
        return found[0] if len(found) == 1 and _leads(found[0].folders, path) else None

    def _rest(self, one: str, part: _Part, copies: dict[int, list[str]]) -> list[str] | None:
        """What the command is still needed for, None where that is much; the others get their option."""
        rest: list[str] = []
        origins: dict[int, bool] = {}
        wanted: tuple[int, ...] | None = None
        for entry in self._evidence.changesets[self._hidden_by].entries:
            node = self._find(entry.path)
            if node is None or entry.kind in _MARKERS or not _leads(part.folders, entry.path):
                continue
            value = _value(one, entry)
            wanted = wanted or value
            if value != wanted:
                return None
            origin = self._origin(node)
            if origin not in origins:
                origins[origin] = self._fits(one, origin, value)
            if not origins[origin] or not self._is_given(origin, entry):
                rest.append(f"/{entry.path}")
                if len(rest) > _MOST_NAMED:
                    return None
        good = [origin for origin, fits in origins.items() if fits]
        if wanted is None or not good:
            return None
        option = self._option(one, wanted, part.value, min(good))
        for origin in good:
            copies.setdefault(origin, []).append(option)
        return rest

    def _origin(self, node: Node) -> int:
        """The layer that brought what is at a path as of this one: a copy-up keeps content and time."""
        before: Entry | None = None
        origin = -1
        for version in reversed(node.versions):
            source = version.source
            if version.layer > self._hidden_by:
                continue
            if source is None or (before is not None and not _is_same(before, source)):
                break
            before, origin = source, version.layer
        return origin

    def _fits(self, one: str, origin: int, value: tuple[int, ...]) -> bool:
        """Whether an instruction copies, and all that it brought has the value in the end."""
        evidence = self._evidence
        if origin < 0 or evidence.blame(origin) == "base" or evidence.keyword(origin) != "COPY":
            return False  # what ADD unpacks keeps the owners that it has
        if one == "mode" and not self._takes_modes(origin):
            return False
        for entry in evidence.changesets[origin].entries:
            node = self._find(entry.path)
            if node is None or entry.kind is Kind.SYMLINK or not self._is_given(origin, entry):
                continue
            version = node.top
            source = version.source if version is not None else None
            if source is not None and self._origin(node) == origin and _value(one, source) != value:
                return False
        return True

    def _takes_modes(self, origin: int) -> bool:
        """Whether the builder knows ``COPY --chmod``: BuildKit says that it was it."""
        history = self._evidence.image.layers[origin].history
        return history is not None and history.created_by.rstrip().endswith(_BUILDKIT)

    def _is_given(self, origin: int, entry: Entry) -> bool:
        """Whether an option of that COPY gives it to an entry: not to folders above the destination."""
        if entry.kind is not Kind.DIRECTORY:
            return True
        node = self._find(entry.path)
        if node is None or node.versions[0].layer != origin:
            return False
        instruction = self._evidence.instructions[origin]
        written = (
            copied(instruction, None, work_folder(self._evidence.image, origin))
            if instruction is not None
            else None
        )
        return written is not None and _leads((written.destination,), entry.path)

    def _option(self, one: str, value: tuple[int, ...], written: str, first: int) -> str:
        if one == "mode":
            return f"--chmod={value[0]:o}"
        made = any(
            entry.path in _ACCOUNTS
            for layer in range(first + 1, self._hidden_by + 1)
            for entry in self._evidence.changesets[layer].entries
        )
        # A name that only a later step makes would not be known yet.
        by_name = not made and re.fullmatch(r"[^:]+:[^:]+", written)  # without a group COPY takes another one
        return f"--chown={written if by_name else ':'.join(map(str, value))}"


def _value(one: str, entry: Entry) -> tuple[int, ...]:
    return (entry.uid, entry.gid) if one == "owner" else (entry.mode & 0o7777,)


def _is_same(after: Entry, before: Entry) -> bool:
    if after.kind is not before.kind:
        return False
    if after.kind is Kind.DIRECTORY:
        return True
    return after.content_hash == before.content_hash and after.mtime_ns == before.mtime_ns


def _leads(folders: Sequence[str], path: str) -> bool:
    return any(not folder or path == folder or path.startswith(f"{folder}/") for folder in folders)


def _joined(pieces: Sequence[str]) -> str:
    """The commands with the separators between them, without those that are empty now."""
    return "".join(_parts(pieces)).strip()


def _parts(pieces: Sequence[str]) -> Iterator[str]:
    begun = False
    for number in range(0, len(pieces), 2):
        if not pieces[number].strip():
            continue
        if begun:
            yield pieces[number - 1]
        yield pieces[number]
        begun = True
