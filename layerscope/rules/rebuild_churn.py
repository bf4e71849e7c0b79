"""L19: files that differ each time the same instruction runs, so that its layer never stays the same."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import appended, some, step
from layerscope.extensions import Rule
from layerscope.model.people import size
from layerscope.model.suggestion import Claim, Priority

_CHANGING = ("/var/cache/ldconfig/aux-cache", "/var/log/", "/etc/machine-id", "/var/lib/dbus/machine-id")
_LEAST_BYTES = 5_000_000


def _detect(evidence: Evidence) -> Iterator[Claim]:
    by_layer: dict[int, list[str]] = {}
    for match in evidence.matches("rebuild-churn"):
        for item in match.items:
            by_layer.setdefault(item.layer, []).append(match.root)
    for layer, roots in sorted(by_layer.items()):
        compressed_bytes = evidence.changesets[layer].compressed_bytes
        found = list(dict.fromkeys(roots))
        if (
            evidence.keyword(layer) != "RUN"
            or compressed_bytes < _LEAST_BYTES
            or evidence.blame(layer) == "base"
        ):
            continue
        command = f"rm -rf {' '.join('/' + root + ('/*' if root.endswith('log') else '') for root in found)}"
        yield Claim(
            title=f"layer {layer} is never the same twice: {size(compressed_bytes)} to push and pull again",
            layers=(layer,),
            blamed=layer,
            confidence="low",
            fix=f"Delete {some(found)} at the end of {step(evidence, layer)}, and build with "
            "SOURCE_DATE_EPOCH and rewrite-timestamp=true.",
            rewrite=appended(evidence.instructions[layer], command),
        )


RULE = Rule(
    id="rebuild-churn",
    title="A layer that is never the same twice",
    family="layers",
    help="""Logs, ldconfig's cache and machine IDs differ in every build, and with them the layer's digest,
even where nothing else does: the whole layer is pushed and pulled again. Delete them in the RUN that makes
them; SOURCE_DATE_EPOCH with rewrite-timestamp=true takes care of the times.""",
    detect=_detect,
    priority=Priority.ADVICE,
    patterns=_CHANGING,
)
