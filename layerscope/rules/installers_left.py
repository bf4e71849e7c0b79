"""A05: installers that did their work."""

from __future__ import annotations

from layerscope.advice.evidence import Evidence
from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Item

_LARGE_BYTES = 5_000_000


def _is_large(evidence: Evidence, item: Item) -> bool:
    return item.size_bytes >= _LARGE_BYTES


RULE = leftover(
    id="installers-left",
    title="installers",
    family="context",
    patterns=("*.run", "*.sh", "*.msi", "*.exe", "*.pkg", "*.dmg", "*.AppImage"),
    remedy=Remedy(instead="Mount it where it is needed: RUN --mount=type=bind,source=…,target=…"),
    help="""A script of megabytes carries what it installs; installers for Windows and macOS do nothing here.
Download, run and delete it in one RUN, or mount it for the RUN that needs it.""",
    confidence="medium",
    only=_is_large,
)
