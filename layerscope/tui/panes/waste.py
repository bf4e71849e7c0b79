"""Every byte that is shipped and that nobody sees: by path, by directory, by cause or by layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from layerscope.model.names import shown
from layerscope.model.people import path as path_text
from layerscope.model.people import size
from layerscope.model.waste import Cause, Waste
from layerscope.tui.material import Material
from layerscope.tui.panes.pane import GoTo, Pane
from layerscope.tui.selection import Selection
from layerscope.tui.widgets.path_table import Item, PathTable
from layerscope.union.compare import Change

LABELS = {Cause.DELETED: "deleted", Cause.OVERWRITTEN: "overwritten", Cause.METADATA_ONLY: "copied up"}
_CHANGES = {
    Cause.DELETED: Change.DELETED,
    Cause.OVERWRITTEN: Change.MODIFIED,
    Cause.METADATA_ONLY: Change.METADATA_ONLY,
}


class WastePane(Pane):
    """Of the whole image, the largest first."""

    NAME: ClassVar[str] = "waste"
    TITLE: ClassVar[str] = "Waste"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "group", "Group by"),
        Binding("backspace,left", "ungroup", "Back"),
    ]

    def __init__(self, material: Material, selection: Selection) -> None:
        super().__init__(material, selection)
        self._records = sorted(
            material.inspection.analysis.waste, key=lambda record: (-record.size_bytes, record.path)
        )
        self._table = PathTable(material.glyphs, "cause", 12, "nothing is wasted")
        self._groups: dict[str, Callable[[Waste], str]] = {
            "path": lambda record: path_text(record.path),
            "directory": lambda record: path_text(record.path.rpartition("/")[0]),
            "cause": lambda record: LABELS[record.cause],
            "layer": lambda record: f"layer {record.blamed}: {material.instruction(record.blamed)}",
        }
        self._by = "path"
        self._within: str | None = None
        self._left = 0
        self._text = ""

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield self._table

    def on_mount(self) -> None:
        """Fill it."""
        self._fill()

    def count(self) -> int | None:
        """How many paths."""
        return len(self._records)

    def filter(self, text: str) -> str:
        """Paths that hold all the words."""
        self._text = text.lower()
        return f"{self._fill():,} of {len(self._records):,}"

    def _chosen(self) -> list[Waste]:
        words = self._text.split()
        return [r for r in self._records if all(word in r.path.lower() for word in words)]

    def _fill(self, cursor: int = 0) -> int:
        records = self._chosen()
        group = self._groups[self._by]
        if self._within is not None:
            records = [record for record in records if group(record) == self._within]
        if self._by == "path" or self._within is not None:
            self._table.show_items([self._item(record) for record in records], cursor)
        else:
            self._table.show_items(self._grouped(records, group), cursor)
        return len(records)

    def _item(self, record: Waste) -> Item:
        arrow = self.material.glyphs.arrow
        return Item(
            size_bytes=record.size_bytes,
            path=record.path,
            layer=record.shipped_by,
            mark=self.material.glyphs.marks[_CHANGES[record.cause]],
            label=LABELS[record.cause],
            style=record.cause.value,
            layers=f"{record.shipped_by} {arrow} {record.hidden_by}",
        )

    def _grouped(self, records: list[Waste], group: Callable[[Waste], str]) -> list[Item]:
        sums: dict[str, list[Waste]] = {}
        for record in records:
            sums.setdefault(group(record), []).append(record)
        items = [
            Item(
                size_bytes=sum(record.size_bytes for record in members),
                path=members[0].path,
                layer=members[0].shipped_by,
                label=f"{len(members):,} paths" if len(members) > 1 else "1 path",
                style=_one_style(members),
                group=name,
            )
            for name, members in sums.items()
        ]
        return sorted(items, key=lambda item: (-item.size_bytes, item.group or ""))

    def action_group(self) -> None:
        """Group by something else."""
        names = list(self._groups)
        self._by = names[(names.index(self._by) + 1) % len(names)]
        self._within = None
        self._fill()
        self.app.clear_notifications()
        self.notify(f"waste by {self._by}", timeout=2)

    def action_ungroup(self) -> None:
        """Leave a group."""
        if self._within is not None:
            self._within = None
            self._turn(self._left)

    def _turn(self, cursor: int) -> None:
        """Show other rows, and let it be known: what the table says while it is told so ends here."""
        self._fill(cursor)
        self.refresh_bindings()
        self.post_message(PathTable.Moved(self._table, cursor))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """There is a way back from a group only; the explorer has another one."""
        return action != "ungroup" or self._within is not None

    def on_row_list_chosen(self, event: PathTable.Chosen) -> None:
        """Enter a group, or go to the path at the layer that ships it."""
        event.stop()
        item = self._table.current
        if item is None:
            return
        if item.group is not None:
            self._within, self._left = item.group, self._table.cursor
            self._turn(0)
        else:
            self.post_message(GoTo(item.path, item.layer))

    def reading(self) -> str:
        """The row under the cursor in words."""
        item = self._table.current
        if item is None:
            return ""
        if item.group is not None:
            return f"{size(item.size_bytes)} wasted in {item.label} of {shown(item.group)}"
        return f"{path_text(item.path)}: {size(item.size_bytes)} {item.label}, layers {item.layers}"


def _one_style(records: list[Waste]) -> str:
    causes = {record.cause for record in records}
    return next(iter(causes)).value if len(causes) == 1 else "bar"
