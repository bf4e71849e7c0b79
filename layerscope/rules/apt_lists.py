"""O01: apt's package lists."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="apt-lists",
    title="apt's package lists",
    family="packages",
    patterns=("/var/lib/apt/lists/",),
    remedy=Remedy(
        cleanup="rm -rf /var/lib/apt/lists/*",
        mount="/var/lib/apt,sharing=locked",
        filled_by=r"\bapt(?:-get)? (?:-\S+ )*update",
        needed_by=r"\bapt(?:-get)? (?:-\S+ )*(?:install|upgrade|build-dep)",
    ),
    help="""apt-get update writes 20 to 45 MB of package lists that only the next apt-get install needs.
Delete them in the RUN that fetches them; a RUN apt-get update of its own is also stale when a
later one uses it from the cache.""",
    keep=("lock",),
)
