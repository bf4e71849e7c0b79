"""The signs that layerscope draws with, and their plain stand-ins for terminals without Unicode."""

from __future__ import annotations

import msgspec

from layerscope.model import people
from layerscope.union.compare import Change

_STAND_INS = {"…": "...", "–": "-", "−": "-", "×": "x", "→": "->", "“": '"', "”": '"'}


class Glyphs(msgspec.Struct, frozen=True, kw_only=True):
    """One set of signs; what they mean is never told by colour alone."""

    marks: dict[Change, str]
    dead: str
    open: str
    closed: str
    symlink: str
    hard_link: str
    dot: str
    arrow: str
    ellipsis: str
    full: str
    track: str
    ticked: str
    unticked: str
    rule: str
    check: str
    eighths: bool

    def bar(self, value: float, scale: float, width: int) -> str:
        """A bar as long as a value is of ``scale``, at most its whole; never empty for a value."""
        value = min(value, scale)
        if self.eighths:
            return people.bar(value, scale, width)
        length = round(value / scale * width) if scale else 0
        return (self.full * max(length, 1 if value > 0 else 0)).ljust(width)

    def plain(self, text: str) -> str:
        """A text in words, with signs that the terminal has."""
        if self.eighths:
            return text
        for sign, stand_in in _STAND_INS.items():
            text = text.replace(sign, stand_in)
        return text.encode("ascii", "replace").decode()

    def fit(self, text: str, width: int, *, end: bool = False) -> str:
        """A text cut to a width with a sign, padded to it; ``end`` keeps its end."""
        cut = people.fit(text, width, end=end)
        if self.ellipsis != "…":
            cut = cut.replace("…", self.ellipsis).encode("ascii", "replace").decode()
        return cut + " " * max(0, width - people.cells(cut))


UNICODE = Glyphs(
    marks={Change.ADDED: "+", Change.MODIFIED: "~", Change.METADATA_ONLY: "≈", Change.DELETED: "−"},
    dead="†",
    open="▾",
    closed="▸",
    symlink="→",
    hard_link="⇄",
    dot="·",
    arrow="→",
    ellipsis="…",
    full="█",
    track="░",
    ticked="◉",
    unticked="○",
    rule="─",
    check="✓",
    eighths=True,
)

ASCII = Glyphs(
    marks={Change.ADDED: "A", Change.MODIFIED: "M", Change.METADATA_ONLY: "C", Change.DELETED: "D"},
    dead="X",
    open="v",
    closed=">",
    symlink="->",
    hard_link="<>",
    dot=".",
    arrow="->",
    ellipsis="~",
    full="#",
    track=".",
    ticked="[x]",
    unticked="[ ]",
    rule="-",
    check="+",
    eighths=False,
)
