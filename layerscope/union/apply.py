"""Applying changesets, lowest first (image-spec, layer.md, "Applying Changesets").

Decisions that the specification leaves open follow what engines do when they apply a layer on
the mounted stack: parents are resolved through symlinks inside the root, a missing parent is made,
a parent that is no directory is replaced by one, the last entry of a path wins.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from layerscope.model.changeset import Changeset
from layerscope.model.diagnostic import Diagnostic
from layerscope.model.entry import Entry, Kind
from layerscope.union.index import Hidden, Inode, Node, PathIndex, Version, is_directory
from layerscope.union.resolve import Resolver


def build_index(changesets: Iterable[Changeset]) -> PathIndex:
    """Stack the layers; linear in the number of entries, whatever they are."""
    stack = _Stack()
    for changeset in changesets:
        stack.apply(changeset.entries)
    return PathIndex(
        root=stack.root,
        nodes=stack.nodes,
        layer_count=stack.layer + 1,
        diagnostics=tuple(stack.remarks.values()),
    )


class _Stack:
    def __init__(self) -> None:
        self.layer = -1
        self.root = Node("", [Version(0, None)], {})
        self.nodes = [self.root]
        self.remarks: dict[tuple[str, int], Diagnostic] = {}
        self._resolver = Resolver(self.root, self._make_directory)
        self._waiting: dict[int, Version] = {}
        self._aufs: dict[str, Version] = {}

    def apply(self, entries: list[Entry]) -> None:
        """Apply one layer on top of those before it."""
        self.layer += 1
        self._aufs.clear()
        layer, known = self.layer, self._resolver.directories
        add_node = self.nodes.append
        file, directory, symlink, hardlink = Kind.FILE, Kind.DIRECTORY, Kind.SYMLINK, Kind.HARDLINK
        whiteout = Kind.WHITEOUT
        for entry in entries:
            kind = entry.kind
            path = entry.path
            if kind is whiteout:
                self._whiteout(entry)
            elif kind is file or kind is directory or kind is symlink or kind in _SPECIAL:
                parent_path, _, name = path.rpartition("/")
                parent = known.get(parent_path) or self._resolver.directory(parent_path)
                live = parent.live
                if (
                    live is None
                    or name in live
                    or parent.dead
                    or parent.length >= 0
                    or parent.text != parent_path
                ):
                    self._put(parent, name, entry, Version(layer, entry))
                elif name:
                    # By far the most frequent case: a path that was never there.
                    live[name] = node = Node(path, [Version(layer, entry)])
                    add_node(node)
                else:
                    self._put_root(Version(layer, entry))
            elif kind is hardlink:
                self._link(entry)
            elif kind is Kind.AUFS:
                self._add_aufs(entry)
            else:
                emptied = self._resolver.directory(path)
                emptied.marked = self.layer
                self._sweep(emptied, Hidden.OPAQUE)
        self._settle_links()

    def _put(self, parent: Node, name: str, entry: Entry, version: Version) -> None:
        """Make a version the visible one of a path."""
        live = parent.live
        if live is None:
            live = parent.live = {}
        node = live.get(name)
        if node is None:
            if not name:
                self._put_root(version)
                return
            node = parent.dead.pop(name, None) if parent.dead else None
            if node is None:
                node = Node(f"{parent.path}/{name}" if parent.path else name, [version])
                self.nodes.append(node)
            else:
                node.versions.append(version)
            live[name] = node
            return
        old = node.versions[-1]
        before = old.entry
        if before and before.kind is _FILE is entry.kind and old.inode is None and old.layer != self.layer:
            old.hidden_by, old.hidden_how = self.layer, _REPLACED
            node.versions.append(version)
            return
        if old.layer == self.layer:
            if old.entry is None and is_directory(version):
                old.entry = entry
                return
            self._remark(
                "duplicate-path",
                "a path stands in a layer more than once; the last entry counts",
                entry.path,
            )
        stays_directory = is_directory(old) and is_directory(version)
        self._hide(old, Hidden.REPLACED)
        node.versions.append(version)
        if stays_directory:
            return
        if node.live:
            self._bury(node)
        if is_directory(old) or _is_symlink(old) or _is_symlink(version):
            self._resolver.forget()

    def _put_root(self, version: Version) -> None:
        """Give the root its attributes; anything but a directory is left out, and its bytes are waste."""
        if is_directory(version):
            self._hide(self.root.versions[-1], Hidden.REPLACED)
            self.root.versions.append(version)
        else:
            self._hide(version, Hidden.REPLACED)
            self.nodes.append(Node("", [version]))
            self._remark("root-replaced", "an entry that would replace the root directory is left out", "")

    def _make_directory(self, parent: Node, name: str, text: str, length: int) -> Node:
        """An implied directory in place of nothing, or of what is no directory."""
        version = Version(self.layer, None)
        live = parent.live
        if live is None:
            live = parent.live = {}
        node = live.get(name)
        if node is not None:
            self._hide(node.versions[-1], Hidden.REPLACED)
            self._remark("parent-replaced", "something that is no directory has entries below it", node.path)
            self._resolver.forget()
        elif parent.dead and name in parent.dead:
            node = parent.dead.pop(name)
        else:
            node = Node(text, [], length=-1 if length == len(text) else length)
            self.nodes.append(node)
        node.versions.append(version)
        live[name] = node
        return node

    def _hide(self, version: Version, how: Hidden) -> None:
        """Take a name away; a hard link group goes with its last one."""
        version.hidden_by = self.layer
        version.hidden_how = how
        if version.inode is not None:
            self._release(version.inode)

    def _release(self, inode: Inode) -> None:
        """One name less for what a hard link group shares."""
        inode.names -= 1
        if inode.names == 0:
            inode.hidden_by = self.layer

    def _bury(self, top: Node) -> None:
        """Hide everything below a path that is no directory any more."""
        stack = [top]
        while stack:
            node = stack.pop()
            if not node.live:
                continue
            for child in node.live.values():
                self._hide(child.versions[-1], Hidden.PARENT)
                stack.append(child)
            if node.dead is None:
                node.dead = {}
            node.dead.update(node.live)
            node.live = None

    def _whiteout(self, entry: Entry) -> None:
        """Remove a path of the lower layers; what this layer puts there stays, wherever it stands."""
        parent_path, _, name = entry.path.rpartition("/")
        parent = self._resolver.existing(parent_path)
        if parent is None or not name or not parent.live or name not in parent.live:
            return
        node = parent.live[name]
        if node.live:
            self._sweep(node, Hidden.PARENT)
        self._remove_lower(parent, name, node, Hidden.WHITEOUT)

    def _remove_lower(self, parent: Node, name: str, node: Node, how: Hidden) -> None:
        """Hide one path if a lower layer put it there; keep it as an implied directory if it is needed."""
        old = node.versions[-1]
        if old.layer == self.layer:
            return
        self._hide(old, how)
        if node.live or node.marked == self.layer:
            node.versions.append(Version(self.layer, None))
            return
        if is_directory(old) or _is_symlink(old):
            self._resolver.forget()
        assert parent.live is not None
        del parent.live[name]
        if parent.dead is None:
            parent.dead = {}
        parent.dead[name] = node

    def _sweep(self, top: Node, how: Hidden) -> None:
        """Hide what lower layers put below a directory; the directory itself stays.

        A directory is swept once in a layer: after that everything below it is this layer's.
        """
        todo = [top]
        order: list[tuple[Node, str, Node]] = []
        while todo:
            directory = todo.pop()
            if directory.swept == self.layer or not directory.live:
                continue
            directory.swept = self.layer
            for name, child in directory.live.items():
                order.append((directory, name, child))
                if child.live:
                    todo.append(child)
        # Children before their parents, so that a directory is empty when its turn comes.
        for parent, name, child in reversed(order):
            self._remove_lower(parent, name, child, how if parent is top else Hidden.PARENT)

    def _link(self, entry: Entry) -> None:
        """Give a file another name.

        A target that this layer has not (yet) brought may still come in it. So what such a link
        means is decided when all entries of the layer have come; until then it is what a lower
        layer has.
        """
        parent_path, _, name = entry.path.rpartition("/")
        if not name:
            self._put_root(Version(self.layer, entry))
            return
        parent = self._resolver.directory(parent_path)
        version = Version(self.layer, entry)
        target = self._target(version)
        if target is None or target.layer != self.layer or id(target) in self._waiting:
            self._waiting[id(version)] = version
        if target is not None and _has_content(target):
            version.inode = self._share(target)
        elif id(version) not in self._waiting:
            self._remark_dangling(entry.path)
        self._put(parent, name, entry, version)

    def _settle_links(self) -> None:
        """Decide what the waiting links mean, a link that another one leads to before that one."""
        for first, link in list(self._waiting.items()):
            if first not in self._waiting:
                continue
            chain, version = {first: link}, link
            while (target := self._target(version)) is not None:
                if id(target) not in self._waiting or id(target) in chain:
                    break
                chain[id(target)] = version = target
            for key, version in reversed(chain.items()):
                del self._waiting[key]
                self._settle(version)

    def _settle(self, version: Version) -> None:
        target = self._target(version)
        own = target is not None and target.layer == self.layer
        if version.hidden_by is None and (own or version.inode is None):
            led_elsewhere = _is_symlink(version)
            inode = self._share(target) if target is not None and _has_content(target) else None
            if version.inode is not None:
                self._release(version.inode)
            version.inode = inode
            if led_elsewhere or _is_symlink(version):
                self._resolver.forget()
        if version.inode is None and version.entry is not None:
            self._remark_dangling(version.entry.path)

    def _share(self, target: Version) -> Inode:
        """One more name for what a version is."""
        inode = target.inode
        if inode is None:
            assert target.entry is not None
            inode = target.inode = Inode(target.entry, target.layer, 0 if target.hidden_by is not None else 1)
        inode.names += 1
        inode.hidden_by = None
        return inode

    def _target(self, link: Version) -> Version | None:
        """What a hard link names: of its own layer, else of the stack as it was before it."""
        path = link.entry.link_target if link.entry is not None else None
        if path is None:
            return None
        if path in self._aufs:
            return self._aufs[path]
        parent_path, _, name = path.rpartition("/")
        parent = self._resolver.existing(parent_path)
        node = (parent.live or {}).get(name) if parent is not None else None
        version = node.versions[-1] if node is not None else None
        if version is None or version is link:
            return self._hidden_here(path)
        return version

    def _hidden_here(self, path: str) -> Version | None:
        """What a lower layer had at a path that this layer has hidden."""
        node = self._anywhere(path)
        version = node.at(self.layer - 1) if node is not None else None
        return version if version is not None and version.hidden_by == self.layer else None

    def _anywhere(self, path: str) -> Node | None:
        """A path's node, visible or not."""
        node = self.root
        for part in path.split("/"):
            below = (node.live or {}).get(part) or (node.dead or {}).get(part)
            if below is None:
                return None
            node = below
        return node

    def _add_aufs(self, entry: Entry) -> None:
        """An entry of AUFS' metadata: nobody sees it, but hard links of its layer may give it names."""
        kind = Kind.FILE if entry.link_target is None else Kind.SYMLINK
        entry = msgspec.structs.replace(entry, kind=kind)
        version = Version(self.layer, entry, self.layer, Hidden.WHITEOUT)
        version.inode = Inode(entry, self.layer, 0, self.layer)
        self._aufs[entry.path] = version
        self.nodes.append(Node(entry.path, [version]))

    def _remark_dangling(self, path: str) -> None:
        self._remark("dangling-hardlink", "a hard link names nothing that could be linked", path)

    def _remark(self, code: str, message: str, path: str) -> None:
        key = (code, self.layer)
        known = self.remarks.get(key)
        self.remarks[key] = Diagnostic(
            code=code,
            message=message,
            path=known.path if known else path,
            layer=self.layer,
            count=known.count + 1 if known else 1,
        )


_FILE, _SYMLINK = Kind.FILE, Kind.SYMLINK
_REPLACED = Hidden.REPLACED
_SPECIAL = frozenset((Kind.FIFO, Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE))


def _has_content(version: Version) -> bool:
    """Whether a hard link can share what a version is: no directory, no link that waits or dangles."""
    if version.inode is not None:
        return True
    kind = version.entry.kind if version.entry is not None else Kind.DIRECTORY
    return kind is not Kind.DIRECTORY and kind is not Kind.HARDLINK


def _is_symlink(version: Version) -> bool:
    inode = version.inode
    source = version.entry if inode is None else inode.entry
    return source is not None and source.kind is _SYMLINK
