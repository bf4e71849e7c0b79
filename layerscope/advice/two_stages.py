"""A Dockerfile of two stages, written out of how an image could be split."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import AND, absolute
from layerscope.advice.runtime_closure import NOT_TO_RUN
from layerscope.advice.splitting import Split
from layerscope.advice.visible_paths import VisiblePaths
from layerscope.dockerfile.beside import Beside
from layerscope.dockerfile.parse import Step
from layerscope.model.credentials import redacted
from layerscope.model.image import HistoryEntry
from layerscope.model.instruction import instruction_of

_UNKNOWN = "…"
_KEPT = ("ENV", "EXPOSE", "VOLUME", "STOPSIGNAL", "LABEL", "HEALTHCHECK", "SHELL")
_INSTALL = {
    "dpkg": (
        "apt-get update",
        "apt-get install -y --no-install-recommends {}",
        "rm -rf /var/lib/apt/lists/*",
    ),
    "apk": ("apk add --no-cache {}",),
    "rpm": ("dnf install -y --setopt=install_weak_deps=False {}", "dnf clean all"),
}


class _Names(msgspec.Struct, frozen=True, kw_only=True):
    base: str
    build: str


def proposal(split: Split, evidence: Evidence, beside: Beside | None) -> str:
    """The text; without a Dockerfile to begin with, ``…`` stands for what the image does not tell."""
    names = _names(beside)
    first = (
        _first_stage(beside, names) if beside is not None else [f"FROM {_UNKNOWN} AS {names.build}", _UNKNOWN]
    )
    return "\n".join([*first, "", *_second_stage(split, evidence, beside, names)])


def _names(beside: Beside | None) -> _Names:
    if beside is None:
        return _Names(base=_UNKNOWN, build="build")
    last = beside.stages[-1]
    taken = {stage.name for stage in beside.dockerfile.stages}
    free = next(name for name in ("build", "built", "build-stage", "first-stage") if name not in taken)
    return _Names(base=beside.stages[0].image, build=last.name or free)


def _first_stage(beside: Beside, names: _Names) -> list[str]:
    """The Dockerfile as it is, its last stage with a name."""
    lines = list(beside.dockerfile.lines)
    last = beside.stages[-1]
    if last.name is None:
        place = last.start.last_line - 1
        lines[place] = f"{lines[place].rstrip()} AS {names.build}"
    return lines


def _second_stage(split: Split, evidence: Evidence, beside: Beside | None, names: _Names) -> Iterator[str]:
    yield f"FROM {names.base}"
    for kind, packages in split.packages.items():
        yield "RUN " + AND.join(one.format(" ".join(packages)) for one in _INSTALL[kind])
    if split.accounts:
        yield f"COPY --from={names.build} /etc/passwd /etc/group /etc/"
    for path in split.artefacts:
        yield f"COPY --from={names.build}{_owner(evidence, path)} {_named(path)}"
    runtime = evidence.image.config.runtime
    yield from _settings(evidence, split.build_layers[0], beside)
    if folder := runtime.get("WorkingDir"):
        yield f"WORKDIR {folder}"
    if user := runtime.get("User"):
        yield f"USER {user}"
    for key, keyword in (("Entrypoint", "ENTRYPOINT"), ("Cmd", "CMD")):
        if value := runtime.get(key):
            yield f"{keyword} {_command(value)}"


def _owner(evidence: Evidence, path: str) -> str:
    """The owner, which a COPY would lose: that of most files; root has them anyway."""
    paths = VisiblePaths(evidence.analysis.index)
    node = paths.node(path)
    if node is None:
        return ""
    files = paths.below(node, NOT_TO_RUN) if paths.is_folder(node) else [node]
    owners = Counter(
        (source.uid, source.gid)
        for file in files
        if file.top is not None and (source := file.top.source) is not None
    )
    uid, gid = max(owners, key=lambda owner: (owners[owner], owner), default=(0, 0))
    return f" --chown={uid}:{gid}" if uid or gid else ""


def _named(path: str) -> str:
    if " " in path:
        return json.dumps([f"/{path}", f"/{path}"])
    return f"{absolute(path)} {absolute(path)}"


def _settings(evidence: Evidence, seam: int, beside: Beside | None) -> Iterator[str]:
    """What the image sets for whoever runs it, in order."""
    if beside is not None:
        for one in beside.made:
            if one.step.keyword in _KEPT:
                yield _written(beside, one.step)
        return
    image = evidence.image
    steps: list[HistoryEntry | None] = [
        step for layer in image.layers[seam:] for step in (*layer.empty_steps, layer.history)
    ]
    for step in [*steps, *image.trailing_steps]:
        instruction = instruction_of(step)
        if instruction is not None and instruction.keyword in _KEPT:
            yield redacted(str(instruction))


def _written(beside: Beside, step: Step) -> str:
    return "\n".join(beside.dockerfile.lines[step.first_line - 1 : step.last_line])


def _command(value: Any) -> str:
    if isinstance(value, list) and len(value) == 3 and value[:2] == ["/bin/sh", "-c"]:
        return str(value[2])
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
