"""The tree that a browser draws, in little text: what is largest by name, the rest summed up.

Directories and files stand in one ranking by their bytes; as many as the text has room for are named.
What is not named is told where it lies: so many smaller files, so many bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from layerscope.model.names import shown
from layerscope.reports.page.families import family_of
from layerscope.reports.page.leaves import Leaf

_ROW_BYTES = 11
"""About what a row takes beside its name: size, kind, commas."""
_ESCAPES = {b"<": rb"\u003c", b">": rb"\u003e", b"&": rb"\u0026"}

_Kind = tuple[int, int, int, int, int]


class _Ranked(msgspec.Struct, frozen=True, gc=False):
    """A directory or a file in the ranking; ``leaf`` is None for a directory."""

    path: str
    leaf: Leaf | None


def in_script(value: Any) -> str:
    """JSON that can stand in an HTML script element, whatever its strings are."""
    encoded = msgspec.json.encode(value)
    for char, escape in _ESCAPES.items():
        encoded = encoded.replace(char, escape)
    return encoded.decode()


def thinned(leaves: Sequence[Leaf], limit_bytes: int) -> str:
    """The tree of these leaves as JSON of at most ``limit_bytes``, where that is possible at all.

    Columns, directories in the order of their paths, files in the order of the directories that
    they stand in: ``directories.parents`` are positions, the root being its own; ``names`` are joined
    by slashes; ``directories.files`` is how many of the files are in each. A kind is ``[layer, state,
    hidden by or -1, family, package]``. ``rest`` sums up what is not named, by directory and kind.
    """
    directories, ranking = _ranked(leaves)
    budget = limit_bytes
    while True:
        text = in_script(_columns(leaves, directories, _named(ranking, budget)))
        if len(text) <= limit_bytes or budget < 1:
            return text
        # What is summed up takes room too; how much is only known afterwards.
        budget = budget * 3 // 4


def _ranked(leaves: Sequence[Leaf]) -> tuple[list[str], list[_Ranked]]:
    """Every directory, parents first; and directories and files together, the largest first."""
    totals: dict[str, int] = defaultdict(int, {"": 0})
    for leaf in leaves:
        totals[leaf.path.rpartition("/")[0]] += leaf.size_bytes
    for path in list(totals):
        above = path
        while above:
            above = above.rpartition("/")[0]
            if above in totals:
                break
            totals[above] = 0
    directories = sorted(totals, key=lambda path: path.split("/"))
    for path in sorted(totals, key=lambda path: -path.count("/")):
        if path:
            totals[path.rpartition("/")[0]] += totals[path]
    keyed = [(-totals[path], 0, path, _Ranked(path, None)) for path in directories]
    keyed += [
        (-leaf.size_bytes, number, leaf.path, _Ranked(leaf.path, leaf))
        for number, leaf in enumerate(leaves, 1)
    ]
    keyed.sort(key=lambda item: item[:3])
    return directories, [item[3] for item in keyed]


def _named(ranking: Sequence[_Ranked], budget: int) -> tuple[set[str], set[int]]:
    """The directories and the identities of the leaves that there is room for, the root always."""
    folders, files = {""}, set[int]()
    for ranked in ranking:
        budget -= len(in_script(shown(ranked.path.rpartition("/")[2]))) + _ROW_BYTES
        if budget < 0:
            break
        if ranked.leaf is None:
            folders.add(ranked.path)
        else:
            files.add(id(ranked.leaf))
    return folders, files


def _columns(
    leaves: Sequence[Leaf], directories: Sequence[str], named: tuple[set[str], set[int]]
) -> dict[str, Any]:
    folders, files = named
    kept = [path for path in directories if path in folders]
    places = {path: place for place, path in enumerate(kept)}
    homes: dict[str, int] = {}
    for path in directories:
        homes[path] = places[path] if path in places else homes[path.rpartition("/")[0]]
    kinds: dict[_Kind, int] = {}
    inside: list[list[tuple[str, int, int]]] = [[] for _ in kept]
    rest: dict[tuple[int, int], list[int]] = {}
    for leaf in leaves:
        folder, _, name = leaf.path.rpartition("/")
        is_named = id(leaf) in files
        by = leaf.hidden_by if is_named and leaf.hidden_by is not None else -1
        told = (leaf.layer, int(leaf.state), by, family_of(leaf.path), leaf.package)
        kind = kinds.setdefault(told, len(kinds))
        if is_named:
            inside[places[folder]].append((shown(name), leaf.size_bytes, kind))
        else:
            row = rest.setdefault((homes[folder], kind), [0, 0])
            row[0] += 1
            row[1] += leaf.size_bytes
    rows = [row for rows in inside for row in rows]
    summed = sorted(rest.items())
    return {
        "directories": {
            "names": "/".join(shown(path.rpartition("/")[2]) for path in kept),
            "parents": [places[path.rpartition("/")[0]] for path in kept],
            "files": [len(rows) for rows in inside],
        },
        "files": {
            "names": "/".join(name for name, _, _ in rows),
            "sizes": [size_bytes for _, size_bytes, _ in rows],
            "kinds": [kind for _, _, kind in rows],
        },
        "rest": {
            "directories": [home for (home, _), _ in summed],
            "kinds": [kind for (_, kind), _ in summed],
            "counts": [count for _, (count, _) in summed],
            "sizes": [size_bytes for _, (_, size_bytes) in summed],
        },
        "kinds": list(kinds),
    }
