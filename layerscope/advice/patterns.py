"""Patterns of paths, all rules' together in one automaton, so that a tree is looked at once.

``/var/log/`` is a directory from the root on, with everything below it; ``.cache/pip/`` one anywhere;
``core`` a file anywhere, ``*.pyc`` files anywhere that end so. A part may hold ``*``; ``**`` stands
for any number of directories. What may stand anywhere begins with a part that has no ``*``, or a suffix
behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_GLOB = re.compile(r"\*")
_SUFFIX = re.compile(r"([^*/]*)\*([^*/]*\.([^.*/]+))")


class State:
    """A place in the automaton: what the next part of a path may be, and who is told."""

    def __init__(self) -> None:
        self.names: dict[str, State] = {}
        self.suffixes: dict[str, list[tuple[str, str, State]]] = {}
        self.globs: list[tuple[re.Pattern[str], State]] = []
        self.rest: State | None = None
        """Where ``**`` leads, which stays active below."""
        self.stays = False
        self.files: tuple[int, ...] = ()
        self.directories: tuple[int, ...] = ()
        self._made: dict[str, State] = {}

    def following(self, name: str) -> list[State]:
        """The states that a child of this name leads to."""
        found = [self.names[name]] if name in self.names else []
        if self.suffixes:
            for start, end, state in self.suffixes.get(name.rpartition(".")[2], ()):
                if name.startswith(start) and name.endswith(end) and len(name) >= len(start) + len(end):
                    found.append(state)
        found += [state for pattern, state in self.globs if pattern.fullmatch(name)]
        return found

    def make(self, part: str, *, anywhere: bool) -> State:
        """The state behind a part of a pattern; raises ValueError for a glob that would cost too much."""
        if part in self._made:
            return self._made[part]
        state = self._made[part] = State()
        suffix = _SUFFIX.fullmatch(part)
        if part == "**":
            self.rest = state
            state.stays = True
        elif suffix is not None:
            self.suffixes.setdefault(suffix[3], []).append((suffix[1], suffix[2], state))
        elif not _GLOB.search(part):
            self.names[part] = state
        elif anywhere:
            raise ValueError(f"{part!r} may stand anywhere: only a name or a suffix can begin such a pattern")
        else:
            text = "".join("[^/]*" if piece == "*" else re.escape(piece) for piece in re.split(r"(\*)", part))
            self.globs.append((re.compile(text, re.DOTALL), state))
        return state


class Patterns:
    """The patterns of many owners, who are called by numbers."""

    def __init__(self, patterns: Iterable[tuple[str, int]]) -> None:
        self.anchored = State()
        self.anywhere = State()
        for pattern, owner in patterns:
            self._add(pattern, owner)

    def _add(self, pattern: str, owner: int) -> None:
        state = self.anchored if pattern.startswith("/") else self.anywhere
        for part in pattern.strip("/").split("/"):
            state = state.make(part, anywhere=state is self.anywhere)
        if pattern.endswith("/"):
            state.directories = tuple(dict.fromkeys((*state.directories, owner)))
        else:
            state.files = tuple(dict.fromkeys((*state.files, owner)))
