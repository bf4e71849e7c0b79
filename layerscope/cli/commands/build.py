"""``layerscope build``: build an image with an engine's own command, then look at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from layerscope.cli.building import build, builder_for
from layerscope.cli.gating import check_gates
from layerscope.cli.look import look_at, look_options
from layerscope.cli.options import unprotected
from layerscope.errors import SourceError

_HELP = """Build an image with docker, podman or buildah, then look at it, as layerscope IMAGE does.

\b
  layerscope build -t my-app .                          build, then look
  layerscope build podman -t my-app .                   with this command
  layerscope build --ci --max-waste 10% -- -t my-app .  exit 1 if wasteful
  layerscope build --json report.json -- -t my-app .    for other programs

What stands after -- goes to the command's own "build" as it is; without --, everything does. So
layerscope's options, those below, stand before --. The first word may name the command; else it is docker
if one answers, else podman, else buildah. What the command prints is shown on standard error.

Exit codes: those of layerscope; where the build fails, the build's own.
"""


_OF_ENGINES_TOO = {"--platform", "-q", "--quiet"}
_OF_NO_USE = {"pull", "insecure"}
"""What is said of images that have to be fetched; this one has just been made here."""


class _BuildCommand(click.Command):
    """Takes apart what is layerscope's and what is the engine's, which click must not read."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read our options only."""
        ours, theirs = _apart(args)
        rest = super().parse_args(ctx, ours)
        ctx.params["arguments"] = [unprotected(argument) for argument in theirs]
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """How the command is called."""
        return ["[OPTIONS --]", "[docker|podman|buildah]", "[BUILD OPTIONS]", "CONTEXT"]


def _apart(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What stands before the first ``--``, and what after; without one, all is the engine's."""
    if "--" in arguments:
        place = arguments.index("--")
        return arguments[:place], arguments[place + 1 :]
    return (arguments, []) if arguments[:1] == ["--help"] else ([], arguments)


def _options() -> list[click.Parameter]:
    return [option for option in look_options() if option.name not in _OF_NO_USE]


def _build(*, arguments: list[str], ci: bool, quiet: bool, **values: Any) -> int:
    check_gates(values, ci=ci)
    if not arguments:
        raise click.UsageError("nothing to build: give the folder to build from, such as -t my-app .")
    builder, rest = builder_for(arguments)
    if builder.notice and not quiet:
        click.echo(builder.notice, err=True)
    try:
        reference = build(builder, rest)
    except SourceError as error:
        error.hint = error.hint or _advice(arguments)
        raise
    values["dockerfile"] = values["dockerfile"] or _dockerfile(rest)
    return look_at(reference, ci=ci, quiet=quiet, **values, pull="never")


def _dockerfile(arguments: list[str]) -> str | None:
    """The Dockerfile that the build reads, where it is a file: the one named, or that of the context."""
    named = None
    for place, argument in enumerate(arguments):
        if argument.startswith("--file="):
            named = argument.partition("=")[2]
        elif argument in ("-f", "--file"):
            named = next(iter(arguments[place + 1 :]), None)
    path = Path(named) if named is not None else Path(arguments[-1] if arguments else ".", "Dockerfile")
    return str(path) if path.is_file() else None


def _advice(arguments: list[str]) -> str | None:
    """What may be wrong with what the builder was told, as far as layerscope has to do with it."""
    words = [word.partition("=")[0] for word in arguments]
    if "--output" in words or "-o" in words:
        return "without --output the builder makes an image, which is what can be looked at"
    ours = {option for parameter in _options() for option in parameter.opts} - _OF_ENGINES_TOO
    wrong = next((word for word in words if word in ours), None)
    return None if wrong is None else f"{wrong} is layerscope's: layerscope build {wrong} … -- …"


COMMAND = _BuildCommand("build", params=_options(), callback=_build, help=_HELP)
