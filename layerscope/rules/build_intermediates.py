"""A14: object files and what build systems leave."""

from __future__ import annotations

from layerscope.advice.evidence import Evidence
from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Item

_PARTS_OF_COMPILERS = ("usr/lib/", "usr/local/lib/", "lib/", "opt/conda/", "usr/libexec/", "usr/local/go/")


def _is_left(evidence: Evidence, item: Item) -> bool:
    return not item.path.startswith(_PARTS_OF_COMPILERS)


RULE = leftover(
    id="build-intermediates",
    title="object files of a build",
    family="context",
    patterns=(
        "*.o",
        "*.obj",
        "*.lo",
        "*.gcda",
        "*.gcno",
        "*.gch",
        "CMakeFiles/",
        "CMakeCache.txt",
        "autom4te.cache/",
        "config.log",
    ),
    remedy=Remedy(
        cleanup="rm -rf {paths}", instead="Better: build in a stage of its own, and copy what was built"
    ),
    help="""What compilers and build systems write on the way to the finished program.""",
    confidence="medium",
    only=_is_left,
)
