"""P25: repositories and caches of Maven, Gradle, Ivy, sbt."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="maven-gradle-caches",
    title="Maven's or Gradle's repository",
    family="java",
    patterns=(
        ".m2/repository/",
        ".m2/wrapper/",
        ".gradle/caches/",
        ".gradle/wrapper/",
        ".gradle/daemon/",
        ".ivy2/",
        ".sbt/",
        ".cache/coursier/",
        ".konan/",
    ),
    remedy=Remedy(
        mount="/root/.m2",
        needed_by=r"\b(?:mvnw?|gradlew?|sbt)\b",
        instead="Better: build in a stage of its own, and copy the jar",
    ),
    help="""Downloaded artefacts, needed to build; what the application uses is packed with it, or copied.""",
)
