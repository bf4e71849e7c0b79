"""L05: files stored again with nothing changed, or their times only."""

from __future__ import annotations

from layerscope.advice.copy_ups import CopyUp, copied_up
from layerscope.advice.fixing import some, step


def _fix(copy_up: CopyUp) -> tuple[str, str | None]:
    where = step(copy_up.evidence, copy_up.pair[1])
    paths = some([copy_up.path])
    return f"Do not write {paths} and the others again in {where}: they are there already.", None


RULE = copied_up(
    id="repeated-copy",
    title="stores files again that it does not change: those of",
    is_it=lambda differs: not {"owner", "mode", "xattrs"} & set(differs),
    fix=_fix,
    help="""The same files with the same content came again: copied twice (COPY . . after COPY package.json .
is harmless, two times COPY . . is not), touched, or installed over themselves. Copy once.""",
)
