"""Images in code, two of them at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from layerscope.comparison.comparing import Comparison
from layerscope.comparison.saved_report import read_report
from layerscope.comparison.subject import Subject, subject_of
from layerscope.inspection import Inspection, Options, inspect
from layerscope.model.changeset import Changeset
from layerscope.model.image import Image, ImageConfig, Layer
from layerscope.reports.json import REPORT
from layerscope.union.analysis import analyze
from tests.oci.build import built, layout
from tests.sources.images import packed, saved, steps

Layered = Sequence[tuple[str, bytes]]
"""The instruction and the tar of each layer."""


def archived(folder: Path, layers: Layered, name: str, **config: Any) -> Subject:
    """An image as docker saves it, its layers uncompressed."""
    history = steps(*(instruction for instruction, _ in layers))
    path = saved(folder, *(tar for _, tar in layers), name=name, **{"history": history} | config)
    return subject_of(inspect(str(path)))


def compared(folder: Path, old: Layered, new: Layered, **config: Any) -> Comparison:
    """Two images as docker saves them."""
    return Comparison(old=archived(folder, old, "old.tar"), new=archived(folder, new, "new.tar", **config))


def stored(folder: Path, layers: Layered, blobs: Sequence[bytes], name: str) -> Subject:
    """An image as a registry has it: these blobs for its layers."""
    image = built(*(tar for _, tar in layers), history=steps(*(instruction for instruction, _ in layers)))
    return subject_of(inspect(str(packed(folder / name, layout(image, stored=blobs)))))


def reported(subject: Subject, path: Path) -> Subject:
    """What a saved report tells of the same image."""
    assert subject.inspection is not None
    with path.open("wb") as stream:
        REPORT.write(subject.inspection, [], stream)
    return read_report(str(path))


def stacked(*changesets: Changeset) -> Subject:
    """An image of these layers, of which nobody knows any digest."""
    layers = tuple(Layer(number=number, blob=f"{number}") for number in range(len(changesets)))
    image = Image(reference="stack", config=ImageConfig(), layers=layers)
    options = Options()
    return subject_of(
        Inspection(
            image=image,
            changesets=changesets,
            verified=(),
            analysis=analyze(image, changesets),
            with_facts=options.facts,
        )
    )


def shrunk(subject: Subject, **sums: int) -> Subject:
    """The same image as if it came to other sums."""
    return msgspec.structs.replace(subject, sums=msgspec.structs.replace(subject.sums, **sums))
