"""Claims to wasted bytes: by the layer that ships them and the layer that makes them useless."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from layerscope.advice.evidence import Evidence, Lost
from layerscope.advice.fixing import joined, some, step
from layerscope.model.instruction import instruction_of
from layerscope.model.suggestion import Confidence, Item

Pair = tuple[int, int]
_MANAGERS = frozenset(("apt-get", "apt", "apk", "dnf", "microdnf", "yum", "zypper", "pacman"))
_STARTS = frozenset(("CMD", "ENTRYPOINT"))
"""What ends most base images, and is seldom in the middle of a Dockerfile."""
_INSTALLING = frozenset(("install", "add", "upgrade", "dist-upgrade", "update", "-S", "-Syu", "in"))


def pairs(records: Iterable[Lost]) -> list[tuple[Pair, list[Lost]]]:
    """Records by the layer that ships and the layer that hides, in this order."""
    groups = defaultdict[Pair, list[Lost]](list)
    for lost in records:
        waste = lost.waste
        groups[waste.shipped_by, waste.hidden_by].append(lost)
    return sorted(groups.items())


def items_of(records: Iterable[Lost]) -> tuple[Item, ...]:
    """The bytes of records."""
    return tuple(lost.item for lost in records)


def layers_of(shipped_by: int, hidden_by: int) -> tuple[int, ...]:
    """Both layers, one where they are the same."""
    return tuple(sorted({shipped_by, hidden_by}))


def deleted_roots(evidence: Evidence, records: Iterable[Lost]) -> list[str]:
    """The topmost paths that are gone with these files, those with most bytes first."""
    find = evidence.analysis.index.find
    sizes: dict[str, int] = {}
    known = {"": ""}
    for lost in records:
        path = lost.waste.path
        parent = path.rpartition("/")[0]
        missing = []
        while parent not in known:
            missing.append(parent)
            parent = parent.rpartition("/")[0]
        for directory in reversed(missing):  # what is gone goes with what is gone above it
            node = find(directory)
            is_gone = node is not None and node.top is None
            known[directory] = (known[parent] or directory) if is_gone else ""
            parent = directory
        root = known[parent] or path
        sizes[root] = sizes.get(root, 0) + lost.waste.size_bytes
    return sorted(sizes, key=lambda path: (-sizes[path], path))


def deletion_fix(evidence: Evidence, pair: Pair, records: Iterable[Lost]) -> tuple[str, str | None]:
    """How files that are deleted later never come in, and the instruction written so where it can be."""
    shipped_by, hidden_by = pair
    roots = deleted_roots(evidence, records)
    where = step(evidence, shipped_by)
    keyword = evidence.keyword(shipped_by)
    if keyword in ("COPY", "ADD"):
        return (
            (
                f"Do not copy {some(roots)} with {where}: list it in .dockerignore, or mount it where it is "
                f"needed (RUN --mount=type=bind,target=… …) instead of deleting it in layer {hidden_by}."
            ),
            None,
        )
    rewrite = joined(evidence, shipped_by, hidden_by)
    return (
        f"Make and delete {some(roots)} in one RUN: {where} makes it, layer {hidden_by} deletes it; "
        "or make it in a build stage of its own."
    ), rewrite


def installs_packages(evidence: Evidence, layer: int) -> bool:
    """Whether a layer's RUN installs packages of the distribution, which replace files as they must."""
    return any(
        command.does(_MANAGERS, _INSTALLING) or command.program == "dpkg"
        for command in evidence.commands(layer)
    )


def crosses_seam(evidence: Evidence, shipped_by: int, hidden_by: int) -> bool:
    """Whether the base ends between two layers: known, or likely by what the history says."""
    base = evidence.image.base_layers
    if base is not None:
        return shipped_by < base <= hidden_by
    if evidence.keyword(shipped_by) in (("", "ADD", "COPY") if shipped_by == 0 else ("",)):
        return shipped_by < hidden_by
    between = evidence.image.layers[shipped_by + 1 : hidden_by + 1]
    steps = (instruction_of(step) for layer in between for step in layer.empty_steps)
    return any(step is not None and step.keyword in _STARTS for step in steps)


def replacing_confidence(evidence: Evidence, pair: Pair) -> Confidence:
    """How sure it is that files need not be replaced: packages replace what the base has, as they must."""
    if not installs_packages(evidence, pair[1]):
        return "high"
    return "low" if crosses_seam(evidence, *pair) else "medium"
