"""Argv in, exit code out; the only code that prints and exits."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import NoReturn

import click

from layerscope.cli import commands
from layerscope.errors import LayerscopeError
from layerscope.extensions import modules_of
from layerscope.oci.read_ahead import SWITCH_INTERVAL_S


def main() -> NoReturn:
    """The console script: run, flush, and leave without taking the entries apart one by one."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = _closed_pipe()
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Run a command line and give its exit code; anything but our own errors escapes."""
    try:
        result = _command(arguments)
    except LayerscopeError as error:
        _complain(error.message, error.hint)
        return error.exit_code
    except click.ClickException as error:
        _complain(error.format_message(), "layerscope --help tells what can be said")
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        return _closed_pipe()
    return result if isinstance(result, int) else 0


def command_names() -> list[str]:
    """The commands beside the one that looks at an image; each is a module of its name."""
    return modules_of(commands.__name__)


def _command(arguments: list[str]) -> object:
    """A command's name wins over an image of that name; anything else is an image to look at."""
    if arguments and arguments[0] in command_names():
        name = arguments.pop(0)
        command: click.Command = import_module(f"{commands.__name__}.{name}").COMMAND
        return command.main(arguments, prog_name=f"layerscope {name}", standalone_mode=False)
    if arguments == ["--version"]:
        from layerscope import __version__

        click.echo(f"layerscope {__version__}")
        return 0
    from layerscope.cli.look import look_command

    return look_command().main(arguments or ["--help"], prog_name="layerscope", standalone_mode=False)


def _complain(message: str, hint: str | None) -> None:
    click.echo(f"error: {message}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)


def _closed_pipe() -> int:
    """Nobody reads any more: be quiet about it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141
