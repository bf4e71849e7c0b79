"""O03: apt's binary caches."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="apt-binary-caches",
    title="apt's binary caches",
    family="packages",
    patterns=(
        "/var/cache/apt/pkgcache.bin",
        "/var/cache/apt/srcpkgcache.bin",
    ),
    remedy=Remedy(
        cleanup="rm -f /var/cache/apt/*.bin",
        option="-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=",
        command="apt-get update",
    ),
    help="""apt keeps what it read of its lists in two files of 20 to 70 MB; it makes them again when it
needs them.""",
)
