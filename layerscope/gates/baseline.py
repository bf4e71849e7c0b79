"""What gates are given that hold an image against an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:  # every run reads this folder, few compare anything
    from layerscope.comparison.comparing import Comparison


class Against(msgspec.Struct, frozen=True):
    """A limit on what changed since the baseline, which is the comparison's old image."""

    comparison: Comparison
    limit: Any
