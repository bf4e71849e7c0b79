"""A line of text that picks paths: words, globs, regular expressions, ``size>10MB``, ``kind:modified``."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Sequence
from operator import eq, ge, gt, le, lt, methodcaller
from typing import Any

import msgspec

from layerscope.errors import UsageError
from layerscope.model.entry import Kind
from layerscope.model.quantity import parse_size
from layerscope.union.compare import Change
from layerscope.union.index import Version
from layerscope.union.tree import Tree, View

SYNTAX = "text  *.glob  /regex/  size>10MB  waste>1MB  kind:modified  layer:3  owner:0  ext:so  -not"

_COMPARED = re.compile(r"(size|waste|count)(>=|<=|>|<|=)(.*)", re.DOTALL)
_FIELD = re.compile(r"(kind|layer|owner|ext):(.*)", re.DOTALL)
_LAYERS = re.compile(r"(\d+)(?:(?:-|\.\.)(\d+))?")
_TERMS = re.compile(r"[-!]?/(?:\\.|[^/\\])+/(?=\s|$)|\S+")
_COMPARE = {">": gt, "<": lt, ">=": ge, "<=": le, "=": eq}
_SIZES = {">": "__lt__", "<": "__gt__", ">=": "__le__", "<=": "__ge__", "=": "__eq__"}
"""The same asked of the limit: methods of a number are the quickest test there is."""
_CHANGES = {
    "added": (Change.ADDED,),
    "modified": (Change.MODIFIED,),
    "metadata": (Change.METADATA_ONLY,),
    "removed": (Change.DELETED,),
    "deleted": (Change.DELETED,),
    "changed": tuple(Change),
}
_ENTRY_KINDS = {
    "file": (Kind.FILE, Kind.HARDLINK),
    "dir": (Kind.DIRECTORY,),
    "link": (Kind.SYMLINK,),
    "device": (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE),
    "fifo": (Kind.FIFO,),
}
_SET_ID = 0o6000

PathTest = Callable[[str], Any]
"""Is given a lower-case path."""

VersionTest = Callable[[Tree, View, int, Version], bool]
"""Is given a path's position and the version that the view shows."""

SizeTest = Callable[[int], Any]
"""Is given bytes."""


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """One word of a filter line: a test of the path, or of what stands there; or the changes it asks for."""

    word: str | None = None
    path: PathTest | None = None
    version: VersionTest | None = None
    size: SizeTest | None = None
    changes: tuple[Change, ...] = ()
    negated: bool = False


def parse_filter(text: str) -> tuple[Term, ...]:
    """Read a filter line; raises UsageError that says which word is wrong."""
    return tuple(_term(found.group()) for found in _TERMS.finditer(text))


def _term(text: str) -> Term:
    negated = len(text) > 1 and text[0] in "-!"
    plain = text[1:] if negated else text
    if (compared := _COMPARED.fullmatch(plain)) is not None:
        return msgspec.structs.replace(_comparison(plain, compared), negated=negated)
    if (named := _FIELD.fullmatch(plain)) is not None:
        return msgspec.structs.replace(_field(plain, named[1], named[2]), negated=negated)
    if negated or plain[:1] == "/" or any(mark in plain for mark in "*?["):
        return Term(path=_path_test(plain), negated=negated)
    return Term(word=plain.lower())


def _path_test(term: str) -> PathTest:
    if len(term) > 2 and term[0] == term[-1] == "/":
        try:
            return re.compile(term[1:-1], re.IGNORECASE).search
        except (re.error, OverflowError, RecursionError) as error:
            raise UsageError(f"{term}: {error}", hint="a regular expression stands between slashes") from None
    pattern = term.lstrip("/").lower()
    if any(mark in pattern for mark in "*?["):
        if pattern[0] == "*" and not any(mark in pattern[1:] for mark in "*?[/"):
            return methodcaller("endswith", pattern[1:])
        below = "" if "/" in pattern else "(?s:.*/)?"
        return re.compile(below + fnmatch.translate(pattern)).match
    if term[:1] == "/":  # an absolute path: what is at it or below it
        return methodcaller("startswith", pattern)
    return lambda path: pattern in path


def _comparison(term: str, compared: re.Match[str]) -> Term:
    field, compare = compared[1], _COMPARE[compared[2]]
    try:
        limit = int(compared[3]) if field == "count" else parse_size(compared[3])
    except (ValueError, OverflowError):
        raise UsageError(f"{term}: {compared[3]!r} is no {field}", hint="such as size>10MB") from None
    if field == "size":
        return Term(size=getattr(limit, _SIZES[compared[2]]))
    if field == "waste":
        return Term(version=lambda tree, view, place, version: compare(tree.wasted_bytes(view, place), limit))
    return Term(version=lambda tree, view, place, version: compare(tree.count(view, place, version), limit))


def _field(term: str, name: str, value: str) -> Term:
    if name == "ext":
        ending = "." + value.lower().lstrip(".")
        return Term(path=methodcaller("endswith", ending))
    if name == "kind":
        return _kind(term, value)
    if name == "layer":
        layers = _LAYERS.fullmatch(value)
        if layers is None:
            raise UsageError(f"{term}: no layer", hint="layer:3 or layer:3-7")
        first, last = int(layers[1]), int(layers[2] or layers[1])
        return Term(version=lambda tree, view, place, version: first <= version.layer <= last)
    user, _, group = value.partition(":")
    if not user.isdecimal() or not (group.isdecimal() or not group):
        raise UsageError(f"{term}: owners are numbers", hint="owner:0 or owner:1000:1000")
    uid, gid = int(user), int(group) if group else None

    def owned(_tree: Tree, _view: View, _place: int, version: Version) -> bool:
        entry = version.source
        return entry is not None and entry.uid == uid and gid in (None, entry.gid)

    return Term(version=owned)


