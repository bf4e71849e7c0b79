"""P03: compiled bytecode."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="python-bytecode",
    title="Python's compiled bytecode",
    family="python",
    patterns=(
        "*.pyc",
        "*.pyo",
    ),
    remedy=Remedy(
        instead="Set PYTHONDONTWRITEBYTECODE=1 before, and give pip --no-compile",
    ),
    help="""Bytecode is made again from the source when needed; without it, a program starts more slowly each
time.""",
    priority=Priority.GENERIC,
    confidence="low",
    risk="Programs start more slowly: each start compiles what it imports.",
)
