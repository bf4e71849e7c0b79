"""O08, O09: packages to build with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import step
from layerscope.advice.installed import Installed, named
from layerscope.advice.unwanted_packages import SYSTEM, unwanted_packages

_NAMES = re.compile(
    r".+-(?:dev|devel|static|dbg|dbgsym|debuginfo|debugsource)|.+-dev-bin|linux-libc-dev|kernel-headers"
    r"|build-(?:essential|base)|dpkg-dev|debhelper|devscripts|fakeroot|rpm-build|redhat-rpm-config|abuild"
    r"|(?:gcc|g\+\+|cpp|clang|llvm|gfortran|rustc|golang)(?:-\d[\d.]*)?(?:-(?:go|src|doc|c\+\+|x86-64-linux-gnu))?"
    r"|libstdc\+\+-\d+-dev|lib(?:a|l|t|ub|hwa)san\d+|libclang-.+|binutils(?:-.+)?"
    r"|cmake(?:-data)?|meson|ninja(?:-build)?|scons|make|automake|autoconf(?:-archive)?|autotools-dev|libtool"
    r"|m4|bison|flex|patch|pkg-?conf(?:ig)?|swig(?:[\d.]*)|cargo|gdb|valgrind"
)


def _pick(evidence: Evidence) -> Iterator[Installed]:
    return (one for one in evidence.installed if one.kind in SYSTEM and _NAMES.fullmatch(one.name))


def _fix(evidence: Evidence, layer: int, packages: list[Installed]) -> str:
    return (
        f"Leave them out of {step(evidence, layer)}: {named(packages)}. Build in a stage of its own that has "
        "them (FROM … AS build), COPY --from=build what it makes, and install only the libraries here."
    )


RULE = unwanted_packages(
    id="development-packages",
    title="packages to build with",
    family="packages",
    pick=_pick,
    fix=_fix,
    help="""Headers, compilers, linkers and build systems are needed to build, not to run: packages that
end in -dev or -devel, build-essential, build-base, gcc, make, cmake. Build in a stage of its own.""",
    risk="A program that compiles when it runs needs some of them.",
    profiles=frozenset(("runtime", "ml")),
)
