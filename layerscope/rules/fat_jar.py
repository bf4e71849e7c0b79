"""P27: an application and all its libraries in one jar."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import absolute, step
from layerscope.advice.visible_facts import visible_facts
from layerscope.extensions import Rule
from layerscope.model.people import size
from layerscope.model.suggestion import Claim, Item, Priority

_LEAST_BYTES = 10_000_000


def _detect(evidence: Evidence) -> Iterator[Claim]:
    # A copy of the jar is told of by another finding: the last one is what runs.
    last = {(fact.get("within_bytes", 0), item.size_bytes): item for item, fact in _by_layer(evidence)}
    for (declared_bytes, jar_bytes), item in last.items():
        within_bytes = min(declared_bytes, jar_bytes)
        if within_bytes < _LEAST_BYTES or evidence.blame(item.origin) == "base":
            continue
        path = absolute(item.path)
        yield Claim(
            title=f"{size(within_bytes)} of libraries inside {path}: each release ships them again",
            layers=tuple(sorted({item.layer, item.origin})),
            blamed=item.origin,
            confidence="medium",
            gross_bytes=within_bytes,
            compressed_bytes=within_bytes,
            fix=f"Take {path} apart before {step(evidence, item.origin)}, and give the libraries a layer "
            f"below the application's: with Spring Boot java -Djarmode=tools -jar {_name(item.path)} extract "
            "--layers, then one COPY for each folder; else a folder of jars and a Class-Path.",
            risk="What starts the program with java -jar has to name the new place.",
        )


def _by_layer(evidence: Evidence) -> list[tuple[Item, Any]]:
    return sorted(visible_facts(evidence, "jars"), key=lambda pair: (pair[0].origin, pair[0].path))


def _name(path: str) -> str:
    return shlex.quote(path.rpartition("/")[2])


RULE = Rule(
    id="fat-jar",
    title="An application and its libraries in one jar",
    family="java",
    help="""A release changes a few classes, but the jar that holds all libraries as well is pushed and pulled
as a whole. In a layer of their own, libraries stay where they are until one of them changes. The bytes are
those of the libraries: what an update need not ship.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
