"""P04: tests that come with Python packages."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="python-tests",
    title="tests of Python packages",
    family="python",
    patterns=(
        "site-packages/**/tests/",
        "site-packages/**/test/",
        "dist-packages/**/tests/",
        "/usr/lib/python*/test/",
        "/usr/local/lib/python*/test/",
        "/usr/lib/python*/*/test/",
        "/usr/local/lib/python*/*/test/",
    ),
    remedy=Remedy(
        cleanup="rm -rf {paths}", instead="Do it in the build stage, before the packages are copied"
    ),
    help="""Packages ship their tests. Delete them where the packages are installed, before they are copied
into the last stage.""",
    priority=Priority.GENERIC,
    confidence="medium",
    profiles=frozenset(("runtime", "ml")),
    risk="A few packages import their tests at run time (numpy.testing does not).",
)
