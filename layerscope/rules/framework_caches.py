"""P18: caches of web frameworks and bundlers."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="framework-caches",
    title="caches of a web framework",
    family="node",
    patterns=(
        ".next/cache/",
        ".nuxt/",
        ".turbo/",
        ".parcel-cache/",
        "node_modules/.cache/",
        ".angular/cache/",
        ".svelte-kit/",
        ".vite/",
        ".rollup.cache/",
    ),
    remedy=Remedy(ignored=True),
    help="""Bundlers keep what they compiled. It is needed for the next build only.""",
)