def _kind(term: str, value: str) -> Term:
    if value in _CHANGES:
        return Term(changes=_CHANGES[value])
    if value == "hidden":
        return Term(version=lambda tree, view, place, version: version.hidden_by is not None)
    if value == "setuid":
        return Term(version=_set_id)
    if value not in _ENTRY_KINDS:
        known = ", ".join([*_CHANGES, *_ENTRY_KINDS, "hidden", "setuid"])
        raise UsageError(f"{term}: no such kind", hint=f"kinds are {known}")
    kinds = _ENTRY_KINDS[value]
    implied = Kind.DIRECTORY in kinds

    def of_kind(_tree: Tree, _view: View, _place: int, version: Version) -> bool:
        return implied if version.entry is None else version.entry.kind in kinds

    return Term(version=of_kind)


def _set_id(_tree: Tree, _view: View, _place: int, version: Version) -> bool:
    entry = version.source
    return entry is not None and entry.kind is Kind.FILE and bool(entry.mode & _SET_ID)


class Finder:
    """Finds the paths of a tree that a filter lets through; what was found last narrows the next search."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._lower: list[str] = []
        self._last: tuple[str, Sequence[int]] | None = None

    def prepare(self) -> None:
        """Do what the first search would have to wait for; a tenth of a second for 300,000 paths."""
        if not self._lower:
            self._lower = [node.path.lower() for node in self._tree.nodes]

    def find(self, terms: Iterable[Term], view: View) -> list[int]:
        """Positions that a view shows and all terms admit, in order."""
        terms = sorted(terms, key=_cost)
        self.prepare()
        found: Sequence[int] = range(1, len(self._lower))
        if not view.aggregated or any(term.changes and not term.negated for term in terms):
            found = self._tree.touched_by(view)
        for term in terms:
            found = self._narrowed(term, found)
        return self._seen(found, [term for term in terms if term.version or term.size or term.changes], view)

    def _narrowed(self, term: Term, among: Sequence[int]) -> Sequence[int]:
        """What the path alone admits."""
        lower = self._lower
        if term.word is not None:
            return self._with_word(term.word, among)
        test = term.path
        if test is None:
            return among
        if term.negated:
            return [place for place in among if not test(lower[place])]
        return [place for place in among if test(lower[place])]

    def _with_word(self, word: str, among: Sequence[int]) -> Sequence[int]:
        lower = self._lower
        if not isinstance(among, range):
            return [place for place in among if word in lower[place]]
        if self._last is not None and self._last[0] in word:
            among = self._last[1]
        found = [place for place in among if word in lower[place]]
        self._last = (word, found)
        return found

    def _seen(self, among: Sequence[int], terms: list[Term], view: View) -> list[int]:
        """What the view shows of them and the terms about versions admit."""
        tree = self._tree
        if not terms and view.aggregated and isinstance(among, range):
            return tree.positions(view)
        sized = any(term.size is not None for term in terms)
        quick: Sequence[int]
        if sized:
            sizes = tree.plain_sizes
            quick = [place for place in among if sizes[place] >= 0]
            others = [place for place in among if sizes[place] < 0]
        else:
            plain = tree.plain
            quick = [place for place in among if plain[place]]
            others = [place for place in among if not plain[place]]
        if view.aggregated:
            there = tree.presence.at(view.last)
            quick = [place for place in quick if there[place]]
        for term in terms:
            quick = self._plain_with(term, quick, view)
        found = self._others_with(terms, others, view)
        return sorted(quick + found) if found else quick

    def _plain_with(self, term: Term, among: list[int], view: View) -> list[int]:
        """What a term admits of plain paths that the view shows."""
        tree, nodes, negated = self._tree, self._tree.nodes, term.negated
        if (of_size := term.size) is not None:
            sizes = tree.plain_sizes
            return [place for place in among if of_size(sizes[place]) is not negated]
        if (of_version := term.version) is not None:
            return [
                place
                for place in among
                if of_version(tree, view, place, nodes[place].versions[0]) is not negated
            ]
        added, first = Change.ADDED in term.changes, view.first
        return [
            place for place in among if (added and nodes[place].versions[0].layer >= first) is not negated
        ]

    def _others_with(self, terms: list[Term], among: Iterable[int], view: View) -> list[int]:
        """What the view shows and all terms admit of any paths."""
        tree, nodes, last = self._tree, self._tree.nodes, view.last
        found: list[int] = []
        for place in among:
            version: Version | None = nodes[place].versions[-1]
            assert version is not None
            if version.hidden_by is not None or version.layer > last:
                version = tree.shown(view, place)
                if version is None or (nodes[place].at(last) is None and not tree.reachable(view, place)):
                    continue
            if all(_admits(term, tree, view, place, version) for term in terms):
                found.append(place)
        return found


def _admits(term: Term, tree: Tree, view: View, place: int, version: Version) -> bool:
    if term.size is not None:
        return term.size(tree.size_bytes(view, place, version)) is not term.negated
    if term.version is not None:
        return term.version(tree, view, place, version) is not term.negated
    return (tree.change(view, place) in term.changes) is not term.negated


def _cost(term: Term) -> int:
    """Words first: they are the quickest and leave the least."""
    return 0 if term.word is not None else 1 if term.path is not None else 2
