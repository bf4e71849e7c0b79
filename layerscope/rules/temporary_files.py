"""A06: temporary files."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="temporary-files",
    title="temporary files",
    family="context",
    patterns=(
        "/tmp/",
        "/var/tmp/",
        "/root/tmp/",
    ),
    remedy=Remedy(
        cleanup="find {paths} -type f -exec rm -f {{}} +",
        instead="Or mount a tmpfs: RUN --mount=type=tmpfs,target=/tmp …",
    ),
    help="""What a RUN leaves in /tmp. Delete it there, or mount a tmpfs.""",
    priority=Priority.GENERIC,
    risk="A later RUN may still need what is there.",
)
