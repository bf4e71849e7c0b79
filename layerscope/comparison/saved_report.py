"""A report that ``--json`` wrote, as one of the images to compare; what it does not tell stays unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from layerscope.comparison.subject import Below, LayerFacts, PackageFacts, Recorded, Saved, Subject, Sums
from layerscope.errors import UsageError

_VERSION = 1
_LOOK_BYTES = 512
_HINT = "--json wrote it with another version of layerscope, or something else did"


class _Step(msgspec.Struct, frozen=True):
    instruction: str | None


class _Image(msgspec.Struct, frozen=True, kw_only=True):
    reference: str
    names: tuple[str, ...]
    digest: str | None
    image_id: str | None
    platform: str | None
    complete: bool
    base_layers: int | None
    config: dict[str, Any]


class _Layer(Recorded, frozen=True, kw_only=True):
    empty_steps: tuple[_Step, ...]


class _Directory(msgspec.Struct, frozen=True):
    path: str
    size_bytes: int
    file_count: int


class _Packages(msgspec.Struct, frozen=True):
    packages: tuple[PackageFacts, ...]


class _Report(msgspec.Struct, frozen=True, kw_only=True):
    schema_version: int
    image: _Image
    totals: Sums
    layers: tuple[_Layer, ...]
    directories: tuple[_Directory, ...]
    packages: _Packages | None = None


def is_report(reference: str) -> bool:
    """Whether a reference is a file that begins as JSON does, and so is no archive.

    What ends in ``.json`` and is not there was meant to be one.
    """
    try:
        path = Path(reference)
        if not path.exists():
            return reference.endswith(".json")
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(_LOOK_BYTES).lstrip().startswith(b"{")
    except (OSError, ValueError):
        return False


def read_report(path: str) -> Subject:
    """What a saved report tells; raises UsageError."""
    try:
        report = msgspec.json.decode(Path(path).read_bytes(), type=_Report)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise UsageError(f"{path}: no report of layerscope: {error}", hint=_HINT) from None
    if report.schema_version != _VERSION:
        raise UsageError(
            f"{path}: no report of layerscope: schema_version is {report.schema_version}, not {_VERSION}",
            hint=_HINT,
        )
    image = report.image
    packages = report.packages.packages if report.packages is not None else None
    return Subject(
        reference=image.reference,
        names=image.names,
        digest=image.digest,
        image_id=image.image_id,
        platform=image.platform,
        complete=image.complete,
        base_layers=image.base_layers,
        sums=report.totals,
        layers=tuple(_layer(layer) for layer in report.layers),
        runtime=image.config,
        saved=Saved(
            directories={row.path: Below(row.size_bytes, row.file_count) for row in report.directories},
            packages=packages,
        ),
    )


def _layer(layer: _Layer) -> LayerFacts:
    recorded = {name: getattr(layer, name) for name in Recorded.__struct_fields__}
    steps = tuple(step.instruction for step in layer.empty_steps if step.instruction is not None)
    return LayerFacts(**recorded, steps=steps)
