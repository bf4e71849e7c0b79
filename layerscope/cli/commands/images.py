"""``layerscope images``: the local images of every engine that answers."""

from __future__ import annotations

import sys
import time
from typing import Any

import click
import msgspec

from layerscope.cli.asking import ask, engines
from layerscope.cli.output import page_for, write_lines
from layerscope.errors import EngineUnreachable
from layerscope.extensions import Source
from layerscope.loading import load
from layerscope.model.local_image import LocalImage
from layerscope.model.names import shown
from layerscope.model.people import size
from layerscope.reports.paint import Paint
from layerscope.reports.table import Column, table

_DIGITS = 12
_NAMELESS = "(no name)"


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """An image and the engine that holds it."""

    engine: str
    image: LocalImage


def _images(text: str, *, json: bool) -> int:
    asked = engines(load("source").values())
    answers = ask(asked, _list)
    silent = [answer.source.id for answer in answers if answer.error is not None]
    if len(silent) == len(answers):
        raise EngineUnreachable(
            f"no engine can be reached: {', '.join(silent)}",
            hint="layerscope doctor says why, and what to do",
        )
    held = [
        Held(engine=answer.source.id, image=image)
        for answer in answers
        for image in sorted(answer.value or [], key=_newest_first)
        if _matches(image, text)
    ]
    if json:
        for row in held:
            sys.stdout.buffer.write(msgspec.json.encode(_object(row)) + b"\n")
    elif held:
        page = page_for(sys.stdout)
        write_lines(_table(held, page.width, page.paint, time.time()), sys.stdout)
    remarks = _remarks(held, text, silent)
    if remarks:
        paint = page_for(sys.stderr).paint
        sys.stdout.flush()
        write_lines([paint.dim(shown(remark)) for remark in remarks], sys.stderr)
    return 0


def _list(source: Source) -> list[LocalImage]:
    assert source.images is not None
    return source.images()


def _newest_first(image: LocalImage) -> tuple[int, tuple[str, ...], str]:
    """An image whose age nobody knows comes last."""
    return (-(image.created_s or 0), image.names, image.image_id)


def _matches(image: LocalImage, text: str) -> bool:
    """Whether a name has the text in it, or the ID begins with it."""
    wanted = text.lower()
    plain = wanted.removeprefix("sha256:")
    return any(wanted in name.lower() for name in image.names) or _id(image).startswith(plain)


def _id(image: LocalImage) -> str:
    return image.image_id.rpartition(":")[2]


def _remarks(held: list[Held], text: str, silent: list[str]) -> list[str]:
    remarks = []
    if not held:
        remarks.append(f"no image has {text} in its name" if text else "no images")
    if silent:
        remarks.append(f"not reached: {', '.join(silent)} (layerscope doctor says why)")
    return remarks


def _object(row: Held) -> dict[str, Any]:
    image = row.image
    return {
        "engine": row.engine,
        "reference": shown(image.reference),
        "names": [shown(name) for name in image.names],
        "id": shown(image.image_id),
        "size_bytes": image.size_bytes,
        "created_s": image.created_s,
        "layers": image.layers,
    }


def _table(held: list[Held], width: int, paint: Paint, now_s: float) -> list[str]:
    """One row for each name, as the engines' own lists have it."""
    columns = [
        Column(
            "image",
            stretch=True,
            keep_end=True,
            paint=lambda name: paint.dim(name) if name == _NAMELESS else name,
        ),
        Column("engine"),
        Column("ID", paint=paint.dim),
        Column("size", right=True, paint=paint.strong),
        Column("age", right=True, paint=paint.dim),
        Column("layers", right=True),
    ]
    rows = [
        [
            shown(name),
            row.engine,
            shown(_id(row.image))[:_DIGITS],
            size(row.image.size_bytes) if row.image.size_bytes is not None else "",
            _age(row.image.created_s, now_s),
            str(row.image.layers) if row.image.layers is not None else "",
        ]
        for row in held
        for name in row.image.names or (_NAMELESS,)
    ]
    return table(columns, rows, width, paint.dim)


def _age(created_s: int | None, now_s: float) -> str:
    """``3 days``, ``1 year``; nothing where it is not known, as in reproducible images."""
    if not created_s or created_s < 0:
        return ""
    import humanize

    return str(humanize.naturaldelta(max(0.0, now_s - created_s))).partition(",")[0]


COMMAND = click.Command(
    "images",
    params=[
        click.Argument(["text"], default="", required=False, metavar="[TEXT]"),
        click.Option(["--json"], is_flag=True, help="One JSON object a line, one line an image."),
    ],
    callback=_images,
    help="List the local images of every engine that can be reached, the newest first.\n\n"
    "With TEXT: those that have it in a name, or whose ID begins with it.\n\n"
    "Each can be looked at by its name: layerscope NAME, or layerscope ENGINE:NAME where several engines "
    "have it. Exit code 3 when no engine can be reached.",
)
