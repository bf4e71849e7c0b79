"""What is selected: every region of the screen follows it."""

from __future__ import annotations

import msgspec

from layerscope.union.tree import Sort, View


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """The layers that are looked at, how, and the path under the cursor."""

    first: int
    last: int
    aggregated: bool = True
    sort: Sort = Sort.SIZE
    path: str = ""

    @property
    def view(self) -> View:
        """The same for the tree."""
        return View(first=self.first, last=self.last, aggregated=self.aggregated, sort=self.sort)

    @property
    def title(self) -> str:
        """How people call it: ``layer 3`` or ``layers 3–7``."""
        if self.first == self.last:
            return f"layer {self.last}"
        return f"layers {self.first}–{self.last}"


def changed(selection: Selection, **values: object) -> Selection:
    """The selection with other values."""
    return msgspec.structs.replace(selection, **values)
