"""``layerscope doctor``: what can be reached from here, and what to do about the rest."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import textwrap
from collections.abc import Iterable
from importlib import metadata

import click
import msgspec

from layerscope.cli.asking import ask
from layerscope.cli.output import page_for, write_lines
from layerscope.extensions import Source
from layerscope.loading import load
from layerscope.model.names import shown
from layerscope.model.people import size
from layerscope.reports.terminal import Page
from layerscope.spool import TEMP_VARIABLE, temp_folder

_DECODERS = {"isal": "gzip", "zstandard": "zstd"}
_TOOLS = ("docker", "podman", "buildah", "skopeo", "nerdctl", "ctr")
_WORDS = {True: "✓ ok", False: "✗ no"}


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at: whether it is there, what was found, and what to do if not."""

    name: str
    ok: bool
    found: str
    hint: str | None = None


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the doctor looked at."""

    layerscope: str
    python: str
    system: str
    sources: list[Check]
    surroundings: list[Check]
    tools: list[Check]


def _doctor(*, json: bool) -> int:
    diagnosis = _diagnose()
    if json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(diagnosis)) + b"\n")
    else:
        write_lines(_lines(diagnosis, page_for(sys.stdout)), sys.stdout)
    return 0 if any(check.ok for check in diagnosis.sources) else 3


def _diagnose() -> Diagnosis:
    from layerscope import __version__

    return Diagnosis(
        layerscope=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        sources=_sources(),
        surroundings=[_terminal(), _temporary(), *map(_decoder, _DECODERS)],
        tools=[_tool(name) for name in _TOOLS],
    )


def _sources() -> list[Check]:
    """Files first, since they always work, then the engines in the order in which they are asked."""
    sources: list[Source] = sorted(load("source").values(), key=lambda source: source.rank)
    checks = []
    for answer in ask(sources, lambda source: source.help if source.reach is None else source.reach()):
        if answer.error is None:
            checks.append(Check(name=answer.source.id, ok=True, found=shown(answer.value or "")))
        else:
            hint = answer.error.hint
            checks.append(
                Check(
                    name=answer.source.id,
                    ok=False,
                    found=shown(answer.error.message),
                    hint=None if hint is None else shown(hint),
                )
            )
    return checks


def _terminal() -> Check:
    if not sys.stdout.isatty():
        return Check(name="terminal", ok=False, found="standard output is none: no explorer, no colours")
    columns, rows = shutil.get_terminal_size()
    colours = "colours" if page_for(sys.stdout).paint.enabled else "no colours (NO_COLOR or TERM=dumb)"
    return Check(name="terminal", ok=True, found=f"{columns} × {rows}, {colours}, {sys.stdout.encoding}")


def _temporary() -> Check:
    """Where temporary data go, which is made when it is needed, and how much room there is."""
    folder = temp_folder()
    place = next(above for above in (folder.absolute(), *folder.absolute().parents) if above.exists())
    name, free = shown(str(folder)), f"{size(shutil.disk_usage(place).free)} free"
    if place.is_dir() and os.access(place, os.W_OK):
        return Check(name="temporary", ok=True, found=f"{name}, {free}")
    hint = f"name another folder in {TEMP_VARIABLE}"
    return Check(name="temporary", ok=False, found=f"{name}: cannot be written to", hint=hint)


def _decoder(name: str) -> Check:
    try:
        return Check(name=name, ok=True, found=f"{metadata.version(name)}, reads {_DECODERS[name]}")
    except metadata.PackageNotFoundError:
        hint = f"pip install {name}"
        return Check(name=name, ok=False, found=f"not installed: no {_DECODERS[name]}", hint=hint)


def _tool(name: str) -> Check:
    path = shutil.which(name)
    return Check(name=name, ok=path is not None, found=shown(path) if path else "not on PATH")


def _lines(diagnosis: Diagnosis, page: Page) -> list[str]:
    paint = page.paint
    title = paint.strong(f"layerscope {diagnosis.layerscope}")
    groups = {
        "Sources": diagnosis.sources,
        "Surroundings": diagnosis.surroundings,
        "Commands": diagnosis.tools,
    }
    names = max(len(check.name) for checks in groups.values() for check in checks)
    lines = [f"{title}  Python {diagnosis.python}  {shown(diagnosis.system)}"]
    for heading, checks in groups.items():
        lines += ["", paint.strong(heading)]
        for check in checks:
            lines += _check_lines(check, names, page)
    return lines


def _check_lines(check: Check, name_width: int, page: Page) -> Iterable[str]:
    """Mark, name, what was found; below it what to do. Nothing is cut off: long texts are wrapped."""
    paint = page.paint
    # Red is for what something can be done about.
    missing = paint.bad if check.hint else paint.dim
    mark = paint.good(_WORDS[True]) if check.ok else missing(_WORDS[False])
    margin = 2 + len(_WORDS[True]) + 2 + name_width + 2
    found = textwrap.wrap(check.found, page.width - margin) or [""]
    hint = textwrap.wrap(f"→ {check.hint}", page.width - margin, subsequent_indent="  ") if check.hint else []
    yield f"  {mark}  {check.name:<{name_width}}  {found[0]}"
    for line in found[1:]:
        yield " " * margin + line
    for line in hint:
        yield " " * margin + paint.accent(line)


COMMAND = click.Command(
    "doctor",
    params=[click.Option(["--json"], is_flag=True, help="One JSON object, for other programs.")],
    callback=_doctor,
    help="Tell which sources of images can be reached from here, and for each that can't, why and what to "
    "do; then what else matters: terminal, temporary folder, decoders, commands.\n\n"
    "Exit code 0 when any source works, and archives always do.",
)
