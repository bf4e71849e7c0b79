"""A23: a file with a secret that can be seen in the image."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.exposed import Exposed, exposed
from layerscope.advice.fixing import absolute, copies_context, step
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority


def _detect(evidence: Evidence) -> Iterator[Claim]:
    by_path: dict[str, list[Exposed]] = {}
    for one in exposed(evidence):
        by_path.setdefault(one.path, []).append(one)
    for path, versions in sorted(by_path.items()):
        last = versions[-1]
        if last.hidden_by is not None:
            continue
        first = versions[0]
        where = step(evidence, first.layer)
        ignore = (
            f"List {path.rpartition('/')[2]} in .dockerignore, and give"
            if copies_context(evidence, first.layer)
            else "Give"
        )
        yield Claim(
            title=f"{last.kind} in {absolute(path)}",
            items=tuple(item for one in versions for item in one.items),
            layers=tuple(one.layer for one in versions),
            blamed=first.layer,
            confidence=last.confidence,
            fix=f"{ignore} it to {where} only where it is needed: RUN --mount=type=secret,id=… …, or when "
            "the container runs. Replace the secret; whoever has the image has it.",
        )


RULE = Rule(
    id="secret-in-file",
    title="A secret in a file",
    family="secrets",
    help="""A private key, token or password in a file of the image is known to whoever can pull it. Mount
secrets for the RUN that needs them (--mount=type=secret, --mount=type=ssh), or give them to the container
when it runs; and replace those that were shipped.""",
    detect=_detect,
    priority=Priority.SECRET,
)
