"""``--no-root``: the image names a user that is not root."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.model.names import shown
from layerscope.model.people import fit

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


_ROOT = r"root|[+-]?0+|"
"""The superuser, as engines read it: its name, its number in any spelling, or nothing."""


def _judge(inspection: Inspection, limit: bool) -> Verdict:  # noqa: FBT001 - a gate's limit
    user = str(inspection.image.config.runtime.get("User") or "").partition(":")[0].strip()
    return Verdict(
        gate="no-root",
        measured=fit(shown(user), 32) or "root",
        limit="not root",
        passed=re.fullmatch(_ROOT, user) is None,
        because="" if user else "the image names no user",
    )


GATE = Gate(
    id="no-root",
    help="The image runs as another user than root.",
    metavar="",
    parse=bool,
    judge=_judge,
)
