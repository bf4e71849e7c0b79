"""D12: a download that ADD stores as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.extensions import Rule
from layerscope.model.credentials import redacted
from layerscope.model.suggestion import Claim, Priority

_URL = re.compile(r"https?://\S+")
_PACKED = (".tar.gz", ".tgz")


def _detect(evidence: Evidence) -> Iterator[Claim]:
    for layer, instruction in enumerate(evidence.instructions):
        if instruction is None or instruction.keyword != "ADD":
            continue
        url = _URL.search(instruction.text)
        if url is None:
            continue
        name = redacted(url[0])
        yield Claim(
            title=f"layer {layer} stores a download as it is",
            layers=(layer,),
            blamed=layer,
            confidence="medium",
            fix=f"Fetch and unpack it in one RUN; keep ADD, with --checksum, for what stays so: {name}.",
            rewrite=f"RUN curl -fsSL {name} | tar -xz -C …" if name.endswith(_PACKED) else None,
        )


RULE = Rule(
    id="added-url",
    title="ADD of a URL",
    family="distribution",
    help="""ADD stores a download in a layer of its own, packed as it is: what a later RUN unpacks from it is
stored a second time, and deleting it saves nothing. Fetch and unpack in one RUN.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
