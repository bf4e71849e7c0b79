"""An image of one stage as two: what built it, and what of that has to be copied to run it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import msgspec

from layerscope.advice.artefacts import brought_by, repositories_in, topmost
from layerscope.advice.evidence import Evidence
from layerscope.advice.installing import Installing
from layerscope.advice.likely_base import likely_base_layers
from layerscope.advice.matching import item_of, origin_of
from layerscope.advice.runtime_closure import Closure, closure_of
from layerscope.advice.visible_paths import VisiblePaths
from layerscope.model.entry import Entry, Kind
from layerscope.model.suggestion import Item
from layerscope.union.index import Node, Version

ACCOUNTS = ("etc/passwd", "etc/group")
_TOLD_OTHERWISE = (*ACCOUNTS, "etc/ld.so.cache")
"""Users are copied where the image is run by one of its own, and only then; the cache is made again."""


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """What the two stages are.

    ``build_layers`` become the first stage. The second begins at the base again, installs ``packages``
    (kind to names), copies ``artefacts`` and makes ``links`` again. ``repositories`` lie in the artefacts and
    are not to be copied. ``needed_bytes`` are what the layers of the second stage will hold, ``dropped`` own
    files that will not be there. ``accounts`` says that the user is made by the image itself, ``reload`` that
    the loader has to be told of the libraries that are copied.
    """

    build_layers: tuple[int, ...]
    artefacts: tuple[str, ...]
    links: tuple[str, ...]
    repositories: tuple[str, ...]
    packages: Mapping[str, tuple[str, ...]]
    closure: Closure
    needed_bytes: int
    dropped: tuple[Item, ...]
    accounts: bool
    reload: bool

    @property
    def dropped_bytes(self) -> int:
        """Visible bytes that the second stage does not have."""
        return sum(item.size_bytes for item in self.dropped)


def split_of(evidence: Evidence) -> Split | None:
    """How the image could be split; None where nobody tells what it runs, or there is nothing to copy."""
    closure = closure_of(evidence.image, evidence.present)
    return None if closure is None else _Splitting(evidence, closure).run()


class _Own(NamedTuple):
    """A visible file or link, what its content comes from, and the layer that brought it."""

    node: Node
    version: Version
    entry: Entry
    origin: int


class _Splitting:
    """The own files of an image, told apart; files go by the identity of their nodes, which is quick."""

    def __init__(self, evidence: Evidence, closure: Closure) -> None:
        self._evidence = evidence
        self._index = evidence.analysis.index
        self._closure = closure
        self._paths = VisiblePaths(self._index)

    def run(self) -> Split | None:
        """Tell apart what is copied, what packages bring, and what is left behind."""
        seam = _seam(self._evidence)
        own = self._own(seam)
        closure = {id(node) for node in self._closure.nodes.values()}
        needed = {key: one for key, one in own.items() if key in closure}
        installing = Installing(self._evidence, self._paths, [one.node for one in needed.values()])
        copied = [
            one
            for one in needed.values()
            if one.node.path not in _TOLD_OTHERWISE and not installing.brings(one.node, one.origin)
        ]
        if not copied:
            return None
        links = tuple(sorted(one.node.path for one in copied if not self._paths.is_file(one.node)))
        artefacts = topmost(self._paths, [one.node.path for one in copied])
        comes = {id(node): node for node in brought_by(self._paths, artefacts)}
        written = installing.writes(one.node for one in own.values())
        accounts = self._has_own_user(seam)
        kept = written | comes.keys() | {id(self._paths.node(path)) for path in ACCOUNTS if accounts}
        again = {id(node): node for key, node in comes.items() if key not in own}
        return Split(
            build_layers=tuple(range(seam, max(one.origin for one in copied) + 1)),
            artefacts=tuple(path for path in artefacts if path not in links),
            links=tuple(path for path in artefacts if path in links),
            repositories=tuple(repositories_in(self._paths, artefacts)),
            packages=installing.packages,
            closure=self._closure,
            needed_bytes=sum(one.entry.stored_bytes for one in _once(own, kept.__contains__))
            + sum(node.top.source.stored_bytes for node in again.values() if node.top and node.top.source),
            dropped=tuple(
                item_of(one.node, one.version, one.entry) for one in _once(own, lambda key: key not in kept)
            ),
            accounts=accounts,
            reload=any(id(self._paths.resolve(path)[0]) in comes for path in self._closure.configured),
        )

    def _own(self, seam: int) -> dict[int, _Own]:
        """The visible files and links that layers from the seam on brought."""
        found = {}
        for node in self._index.nodes:
            version = node.versions[-1]
            if version.hidden_by is not None or version.layer < seam:
                continue
            source = version.source
            if source is not None and source.kind is not Kind.DIRECTORY:
                origin = origin_of(node, version, source)
                if origin >= seam:
                    found[id(node)] = _Own(node, version, source, origin)
        return found

    def _has_own_user(self, seam: int) -> bool:
        user = str(self._evidence.image.config.runtime.get("User") or "").partition(":")[0]
        accounts = self._paths.node("etc/passwd")
        own = accounts is not None and accounts.top is not None and accounts.top.layer >= seam
        return bool(user) and user != "root" and not user.isdigit() and own


def _seam(evidence: Evidence) -> int:
    """The first own layer; where nobody knows, as the history looks, else the lowest alone is the base."""
    base = evidence.image.base_layers
    base = likely_base_layers(evidence.image) if base is None else base
    return min(1, len(evidence.image.layers) - 1) if base is None else base


def _once(own: Mapping[int, _Own], wanted: Callable[[int], bool]) -> Iterable[_Own]:
    """Those that are wanted, each hard link group once."""
    return {id(one.entry): one for key, one in own.items() if wanted(key)}.values()
