"""O09: headers and build metadata of libraries."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="headers",
    title="headers of libraries",
    family="packages",
    patterns=(
        "/usr/include/",
        "/usr/local/include/",
        "/usr/lib/*/pkgconfig/",
        "/usr/lib/pkgconfig/",
        "/usr/share/pkgconfig/",
        "/usr/lib/cmake/",
        "/usr/lib/*/cmake/",
        "/usr/share/cmake/",
        "/usr/share/aclocal/",
    ),
    remedy=Remedy(
        cleanup=None, instead="Install the -dev packages in a build stage, and only the libraries here"
    ),
    help="""Headers, pkg-config and CMake files come with -dev packages. A runtime image needs the libraries
alone.""",
    priority=Priority.GENERIC,
    confidence="medium",
    profiles=frozenset(("runtime", "ml")),
    risk="A compiler in this image needs them.",
)
