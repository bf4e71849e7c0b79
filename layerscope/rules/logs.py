"""O14: logs of the build."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="logs",
    title="logs of the build",
    family="packages",
    patterns=(
        "/var/log/",
        "/tmp/npm-debug.log",
    ),
    remedy=Remedy(cleanup="find {paths} -type f -exec rm -f {{}} +", mount="/var/log"),
    help="""Logs of package managers and build tools; lastlog and faillog may be huge where a user has a
large ID (useradd --no-log-init). Delete them in the RUN that writes them, or mount a tmpfs on
/var/log.""",
)
