"""Lists of a comparison, old on the left and new on the right: layers, packages, settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from layerscope.comparison.packages import PackageChange
from layerscope.comparison.picking import Picking
from layerscope.comparison.settings import SettingChange
from layerscope.model.people import size
from layerscope.reports.comparison_words import SIGNS, counted, signed
from layerscope.tui.glyphs import Glyphs
from layerscope.tui.widgets.row_list import Part, RowList
from layerscope.union.compare import Change

_STYLES = {
    **dict.fromkeys(("new", "added", "upgraded"), "added"),
    **dict.fromkeys(("gone", "removed", "downgraded"), "deleted"),
    **dict.fromkeys(("changed", "modified", "replaced"), "modified"),
    **dict.fromkeys(("rebuilt", "recompressed", "metadata_only", "resized"), "metadata_only"),
    "same": "dim",
}
_MARKED = {"+": Change.ADDED, "~": Change.MODIFIED, "≈": Change.METADATA_ONLY, "−": Change.DELETED}
_CHANGES = _MARKED | {"↑": Change.MODIFIED, "↓": Change.MODIFIED, "≡": Change.METADATA_ONLY}
_STAND_INS = {"≡": "%", "↑": "^", "↓": "v"}


def sign_of(status: str, glyphs: Glyphs) -> str:
    """One character for what became of something."""
    sign = SIGNS[status]
    if sign in _MARKED:
        return glyphs.marks[_MARKED[sign]]
    return sign if glyphs.eighths else _STAND_INS.get(sign, sign)


def change_of(status: str) -> Change | None:
    """What a filter calls it: ``kind:added`` and the like."""
    return _CHANGES.get(SIGNS[status])


def style_of(status: str) -> str:
    """The colour that goes with it."""
    return _STYLES[status]


def change_part(count: int, glyphs: Glyphs) -> Part:
    """A change of size, more in the colour of a warning."""
    text = signed(count) if count else glyphs.dot
    return f"{glyphs.plain(text):>10}", "deleted" if count > 0 else "added" if count < 0 else "faint"


Row = TypeVar("Row")


class ComparedList(RowList, Generic[Row]):
    """Things that differ, of which a filter picks some; a subclass says what of one can be asked."""

    WORD = "row"
    NONE = ""

    def __init__(self, rows: Sequence[Row], glyphs: Glyphs) -> None:
        super().__init__()
        self._all = self._rows = rows
        self._glyphs = glyphs

    @property
    def current(self) -> Row | None:
        """What is under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    def row_count(self) -> int:
        """All that fit."""
        return len(self._rows)

    def empty(self) -> str:
        """What it means that there are none."""
        return " nothing that differs fits" if self._all else self.NONE

    def filter(self, picking: Picking | None) -> str:
        """Show what fits alone, None for everything; says how much it is."""
        before = self.current
        self._rows = (
            self._all if picking is None else [row for row in self._all if picking.fits(*self.asked(row))]
        )
        self.rows_changed(next((place for place, row in enumerate(self._rows) if row is before), 0))
        return "" if picking is None else f"{counted(len(self._rows), self.WORD)} of {len(self._all):,}"

    def asked(self, row: Row) -> tuple[Sequence[str], int, Change | None]:
        """The lower-case texts of a row, what it takes, what became of it."""
        raise NotImplementedError


