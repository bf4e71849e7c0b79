"""O07: apk's index and package cache."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="apk-cache",
    title="apk's index and packages",
    family="packages",
    patterns=(
        "/var/cache/apk/",
        "/etc/apk/cache/",
    ),
    remedy=Remedy(
        cleanup="rm -rf /var/cache/apk/*",
        command="apk(?: -\\S+)* add",
        option="--no-cache",
        mount="/var/cache/apk",
    ),
    help="""Files that a package manager downloads and does not need again. Clean up in the RUN that
installs: a later one would only hide them. apk add --no-cache keeps none.""",
)
