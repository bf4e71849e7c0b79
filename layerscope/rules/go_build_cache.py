"""P22: Go's build cache."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="go-build-cache",
    title="Go's build cache",
    family="go",
    patterns=(".cache/go-build/",),
    remedy=Remedy(
        cleanup="go clean -cache",
        mount="/root/.cache/go-build",
        instead="Better: build in a stage of its own, and copy the binary",
    ),
    help="""Compiled packages, needed for the next build only.""",
)
