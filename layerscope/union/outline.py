"""A tree as lines: some directories open, others closed; any line is found without making those before it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from layerscope.union.marks import Marks
from layerscope.union.tree import Row, Tree, View


class Outline:
    """The lines of a view.

    Making one, and opening or closing a directory, costs what is open, not what lies before; where
    every directory is open the lines below one are counted in the list of positions shown.
    """

    def __init__(self, tree: Tree, view: View) -> None:
        self._tree = tree
        self._view = view
        self._everything = False
        self._flipped: set[int] = set()
        """The open directories, or where everything is open the closed ones."""
        self._forget()

    def _forget(self) -> None:
        self._orders: dict[int, list[int]] = {}
        self._starts: dict[int, Sequence[int]] = {}
        self._sizes: dict[int, int] = {}
        self._all: Marks | None = None
        self._closed: tuple[list[int], list[int]] | None = None

    @property
    def view(self) -> View:
        """What is shown."""
        return self._view

    def show(self, view: View) -> None:
        """Show something else; what is open stays so, but a filter opens everything and its end closes it."""
        if (view.matches is None) is not (self._view.matches is None):
            self._everything, self._flipped = view.matches is not None, set()
        self._view = view
        self._forget()

    def open_all(self) -> None:
        """Open every directory."""
        self._everything, self._flipped = True, set()
        self._refresh()

    def close_all(self) -> None:
        """Close every directory."""
        self._everything, self._flipped = False, set()
        self._refresh()

    def toggle(self, position: int) -> None:
        """Open a directory, or close it."""
        self._flipped.symmetric_difference_update((position,))
        self._refresh()

    def reveal(self, position: int) -> None:
        """Open whatever is above a path."""
        place = self._tree.parents[position]
        while place > 0:
            if not self.is_open(place):
                self._flipped.symmetric_difference_update((place,))
            place = self._tree.parents[place]
        self._refresh()

    def _refresh(self) -> None:
        self._starts, self._sizes, self._closed = {}, {}, None

    def is_open(self, position: int) -> bool:
        """Whether what is in a directory is shown."""
        return position == 0 or (position in self._flipped) is not self._everything

    def __len__(self) -> int:
        """How many lines there are."""
        return self._size(0)

    def row(self, index: int) -> Row:
        """A line; raises IndexError."""
        place, depth = 0, 0
        while True:
            order, starts = self._order(place), self._start(place)
            child = bisect_right(starts, index) - 1
            if child < 0 or child >= len(order):
                raise IndexError(index)
            index -= starts[child]
            place = order[child]
            if index == 0:
                row = self._tree.row(self._view, place, depth)
                assert row is not None, "an order holds what the view shows"
                return row
            index -= 1
            depth += 1

    def index(self, position: int) -> int | None:
        """The line of a path, or of the nearest directory above that is shown; None where there is none."""
        chain: list[int] = []
        while position > 0:
            chain.append(position)
            position = self._tree.parents[position]
        found: int | None = None
        place = 0
        for below in reversed(chain):
            if not self.is_open(place):
                break
            order = self._order(place)
            try:
                child = order.index(below)
            except ValueError:
                break
            found = (-1 if found is None else found) + 1 + self._start(place)[child]
            place = below
        return found

    def _order(self, position: int) -> list[int]:
        order = self._orders.get(position)
        if order is None:
            order = self._orders[position] = self._tree.order(self._view, position)
        return order

    def _start(self, position: int) -> Sequence[int]:
        """Where the line of each child is, counted from the first one."""
        starts = self._starts.get(position)
        if starts is None:
            order = self._order(position)
            if not self._everything and not any(place in self._flipped for place in order):
                starts = range(len(order))
            else:
                starts = list(accumulate((1 + self._size(place) for place in order), initial=0))[:-1]
            self._starts[position] = starts
        return starts

    def _size(self, position: int) -> int:
        """How many lines stand below a path."""
        if self._tree.ends[position] == position + 1 or not self.is_open(position):
            return 0
        size = self._sizes.get(position)
        if size is None:
            size = self._size_of_all(position) if self._everything else self._size_of_open(position)
            self._sizes[position] = size
        return size

    def _size_of_open(self, position: int) -> int:
        """The lines below a directory where only some are open: those are all in ``_flipped``."""
        total, todo = 0, [position]
        while todo:
            order = self._order(todo.pop())
            total += len(order)
            todo += [place for place in order if place in self._flipped]
        return total

    def _size_of_all(self, position: int) -> int:
        if self._all is None:
            matches = self._view.matches
            self._all = (
                self._tree.positions(self._view) if matches is None else self._tree.with_parents(matches)
            )
        end = self._tree.ends[position]
        below = self._all.count_in(position + 1, end)
        if not below or not self._flipped:
            return below
        places, hidden = self._hidden()
        return below - (hidden[bisect_left(places, end)] - hidden[bisect_right(places, position)])

    def _hidden(self) -> tuple[list[int], list[int]]:
        """The closed directories that are in no other closed one, and the lines that they hide, summed up."""
        if self._closed is None:
            assert self._all is not None
            places: list[int] = []
            end = 0
            for place in sorted(self._flipped):
                if place >= end:
                    places.append(place)
                    end = self._tree.ends[place]
            counts = (self._all.count_in(place + 1, self._tree.ends[place]) for place in places)
            self._closed = (places, list(accumulate(counts, initial=0)))
        return self._closed
