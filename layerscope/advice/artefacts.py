"""Which paths a second stage copies from the first, and what comes along with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from layerscope.advice.visible_paths import VisiblePaths
from layerscope.model.entry import Kind
from layerscope.union.index import Node

REPOSITORIES = frozenset((".git", ".hg", ".svn"))
"""What no program needs to run, and a COPY of the folder above would bring."""
_BESIDE = REPOSITORIES | {"__pycache__"}
"""What is not asked for and yet does not keep a folder from being copied as a whole."""
_MOST_COPIES = 12
_MOST_BESIDE_BYTES = 1_000_000
"""How much that nothing needs is copied for a shorter list."""
_PLAIN_MODE = 0o755


def topmost(paths: VisiblePaths, needed: Sequence[str]) -> list[str]:
    """The paths as few as can be: folders of which all is needed, or nearly all where there are many."""
    wanted = set(needed)
    for folder in sorted(_above(needed), key=lambda folder: -folder.count("/")):  # the deepest first
        below = _children(paths, folder)
        if all(child.path in wanted for child in below):
            wanted.difference_update(child.path for child in below)
            wanted.add(folder)
    candidates = Counter(path.rpartition("/")[0] for path in wanted if path.count("/") > 1)
    for parent, count in sorted(candidates.items(), key=lambda one: (-one[1], one[0])):
        if len(wanted) <= _MOST_COPIES or count < 2:
            break
        below_it = {path for path in wanted if path.startswith(f"{parent}/")}
        if _size_bytes(paths, [parent]) - _size_bytes(paths, below_it) <= _MOST_BESIDE_BYTES:
            wanted = wanted - below_it | {parent}
    return sorted(_lowest(paths, path) for path in wanted)


def _children(paths: VisiblePaths, folder: str) -> list[Node]:
    """What is in a folder and counts: no folder without a file."""
    node = paths.node(folder)
    return [
        child
        for name, child in ((node.live or {}) if node is not None else {}).items()
        if child.top is not None
        and name not in _BESIDE
        and (not paths.is_folder(child) or next(paths.below(child, _BESIDE), None) is not None)
    ]


def _lowest(paths: VisiblePaths, path: str) -> str:
    """A path, or what is in it where that is one thing only: as somebody would write it."""
    while (node := paths.node(path)) is not None and not _is_special(node):
        names = list((node.live or {}).values())
        if len(names) != 1:
            break
        path = names[0].path
    return path


def brought_by(paths: VisiblePaths, artefacts: Iterable[str]) -> Iterator[Node]:
    """All files and links that copying them brings, but for repositories."""
    for path in artefacts:
        node = paths.node(path)
        if node is not None:
            yield from paths.below(node, REPOSITORIES) if paths.is_folder(node) else (node,)


def repositories_in(paths: VisiblePaths, artefacts: Iterable[str]) -> list[str]:
    """The folders of repositories that copying them would bring."""
    found = []
    waiting = [node for path in artefacts if (node := paths.node(path)) is not None]
    while waiting:
        node = waiting.pop()
        for name, child in (node.live or {}).items():
            if name in REPOSITORIES and paths.is_folder(child):
                found.append(child.path)
            elif child.live:
                waiting.append(child)
    return sorted(found)


def _size_bytes(paths: VisiblePaths, artefacts: Iterable[str]) -> int:
    sources = (node.top.source for node in brought_by(paths, artefacts) if node.top is not None)
    return sum(source.stored_bytes for source in sources if source is not None)


def _is_special(node: Node) -> bool:
    """Whether a folder has an owner or a mode that a COPY of what is in it would not give it."""
    source = node.top.source if node.top is not None else None
    if source is None or source.kind is not Kind.DIRECTORY:
        return False
    return bool(source.uid or source.gid) or source.mode & 0o7777 != _PLAIN_MODE


def _above(paths: Iterable[str]) -> set[str]:
    """All folders that these paths are in."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found
