"""A08: backups and files of editors."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="backup-files",
    title="backups and editors' files",
    family="context",
    patterns=(
        "*.bak",
        "*.orig",
        "*.rej",
        "*.swp",
        "*.swo",
    ),
    remedy=Remedy(cleanup="rm -f {paths}", ignored=True),
    help="""Copies that editors and patch leave behind.""",
    confidence="medium",
)
