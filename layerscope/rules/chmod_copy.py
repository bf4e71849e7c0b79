"""L04: files stored again because their mode changed."""

from __future__ import annotations

from layerscope.advice.copy_ups import CopyUp, copied_up, given_at_once


def _fix(copy_up: CopyUp) -> tuple[str, str | None]:
    return given_at_once(copy_up, "chmod", copy_up.mode())


RULE = copied_up(
    id="chmod-copy",
    title="Files stored again for another mode",
    does="stores files again to give them another mode: those of",
    is_it=lambda differs: "mode" in differs and "owner" not in differs,
    fix=_fix,
    help="""chmod in a RUN of its own stores every file a second time. Give the mode while copying
(COPY --chmod=0755), keep it in version control, or run chmod in the RUN that makes the files.""",
)

WASTE_RULE = RULE
