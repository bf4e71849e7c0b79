"""Local images in rows: name, tag, size, age, and who holds them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from layerscope.model.local_image import LocalImage
from layerscope.model.names import shown
from layerscope.model.people import cells, size
from layerscope.tui.glyphs import Glyphs
from layerscope.tui.widgets.row_list import Part, RowList

FILE = "file"
_DIGITS = 12
_ENGINE, _SIZE, _AGE, _TAG = 11, 9, 11, 22
_NAME = 24
_TAGGED = 100
"""Where there are fewer columns, the tag has less room."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One row: what opens it, how it is called, who holds it. ``created_s`` is in seconds since 1970."""

    reference: str
    name: str
    tag: str
    engine: str
    image_id: str = ""
    size_bytes: int | None = None
    created_s: int | None = None

    def matches(self, words: Sequence[str]) -> bool:
        """Whether all the words are in its name, or one is how its ID begins."""
        whole = f"{self.name}:{self.tag} {self.engine}".lower()
        return all(word in whole or self.image_id.startswith(word) for word in words)


def choices_of(engine: str, images: Iterable[LocalImage]) -> list[Choice]:
    """One for each name of each image of an engine."""
    found = []
    for image in images:
        image_id = image.image_id.rpartition(":")[2]
        for full in image.names or ("",):
            name, tag = _apart(full)
            found.append(
                Choice(
                    reference=f"{engine}:{full}" if full else image.reference,
                    name=name or "(no name)",
                    tag=tag if full else image_id[:_DIGITS],
                    engine=engine,
                    image_id=image_id,
                    size_bytes=image.size_bytes,
                    created_s=image.created_s,
                )
            )
    return found


def choices_of_files(places: Iterable[str]) -> list[Choice]:
    """Archives and folders that were opened before and are still there."""
    found = []
    for place in places:
        try:
            path = Path(place)
            status = path.stat()
        except (OSError, ValueError):
            continue
        found.append(
            Choice(
                reference=place,
                name=place,
                tag="",
                engine=FILE,
                size_bytes=status.st_size if path.is_file() else None,
                created_s=int(status.st_mtime),
            )
        )
    return found


def _apart(full: str) -> tuple[str, str]:
    """A name and its tag; a colon before a slash is a port's."""
    name, colon, tag = full.rpartition(":")
    return (name, tag) if colon and "/" not in tag else (full, "")


def age(created_s: int | None, now_s: float) -> str:
    """``3 days``; nothing where it is not known, as in images that are made to be reproducible."""
    if not created_s or created_s < 0:
        return ""
    import humanize

    return str(humanize.naturaldelta(max(0.0, now_s - created_s))).partition(",")[0]


class ImageList(RowList):
    """Rows as they are given."""

    def __init__(self, glyphs: Glyphs, clock: float | None = None) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._now_s = time.time() if clock is None else clock
        self._choices: Sequence[Choice] = ()
        self._longest = _NAME
        self.waiting = ""

    def show_choices(self, choices: Sequence[Choice]) -> None:
        """Show other rows; the cursor stays on its image where that is still there."""
        kept = self.current
        self._choices = choices
        self._longest = max([_NAME, *(cells(shown(choice.name)) for choice in choices)])
        cursor = choices.index(kept) if kept in choices else 0
        self.rows_changed(cursor)

    @property
    def current(self) -> Choice | None:
        """The row under the cursor."""
        return self._choices[self.cursor] if 0 <= self.cursor < len(self._choices) else None

    def row_count(self) -> int:
        """As many as were given."""
        return len(self._choices)

    def empty(self) -> str:
        """What it means that there are none."""
        return f"  {self.waiting}"

    def _room(self, width: int) -> tuple[int, int]:
        """The columns of the name and of the tag."""
        tag = _TAG if width >= _TAGGED else _TAG - 8
        room = max(8, width - 2 - tag - 2 - _SIZE - 2 - _AGE - 2 - _ENGINE)
        return min(room, self._longest), tag

    def title(self, width: int) -> str | None:
        """The columns' names."""
        name, tag = self._room(width)
        return f"  {'image':<{name}}  {'tag':<{tag}}{'size':>{_SIZE}}  {'age':>{_AGE}}  {'from':<{_ENGINE}}"

    def parts(self, index: int, width: int) -> Iterable[Part]:
        """One image."""
        choice = self._choices[index]
        name, tag = self._room(width)
        fit = self._glyphs.fit
        if choice.engine == FILE:
            yield "  " + fit(shown(choice.name), name + 2 + tag, end=True), "strong"
        else:
            text = shown(choice.name)
            yield "  " + fit(text, name, end=True) + "  ", "dim" if choice.image_id == "" else "strong"
            yield fit(shown(choice.tag), tag, end=cells(choice.tag) > tag), "accent"
        held = size(choice.size_bytes) if choice.size_bytes is not None else ""
        yield f"{held:>{_SIZE}}  ", ""
        yield fit(age(choice.created_s, self._now_s).rjust(_AGE), _AGE) + "  ", "dim"
        yield fit(choice.engine, _ENGINE), "dim"
