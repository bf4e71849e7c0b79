"""O02: packages that apt downloaded."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="apt-archives",
    title="packages that apt downloaded",
    family="packages",
    patterns=("/var/cache/apt/archives/",),
    remedy=Remedy(cleanup="apt-get clean", mount="/var/cache/apt,sharing=locked"),
    help="""Files that a package manager downloads and does not need again. Clean up in the RUN that
installs: a later one would only hide them. Docker's official images do it by themselves.""",
    keep=("lock",),
)
