"""What ``layerscope optimize`` can be told to do to an image."""

from __future__ import annotations

import os
from typing import Any

import click

from layerscope.cli.options import Parsed
from layerscope.errors import UsageError
from layerscope.oci.write.compressing import parse_codec
from layerscope.optimize.naming_dropped import check_drop
from layerscope.optimize.steps import Range, Steps, parse_range

EPOCH_VARIABLE = "SOURCE_DATE_EPOCH"
"""As reproducible-builds.org has it: seconds since 1970."""

_OWN = "own"
_LATEST_S = 253402300799
"""The last second of the year 9999: JSON has no later times."""


def step_options() -> list[click.Option]:
    """The steps, and what they may be done to."""
    return [
        click.Option(["--prune"], is_flag=True, help="Drop what later layers hide; the layers stay apart."),
        click.Option(
            ["--squash"],
            type=Parsed(_range, "RANGE"),
            is_flag=False,
            flag_value=_OWN,
            multiple=True,
            metavar="[M..N]",
            help="Join all layers above the base, or layers M to N; may be repeated.",
        ),
        click.Option(["--flatten"], is_flag=True, help="Join all layers, the base's too."),
        click.Option(
            ["--drop"],
            type=Parsed(check_drop, "GLOB|rule:ID"),
            multiple=True,
            metavar="GLOB|rule:ID",
            help="Leave these paths out, or the files that a rule finds; may be repeated.",
        ),
        click.Option(
            ["--audit"],
            metavar="FILE|-",
            help="With --drop: every path that is left out, as JSON lines.",
        ),
        click.Option(
            ["--dedupe"], is_flag=True, help="Make equal files of a layer, with equal metadata, hard links."
        ),
        click.Option(
            ["--normalize"],
            is_flag=True,
            help=f"Nothing younger than {EPOCH_VARIABLE} (else 1970), no owners' names, one order.",
        ),
        click.Option(
            ["--recompress"],
            type=Parsed(parse_codec, "ALGO[:LEVEL]"),
            metavar="ALGO[:LEVEL]",
            help="gzip, zstd or none; a layer that gets no smaller stays. zstd:13 and above are slow.",
        ),
        click.Option(["--include-base"], is_flag=True, help="Do so to the base's layers as well."),
    ]


def _range(text: str) -> Range | str:
    """A range, or all own layers."""
    return text if text == _OWN else parse_range(text)


def steps_from(values: dict[str, Any]) -> Steps:
    """What was asked for, taken out of the values; raises UsageError."""
    squash = values.pop("squash")
    steps = Steps(
        prune=values.pop("prune"),
        squash=tuple(one for one in squash if isinstance(one, Range)),
        squash_own=_OWN in squash,
        flatten=values.pop("flatten"),
        drop=values.pop("drop"),
        dedupe=values.pop("dedupe"),
        latest_s=_epoch_s() if values.pop("normalize") else None,
        recompress=values.pop("recompress"),
        include_base=values.pop("include_base"),
    )
    if steps.flatten and steps.squash:
        raise UsageError("--flatten joins all layers, and --squash=A..B some", hint="leave one out")
    changing = (steps.prune, steps.drop, steps.dedupe, steps.latest_s is not None, steps.recompress)
    if steps.include_base and not any(changing):
        raise UsageError(
            "--include-base is for --prune and the like", hint="--flatten joins the base's layers too"
        )
    return steps


def _epoch_s() -> int:
    """The latest time that there may be; 1970 where nobody says it, as builds differ in all later ones."""
    text = os.environ.get(EPOCH_VARIABLE, "0")
    if not text.isascii() or not text.isdigit() or int(text) > _LATEST_S:
        raise UsageError(
            f"{EPOCH_VARIABLE}={text}: is no time", hint="seconds since 1970, as date +%s has it"
        )
    return int(text)
