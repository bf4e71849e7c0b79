"""A24: the image runs as root."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority

_ROOT = ("", "0", "root")


def _detect(evidence: Evidence) -> Iterator[Claim]:
    runtime = evidence.image.config.runtime
    user = str(runtime.get("User") or "").partition(":")[0]
    if user in _ROOT and (runtime.get("Cmd") or runtime.get("Entrypoint")):
        yield Claim(
            title="the image runs as root",
            confidence="medium",
            fix="Make a user and run as it: USER behind the last instruction that needs root.",
            rewrite="RUN useradd --system --no-log-init app\nUSER app",
            risk="Files that the program writes must be the user's; ports below 1024 may need a capability.",
        )


RULE = Rule(
    id="root-user",
    title="The image runs as root",
    family="secrets",
    help="""Without USER, the program runs as root: a hole in it opens more than it has to. Make a user, give
it the files that the program writes (COPY --chown), and name it with USER.""",
    detect=_detect,
    priority=Priority.ADVICE,
    profiles=frozenset(("runtime", "ml")),
)
