"""``layerscope IMAGE``: look at an image, on the screen, in a report, or as a gate in CI."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import click

from layerscope.cli.options import Parsed, image_argument, options_from, reading_options
from layerscope.cli.output import page_for, write_file, write_lines
from layerscope.cli.progress import progress
from layerscope.errors import IncompleteImage
from layerscope.extensions import Gate, Report, Verdict, load
from layerscope.inspection import Inspection, inspect
from layerscope.reports.terminal import gate_report, summary

_HELP = """Look into a container image: which instruction put every byte there, which bytes nobody
can see any more, and who is to blame.

IMAGE is an archive (docker save, podman save, skopeo, buildx, kaniko, jib, …; compressed or not), the
folder of an OCI layout, or - for standard input. Where an archive holds several images, say which:
archive.tar:name:tag or archive.tar@sha256:….

\b
  layerscope image.tar                       what is in it, what is wasted
  layerscope image.tar --ci --max-waste 10%  exit 1 when more is wasted
  layerscope image.tar --json report.json    everything, for other programs
  docker save my-app | layerscope -          straight from the engine

\b
Commands:
  layerscope ls IMAGE [PATH]                 list the merged filesystem

\b
Exit codes: 0 fine, 1 a gate failed, 2 wrong usage, 3 image not found,
4 image damaged or incomplete, 5 output cannot be written.
"""


def look_command() -> click.Command:
    """The command, its options made of the gates and reports there are."""
    gates: dict[str, Gate] = load("gate")
    reports: dict[str, Report] = load("report")
    parameters: list[click.Parameter] = [
        image_argument(),
        click.Option(
            ["--ci"],
            is_flag=True,
            help="Judge the image; exit 1 when a gate fails. Default: --max-waste 10%.",
        ),
    ]
    parameters += [
        click.Option(
            [f"--{gate.id}"],
            type=Parsed(gate.parse, gate.metavar),
            metavar=gate.metavar,
            help=f"Gate: {gate.help}",
        )
        for gate in gates.values()
    ]
    parameters += [
        click.Option([f"--{report.id}"], metavar="PATH|-", help=report.help) for report in reports.values()
    ]
    parameters += reading_options()
    parameters.append(
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            help="Print the version.",
            expose_value=False,
            callback=_print_version,
        )
    )
    return click.Command("layerscope", params=parameters, callback=_look, help=_HELP)


def _print_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        from layerscope import __version__

        click.echo(f"layerscope {__version__}")
        ctx.exit()


def _look(image: str, *, ci: bool, quiet: bool, **values: Any) -> int:
    gates: dict[str, Gate] = load("gate")
    reports: dict[str, Report] = load("report")
    limits = {name: values.pop(name.replace("-", "_")) for name in gates}
    wanted = {name: values.pop(name.replace("-", "_")) for name in reports}
    with progress(quiet=quiet) as meter:
        inspection = inspect(image, options_from(**values, quiet=quiet, progress=meter))
    verdicts = _judge(inspection, gates, limits, ci=ci)
    destinations = {name: place for name, place in wanted.items() if place is not None}
    if ci or not destinations:
        stream = sys.stderr if "-" in destinations.values() else sys.stdout
        page = page_for(stream)
        write_lines(gate_report(inspection, verdicts, page) if ci else summary(inspection, page), stream)
    for name, place in destinations.items():
        write_file(place, partial(reports[name].write, inspection, verdicts))
    return 0 if all(verdict.passed for verdict in verdicts) else 1


def _judge(
    inspection: Inspection, gates: dict[str, Gate], limits: dict[str, Any], *, ci: bool
) -> list[Verdict]:
    """The verdicts of the gates that were asked for; without any, of those with a default."""
    if not ci:
        if any(limit is not None for limit in limits.values()):
            raise click.UsageError("a gate counts only with --ci")
        return []
    if not inspection.image.complete:
        missing = [remark.message for remark in inspection.image.diagnostics]
        raise IncompleteImage(
            f"{inspection.image.reference} is not complete: {'; '.join(missing)}",
            hint="without --ci it can be looked at as far as it goes",
        )
    if all(limit is None for limit in limits.values()):
        limits = {name: gate.parse(gate.default) for name, gate in gates.items() if gate.default is not None}
    return [gates[name].judge(inspection, limit) for name, limit in limits.items() if limit is not None]
