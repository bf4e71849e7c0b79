"""L17: the application's source is copied before its dependencies are installed."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.dependencies import MANIFESTS, installer_of, only_manifests
from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import copied_with, copies_context, step
from layerscope.extensions import Rule
from layerscope.model.entry import Kind
from layerscope.model.people import size
from layerscope.model.suggestion import Claim, Priority

_LEAST_BYTES = 5_000_000
_INSTALLED = ("usr/local/", "usr/lib/", "usr/bin/", "usr/share/", "opt/", "lib/", "bin/", "etc/", "venv/")
"""Where a COPY that names no source may bring what another stage has installed."""


def _detect(evidence: Evidence) -> Iterator[Claim]:
    source: int | None = None
    installs: list[int] = []
    for layer in range(evidence.image.base_layers or 0, len(evidence.image.layers)):
        if source is None:
            if copies_context(evidence, layer) and _is_source(evidence, layer):
                source = layer
        elif installer_of(evidence, layer) is not None:
            installs.append(layer)
    update_bytes = sum(evidence.changesets[layer].compressed_bytes for layer in installs)
    if source is None or update_bytes < _LEAST_BYTES:
        return
    installer = installer_of(evidence, installs[0]) or ""
    manifests = MANIFESTS.get(installer)
    copy = f"COPY {manifests} ./" if manifests else None
    first = f"first {copy}, then {step(evidence, installs[0])}" if copy else step(evidence, installs[0])
    yield Claim(
        title=f"every change of the source makes {size(update_bytes)} of dependencies anew",
        layers=(source, *installs),
        blamed=source,
        confidence="medium",
        fix=f"Move {step(evidence, source)} behind the installs: {first}, and the source last.",
        rewrite=_rewrite(evidence, copy, source, installs[0]) if copy else None,
        risk="An install that needs the source itself (an editable one, a build script) needs it before.",
    )


def _is_source(evidence: Evidence, layer: int) -> bool:
    """Whether a layer brings more than manifests, and no tree of installed files (a COPY --from)."""
    files = [entry.path for entry in evidence.changesets[layer].entries if entry.kind is Kind.FILE]
    return not only_manifests(evidence, layer) and not all(path.startswith(_INSTALLED) for path in files)


def _rewrite(evidence: Evidence, copy: str, source: int, install: int) -> str:
    copied = copied_with(evidence.instructions[source]) or "COPY . ."
    return f"{copy}\n{evidence.instructions[install]}\n{copied}"


RULE = Rule(
    id="volatile-below-stable",
    title="The source, copied before its dependencies",
    family="layers",
    help="""A layer is used again only while everything below it is unchanged. Where the source comes first,
each change of it installs, pushes and pulls all dependencies again. COPY the lock file, install, then COPY
the source.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
