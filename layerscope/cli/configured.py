"""Options that a file or the environment sets: defaults < file < environment < command line."""

from __future__ import annotations

import click

from layerscope.cli.ignore_tables import IGNORE
from layerscope.cli.settings_file import NO_FILE, find_settings, read_settings

PREFIX = "LAYERSCOPE"
IGNORES_OF_FILE = "layerscope.ignores"
"""Where the context keeps them."""


def config_option() -> click.Option:
    """``--config``; whether it is given or not, the settings take their places."""
    return click.Option(
        ["--config"],
        metavar="FILE",
        envvar=f"{PREFIX}_CONFIG",
        is_eager=True,
        expose_value=False,
        callback=_configure,
        help="Settings; else .layerscope.toml, or [tool.layerscope] in pyproject.toml, here or above in the "
        f"repository; {NO_FILE} reads none. {PREFIX}_MAX_WASTE and the like set options too.",
    )


def _configure(context: click.Context, _option: click.Parameter, path: str | None) -> None:
    """Let the context know what to take where the command line says nothing."""
    if context.resilient_parsing:
        return
    context.auto_envvar_prefix = PREFIX
    found = find_settings() if path is None else path
    if found is None or found == NO_FILE:
        return
    options = [one for one in context.command.params if isinstance(one, click.Option)]
    settings = read_settings(str(found), options)
    # Not a default: what the command line ignores comes on top of it.
    context.meta[IGNORES_OF_FILE] = settings.pop(IGNORE, ())
    context.default_map = settings
