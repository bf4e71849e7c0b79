"""An image of one stage as two: what built it, and what of that has to be copied to run it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from layerscope.advice.evidence import Evidence
from layerscope.advice.matching import item_of
from layerscope.advice.runtime_closure import NOT_TO_RUN, Closure, closure_of
from layerscope.advice.visible_paths import VisiblePaths
from layerscope.model.entry import Kind
from layerscope.model.suggestion import Item
from layerscope.packages.view import tell_packages
from layerscope.union.index import Node

SYSTEM_KINDS = ("dpkg", "apk", "rpm")
_MOST_COPIES = 12
_LISTS = "var/lib/dpkg/info/"
_MERGED = ("bin", "sbin", "lib", "lib64")
_DEEP = 3
"""Folders above that hold what several packages and people put there."""


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """What the two stages are.

    ``build_layers`` become the first stage. The second begins at the base again, installs ``packages``
    (kind to names) and copies ``artefacts``. ``needed_bytes`` are own files that stay, ``dropped`` those
    that do not. ``accounts`` says that the user is made by the image itself.
    """

    build_layers: tuple[int, ...]
    artefacts: tuple[str, ...]
    packages: Mapping[str, tuple[str, ...]]
    closure: Closure
    needed_bytes: int
    dropped: tuple[Item, ...]
    accounts: bool

    @property
    def dropped_bytes(self) -> int:
        """Visible bytes that the second stage does not have."""
        return sum(item.size_bytes for item in self.dropped)


def split_of(evidence: Evidence) -> Split | None:
    """How the image could be split; None where nobody tells what it runs, or there is nothing to copy."""
    closure = closure_of(evidence.image, evidence.present)
    return None if closure is None else _Splitting(evidence, closure).run()


class _Splitting:
    """The own files of an image, told apart; files go by the identity of their nodes, which is quick."""

    def __init__(self, evidence: Evidence, closure: Closure) -> None:
        self._evidence = evidence
        self._index = evidence.analysis.index
        self._closure = closure
        self._paths = VisiblePaths(self._index)
        self._with_owned: dict[str, bool] = {}

    def run(self) -> Split | None:
        """Tell apart what is copied, what packages bring, and what is left behind."""
        seam = _seam(self._evidence)
        needed = {id(node) for node in self._closure.nodes.values()}
        own = self._own(seam)
        self._owner = self._owners([node for node, _ in own if id(node) in needed])
        installed = {
            self._owner[id(node)] for node, _ in own if id(node) in needed and id(node) in self._owner
        }
        copied = [
            (node, item)
            for node, item in own
            if id(node) in needed and id(node) not in self._owner and not self._is_made_anew(node, item)
        ]
        if not copied:
            return None
        kept = {id(node) for node, _ in copied}
        kept |= {key for key, package in self._owner.items() if package in installed}
        return Split(
            build_layers=tuple(range(seam, max(item.origin for _, item in copied) + 1)),
            artefacts=tuple(self._topmost([node.path for node, _ in copied])),
            packages={
                kind: tuple(sorted(name for of, name in installed if of == kind))
                for kind in SYSTEM_KINDS
                if any(of == kind for of, _ in installed)
            },
            closure=self._closure,
            needed_bytes=sum(
                item.size_bytes for item in _once(item for node, item in own if id(node) in kept)
            ),
            dropped=tuple(_once(item for node, item in own if id(node) not in kept)),
            accounts=self._has_own_user(seam),
        )

    def _own(self, seam: int) -> list[tuple[Node, Item]]:
        """The visible files and links that layers from the seam on brought."""
        found = []
        for node in self._index.nodes:
            version = node.versions[-1]
            if version.hidden_by is not None or version.layer < seam:
                continue
            source = version.source
            if source is not None and source.kind is not Kind.DIRECTORY:
                item = item_of(node, version, source)
                if item.origin >= seam:
                    found.append((node, item))
        return found

    def _owners(self, needed: Iterable[Node]) -> dict[int, tuple[str, str]]:
        """The system's package of each file, its kind and name; of those needed also of symlinks."""
        found: dict[int, tuple[str, str]] = {}
        for package in tell_packages(self._evidence.present):
            if package.kind not in SYSTEM_KINDS:
                break  # the system's come first
            for node, _ in package.files:
                found.setdefault(id(node), (package.kind, package.name))
        links = {node.path: node for node in needed if not self._paths.is_file(node)}
        merged = {name for name in _MERGED if not self._paths.is_folder(self._paths.node(name))}
        for fact in self._evidence.present.facts("dpkg") if links else ():
            if fact.path.startswith(_LISTS) and fact.path.endswith(".list"):
                name = fact.path.removeprefix(_LISTS).removesuffix(".list").partition(":")[0]
                for line in fact.value.splitlines():
                    path = line.strip("/")
                    path = f"usr/{path}" if path.partition("/")[0] in merged else path
                    if path in links:
                        found.setdefault(id(links[path]), ("dpkg", name))
        return found

    def _is_made_anew(self, node: Node, item: Item) -> bool:
        """Whether installing packages makes it: a link to what they own, what their scripts write."""
        if self._evidence.keyword(item.origin) != "RUN":
            return False
        path = node.path
        if path.startswith(("etc/", "var/")):
            return True
        if not self._paths.is_file(node):
            target, _ = self._paths.resolve(path)
            return target is not None and id(target) in self._owner
        return path.count("/") >= _DEEP and self._beside_owned(path.rpartition("/")[0])

    def _beside_owned(self, folder: str) -> bool:
        if folder not in self._with_owned:
            node = self._index.find(folder)
            children = (node.live or {}).values() if node is not None else ()
            self._with_owned[folder] = any(id(child) in self._owner for child in children)
        return self._with_owned[folder]

    def _topmost(self, paths: Sequence[str]) -> list[str]:
        """The paths as few as can be: folders of which all is copied, or nearly so where they are many."""
        wanted = set(paths)
        folders = _above(paths)
        for folder in sorted(folders, key=lambda folder: -folder.count("/")):  # the deepest first
            node = self._index.find(folder)
            below = [
                f"{folder}/{name}"
                for name, child in ((node.live or {}) if node is not None else {}).items()
                if child.top is not None and name not in NOT_TO_RUN
            ]
            if all(path in wanted for path in below):
                wanted.difference_update(below)
                wanted.add(folder)
        while len(wanted) > _MOST_COPIES:
            parents = Counter(path.rpartition("/")[0] for path in wanted if path.count("/") > 1)
            parent, count = max(parents.items(), key=lambda one: (one[1], one[0]), default=("", 0))
            if count < 2:
                break
            wanted = {path for path in wanted if not path.startswith(f"{parent}/")} | {parent}
        return sorted(wanted)

    def _has_own_user(self, seam: int) -> bool:
        user = str(self._evidence.image.config.runtime.get("User") or "").partition(":")[0]
        accounts = self._paths.node("etc/passwd")
        own = accounts is not None and accounts.top is not None and accounts.top.layer >= seam
        return bool(user) and user != "root" and not user.isdigit() and own


def _seam(evidence: Evidence) -> int:
    """The first own layer; where nobody knows, the lowest layer alone is the base."""
    base = evidence.image.base_layers
    return min(1, len(evidence.image.layers) - 1) if base is None else base


def _once(items: Iterable[Item]) -> list[Item]:
    """Items, each hard link group once."""
    return list({item.key: item for item in items}.values())


def _above(paths: Iterable[str]) -> set[str]:
    """All folders that these paths are in."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found
