"""The packages of an image, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerscope.model.image import Image
from layerscope.model.instruction import instruction_of
from layerscope.model.names import shown
from layerscope.model.people import path, size
from layerscope.reports.table import Column, table

if TYPE_CHECKING:  # every run reads this folder, not every one an image
    from layerscope.packages.found import Package, Packages
    from layerscope.reports.terminal import Page

_NARROW = 90
_ASKED = {True: "asked for", False: "needed", None: ""}


def packages_data(found: Packages) -> dict[str, Any]:
    """All packages and what no package owns, as plain data."""
    return {
        "owned_bytes": found.owned_bytes,
        "unowned_bytes": found.unowned_bytes,
        "packages": [_package_data(one) for one in found.packages],
        "unowned": [{"path": shown(row.path), "size_bytes": row.size_bytes} for row in found.unowned],
        "unreadable": [{"path": shown(one.path), "why": one.why} for one in found.unreadable],
    }


def _package_data(package: Package) -> dict[str, Any]:
    return {
        "kind": package.kind,
        "name": shown(package.name),
        "version": shown(package.version),
        "architecture": None if package.architecture is None else shown(package.architecture),
        "size_bytes": package.size_bytes,
        "file_count": package.file_count,
        "layer": package.layer,
        "manual": package.manual,
        "record": shown(package.record),
        "modules": [{"name": shown(name), "version": shown(version)} for name, version in package.modules],
    }


def unreadable_lines(found: Packages, page: Page) -> list[str]:
    """The databases that could not be read, and why."""
    return [
        page.paint.bad(f"cannot read {path(one.path)}: {one.why}; its packages are missing")
        for one in found.unreadable
    ]


def packages_lines(image: Image, found: Packages, page: Page, limit: int | None = None) -> list[str]:
    """The packages as a table under one line of sums; with a limit only the largest."""
    if not found.packages:
        return []
    narrow = page.width < _NARROW
    rows = [
        [
            size(one.size_bytes),
            "" if narrow else f"{one.file_count:,}",
            str(one.layer),
            _ASKED[one.manual],
            one.kind,
            shown(f"{one.name} {one.version}".rstrip()),
            "" if narrow else _instruction(image, one.layer),
        ]
        for one in found.packages[:limit]
    ]
    paint = page.paint
    columns = [
        Column("size", right=True, paint=paint.strong),
        Column("files", right=True, paint=paint.dim),
        Column("layer", right=True, paint=paint.dim),
        Column("why"),
        Column("kind", paint=paint.dim),
        Column("package"),
        Column("instruction", stretch=True, paint=paint.dim),
    ]
    count = len(found.packages)
    sums = f"{count} package{'s' if count > 1 else ''}, {size(found.owned_bytes)}; "
    heading = paint.strong("Packages") + paint.dim(f": {sums}{size(found.unowned_bytes)} are in none of them")
    lines = [heading, *table(columns, rows, page.width, paint.dim)]
    if limit is not None and count > limit:
        lines.append(paint.dim(f"  … and {count - limit} more"))
    return lines


def unowned_lines(found: Packages, page: Page, limit: int) -> list[str]:
    """The places with most bytes that no package owns."""
    rows = [[size(row.size_bytes), path(row.path)] for row in found.unowned[:limit]]
    if not rows:
        return []
    paint = page.paint
    columns = [
        Column("size", right=True, paint=paint.strong),
        Column("path", stretch=True, keep_end=True),
    ]
    lines = [
        paint.strong("In no package") + paint.dim(f": {size(found.unowned_bytes)}"),
        *table(columns, rows, page.width, paint.dim),
    ]
    more = len(found.unowned) - limit
    return [*lines, paint.dim(f"  … and {more} more")] if more > 0 else lines


def _instruction(image: Image, layer: int) -> str:
    instruction = instruction_of(image.layers[layer].history)
    return shown(str(instruction)) if instruction else ""
