"""P24: cargo's registry and build folders."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="cargo-cache",
    title="cargo's registry and build folders",
    family="rust",
    patterns=(
        ".cargo/registry/",
        ".cargo/git/",
        "/usr/local/cargo/registry/",
        "/usr/local/cargo/git/",
        "target/release/deps/",
        "target/release/build/",
        "target/release/incremental/",
        "target/debug/",
        "target/release/.fingerprint/",
    ),
    remedy=Remedy(
        mount="/usr/local/cargo/registry",
        ignored=True,
        instead="Better: build in a stage of its own, and copy the binary",
    ),
    help="""Sources and compiled crates, often gigabytes; the finished program does not need them.""",
)
