"""O17, A13: debug symbols in files of their own."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="debug-symbols",
    title="debug symbols",
    family="packages",
    patterns=(
        "/usr/lib/debug/",
        "/usr/src/debug/",
        "*.debug",
        "*.dSYM/",
        "*.dwo",
        "*.dwp",
    ),
    remedy=Remedy(instead="Keep them for a symbol server or a debug image"),
    help="""Debug symbols are for a debugger, not for running. Leave out -dbg, -dbgsym and -debuginfo
packages.""",
    profiles=frozenset(("runtime", "ml")),
)
