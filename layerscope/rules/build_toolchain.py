"""O08, P23: a compiler and its tools."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="build-toolchain",
    title="a compiler toolchain",
    family="packages",
    patterns=(
        "/usr/lib/gcc/",
        "/usr/libexec/gcc/",
        "/usr/bin/*-gcc*",
        "/usr/bin/*-g++*",
        "/usr/bin/*-cpp*",
        "/usr/bin/*-lto-dump*",
        "/usr/bin/cmake",
        "/usr/bin/ctest",
        "/usr/bin/cpack",
        "/usr/share/cmake-*/",
        "/usr/lib/llvm*/",
        "/usr/bin/make",
        "/usr/bin/ninja",
        "/usr/bin/ld.*",
        "/usr/bin/*-ld.*",
        "/usr/bin/*-dwp",
        "/usr/bin/*-as",
        "/usr/bin/*-objdump",
        "/usr/bin/gdb",
        "/usr/share/gdb/",
        "/usr/lib/*/libbfd*",
        "/usr/lib/*/libopcodes*",
        "/usr/share/autoconf/",
        "/usr/share/automake-*/",
        "/usr/lib/go-*/",
        "/usr/lib/rustlib/",
    ),
    remedy=Remedy(
        cleanup=None,
        instead=("Build in a stage of its own (FROM … AS build), and COPY --from=build only what it makes"),
    ),
    help="""Compilers, linkers and their libraries are needed to build, not to run. Use a build stage.""",
    priority=Priority.GENERIC,
    confidence="medium",
    profiles=frozenset(("runtime", "ml")),
    at_least_bytes=5_000_000,
    risk="A program that compiles at run time needs it.",
)
