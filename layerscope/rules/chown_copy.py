"""L03: files stored again because their owner changed."""

from __future__ import annotations

from layerscope.advice.copy_ups import CopyUp, copied_up, given_at_once


def _fix(copy_up: CopyUp) -> tuple[str, str | None]:
    text, rewrite = given_at_once(copy_up, "chown", copy_up.owner())
    return f"{text} The user must exist before.", rewrite


RULE = copied_up(
    id="chown-copy",
    title="Files stored again for another owner",
    does="stores files again to give them another owner: those of",
    is_it=lambda differs: "owner" in differs,
    fix=_fix,
    help="""chown in a RUN of its own stores every file a second time. Give the owner while copying
(COPY --chown=user:group, with the user made before), or run chown in the RUN that makes the files.""",
)

WASTE_RULE = RULE
