"""Finds the paths of a tree that a filter lets through, as fast as one types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import repeat
from operator import contains
from typing import Any

from layerscope.union.filter import Term
from layerscope.union.index import Version
from layerscope.union.marks import Marks
from layerscope.union.tree import Tree, View

_FEW = 8
"""Where only one of so many paths is left, each is asked by itself; else all are, by one call."""


class Finder:
    """What was found last narrows the next search."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._last: tuple[str, Marks] | None = None

    def prepare(self) -> None:
        """Do what the first search would have to wait for; half a second for 300,000 paths, in any thread."""
        assert self._lower_names
        assert self._lower_paths

    def find(self, terms: Iterable[Term], view: View) -> Marks:
        """Positions that a view shows and all terms admit."""
        terms = list(terms)
        tree = self._tree
        asked = [change for term in terms if not term.negated for change in term.changes]
        found = tree.touched_by(view) if asked or not view.aggregated else tree.positions(view)
        others: list[Term] = []
        for term in sorted(terms, key=_cost):
            if (admitted := self._of_path(term, found)) is None:
                others.append(term)
            else:
                found = found - admitted if term.negated else found & admitted
        return self._seen(found, others, view)

    # What the path alone admits

    def _of_path(self, term: Term, among: Marks) -> Marks | None:
        """Paths that a term is true of, maybe more than are asked for; None where it is about more."""
        if term.word is not None:
            return self._with_word(term.word)
        if term.ending is not None:
            return self._ending(term.ending)
        if term.start is not None:
            return self._starting(term.start)
        if (test := term.path) is None:
            return None
        paths = self._lower_paths
        return self._those(among, lambda place: test(paths[place]))

    def _those(self, among: Marks, test: Callable[[int], Any]) -> Marks:
        return Marks.of(len(self._tree.nodes), (place for place in among if test(place)))

    @cached_property
    def _lower_names(self) -> list[str]:
        kept: dict[str, str] = {}  # those that are equal become one: there is less memory to go through
        return [kept.setdefault(name, name) for name in map(str.lower, self._tree.names)]

    @cached_property
    def _lower_paths(self) -> list[str]:
        return [node.path.lower() for node in self._tree.nodes]

    def _with_word(self, word: str) -> Marks:
        """Paths that a word is in: it is in a name, and then in all paths below; or it goes over a slash."""
        names, count = self._lower_names, len(self._tree.nodes)
        if self._last is not None and self._last[0] == word:
            return self._last[1]
        if "/" in word:
            found = self._over_a_slash(word)
        elif self._last is not None and self._last[0] in word and len(self._last[1]) * _FEW < count:
            found = bytearray(count)
            for place in self._last[1]:
                found[place] = word in names[place]
        else:
            found = bytearray(map(contains, names, repeat(word)))
        self._last = (word, self._with_below(found))
        return self._last[1]

    def _with_below(self, found: bytearray) -> Marks:
        """The same and whatever is below them."""
        ends = self._tree.ends
        for place in self._tree.directories:
            if found[place]:
                below = ends[place] - place - 1
                found[place + 1 : ends[place]] = b"\1" * below
        return Marks(found)

    def _over_a_slash(self, word: str) -> bytearray:
        before, _, name = word.rpartition("/")
        found = bytearray(len(self._tree.nodes))
        for place, path in self._directory_paths():
            if path.endswith(before):
                self._mark_names(found, place, name)
        return found

    def _mark_names(self, found: bytearray, directory: int, start: str) -> None:
        names = self._lower_names
        for place in self._tree.below(directory):
            if names[place].startswith(start):
                found[place] = 1

    def _directory_paths(self) -> Iterator[tuple[int, str]]:
        nodes = self._tree.nodes
        return ((place, nodes[place].path.lower()) for place in self._tree.directories)

    def _starting(self, start: str) -> Marks:
        """An absolute path, or its beginning."""
        above, _, name = start.rpartition("/")
        found = bytearray(len(self._tree.nodes))
        places = [0] if not above else [place for place, path in self._directory_paths() if path == above]
        for place in places:
            self._mark_names(found, place, name)
        return self._with_below(found)

    def _ending(self, ending: str) -> Marks:
        return Marks(bytearray(map(str.endswith, self._lower_names, repeat(ending))))

    # What stands there

    def _seen(self, among: Marks, terms: list[Term], view: View) -> Marks:
        """What the view shows of them and the terms about versions admit."""
        there = self._tree.standing.at(view.last)
        others = among - there
        found = among & there
        for term in terms:
            admitted = self._admitted(term, found, view)
            found = found - admitted if term.negated else found & admitted
        return found | self._of_gone(others, terms, view)

    def _admitted(self, term: Term, among: Marks, view: View) -> Marks:
        """Of paths where something is as of the view's last layer, those that a term is true of."""
        tree, test = self._tree, term.version
        if term.changes:
            return tree.changed_by(view, term.changes)
        versions = tree.standing.versions_at(view.last)
        if test is not None:
            return self._those(among, lambda place: test(tree, view, place, versions[place]))
        return (
            self._of_size(term, among, view) if term.size is not None else self._of_waste(term, among, view)
        )

    def _of_size(self, term: Term, among: Marks, view: View) -> Marks:
        tree, test = self._tree, term.size
        assert test is not None, "a term asks something"
        sizes, versions = tree.standing.sizes_at(view.last), tree.standing.versions_at(view.last)
        directories = tree.standing.directories_at(view.last)
        files = among - directories
        if len(files) * _FEW < len(sizes):
            files = self._those(files, lambda place: test(sizes[place]))
        else:
            files &= Marks(bytearray(map(test, sizes)))
        return files | self._those(
            among & directories, lambda place: test(tree.size_bytes(view, place, versions[place]))
        )

    def _of_waste(self, term: Term, among: Marks, view: View) -> Marks:
        """Nearly all paths waste nothing, and need not be asked."""
        tree, test = self._tree, term.waste
        assert test is not None, "a term asks something"
        wasteful = Marks.of(len(tree.nodes), tree.wasteful)
        found = self._those(among & wasteful, lambda place: test(tree.wasted_bytes(view, place)))
        return found | (among - wasteful) if test(0) else found

    def _of_gone(self, among: Marks, terms: list[Term], view: View) -> Marks:
        """Of paths where nothing is any more, those that the view shows and all terms admit."""
        tree = self._tree
        reachable: dict[int, bool] = {}

        def admitted(place: int) -> bool:
            version = tree.shown(view, place)
            if version is None:
                return False
            parent = tree.parents[place]
            if parent not in reachable:
                reachable[parent] = tree.reachable(view, place)
            return reachable[parent] and all(_admits(term, tree, view, place, version) for term in terms)

        return self._those(among, admitted)


def _admits(term: Term, tree: Tree, view: View, place: int, version: Version) -> bool:
    if term.size is not None:
        return term.size(tree.size_bytes(view, place, version)) is not term.negated
    if term.waste is not None:
        return term.waste(tree.wasted_bytes(view, place)) is not term.negated
    if term.version is not None:
        return term.version(tree, view, place, version) is not term.negated
    return (tree.change(view, place) in term.changes) is not term.negated


def _cost(term: Term) -> int:
    """What is asked of each path by itself comes last."""
    return 2 if term.version is not None else 1 if term.path is not None else 0
