"""Lists of a comparison, old on the left and new on the right: layers, packages, settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from layerscope.comparison.packages import PackageChange
from layerscope.comparison.settings import SettingChange
from layerscope.model.people import size
from layerscope.reports.comparison_words import SIGNS, signed
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
_STAND_INS = {"≡": "%", "↑": "^", "↓": "v"}


def sign_of(status: str, glyphs: Glyphs) -> str:
    """One character for what became of something."""
    sign = SIGNS[status]
    changes = {"+": Change.ADDED, "~": Change.MODIFIED, "≈": Change.METADATA_ONLY, "−": Change.DELETED}
    if sign in changes:
        return glyphs.marks[changes[sign]]
    return sign if glyphs.eighths else _STAND_INS.get(sign, sign)


def style_of(status: str) -> str:
    """The colour that goes with it."""
    return _STYLES[status]


def change_part(count: int, glyphs: Glyphs) -> Part:
    """A change of size, more in the colour of a warning."""
    text = signed(count) if count else glyphs.dot
    return f"{glyphs.plain(text):>10}", "deleted" if count > 0 else "added" if count < 0 else "faint"


class PairList(RowList):
    """Layers: what they weigh as stored and their instruction, on both sides of what became of them."""

    def __init__(self, pairs: Sequence[dict[str, Any]], glyphs: Glyphs) -> None:
        super().__init__()
        self._pairs = pairs
        self._glyphs = glyphs

    @property
    def current(self) -> dict[str, Any] | None:
        """The pair under the cursor."""
        return self._pairs[self.cursor] if self._pairs else None

    def row_count(self) -> int:
        """All pairs."""
        return len(self._pairs)

    def empty(self) -> str:
        """What it means that there are none."""
        return " neither image has a layer"

    def title(self, width: int) -> str | None:
        """Which side is which."""
        half = _half(width)
        return f"{' old':<{half}}     {'new':<{half}}"

    def parts(self, index: int, width: int) -> Iterable[Part]:
        """One pair."""
        pair = self._pairs[index]
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


class PackageList(RowList):
    """Packages that differ, both versions side by side."""

    def __init__(self, packages: Sequence[PackageChange] | None, glyphs: Glyphs) -> None:
        super().__init__()
        self._packages = packages or ()
        self._known = packages is not None
        self._glyphs = glyphs

    @property
    def current(self) -> PackageChange | None:
        """The package under the cursor."""
        return self._packages[self.cursor] if self._packages else None

    def row_count(self) -> int:
        """All that differ."""
        return len(self._packages)

    def empty(self) -> str:
        """What it means that there are none."""
        return " the same packages are in both" if self._known else " unknown: the report tells of none"

    def title(self, width: int) -> str | None:
        """The columns' names."""
        name, version = self._widths(width)
        return f"{'change':>10}      {'kind':<7}{'package':<{name}} {'old':<{version}} new"

    def parts(self, index: int, width: int) -> Iterable[Part]:
        """One package."""
        change = self._packages[index]
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


class SettingList(RowList):
    """Settings that differ, both values side by side."""

    def __init__(self, settings: Sequence[SettingChange], glyphs: Glyphs) -> None:
        super().__init__()
        self._settings = settings
        self._glyphs = glyphs

    @property
    def current(self) -> SettingChange | None:
        """The setting under the cursor."""
        return self._settings[self.cursor] if self._settings else None

    def row_count(self) -> int:
        """All that differ."""
        return len(self._settings)

    def empty(self) -> str:
        """What it means that there are none."""
        return " the config is the same in both"

    def title(self, width: int) -> str | None:
        """The columns' names."""
        name, value = self._widths(width)
        return f"    {'setting':<{name}} {'old':<{value}} new"

    def parts(self, index: int, width: int) -> Iterable[Part]:
        """One setting."""
        one = self._settings[index]
        name, value = self._widths(width)
        status = "added" if one.old is None else "removed" if one.new is None else "modified"
        yield f" {sign_of(status, self._glyphs)}  ", style_of(status)
        yield self._glyphs.fit(f"{one.field} {one.name}".rstrip(), name) + " ", "strong"
        yield self._glyphs.fit(one.old or "", value) + " ", "dim"
        yield self._glyphs.fit(one.new or "", value), style_of(status)

    def _widths(self, width: int) -> tuple[int, int]:
        room = max(24, width - 7)
        return room * 3 // 10, room * 7 // 20
