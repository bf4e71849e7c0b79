"""O13: descriptions of time zones and terminals, and lists of words."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="time-zones-and-terminals",
    title="descriptions of time zones and terminals",
    family="packages",
    patterns=(
        "/usr/share/zoneinfo/",
        "/usr/share/terminfo/",
        "/usr/share/misc/magic*",
        "/usr/lib/file/magic.mgc",
        "/usr/share/cracklib/",
        "/var/cache/cracklib/",
        "/usr/share/dict/",
    ),
    remedy=Remedy(
        cleanup=None,
        instead="Leave out tzdata, ncurses-term, file and cracklib where nothing asks for them: UTC needs no "
        "tzdata",
    ),
    help="""Time zones, terminals, file types and words to test passwords with: a service that speaks UTC to
other programs needs none of them.""",
    priority=Priority.GENERIC,
    confidence="low",
    profiles=frozenset(("runtime", "ml")),
    keep=("UTC", "GMT", "Universal", "Zulu", "dumb", "linux", "vt100", "xterm", "xterm-256color", "screen"),
    risk="Programs that show local times, or draw on a terminal, read them.",
    at_least_bytes=3_000_000,
)
