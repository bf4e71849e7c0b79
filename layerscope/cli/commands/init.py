"""``layerscope init``: a commented file of settings to begin with."""

from __future__ import annotations

import textwrap
from pathlib import Path

import click

from layerscope.cli.configured import FILE_NAME
from layerscope.cli.gating import DEFAULT_LIMITS
from layerscope.errors import WriteError
from layerscope.extensions import Gate
from layerscope.loading import load

_HEAD = """\
# What layerscope holds this project's images to: layerscope IMAGE --ci,
# and of that what compares with another image: layerscope diff OLD NEW --ci
#
# Every setting is an option of the same name. What stands here is weaker than
# the environment (LAYERSCOPE_MAX_WASTE=5%), which is weaker than the command line.

# How many of the layers are the base image's.
# base-layers = 1

# The report (--json) or the image that max-growth and max-update compare with.
# baseline = "baseline.json"

# What the image is for: runtime, dev or ml.
# profile = "runtime"

# What is not to be told: where (everywhere without paths), why, and until when.
# ignore = [{ rule = "context-leak", paths = ["/app/docs/"], reason = "online help", until = 2030-12-31 }]

# Tell what fails, and exit 0 all the same.
# exit-zero = false

[gates]
"""
_TAIL = """
# Limits to warn at, which fail nothing.
[gates.warn]
# max-waste = "5%"
"""
_WIDTH = 78


def settings_text() -> str:
    """The file: every gate with what it is; the ones with a default in force."""
    lines = []
    for gate in load("gate").values():
        lines += textwrap.wrap(gate.help, _WIDTH, initial_indent="# ", subsequent_indent="# ")
        lines.append(f"{'' if gate.id in DEFAULT_LIMITS else '# '}{gate.id} = {_value(gate)}")
    return _HEAD + "\n".join(lines) + "\n" + _TAIL


def _value(gate: Gate) -> str:
    if not gate.metavar:
        return "true"
    quoted = f'"{DEFAULT_LIMITS.get(gate.id, gate.example)}"'
    return f"[{quoted}]" if gate.repeated else quoted


def _init(*, path: str, force: bool) -> int:
    try:
        with Path(path).open("w" if force else "x", encoding="utf-8") as file:
            file.write(settings_text())
    except FileExistsError:
        raise WriteError(f"{path}: exists already", hint="--force writes over it") from None
    except OSError as error:
        raise WriteError(f"{path}: {error.strerror}") from None
    click.echo(f"{path}: written; layerscope IMAGE --ci goes by it", err=True)
    return 0


COMMAND = click.Command(
    "init",
    params=[
        click.Argument(["path"], default=FILE_NAME, required=False, metavar="[FILE]"),
        click.Option(["--force"], is_flag=True, help="Write over a file that is there."),
    ],
    callback=_init,
    help=f"Write a commented file of settings, {FILE_NAME} where no other is named.",
)
