"""The life of one path, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerscope.model.entry import Entry, Kind
from layerscope.model.image import Image
from layerscope.model.instruction import instruction_of
from layerscope.model.names import shown
from layerscope.model.people import cells, fit, path, size
from layerscope.reports.table import Column, table
from layerscope.reports.terminal import Page
from layerscope.union.compare import Change
from layerscope.union.index import Hidden

if TYPE_CHECKING:  # every run reads this folder, few have a story to tell
    from layerscope.union.story import Below, Step, Story

_KINDS = {
    Kind.FILE: "file",
    Kind.DIRECTORY: "directory",
    Kind.SYMLINK: "symlink",
    Kind.HARDLINK: "hard link to nothing",
    Kind.CHARACTER_DEVICE: "character device",
    Kind.BLOCK_DEVICE: "block device",
    Kind.FIFO: "named pipe",
}
_GLYPHS = {"added": "+", "modified": "~", "metadata only": "≈", "removed": "−", "hidden": "−"}
_GLYPH_CAUSES = {"~": "overwritten", "≈": "metadata_only", "−": "deleted"}
_NARROW = 72
_INDENT = " " * 14
_HOW = {
    Hidden.OPAQUE: "everything that was in its directory went",
    Hidden.PARENT: "a directory above it went, or was replaced",
}


def story_data(image: Image, story: Story) -> dict[str, Any]:
    """A story as plain data."""
    return {
        "path": shown(story.path),
        "visible": story.visible,
        "wasted_bytes": story.wasted_bytes,
        "other_names": [shown(name) for name in story.names],
        "steps": [_step_data(image, step) for step in story.steps],
        "below": [
            {"layer": row.layer, "instruction": _instruction(image, row.layer)}
            | {name: getattr(row, name) for name in (*_COUNTS, *_BYTES)}
            for row in story.below
        ],
        "summary": _sentence(image, story),
    }


_COUNTS = ("added", "modified", "metadata_only", "removed")
_BYTES = ("shipped_bytes", "wasted_bytes", "caused_bytes")


def _step_data(image: Image, step: Step) -> dict[str, Any]:
    source = step.version.source if step.version is not None else None
    data: dict[str, Any] = {
        "layer": step.layer,
        "change": _word(step).replace(" ", "_"),
        "how": step.how.value if step.how is not None else None,
        "instruction": _instruction(image, step.layer),
        "type": None if step.version is None else (source.kind.value if source else Kind.DIRECTORY.value),
        "size_bytes": source.size_bytes if source else 0,
    }
    data |= {name: getattr(step, name) for name in _BYTES}
    data["differences"] = {
        shown(found.what): {"from": shown(found.before), "to": shown(found.after)}
        for found in step.differences
    }
    return data


def story_lines(image: Image, story: Story, asked: str, page: Page) -> list[str]:
    """A story for people; ``asked`` is the normalised path that was asked for."""
    paint = page.paint
    lines = _title(story, page)
    if asked != story.path:
        lines.append(paint.dim(fit(f"{path(asked)} leads there", page.width)))
    if story.names:
        names = ", ".join(map(path, story.names))
        lines.append(paint.dim(fit(f"the same file as {names}", page.width)))
    if story.steps:
        lines += ["", *_steps(image, story, page)]
    if story.below:
        lines += ["", paint.strong("Below it"), *_below(image, story.below, page)]
    return [*lines, "", *_wrapped(_sentence(image, story), page.width)]


def _title(story: Story, page: Page) -> list[str]:
    source = story.last.source
    parts = ["directory that no layer mentions" if source is None else _KINDS.get(source.kind, "file")]
    if source is not None:
        if source.kind is Kind.SYMLINK:
            parts[0] += f" to {shown(source.link_target or '')}"
        else:
            parts.append(f"{source.mode:04o}")
        parts.append(f"{source.uid}:{source.gid}")
        if source.kind is Kind.FILE:
            parts.append(_sizes(source))
    if not story.visible:
        parts.append("not there any more")
    rest = "  ".join(parts)
    name = path(story.path)
    if cells(name) + 2 + cells(rest) <= page.width:
        return [f"{page.paint.strong(name)}  {rest}"]
    return [page.paint.strong(fit(name, page.width, end=True)), fit(rest, page.width)]


def _sizes(entry: Entry) -> str:
    sparse = f" ({size(entry.stored_bytes)} stored)" if entry.stored_bytes != entry.size_bytes else ""
    return size(entry.size_bytes) + sparse


def _steps(image: Image, story: Story, page: Page) -> list[str]:
    """A line for each step, and below it whatever there is to say of it."""
    paint = page.paint
    columns = [
        Column("layer", right=True, paint=paint.dim),
        Column("", paint=lambda text: _painted(page, text)),
        Column("change"),
        Column("size", right=True),
        Column("wasted", right=True, paint=paint.strong),
        Column("causes", right=True, paint=paint.strong),
        Column("instruction", stretch=True),
    ]
    rows = [_row(image, step, narrow=page.width < _NARROW) for step in story.steps]
    heading, *written = table(columns, rows, page.width, paint.dim)
    lines = [heading]
    for line, step in zip(written, story.steps, strict=True):
        lines += [line, *(paint.dim(fit(_INDENT + text, page.width)) for text in _details(step))]
    return lines


def _painted(page: Page, glyph: str) -> str:
    cause = _GLYPH_CAUSES.get(glyph)
    return page.paint.cause(cause, glyph) if cause is not None else page.paint.accent(glyph)


def _row(image: Image, step: Step, *, narrow: bool) -> list[str]:
    word = _word(step)
    source = step.version.source if step.version is not None else None
    return [
        str(step.layer),
        _GLYPHS[word],
        word.removesuffix(" only") if narrow else word,
        size(source.size_bytes) if source is not None and source.kind is Kind.FILE and not narrow else "",
        size(step.wasted_bytes) if step.wasted_bytes else "",
        size(step.caused_bytes) if step.caused_bytes else "",
        _instruction(image, step.layer),
    ]


def _details(step: Step) -> list[str]:
    """What stands below a step: how it went, which attributes differ."""
    found = [
        f"{shown(item.what)} {shown(item.before)} → {shown(item.after)}"
        for item in step.differences
        if item.what != "size"
    ]
    if step.how in _HOW and step.how is not None:
        found.append(_HOW[step.how])
    if step.change is Change.METADATA_ONLY and not step.differences:
        found.append("nothing differs: the same again")
    return found


def _word(step: Step) -> str:
    if step.change is Change.DELETED:
        return "hidden" if step.how in _HOW else "removed"
    return step.change.value.replace("_", " ")


def _below(image: Image, rows: tuple[Below, ...], page: Page) -> list[str]:
    paint = page.paint
    columns = [
        Column("layer", right=True, paint=paint.dim),
        Column("+", right=True, paint=paint.accent),
        Column("~", right=True, paint=lambda text: paint.cause("overwritten", text)),
        Column("≈", right=True, paint=lambda text: paint.cause("metadata_only", text)),
        Column("−", right=True, paint=lambda text: paint.cause("deleted", text)),
        Column("shipped", right=True),
        Column("wasted", right=True, paint=paint.strong),
        Column("causes", right=True, paint=paint.strong),
        Column("instruction", stretch=True),
    ]
    written = [
        [
            str(row.layer),
            *(str(getattr(row, name) or "") for name in _COUNTS),
            *(size(getattr(row, name)) if getattr(row, name) else "" for name in _BYTES),
            _instruction(image, row.layer),
        ]
        for row in rows
    ]
    return table(columns, written, page.width, paint.dim)


def _instruction(image: Image, layer: int) -> str:
    instruction = instruction_of(image.layers[layer].history)
    return shown(str(instruction)) if instruction else "(no history)"


def _sentence(image: Image, story: Story) -> str:
    """Who put it there, who hides it, what it costs."""
    first, last = story.steps[0], story.steps[-1]
    told = first
    text = f"Layer {first.layer} put it there"
    changed = [step for step in story.steps[1:] if step.version is not None and _verb(step)]
    if changed:
        told = changed[-1]
        text += f", layer {told.layer} {_verb(told)}"
    if not story.visible:
        told = last
        text += f"; layer {told.layer} {'hid' if told.how in _HOW else 'removed'} it"
    text += f" ({fit(_instruction(image, told.layer), 60)})"
    if not story.wasted_bytes:
        return f"{text}. Nothing is wasted on it."
    below = " and below it" if story.below else ""
    return f"{text}. {size(story.wasted_bytes)} are shipped for it{below} that nobody can see."


def _verb(step: Step) -> str:
    """What a layer did to what was there; nothing where it only mentioned it."""
    if step.change is Change.METADATA_ONLY:
        if step.shipped_bytes:
            return "shipped the same content again"
        return "changed its attributes" if step.differences else ""
    return "changed it" if step.change is Change.MODIFIED else "put it there again"


def _wrapped(text: str, width: int) -> list[str]:
    from textwrap import wrap

    return wrap(text, width)
