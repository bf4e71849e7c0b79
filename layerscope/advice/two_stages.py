"""A Dockerfile of two stages, written out of how an image could be split."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from layerscope.advice.artefacts import REPOSITORIES
from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import AND, absolute
from layerscope.advice.splitting import ACCOUNTS, Split
from layerscope.advice.visible_paths import VisiblePaths
from layerscope.dockerfile.beside import Beside
from layerscope.dockerfile.parse import Stage, Step
from layerscope.model.credentials import redacted
from layerscope.model.image import HistoryEntry
from layerscope.model.instruction import instruction_of
from layerscope.union.index import Node

_UNKNOWN = "…"
_ROOT = ("0", "root")
_KEPT = ("ENV", "EXPOSE", "VOLUME", "STOPSIGNAL", "LABEL", "HEALTHCHECK", "SHELL")
_VARIABLE = re.compile(r"\$\{?(\w+)")
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
    left_out = list(_left_out(split, evidence))
    return "\n".join([*first, *left_out, "", *_second_stage(split, evidence, beside, names)])


def _names(beside: Beside | None) -> _Names:
    if beside is None:
        return _Names(base=_UNKNOWN, build="build")
    last = beside.stages[-1]
    taken = {stage.name for stage in beside.dockerfile.stages}
    free = next(name for name in ("build", "built", "build-stage", "first-stage") if name not in taken)
    return _Names(base=_origin(beside.stages[0]), build=last.name or free)


def _origin(stage: Stage) -> str:
    """What a stage is built on, as it is written, with options such as --platform."""
    words = stage.start.text.split()
    return " ".join(words[: words.index(stage.image) + 1]) if stage.image in words else stage.image


def _first_stage(beside: Beside, names: _Names) -> list[str]:
    """The Dockerfile as it is up to the end of the image's last stage, which gets a name."""
    last = beside.stages[-1]
    end = max(step.last_line for step in (last.start, *last.steps))
    lines = list(beside.dockerfile.lines[:end])
    if last.name is None:
        place = last.start.last_line - 1
        lines[place] = f"{lines[place].rstrip()} AS {names.build}"
    return lines


def _left_out(split: Split, evidence: Evidence) -> Iterator[str]:
    """What takes out of the first stage that nothing of it is copied for."""
    if split.repositories:
        if str(evidence.image.config.runtime.get("User") or "0").partition(":")[0] not in _ROOT:
            yield "USER root"
        yield f"RUN rm -rf {' '.join(map(absolute, split.repositories))}"


def _second_stage(split: Split, evidence: Evidence, beside: Beside | None, names: _Names) -> Iterator[str]:
    yield f"FROM {names.base}"
    for kind, packages in split.packages.items():
        yield "RUN " + AND.join(one.format(" ".join(packages)) for one in _INSTALL[kind])
    if split.accounts:
        yield f"COPY --from={names.build} {_words([f'/{path}' for path in ACCOUNTS])} /etc/"
    yield from _copies(split, evidence, names)
    commands = [*_links(split, evidence), *(["ldconfig"] if split.reload else [])]
    if commands:
        yield "RUN " + AND.join(commands)
    runtime = evidence.image.config.runtime
    yield from _settings(evidence, split.build_layers[0], beside)
    if folder := runtime.get("WorkingDir"):
        yield f"WORKDIR {folder}"
    if user := runtime.get("User"):
        yield f"USER {user}"
    for key, keyword in (("Entrypoint", "ENTRYPOINT"), ("Cmd", "CMD")):
        if value := runtime.get(key):
            yield f"{keyword} {_command(value)}"


def _copies(split: Split, evidence: Evidence, names: _Names) -> Iterator[str]:
    """A COPY for each folder, one for all files that lie in the same folder and have the same owner."""
    paths = VisiblePaths(evidence.analysis.index)
    groups: dict[tuple[str, str, str], list[str]] = {}
    for path in split.artefacts:
        node = paths.node(path)
        is_folder = paths.is_folder(node)
        owner = _owner(paths, node) if node is not None else ""
        groups.setdefault((path if is_folder else "", path.rpartition("/")[0], owner), []).append(path)
    for (_, folder, owner), together in groups.items():
        sources = [f"/{path}" for path in together]
        destination = sources[0] if len(sources) == 1 else f"/{folder}/"
        yield f"COPY --from={names.build}{owner} {_words([*sources, destination])}"


def _owner(paths: VisiblePaths, node: Node) -> str:
    """The owner, which a COPY would lose: that of most files; root has them anyway."""
    files = paths.below(node, REPOSITORIES) if paths.is_folder(node) else (node,)
    owners = Counter(
        (source.uid, source.gid)
        for file in files
        if file.top is not None and (source := file.top.source) is not None
    )
    uid, gid = max(owners, key=lambda owner: (owners[owner], owner), default=(0, 0))
    return f" --chown={uid}:{gid}" if uid or gid else ""


def _words(paths: list[str]) -> str:
    """Paths as COPY takes them: as a list of JSON where one has a space."""
    if any(" " in path for path in paths):
        return json.dumps(paths, ensure_ascii=False)
    return " ".join(paths)


def _links(split: Split, evidence: Evidence) -> Iterator[str]:
    """The commands that make links, which a COPY of them would follow."""
    paths = VisiblePaths(evidence.analysis.index)
    for path in split.links:
        node = paths.node(path)
        source = node.top.source if node is not None and node.top is not None else None
        if source is not None:
            above = paths.node(path.rpartition("/")[0])
            if above is not None and above.versions[0].layer >= split.build_layers[0]:
                yield f"mkdir -p {absolute(above.path)}"
            yield f"ln -sfn {shlex.quote(source.link_target or '')} {absolute(path)}"


def _settings(evidence: Evidence, seam: int, beside: Beside | None) -> Iterator[str]:
    """What the image sets for whoever runs it, in order."""
    if beside is not None:
        kept = [one.step for one in beside.made if one.step.keyword in _KEPT]
        used = {name for step in kept for name in _VARIABLE.findall(step.text)}
        for written in (step for stage in beside.stages for step in stage.steps):
            if written in kept or (
                written.keyword == "ARG" and written.text.partition("=")[0].strip() in used
            ):
                yield _written(beside, written)
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
