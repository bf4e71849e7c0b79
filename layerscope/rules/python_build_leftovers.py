"""P07: wheels, sdists and eggs beside what was installed from them."""

from __future__ import annotations

from layerscope.advice.evidence import Evidence
from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Item

_INSTALLED = frozenset(("python-wheels", "_bundled", "embed", "wheels", "site-packages", "dist-packages"))
"""Where wheels and eggs are part of what is installed."""


def _is_left(evidence: Evidence, item: Item) -> bool:
    return _INSTALLED.isdisjoint(item.path.split("/"))


RULE = leftover(
    id="python-build-leftovers",
    title="wheels and sdists",
    family="python",
    patterns=(
        "*.whl",
        "*.egg",
    ),
    remedy=Remedy(
        cleanup="rm -f {paths}",
        instead=(
            "Or mount them: RUN "
            "--mount=type=bind,from=build,source=/wheels,target=/wheels pip "
            "install /wheels/*"
        ),
    ),
    help="""Wheels are needed to install from them, not to run. Mount them for the RUN that installs.""",
    confidence="medium",
    only=_is_left,
)
