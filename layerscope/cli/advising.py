"""What may be said of the suggestions: the Dockerfile they point at, which of them are told or counted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from layerscope.cli.configured import IGNORES_OF_FILE
from layerscope.cli.options import Parsed
from layerscope.errors import UsageError
from layerscope.model.names import shown

if TYPE_CHECKING:  # most runs ignore nothing
    from layerscope.model.ignore import Ignore

_FOUND = "Dockerfile"


def advising_options(*, short: bool = False) -> list[click.Parameter]:
    """The options; `take_advising` reads them. With ``short`` there is -f, as for ``blame``."""
    return [
        click.Option(
            [*(("-f",) if short else ()), "--dockerfile"],
            metavar="PATH",
            help="The image's Dockerfile, for suggestions to name its lines. One in this folder is taken "
            "where it agrees with the image's history.",
        ),
        click.Option(["--target"], metavar="STAGE", help="The stage of it that the image is; else the last."),
        click.Option(
            ["--ignore"],
            type=Parsed(_ignore, "RULE[:GLOB]"),
            metavar="RULE[:GLOB]",
            multiple=True,
            help="Do not tell what a rule finds, or not at these paths. Can be repeated.",
        ),
        click.Option(
            ["--profile"],
            type=click.Choice(["runtime", "dev", "ml"]),
            default="runtime",
            show_default=True,
            help="What the image is for: rules that do not fit are left out.",
        ),
        click.Option(
            ["--assume"],
            type=Parsed(_rule, "RULE"),
            metavar="RULE",
            multiple=True,
            help="Count what a rule finds in what the image could be, however sure it is. Can be repeated.",
        ),
    ]


def _ignore(text: str) -> Ignore:
    from layerscope.cli.ignore_tables import ignore_of

    return ignore_of(text)


def _rule(text: str) -> str:
    from layerscope.cli.ignore_tables import known_rule

    return known_rule(text)


def take_advising(values: dict[str, Any]) -> dict[str, Any]:
    """The values with those of these options as `Options` has them; warns of ignores that have expired."""
    context = click.get_current_context(silent=True)
    values = dict(values)
    ignores = values.pop("ignore")
    if context is not None:
        ignores = (*context.meta.get(IGNORES_OF_FILE, ()), *ignores)
    if any(one.until for one in ignores):
        from datetime import UTC, datetime

        from layerscope.cli.ignore_tables import in_force

        ignores, warnings = in_force(ignores, datetime.now(UTC).date())
        for warning in warnings:
            click.echo(f"warning: {warning}", err=True)
    dockerfile, is_guess = _dockerfile(values.pop("dockerfile"), context)
    return {
        **values,
        "dockerfile": dockerfile,
        "dockerfile_is_guess": is_guess,
        "ignores": tuple(ignores),
        "assume": tuple(values["assume"]),
    }


def _dockerfile(given: str | None, context: click.Context | None) -> tuple[str | None, bool]:
    """The Dockerfile to use, if any, and whether it is but a guess that the image was built from it."""
    if given is not None:
        typed = context is None or context.get_parameter_source("dockerfile") is ParameterSource.COMMANDLINE
        if not os.path.exists(given):  # said also in a run that would not look into it
            raise UsageError(f"{shown(given)}: no such file", hint="where is the image's Dockerfile?")
        return given, not typed
    return (_FOUND, True) if os.path.isfile(_FOUND) else (None, False)
