"""O11: manual and info pages."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="man-pages",
    title="manual pages",
    family="packages",
    patterns=(
        "/usr/share/man/",
        "/usr/share/info/",
        "/usr/local/share/man/",
        "/usr/local/man/",
        "/usr/share/gtk-doc/",
        "/usr/share/groff/",
    ),
    remedy=Remedy(
        # The folders stay: packages that set up alternatives fail without them.
        cleanup="find {paths} ! -type d -exec rm -f {{}} +",
        instead=(
            "With dpkg: path-exclude=/usr/share/man/* in /etc/dpkg/dpkg.cfg.d "
            "before installing; with dnf: --setopt=tsflags=nodocs"
        ),
    ),
    help="""Nobody reads manuals in a running container. Keep them from being unpacked (dpkg's path-exclude,
dnf's tsflags=nodocs) or delete them in the RUN that installs.""",
    priority=Priority.GENERIC,
    profiles=frozenset(("runtime", "ml")),
)
