"""A09: dumps and files of databases."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="database-dumps",
    title="dumps of databases",
    family="context",
    patterns=(
        "*.sql",
        "*.sql.gz",
        "*.dump",
        "*.rdb",
        "/var/lib/mysql/",
        "/var/lib/postgresql/",
        "/var/lib/mongodb/",
    ),
    remedy=Remedy(
        cleanup=None,
        ignored=True,
        instead="Load the data when the container runs, from a volume",
    ),
    help="""Data belong into a volume; an image with them is stale from its first day.""",
    confidence="low",
    priority=Priority.GENERIC,
    at_least_bytes=1_000_000,
)
