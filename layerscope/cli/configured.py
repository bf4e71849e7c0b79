"""Options that a file or the environment sets: defaults < file < environment < command line."""

from __future__ import annotations

import click

from layerscope.cli.settings_file import NO_FILE, find_settings, read_settings

PREFIX = "LAYERSCOPE"


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
    context.default_map = read_settings(str(found), options)
