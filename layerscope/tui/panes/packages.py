"""What is installed: every package by its bytes, what no package owns, and the files of the one entered."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from layerscope.model.names import shown
from layerscope.model.people import path as path_text
from layerscope.model.people import size
from layerscope.packages.found import Package
from layerscope.tui.material import Material
from layerscope.tui.panes.pane import GoTo, Pane
from layerscope.tui.selection import Selection
from layerscope.tui.widgets.path_table import Item, PathTable

_ASKED = {True: "asked", False: "needed", None: ""}
_UNOWNED = -1
"""The row of what no package owns, in place of a package's number."""


class PackagesPane(Pane):
    """Of the whole image, the largest first."""

    NAME: ClassVar[str] = "packages"
    TITLE: ClassVar[str] = "Packages"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace,left", "leave", "Back"),
    ]

    def __init__(self, material: Material, selection: Selection) -> None:
        super().__init__(material, selection)
        self._found, self._files = material.packages
        nothing = "nothing is installed by a package manager"
        self._table = PathTable(material.glyphs, "kind", 12, nothing, "package")
        self._numbers: list[int] = []
        self._within: int | None = None
        self._left = 0
        self._text = ""
        self._text_outside = ""

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield self._table

    def on_mount(self) -> None:
        """Fill it."""
        self._fill()

    def count(self) -> int | None:
        """How many packages."""
        return len(self._found.packages)

    def filter(self, text: str) -> str:
        """Packages whose name, version, kind or reason hold all the words; files, in one that is entered."""
        self._text = text.lower()
        shown_count, count = self._fill()
        return f"{shown_count:,} of {count:,}"

    def _fill(self, cursor: int = 0) -> tuple[int, int]:
        """Show what passes; how many that are, of how many."""
        # What led to the package says nothing of its files.
        words = self._text.split() if self._within is None or self._text != self._text_outside else ()
        if self._within is None:
            rows = [(number, self._package(one)) for number, one in enumerate(self._found.packages)]
            if self._found.packages and self._found.unowned_bytes:
                rows.append((_UNOWNED, self._unowned()))
                rows.sort(key=lambda row: -row[1].size_bytes)  # stable: the rest is in order
        else:
            rows = [(self._within, item) for item in self._inside(self._within)]
        seen = [(number, item) for number, item in rows if all(word in _words_of(item) for word in words)]
        self._numbers = [number for number, _ in seen]
        self._table.show_items([item for _, item in seen], cursor)
        return len(seen), len(rows)

    def _package(self, package: Package) -> Item:
        return Item(
            size_bytes=package.size_bytes,
            path=package.record,
            layer=self._last,
            mark="*" if package.manual else " ",
            label=f"{package.kind:<5}{_ASKED[package.manual]}",
            layers=str(package.layer),
            group=shown(f"{package.name} {package.version}".rstrip()),
        )

    def _unowned(self) -> Item:
        return Item(size_bytes=self._found.unowned_bytes, path="", layer=self._last, group="(in no package)")

    @property
    def _last(self) -> int:
        return max(0, len(self.material.inspection.image.layers) - 1)

    def _inside(self, number: int) -> list[Item]:
        """The files of a package and its modules, or where the bytes are that no package owns."""
        if number == _UNOWNED:
            return [
                Item(size_bytes=row.size_bytes, path=row.path, layer=self._last)
                for row in self._found.unowned
            ]
        package = self._found.packages[number]
        files = [
            Item(
                size_bytes=version.source.stored_bytes,
                path=node.path,
                layer=self._last,
                layers=str(version.layer),
            )
            for node, version in self._files[number]
            if version.source is not None
        ]
        files.sort(key=lambda item: (-item.size_bytes, item.path))
        modules = [
            Item(
                size_bytes=0,
                path=package.record,
                layer=self._last,
                label="module",
                group=shown(f"{name} {version}".rstrip()),
                indent=2,
            )
            for name, version in package.modules
        ]
        return files + modules

    def on_row_list_chosen(self, event: PathTable.Chosen) -> None:
        """Enter a package; go to a file."""
        event.stop()
        item = self._table.current
        if item is None:
            return
        number = self._numbers[self._table.cursor]
        if self._within is None and (number == _UNOWNED or self._files[number]):
            self._within, self._left, self._text_outside = number, self._table.cursor, self._text
            self._turn(0)
        else:
            self.post_message(GoTo(item.path))

    def action_leave(self) -> None:
        """Back to the packages."""
        if self._within is not None:
            self._within = None
            self._turn(self._left)

    def _turn(self, cursor: int) -> None:
        """Show other rows, and let it be known: what the table says while it is told so ends here."""
        self._fill(cursor)
        self.refresh_bindings()
        self.post_message(PathTable.Moved(self._table, cursor))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """There is a way back from a package only; the explorer has another one."""
        return action != "leave" or self._within is not None

    def reading(self) -> str:
        """The row under the cursor in words."""
        item = self._table.current
        if item is None:
            return ""
        number = self._numbers[self._table.cursor]
        if number == _UNOWNED:
            where = f"{path_text(item.path)}: " if item.path else ""
            return f"{where}{size(item.size_bytes)} in files that no package owns"
        package = self._found.packages[number]
        name = shown(f"{package.name} {package.version}".rstrip())
        if self._within is not None and item.group is None:
            return f"{path_text(item.path)}: {size(item.size_bytes)}, of {name}"
        reason = {True: ", asked for", False: ", needed by others", None: ""}[package.manual]
        count = f"{package.file_count:,} file{'' if package.file_count == 1 else 's'}"
        parts = f", made of {len(package.modules):,} modules" if package.modules else ""
        instruction = self.material.instruction(package.layer)
        where = f"layer {package.layer}: {instruction}"
        return f"{name}: {size(package.size_bytes)} in {count}{parts}{reason}; {where}"


def _words_of(item: Item) -> str:
    return f"{item.group or item.path} {item.label}".lower()
