"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from layerscope.config import Options
from layerscope.errors import LayerscopeError
from layerscope.model.platform import Platform, parse_platform
from layerscope.model.quantity import parse_count, parse_size

if TYPE_CHECKING:  # not every command shows progress of its own
    from layerscope.cli.progress.meter import Meter


class Parsed(click.ParamType[Any]):
    """A value read by one of our own functions, which raise ValueError or UsageError."""

    def __init__(self, parse: Callable[[str], Any], name: str) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value, or click's own complaint."""
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except (ValueError, OverflowError, LayerscopeError) as error:
            self.fail(str(error), param, ctx)


SIZE = Parsed(parse_size, "SIZE")
COUNT = Parsed(parse_count, "COUNT")
PLATFORM = Parsed(parse_platform, "OS/ARCH[/VARIANT]")

_MARK = "\0"
"""In front of what looks like an option to click and is none; no argument can hold it otherwise."""


def protected(arguments: list[str]) -> list[str]:
    """The arguments, ``-:name:tag`` (an image of the archive on standard input) marked as no option."""
    return [_MARK + argument if argument.startswith("-:") else argument for argument in arguments]


def unprotected(argument: str) -> str:
    """The argument as it was given."""
    return argument.removeprefix(_MARK)


def image_argument() -> click.Argument:
    """The image to look at."""
    return click.Argument(["image"], type=Parsed(unprotected, "IMAGE"))


def reading_options() -> list[click.Option]:
    """How an image is chosen and read."""
    return [
        click.Option(
            ["--platform"],
            type=PLATFORM,
            metavar="OS/ARCH",
            help="Take the image for this platform.",
        ),
        click.Option(
            ["--pull"],
            type=click.Choice(["missing", "always", "never"]),
            default="missing",
            show_default=True,
            help="When an engine is to pull the image.",
        ),
        click.Option(
            ["--insecure"],
            is_flag=True,
            help="Allow plain HTTP and unknown certificates for a registry.",
        ),
        click.Option(["--verify"], is_flag=True, help="Check every digest and diff ID."),
        click.Option(
            ["--base-layers"],
            type=COUNT,
            metavar="N",
            help="The first N layers are the base image's.",
        ),
        click.Option(
            ["--max-unpacked"],
            type=SIZE,
            metavar="SIZE",
            help="Stop when the layers unpack to more than this.",
        ),
        click.Option(["-q", "--quiet"], is_flag=True, help="No progress on standard error."),
    ]


def base_option() -> click.Option:
    """What the image was built on, for those who account for the base apart."""
    return click.Option(
        ["--base"],
        metavar="IMAGE",
        help="The base image: the lowest layers that it shares with this one are the base's.",
    )


def options_from(
    *,
    platform: Platform | None,
    verify: bool,
    base_layers: int | None,
    max_unpacked: int | None,
    quiet: bool,
    progress: Meter | None,
    **more: Any,
) -> Options:
    """The options of a run; what it has to say goes the way of its progress."""
    return Options(
        platform=platform,
        verify=verify,
        base_layers=base_layers,
        max_unpacked_bytes=max_unpacked,
        progress=progress,
        fork=True,
        notice=None if quiet or progress is None else progress.notice,
        **more,
    )
