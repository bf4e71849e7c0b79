"""O05: caches of dnf, microdnf and yum."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="dnf-cache",
    title="caches of dnf and yum",
    family="packages",
    patterns=(
        "/var/cache/dnf/",
        "/var/cache/yum/",
        "/var/cache/libdnf5/",
        "/var/lib/dnf/history.sqlite*",
        "/var/lib/yum/yumdb/",
    ),
    remedy=Remedy(cleanup="dnf clean all && rm -rf /var/cache/dnf /var/cache/yum", mount="/var/cache/dnf"),
    help="""Files that a package manager downloads and does not need again. Clean up in the RUN that
installs: a later one would only hide them.""",
)
