"""P02: caches of uv, poetry, pipenv and pdm."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="python-tool-caches",
    title="caches of Python's package tools",
    family="python",
    patterns=(
        ".cache/uv/",
        ".cache/pypoetry/",
        ".cache/pipenv/",
        ".cache/pdm/",
        ".cache/hatch/",
        ".cache/virtualenv/",
        ".cache/pre-commit/",
    ),
    remedy=Remedy(mount="/root/.cache", instead="Or set UV_NO_CACHE=1, POETRY_NO_CACHE=1"),
    help="""uv, poetry, pipenv and pdm keep what they download. What uv hard-links into an environment costs
nothing, and is not counted.""",
)
