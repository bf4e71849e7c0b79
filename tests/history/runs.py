"""Runs of images that nobody has to read."""

from __future__ import annotations

from layerscope.history.record import RECORD_VERSION, Figures, Record


def run(
    image: str = "shop/api:1",
    tar_bytes: int = 1000,
    wasted_bytes: int = 100,
    *,
    complete: bool = True,
    verdict: str | None = None,
    platform: str | None = "linux/amd64",
) -> Record:
    """A run with these figures; the rest of it is plausible."""
    return Record(
        schema_version=RECORD_VERSION,
        layerscope_version="0",
        image=image,
        digest=None,
        platform=platform,
        created="2025-03-04T05:06:07Z",
        complete=complete,
        layers=3,
        totals=Figures(
            tar_bytes=tar_bytes,
            compressed_bytes=tar_bytes // 2,
            content_bytes=tar_bytes,
            visible_bytes=tar_bytes - wasted_bytes,
            wasted_bytes=wasted_bytes,
        ),
        verdict=verdict,
        failed=("max-waste",) if verdict == "fail" else (),
    )
