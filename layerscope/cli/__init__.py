"""Argv in, exit code out; the only code that prints and exits."""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module

import click

from layerscope.cli import commands
from layerscope.errors import LayerscopeError, WriteError
from layerscope.loading import modules_of

_CANNOT_WRITE = frozenset((errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO))


def run(arguments: list[str]) -> int:
    """Run a command line and give its exit code; anything but our own errors escapes."""
    try:
        result = _command(arguments)
    except LayerscopeError as error:
        _complain(error.message, error.hint)
        return error.exit_code
    except click.ClickException as error:
        command = f" {arguments[0]}" if arguments[:1] and arguments[0] in command_names() else ""
        _complain(error.format_message(), f"layerscope{command} --help tells what can be said")
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    except OSError as error:
        if error.errno not in _CANNOT_WRITE:
            raise
        return cannot_write(error)
    return result if isinstance(result, int) else 0


def command_names() -> tuple[str, ...]:
    """The commands beside the one that looks at an image; each is a module of its name."""
    return modules_of(commands.__name__)


def _command(arguments: list[str]) -> object:
    """A command's name wins over an image of that name; anything else is an image to look at."""
    if arguments == ["--version"]:
        from layerscope import __version__

        click.echo(f"layerscope {__version__}")
        return 0
    _import_msgspec()
    from layerscope.cli.options import protected

    arguments = protected(arguments)
    if arguments and arguments[0] in command_names():
        name = arguments.pop(0)
        command: click.Command = import_module(f"{commands.__name__}.{name}").COMMAND
        return _invoke(command, f"layerscope {name}", arguments)
    from layerscope.cli.exploring import has_terminal
    from layerscope.cli.look import look_command

    arguments = arguments or ([] if has_terminal() else ["--help"])
    return _invoke(look_command(arguments), "layerscope", arguments)


def _import_msgspec() -> None:
    """Have it take from typing what it would take from the backports, which take longer than itself.

    It asks for nothing that Python 3.11 lacks, and for typing_extensions only where that is there.
    """
    if "typing_extensions" in sys.modules:
        return
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # Python's way to say: not there
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]


def _invoke(command: click.Command, name: str, arguments: list[str]) -> object:
    """Run a command; not with click's own main, which has exit codes of its own (1 for a closed pipe)."""
    try:
        with command.make_context(name, arguments) as context:
            return command.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code


def _complain(message: str, hint: str | None) -> None:
    click.echo(f"error: {_harmless(message)}", err=True)
    if hint:
        click.echo(f"hint: {_harmless(hint)}", err=True)


def _harmless(message: str) -> str:
    """A message that may quote an image; its lines and its backslashes, escapes among them, are ours."""
    from layerscope.model.names import shown

    return "\n".join("\\".join(map(shown, line.split("\\"))) for line in message.split("\n"))


def cannot_write(error: OSError) -> int:
    """Standard output is full, or nobody reads it any more: be quiet about that."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return 141
    _complain(f"standard output: {error.strerror}", None)
    return WriteError.exit_code
