"""A07: core dumps, crash reports, heap dumps."""

from __future__ import annotations

from layerscope.advice.evidence import Evidence
from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Item

_LARGE_BYTES = 100_000


def _is_dump(evidence: Evidence, item: Item) -> bool:
    name = item.path.rpartition("/")[2]
    return not (name == "core" or name.startswith("core.")) or item.size_bytes >= _LARGE_BYTES


RULE = leftover(
    id="core-dumps",
    title="a core or heap dump",
    family="context",
    patterns=(
        "core",
        "/core.*",
        "/tmp/core.*",
        "/var/crash/",
        "/var/lib/systemd/coredump/",
        "*.hprof",
        "hs_err_pid*.log",
        "*.heapsnapshot",
        "*.stackdump",
    ),
    remedy=Remedy(cleanup="rm -f {paths}", instead="ulimit -c 0 keeps a RUN from dumping core"),
    help="""What a program leaves when it crashes: its whole memory, with whatever secrets were in it.""",
    only=_is_dump,
)
