"""Options that a file or the environment sets: defaults < file < environment < command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

import click

PREFIX = "LAYERSCOPE"
FILE_NAME = ".layerscope.toml"
PROJECT_FILE = "pyproject.toml"
NO_FILE = "none"
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
        help=f"Settings; else {FILE_NAME}, or [tool.layerscope] in {PROJECT_FILE}, here or above in the "
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
    from layerscope.cli.ignore_tables import IGNORE
    from layerscope.cli.settings_file import read_settings

    options = [one for one in context.command.params if isinstance(one, click.Option)]
    settings = read_settings(found, options)
    # Not a default: what the command line ignores comes on top of it.
    context.meta[IGNORES_OF_FILE] = settings.pop(IGNORE, ())
    context.default_map = settings


def find_settings() -> str | None:
    """The file nearest to the current folder, not above its repository; None where there is none."""
    try:
        folders = [os.getcwd()]
    except FileNotFoundError:  # somebody has removed it
        return None
    while (above := os.path.dirname(folders[-1])) != folders[-1]:
        folders.append(above)
    top = next((place for place, one in enumerate(folders) if os.path.exists(f"{one}/.git")), 0)
    for folder in folders[: top + 1]:
        own = os.path.join(folder, FILE_NAME)
        if os.path.isfile(own):
            return own
        project = os.path.join(folder, PROJECT_FILE)
        if os.path.isfile(project) and _has_table(project):
            return project
    return None


def _has_table(path: str) -> bool:
    """Whether the table is likely to be there: other people's files need not be correct for us to run."""
    try:
        with open(path, "rb") as file:
            return b"tool.layerscope" in file.read()
    except OSError:
        return False


def said_of(names: Sequence[str], others: Iterable[click.Parameter], arguments: Sequence[str]) -> list[str]:
    """Those of these options that the arguments or the environment name, so that the rest need not be made.

    All of them where that cannot be told: for help, a mistake, or settings, which may name any.
    """
    options = {f"--{name}" for name in names}
    known = {said for other in others for said in (*other.opts, *other.secondary_opts)} - {"--config"}
    typed = {argument.partition("=")[0] for argument in arguments if argument[0:1] == "-" and argument != "-"}
    if not typed <= options | known or f"{PREFIX}_CONFIG" in os.environ or find_settings() is not None:
        return list(names)
    return [name for name in names if f"--{name}" in typed or _variable(name) in os.environ]


def _variable(option: str) -> str:
    return f"{PREFIX}_{option.upper().replace('-', '_')}"
