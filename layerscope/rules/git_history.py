"""A01: a repository's history."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="git-history",
    title="a repository's history",
    family="context",
    patterns=(
        ".git/",
        ".hg/",
        ".svn/",
        ".bzr/",
    ),
    remedy=Remedy(
        cleanup="rm -rf {paths}",
        ignored=True,
        instead="When cloning: git clone --depth 1 … && rm -rf …/.git in the same RUN",
    ),
    help="""The history of a repository comes in with COPY . . or git clone, with everything that was ever
committed, secrets among it. List .git in .dockerignore.""",
    profiles=frozenset(("runtime", "ml")),
)
