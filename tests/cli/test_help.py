"""``--help`` and ``--version``: what a newcomer sees first."""

from __future__ import annotations

import re
from importlib import import_module

import click
import pytest

import layerscope
from layerscope.cli import command_names, commands
from layerscope.cli.look import look_command
from layerscope.loading import load
from tests.cli.command import launch
from tests.cli.looking import Run
from tests.sources.samples import LEAN


def command(name: str) -> click.Command:
    """A command, or the one that looks at an image."""
    found: click.Command = import_module(f"{commands.__name__}.{name}").COMMAND if name else look_command()
    return found


@pytest.mark.parametrize("name", ["", *command_names()])
def test_help_names_every_option_and_argument(name: str, look: Run) -> None:
    text = look(*filter(None, [name]), "--help").out

    options = [option for parameter in command(name).params for option in parameter.opts if option[0] == "-"]
    assert text.startswith("Usage: layerscope")
    assert [option for option in options if not re.search(rf"(?<![\w-]){option}(?![\w-])", text)] == []
    arguments = [parameter for parameter in command(name).params if isinstance(parameter, click.Argument)]
    assert [argument.name for argument in arguments if argument.human_readable_name not in text] == []


def test_help_names_every_gate_report_and_command(look: Run) -> None:
    text = look("--help").out

    assert [name for name in [*load("gate"), *load("report")] if f"--{name}" not in text] == []
    assert [name for name in command_names() if f"  layerscope {name} " not in text] == []


@pytest.mark.parametrize("name", ["", *command_names()])
@pytest.mark.parametrize("columns", ["80", "200", "40"])
def test_help_fits_a_terminal(name: str, columns: str) -> None:
    outcome = launch(*filter(None, [name]), "--help", env={"COLUMNS": columns})

    assert outcome.code == 0
    assert outcome.err == ""
    assert [line for line in outcome.out.splitlines() if len(line) > 80] == []


def test_help_tells_the_exit_codes(look: Run) -> None:
    text = look("--help").out

    codes = text[text.index("Exit codes:") :].partition("\n\n")[0]
    assert re.findall(r"\b([0-9])\b", codes) == ["0", "1", "2", "3", "4", "5"]


def test_nothing_at_all_is_a_wish_for_help(look: Run) -> None:
    assert look() == look("--help")
    assert look().code == 0


@pytest.mark.parametrize("arguments", [["--version"], [str(LEAN), "--version"], ["--version", "--quiet"]])
def test_the_version_and_nothing_else(arguments: list[str], look: Run) -> None:
    outcome = look(*arguments)

    assert outcome == (0, f"layerscope {layerscope.__version__}\n", "")
