"""O15: backups and caches that package managers leave."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="package-manager-leftovers",
    title="backups that package managers leave",
    family="packages",
    patterns=(
        "/var/cache/debconf/*-old",
        "/var/lib/dpkg/*-old",
        "/var/cache/ldconfig/aux-cache",
        "/var/cache/man/",
        "/var/cache/fontconfig/",
        "*.dpkg-dist",
        "*.dpkg-new",
        "*.dpkg-old",
        "*.rpmsave",
        "*.rpmnew",
        "*.rpmorig",
        "/etc/passwd-",
        "/etc/group-",
        "/etc/shadow-",
        "/etc/gshadow-",
    ),
    remedy=Remedy(cleanup="rm -rf {paths}"),
    help="""Old copies of databases and configuration, and caches that are made again when needed.""",
)
