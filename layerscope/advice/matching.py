"""One walk over the tree that shows every rule the paths it asked for."""

from __future__ import annotations

from collections.abc import Sequence

from layerscope.advice.patterns import Patterns, State
from layerscope.model.entry import Entry, Kind
from layerscope.model.suggestion import Item
from layerscope.union.index import Inode, Node, PathIndex, Version, is_directory


class Match:
    """A path that a pattern names, with the bytes at and below it.

    ``items`` are visible files that stand on their own; a hard link group is among them when all its
    names are matched by the same rule. ``hidden`` counts, by the layer that ships them, the bytes of
    the same paths that cannot be seen any more.
    """

    def __init__(self, owner: int, root: str, keep: frozenset[str]) -> None:
        self.owner = owner
        self.root = root
        self.keep = keep
        self.items: list[Item] = []
        self.hidden: dict[int, int] = {}


class _Link:
    """A hard link group of which a rule has seen so many visible names."""

    def __init__(self, inode: Inode, match: Match, node: Node, version: Version) -> None:
        self.inode = inode
        self.match = match
        self.node = node
        self.version = version
        self.names = 0


Waiting = tuple[Node, tuple[State, ...], tuple[Match, ...]]


class Walk:
    """The walk: each directory once, each file's name looked up once."""

    def __init__(self, patterns: Patterns, keep: Sequence[frozenset[str]]) -> None:
        self._patterns = patterns
        self._keep = keep
        self._links: dict[tuple[int, int], _Link] = {}
        self._known: dict[tuple[State, ...], tuple[frozenset[str], frozenset[str], bool]] = {}
        self._matches: list[list[Match]] = [[] for _ in keep]

    def run(self, index: PathIndex) -> list[list[Match]]:
        """The matches of each owner, by path."""
        todo: list[Waiting] = [(index.root, _closed([self._patterns.anchored]), ())]
        directory = Kind.DIRECTORY
        while todo:
            node, active, covers = todo.pop()
            names, suffixes, globs = self._leaves(active)
            for children in (node.live, node.dead):
                for name, child in children.items() if children else ():
                    entry = child.versions[-1].entry
                    below = child.live is not None or child.dead is not None
                    if below or entry is None or entry.kind is directory:
                        todo.append(self._enter(child, name, active, covers))
                    elif (
                        name in names
                        or globs
                        or (suffixes and "." in name and name.rpartition(".")[2] in suffixes)
                    ):
                        self._leaf(child, name, active, covers)
                    elif covers:
                        self._count(child, name, covers)
        for link in self._links.values():
            if link.names == link.inode.names and link.inode.entry.stored_bytes:
                link.match.items.append(item_of(link.node, link.version, link.inode.entry))
        for found in self._matches:
            found.sort(key=lambda match: match.root)
            for match in found:
                match.items.sort(key=lambda item: (item.path, item.layer))
        return self._matches

    def _leaves(self, active: tuple[State, ...]) -> tuple[frozenset[str], frozenset[str], bool]:
        """What may match a file in a directory: names, suffixes, and whether there is anything else."""
        known = self._known.get(active)
        if known is None:
            states = (self._patterns.anywhere, *active)
            names = frozenset(name for one in states for name, state in one.names.items() if state.files)
            suffixes = frozenset(
                suffix
                for one in states
                for suffix, endings in one.suffixes.items()
                if any(state.files for _, _, state in endings)
            )
            globs = any(state.files for one in states for _, state in one.globs)
            known = self._known[active] = (names, suffixes, globs)
        return known

    def _enter(self, child: Node, name: str, active: tuple[State, ...], covers: tuple[Match, ...]) -> Waiting:
        if not all(map(is_directory, child.versions)):
            self._leaf(child, name, active, covers)
        states = self._patterns.anywhere.following(name)
        for state in active:
            states += state.following(name)
            if state.stays:
                states.append(state)
        if states:
            path = None
            for state in states:
                for owner in state.directories:
                    if all(cover.owner != owner for cover in covers):
                        path = child.path if path is None else path
                        covers = (*covers, self._match(owner, path))
        return child, _closed(states), covers

    def _leaf(self, child: Node, name: str, active: tuple[State, ...], covers: tuple[Match, ...]) -> None:
        states = self._patterns.anywhere.following(name)
        for state in active:
            states += state.following(name)
        for state in states:
            for owner in state.files:
                if all(cover.owner != owner for cover in covers):
                    covers = (*covers, self._match(owner, child.path))
        if covers:
            self._count(child, name, covers)

    def _match(self, owner: int, path: str) -> Match:
        match = Match(owner, path, self._keep[owner])
        self._matches[owner].append(match)
        return match

    def _count(self, node: Node, name: str, covers: tuple[Match, ...]) -> None:
        """Give the bytes of a path to the matches above it."""
        for version in node.versions:
            entry, inode = version.entry, version.inode
            if entry is None or (inode is None and not entry.stored_bytes):
                continue
            item = None
            for match in covers:
                if name in match.keep:
                    continue
                if inode is not None and inode.hidden_by is None:
                    if version.hidden_by is None:
                        link = self._links.setdefault(
                            (match.owner, id(inode)), _Link(inode, match, node, version)
                        )
                        link.names += 1
                elif version.hidden_by is not None and (inode is None or entry is inode.entry):
                    hidden = match.hidden
                    hidden[version.layer] = hidden.get(version.layer, 0) + entry.stored_bytes
                elif version.hidden_by is None:
                    item = item or item_of(node, version, entry)
                    match.items.append(item)


def item_of(node: Node, version: Version, entry: Entry) -> Item:
    """The visible file of a path; ``entry`` is what its content comes from."""
    return Item(
        key=id(entry),
        path=node.path if version.inode is None else entry.path,
        layer=version.layer if version.inode is None else version.inode.layer,
        origin=origin_of(node, version, entry),
        size_bytes=entry.stored_bytes,
        offset=entry.offset,
    )


def origin_of(node: Node, version: Version, entry: Entry) -> int:
    """The layer that a visible file's content came with, a lower one where it was copied up since."""
    layer = origin = version.layer if version.inode is None else version.inode.layer
    if len(node.versions) > 1:
        for older in reversed(node.versions):
            source = older.source
            # A copy-up keeps the time; what was written again came with that layer.
            if (
                source is None
                or source.content_hash != entry.content_hash
                or source.mtime_ns != entry.mtime_ns
            ):
                break
            origin = min(older.layer, layer)
    return origin


def _closed(states: list[State]) -> tuple[State, ...]:
    """The states that matter below, with those that ``**`` leads to."""
    if not states:
        return ()
    found: list[State] = []
    while states:
        state = states.pop()
        if state not in found and (state.names or state.suffixes or state.globs or state.rest):
            found.append(state)
            if state.rest is not None:
                states.append(state.rest)
    return tuple(found)
