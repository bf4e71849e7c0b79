"""L21: a whole distribution and the application in one layer that no other image shares."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.extensions import Rule
from layerscope.model.people import size
from layerscope.model.suggestion import Claim, Priority

_MOST_LAYERS = 2
_LEAST_BYTES = 30_000_000
_SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh", "busybox"))


def _detect(evidence: Evidence) -> Iterator[Claim]:
    layers = [layer for layer, one in enumerate(evidence.changesets) if one.content_bytes]
    distribution = next(
        (fact.get("ID") for layer, _, fact in evidence.facts("os-release") if layer in layers), None
    )
    content_bytes = sum(evidence.changesets[layer].content_bytes for layer in layers)
    if (
        not layers
        or len(layers) > _MOST_LAYERS
        or distribution is None
        or evidence.image.base_layers
        or content_bytes < _LEAST_BYTES
        or not _runs_something(evidence)
    ):
        return
    yield Claim(
        title=f"{distribution} and the application are one: {size(content_bytes)} that no other image shares",
        layers=tuple(layers),
        confidence="low",
        gross_bytes=content_bytes,
        compressed_bytes=sum(evidence.changesets[layer].compressed_bytes for layer in layers),
        fix=f"Build FROM a {distribution} image that others use too, and squash only what is above it.",
        risk="On a host that has no other image of that base, nothing is saved.",
    )


def _runs_something(evidence: Evidence) -> bool:
    """Whether the image starts a program; a base image starts a shell, or nothing."""
    runtime = evidence.image.config.runtime
    command = runtime.get("Entrypoint") or runtime.get("Cmd")
    words = command if isinstance(command, list) else str(command or "").split()
    return bool(words) and (len(words) > 1 or str(words[0]).rpartition("/")[2] not in _SHELLS)


RULE = Rule(
    id="unshareable-image",
    title="A distribution and an application in one layer",
    family="layers",
    help="""Where a base is squashed or imported together with the application, each version of it brings the
whole distribution again, to every host. With the base in layers of its own, it is pulled once for all images
that are built on it.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
