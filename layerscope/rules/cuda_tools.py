"""P11: what CUDA has for developers."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="cuda-tools",
    title="developers' tools of CUDA",
    family="ml",
    patterns=(
        "/usr/local/cuda*/lib64/*_static.a",
        "/usr/local/cuda*/targets/*/lib/*_static.a",
        "/usr/local/cuda*/lib64/stubs/",
        "/usr/local/cuda*/targets/*/lib/stubs/",
        "/usr/local/cuda*/nsight*/",
        "/usr/local/cuda*/compute-sanitizer/",
        "/usr/local/cuda*/extras/",
        "/usr/local/cuda*/doc/",
        "/usr/local/cuda*/samples/",
        "/usr/local/cuda*/libnvvp/",
        "/opt/nvidia/nsight*/",
    ),
    remedy=Remedy(
        cleanup=None,
        instead="Build with nvidia/cuda:…-devel in a stage of its own, and run on …-runtime or …-base",
    ),
    help="""The -devel images of CUDA have static libraries, profilers, documentation and samples: gigabytes
that a finished program does not use. Build there, and run on a -runtime or -base image.""",
    priority=Priority.GENERIC,
    confidence="medium",
    profiles=frozenset(("runtime", "ml")),
    at_least_bytes=1_000_000,
    risk="A program that compiles kernels when it runs may need some of them.",
)
