"""P13: stores of yarn, pnpm and bun."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="node-stores",
    title="yarn's, pnpm's or bun's store",
    family="node",
    patterns=(
        "/usr/local/share/.cache/yarn/",
        ".cache/yarn/",
        ".yarn/berry/cache/",
        ".pnpm-store/",
        ".local/share/pnpm/store/",
        ".cache/pnpm/",
        ".bun/install/cache/",
    ),
    remedy=Remedy(mount="/root/.cache", instead="yarn cache clean, pnpm store prune, bun pm cache rm"),
    help="""The stores of yarn, pnpm and bun. What pnpm hard-links into node_modules costs nothing, and is
not counted; .yarn/cache of a project with Plug'n'Play is the application itself, and left alone.""",
)
