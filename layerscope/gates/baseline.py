"""An earlier run to compare with: a report that ``--json`` wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from layerscope.errors import UsageError


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """What an image took when the report was written, in bytes."""

    reference: str
    tar_bytes: int
    compressed_bytes: int
    wasted_bytes: int


class Against(msgspec.Struct, frozen=True):
    """A limit on what changed since a baseline."""

    baseline: Baseline
    limit: Any


class _Image(msgspec.Struct, frozen=True):
    reference: str


class _Totals(msgspec.Struct, frozen=True):
    tar_bytes: int
    compressed_bytes: int
    wasted_bytes: int


class _Report(msgspec.Struct, frozen=True):
    schema_version: int
    image: _Image
    totals: _Totals


def read_baseline(path: str) -> Baseline:
    """The figures of a saved report; raises UsageError."""
    try:
        report = msgspec.json.decode(Path(path).read_bytes(), type=_Report)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", hint="--baseline takes what --json wrote") from None
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise UsageError(
            f"{path}: no report of layerscope: {error}", hint="--baseline takes what --json wrote"
        ) from None
    return Baseline(
        reference=report.image.reference,
        tar_bytes=report.totals.tar_bytes,
        compressed_bytes=report.totals.compressed_bytes,
        wasted_bytes=report.totals.wasted_bytes,
    )
