"""``--max-package``: what a package may take of the final image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.gates.named_limit import NamedLimit, named, parse_sized
from layerscope.model.names import shown
from layerscope.model.people import apart, exact_size, size

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _parse(text: str) -> NamedLimit:
    return NamedLimit(*parse_sized(text, "openssl=10MB"))


def _judge(inspection: Inspection, limit: NamedLimit) -> Verdict:
    from fnmatch import fnmatchcase

    wanted = _spelled(limit.subject)
    taken: dict[str, int] = {}
    for package in inspection.packages.packages:
        name = f"{package.kind}:{package.name}"
        if any(fnmatchcase(_spelled(one), wanted) for one in (package.name, name)):
            taken[name] = taken.get(name, 0) + package.size_bytes
    ranked = sorted(taken, key=lambda name: (-taken[name], name))
    largest_bytes = taken[ranked[0]] if ranked else 0
    measured, allowed = apart(largest_bytes, limit.limit, size, exact_size)
    return Verdict(
        gate="max-package",
        subject=shown(limit.subject),
        measured=measured,
        limit=allowed,
        passed=largest_bytes <= limit.limit,
        because=named([name for name in ranked if taken[name] > limit.limit] or ranked[:1])
        or "not in the image",
    )


def _spelled(name: str) -> str:
    """A name as anybody may spell it: to pip Flask_Login and flask-login are one."""
    return name.lower().replace("_", "-")


GATE = Gate(
    id="max-package",
    help="The largest package of a name, with all its copies: openssl=10MB, npm:*=5MB.",
    metavar="NAME=SIZE",
    parse=_parse,
    judge=_judge,
    needs_facts=True,
    example="openssl=10MB",
    repeated=True,
)
