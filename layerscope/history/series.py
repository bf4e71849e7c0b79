"""The runs of one image, whatever its tags, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from layerscope.history.record import Record
from layerscope.loading import load
from layerscope.model.reference import DEFAULT_HOST


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run beside the one before it; changes are None for the first, and where either has gaps."""

    record: Record
    label: str
    size_change_bytes: int | None
    waste_change_bytes: int | None


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of what has one name and one platform, in the order in which they were recorded."""

    name: str
    platform: str | None
    runs: tuple[Run, ...]


def series_of(records: Iterable[Record]) -> list[Series]:
    """One series for each image and platform, in the order of their first runs."""
    groups: dict[tuple[str, str | None], list[tuple[str, Record]]] = {}
    for record in records:
        name, label = split_name(record.image)
        groups.setdefault((name, record.platform), []).append((label, record))
    return [
        Series(name=name, platform=platform, runs=tuple(_runs(labelled)))
        for (name, platform), labelled in groups.items()
    ]


def split_name(image: str) -> tuple[str, str]:
    """A name without its version, and the version: the tag, else the beginning of the digest."""
    rest, _, digest = image.partition("@")
    folder, slash, last = rest.rpartition("/")
    name, colon, tag = last.rpartition(":")
    if not colon or (not slash and name in load("source")):  # docker:my-app has no tag
        name, tag = last, ""
    whole = f"{folder}{slash}{name}".removeprefix(f"{DEFAULT_HOST}/").removeprefix("library/")
    return whole, tag or digest.rpartition(":")[2][:12]


def _runs(labelled: Sequence[tuple[str, Record]]) -> list[Run]:
    runs = []
    before: Record | None = None
    for label, record in labelled:
        comparable = before is not None and before.complete and record.complete
        earlier = before.totals if before is not None and comparable else None
        now = record.totals
        runs.append(
            Run(
                record=record,
                label=label,
                size_change_bytes=None if earlier is None else now.tar_bytes - earlier.tar_bytes,
                waste_change_bytes=None if earlier is None else now.wasted_bytes - earlier.wasted_bytes,
            )
        )
        before = record
    return runs
