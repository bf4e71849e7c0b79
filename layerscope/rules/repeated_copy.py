"""L05: files stored again with nothing changed, or their times only."""

from __future__ import annotations

from layerscope.advice.copy_ups import CopyUp, copied_up
from layerscope.advice.fixing import joined, some, step


def _fix(copy_up: CopyUp) -> tuple[str, str | None]:
    evidence, (shipped_by, hidden_by) = copy_up.evidence, copy_up.pair
    text = f"Do not write {some([copy_up.path])} again in {step(evidence, hidden_by)}: it is there already"
    rewrite = joined(evidence, shipped_by, hidden_by)
    if rewrite is None:
        return f"{text}, from {step(evidence, shipped_by)}.", None
    return f"{text}; or join it with {step(evidence, shipped_by)}.", rewrite


RULE = copied_up(
    id="repeated-copy",
    title="Files stored again, with nothing changed",
    does="stores files again that it does not change: those of",
    is_it=lambda differs: not {"owner", "mode", "xattrs"} & set(differs),
    fix=_fix,
    help="""The same files with the same content came again: copied twice (COPY . . after COPY package.json .
is harmless, two times COPY . . is not), touched, or installed over themselves. Copy once.""",
)

WASTE_RULE = RULE
