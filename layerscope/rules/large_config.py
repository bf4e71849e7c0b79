"""D13: a config that is large because of its labels or its history."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layerscope.advice.evidence import Evidence
from layerscope.extensions import Rule
from layerscope.model.people import size
from layerscope.model.suggestion import Claim, Priority

_LEAST_BYTES = 64_000


def _detect(evidence: Evidence) -> Iterator[Claim]:
    config = evidence.image.config_bytes
    if config is None or len(config) < _LEAST_BYTES:
        return
    labels = evidence.image.config.runtime.get("Labels") or {}
    parts = {
        "labels": len(msgspec.json.encode(labels)),
        "history": len(msgspec.json.encode(evidence.image.config.history)),
    }
    largest = max(parts, key=lambda name: (parts[name], name))
    yield Claim(
        title=f"the config takes {size(len(config))}, {size(parts[largest])} of it for {largest}",
        confidence="low",
        gross_bytes=parts[largest],
        compressed_bytes=parts[largest],
        fix="Leave out labels that hold whole documents: every pull and every inspect reads them."
        if largest == "labels"
        else "Put long RUNs into scripts that a stage copies or mounts: every pull reads the whole history.",
    )


RULE = Rule(
    id="large-config",
    title="A config of very many bytes",
    family="distribution",
    help="""The config (labels, history, environment) is fetched before anything else, as it is, and kept by
every registry and engine. Labels that hold documents and here-documents in RUN make it large; some registries
refuse more than 4 MB.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
