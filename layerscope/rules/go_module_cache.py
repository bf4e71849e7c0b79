"""P21: Go's module cache."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="go-module-cache",
    title="Go's module cache",
    family="go",
    patterns=(
        "/go/pkg/mod/",
        "go/pkg/mod/",
        "go/pkg/sumdb/",
    ),
    remedy=Remedy(
        cleanup="go clean -modcache",
        mount="/go/pkg/mod",
        instead="Better: build in a stage of its own, and copy the binary",
    ),
    help="""The sources of all modules, needed to compile only.""",
)
