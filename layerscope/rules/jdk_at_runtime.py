"""P26: parts of a JDK that only building needs."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="jdk-at-runtime",
    title="parts of a JDK that only building needs",
    family="java",
    patterns=(
        "jmods/",
        "*.jmod",
        "/usr/lib/jvm/*/lib/src.zip",
        "/opt/java/*/lib/src.zip",
        "/usr/lib/jvm/*/lib/ct.sym",
        "/opt/java/*/lib/ct.sym",
        "/usr/lib/jvm/*/demo/",
        "/usr/lib/jvm/*/sample/",
        "/usr/lib/jvm/*/include/",
        "/usr/lib/jvm/*/man/",
        "/opt/java/*/jmods/",
    ),
    remedy=Remedy(
        cleanup=None,
        instead=(
            "Run on a JRE (openjdk-*-jre-headless, an image with a JRE), or "
            "make one: jlink --strip-debug --no-man-pages --no-header-files. Of a JRE, delete lib/ct.sym: "
            "only javac reads it"
        ),
    ),
    help="""A JDK's jmods, sources and headers take 100 MB and more; running needs a JRE.""",
    priority=Priority.GENERIC,
    confidence="medium",
    profiles=frozenset(("runtime",)),
)
