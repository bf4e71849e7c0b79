"""L18: dependencies and the application's own code in one layer."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import step
from layerscope.extensions import Rule
from layerscope.model.people import size
from layerscope.model.suggestion import Claim, Priority

_DEPENDENCIES = frozenset(("node_modules", "site-packages", "BOOT-INF", "WEB-INF", "vendor"))
_SOURCES = (".py", ".js", ".ts", ".mjs", ".rb", ".php", ".class", ".jar", ".jsp")
_LEAST_BYTES = 5_000_000


def _detect(evidence: Evidence) -> Iterator[Claim]:
    for layer in range(evidence.image.base_layers or 0, len(evidence.changesets)):
        if evidence.keyword(layer) not in ("COPY", "ADD"):
            continue
        dependency_bytes = code_bytes = 0
        first_party: dict[str, bool] = {}
        for entry in evidence.changesets[layer].entries:
            if entry.stored_bytes:
                folder = entry.path.rpartition("/")[0]
                if folder not in first_party:
                    first_party[folder] = _DEPENDENCIES.isdisjoint(folder.split("/"))
                if first_party[folder]:
                    code_bytes += entry.stored_bytes if entry.path.endswith(_SOURCES) else 0
                else:
                    dependency_bytes += entry.stored_bytes
        if (
            dependency_bytes >= _LEAST_BYTES
            and 0 < code_bytes < dependency_bytes
            and _is_app(evidence, layer)
        ):
            yield Claim(
                title=f"layer {layer} ships {size(dependency_bytes)} of dependencies with the application",
                layers=(layer,),
                blamed=layer,
                confidence="low",
                fix=f"Split {step(evidence, layer)}: dependencies in one layer, the application's code in "
                "the next, so that a new version of the code does not ship them again.",
            )


def _is_app(evidence: Evidence, layer: int) -> bool:
    """Whether code stands beside a folder of dependencies, not only in the tree of an interpreter."""
    code: set[str] = set()
    dependencies: set[str] = set()
    for entry in evidence.changesets[layer].entries:
        parts = entry.path.split("/")
        place = next((number for number, part in enumerate(parts) if part in _DEPENDENCIES), None)
        if place is not None:
            dependencies.add("/".join(parts[:place]))
        elif entry.path.endswith(_SOURCES):
            code.add("/".join(parts[:-1]))
    return any(
        folder == root or folder.startswith(f"{root}/")
        for root in dependencies
        for folder in code
        if not root.endswith(("lib", "lib64")) and "/lib/python" not in f"/{root}"
    )


RULE = Rule(
    id="app-with-dependencies",
    title="Dependencies and the application in one layer",
    family="layers",
    help="""Dependencies change seldom, the application with every release. In one layer, all of it is pushed
and pulled each time. COPY the dependencies first, the code in an instruction of its own.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
