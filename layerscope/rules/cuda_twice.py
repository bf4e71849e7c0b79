"""P09: the libraries of CUDA, both the system's and those of pip's packages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import some, step
from layerscope.advice.visible_facts import visible_facts
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Item, Priority

_FAMILY = re.compile(r"lib(?:cu\w+|nccl|nv\w+|npp\w+)\.so\.(\d+)")
_OF_PIP = re.compile(r"(?:^|/)(?:site|dist)-packages/(?:nvidia|torch/lib|tensorrt_libs)/")
_OF_THE_SYSTEM = re.compile(r"(?:usr/local/cuda[^/]*|opt/cuda[^/]*|usr/lib)/")


def _detect(evidence: Evidence) -> Iterator[Claim]:
    pip: set[str] = set()
    system: list[tuple[Item, str]] = []
    for item, fact in visible_facts(evidence, "elf"):
        name = fact["soname"] or item.path.rpartition("/")[2]
        if not _FAMILY.match(name):
            continue
        if _OF_PIP.search(item.path):
            pip.add(name)
        elif _OF_THE_SYSTEM.match(item.path) and "/stubs/" not in item.path:
            system.append((item, name))
    by_layer: dict[int, list[Item]] = {}
    for item, name in system:
        if name in pip:
            by_layer.setdefault(item.origin, []).append(item)
    for layer, items in sorted(by_layer.items()):
        items.sort(key=lambda item: (-item.size_bytes, item.path))
        yield Claim(
            title=f"CUDA libraries that pip's packages bring as well, from layer {layer}",
            items=tuple(items),
            layers=tuple(sorted({layer, *(item.layer for item in items)})),
            blamed=layer,
            confidence="medium",
            fix=f"Start from nvidia/cuda:…-base or a plain base: pip's packages bring their own "
            f"{some([item.path for item in items])}, and load these. {step(evidence, layer).capitalize()} "
            "brings the others.",
            risk="Programs outside of Python may be linked to the system's libraries.",
        )


RULE = Rule(
    id="cuda-twice",
    title="CUDA libraries of the system and of pip",
    family="ml",
    help="""PyTorch, TensorFlow and others bring CUDA's libraries as packages of pip and load those. A base
image with the same libraries (nvidia/cuda:…-runtime, -devel) has them a second time, gigabytes of them.""",
    detect=_detect,
    priority=Priority.DUPLICATE,
)
