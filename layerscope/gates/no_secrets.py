"""``--no-secrets``: no layer, no variable and no instruction may hold a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.gates.named_limit import named
from layerscope.model.severity import is_secret

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _judge(inspection: Inspection, limit: bool) -> Verdict:  # noqa: FBT001 - a gate's limit
    found = [one.title for one in inspection.suggestions if is_secret(one)]
    return Verdict(
        gate="no-secrets", measured=str(len(found)), limit="0", passed=not found, because=named(found)
    )


GATE = Gate(
    id="no-secrets",
    help="No private key, token or password in any layer, the environment or the history.",
    metavar="",
    parse=bool,
    judge=_judge,
    needs_facts=True,
)
