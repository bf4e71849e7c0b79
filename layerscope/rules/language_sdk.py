"""P23: a language's SDK."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="language-sdk",
    title="a language's SDK",
    family="packages",
    patterns=(
        "/usr/local/go/",
        "rustup/toolchains/",
        ".rustup/toolchains/",
        "/opt/zig/",
        "/usr/share/dotnet/sdk/",
        "/usr/lib/dotnet/sdk/",
        "/opt/sbt/",
        "/usr/share/maven/",
        "/opt/maven/",
        "/opt/gradle/",
        "/usr/share/gradle/",
    ),
    remedy=Remedy(
        cleanup=None,
        instead=(
            "Build in a stage of its own, and COPY --from it the binary (or the published application) only"
        ),
    ),
    help="""The Go, Rust or .NET SDK, Maven and Gradle build programs; a finished one does not need them.""",
    priority=Priority.GENERIC,
    confidence="medium",
    profiles=frozenset(("runtime", "ml")),
    at_least_bytes=5_000_000,
)
