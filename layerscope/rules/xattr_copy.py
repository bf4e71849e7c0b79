"""L06: files stored again because a capability or another extended attribute was set."""

from __future__ import annotations

from layerscope.advice.copy_ups import CopyUp, copied_up
from layerscope.advice.fixing import some, step


def _fix(copy_up: CopyUp) -> tuple[str, str | None]:
    where = step(copy_up.evidence, copy_up.origin)
    text = f"Set the attribute of {some([copy_up.path])} (setcap, chcon, setfattr) in {where}"
    return f"{text}, or in a build stage from which it is copied, not in layer {copy_up.pair[1]}.", None


RULE = copied_up(
    id="xattr-copy",
    title="Files stored again for extended attributes",
    does="stores files again to set extended attributes: those of",
    is_it=lambda differs: "xattrs" in differs and not {"owner", "mode"} & set(differs),
    fix=_fix,
    help="""setcap or a relabelling in a RUN of its own stores the file a second time. Do it in the RUN
that installs the file, or in a build stage: BuildKit's COPY keeps capabilities.""",
)

WASTE_RULE = RULE