class PairList(ComparedList[dict[str, Any]]):
    """Layers: what they weigh as stored and their instruction, on both sides of what became of them."""

    WORD = "layer"
    NONE = " neither image has a layer"

    def asked(self, row: dict[str, Any]) -> tuple[Sequence[str], int, Change | None]:
        """The instructions, the blobs' sizes."""
        sides = [side for side in (row["old"], row["new"]) if side is not None]
        texts = [(side["instruction"] or "").lower() for side in sides]
        return texts, max(side["compressed_bytes"] for side in sides), change_of(row["status"])

    def title(self, width: int) -> str | None:
        """Which side is which."""
        half = _half(width)
        return f"{' old':<{half}}     {'new':<{half}}"

    def parts(self, index: int, width: int) -> Iterable[Part]:
        """One pair."""
        pair = self._rows[index]
        half, style = _half(width), style_of(pair["status"])
        yield from self._side(pair["old"], half, "dim" if pair["new"] else style)
        yield f"  {sign_of(pair['status'], self._glyphs)}  ", style
        yield from self._side(pair["new"], half, "" if pair["pulled"] else "dim")

    def _side(self, layer: dict[str, Any] | None, width: int, style: str) -> Iterable[Part]:
        if layer is None:
            yield " " * width, ""
            return
        yield f"{layer['number']:>4} ", "dim"
        yield f"{size(layer['compressed_bytes']):>8} ", style
        instruction = layer["instruction"] or "(no history)"
        yield self._glyphs.fit(instruction, max(4, width - 14)), style


def _half(width: int) -> int:
    return max(18, (width - 5) // 2)


class PackageList(ComparedList[PackageChange]):
    """Packages that differ, both versions side by side."""

    WORD = "package"

    def __init__(self, packages: Sequence[PackageChange] | None, glyphs: Glyphs) -> None:
        super().__init__(packages or (), glyphs)
        known = packages is not None
        self.NONE = " the same packages are in both" if known else " unknown: the report tells of none"

    def asked(self, row: PackageChange) -> tuple[Sequence[str], int, Change | None]:
        """Kind, name and versions."""
        sides = [side for side in (row.old, row.new) if side is not None]
        texts = [row.either.kind, row.either.name.lower(), *(side.version.lower() for side in sides)]
        return texts, max(side.size_bytes for side in sides), change_of(row.status.value)

    def title(self, width: int) -> str | None:
        """The columns' names."""
        name, version = self._widths(width)
        return f"{'change':>10}      {'kind':<7}{'package':<{name}} {'old':<{version}} new"

    def parts(self, index: int, width: int) -> Iterable[Part]:
        """One package."""
        change = self._rows[index]
        name, version = self._widths(width)
        style = style_of(change.status.value)
        yield change_part(change.delta_bytes, self._glyphs)
        yield f"   {sign_of(change.status.value, self._glyphs)}  ", style
        yield self._glyphs.fit(change.either.kind, 7), "dim"
        yield self._glyphs.fit(change.either.name, name) + " ", "strong"
        yield self._glyphs.fit(change.old.version if change.old else "", version) + " ", "dim"
        yield self._glyphs.fit(change.new.version if change.new else "", version), style

    def _widths(self, width: int) -> tuple[int, int]:
        room = max(24, width - 25)
        return room * 2 // 5, room * 3 // 10


class SettingList(ComparedList[SettingChange]):
    """Settings that differ, both values side by side."""

    WORD = "setting"
    NONE = " the config is the same in both"

    def asked(self, row: SettingChange) -> tuple[Sequence[str], int, Change | None]:
        """The setting, its name and both values; they have no bytes."""
        texts = [text.lower() for text in (row.field, row.name, row.old, row.new) if text]
        return texts, 0, change_of(_status_of(row))

    def title(self, width: int) -> str | None:
        """The columns' names."""
        name, value = self._widths(width)
        return f"    {'setting':<{name}} {'old':<{value}} new"

    def parts(self, index: int, width: int) -> Iterable[Part]:
        """One setting."""
        one = self._rows[index]
        name, value = self._widths(width)
        status = _status_of(one)
        yield f" {sign_of(status, self._glyphs)}  ", style_of(status)
        yield self._glyphs.fit(f"{one.field} {one.name}".rstrip(), name) + " ", "strong"
        yield self._glyphs.fit(one.old or "", value) + " ", "dim"
        yield self._glyphs.fit(one.new or "", value), style_of(status)

    def _widths(self, width: int) -> tuple[int, int]:
        room = max(24, width - 7)
        return room * 3 // 10, room * 7 // 20


def _status_of(setting: SettingChange) -> str:
    return "added" if setting.old is None else "removed" if setting.new is None else "modified"
