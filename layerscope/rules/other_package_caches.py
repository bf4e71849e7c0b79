"""O06: caches of zypper, pacman, xbps and portage."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="other-package-caches",
    title="a package manager's downloads",
    family="packages",
    patterns=(
        "/var/cache/zypp/",
        "/var/cache/pacman/pkg/",
        "/var/lib/pacman/sync/",
        "/var/cache/xbps/",
        "/var/db/repos/",
        "/var/cache/distfiles/",
        "/var/cache/binpkgs/",
        "/var/cache/eopkg/",
    ),
    remedy=Remedy(cleanup="rm -rf {paths}"),
    help="""Files that a package manager downloads and does not need again. Clean up in the RUN that
installs: a later one would only hide them. zypper clean -a, pacman -Scc --noconfirm, xbps-remove
-O, eclean.""",
)
