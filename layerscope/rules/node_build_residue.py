"""P15: what node-gyp leaves."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="node-build-residue",
    title="leftovers of node-gyp",
    family="node",
    patterns=(
        ".cache/node-gyp/",
        ".node-gyp/",
        "node_modules/**/build/Release/obj.target/",
        "node_modules/**/build/Release/.deps/",
        "node_modules/**/build/Release/obj/",
        ".electron-gyp/",
    ),
    remedy=Remedy(),
    help="""Headers and object files of native modules, needed while they are built only.""",
)
