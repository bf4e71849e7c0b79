"""``layerscope IMAGE``: look at an image, on the screen, in a report, or as a gate in CI."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from layerscope.cli.advising import advising_options, take_advising
from layerscope.cli.configured import config_option, said_of
from layerscope.cli.exploring import explore, exploring_options, has_terminal, say_why_not, serve
from layerscope.cli.gating import gate_option, judge, judging_options, take_limits
from layerscope.cli.options import Parsed, base_option, options_from, reading_options, unprotected
from layerscope.extensions import Progress, Report, Verdict
from layerscope.loading import load_named, named

if TYPE_CHECKING:  # the explorer is painted before these are imported
    from layerscope.comparison.subject import Subject
    from layerscope.config import Options
    from layerscope.inspection import Inspection

_READING = ("platform", "pull", "insecure", "verify", "max_unpacked")
"""What holds for every image that a run reads."""

_HELP = """Look into a container image: which instruction put every byte there, which bytes nobody
can see any more, and who is to blame.

IMAGE is a name, as for docker run: it is looked for in Docker, Podman and containerd, else pulled, and
without any engine read from its registry. Or it is an archive (docker save, podman save, skopeo, buildx,
kaniko, jib, …; compressed or not), the folder of an OCI layout, or - for standard input. Where an archive
holds several images, say which: archive.tar:name:tag or archive.tar@sha256:…. A scheme in front chooses
one place: docker:NAME, podman:NAME, containerd:NAME, registry:NAME.

\b
  layerscope my-app:latest                   what is in it, what is wasted
  layerscope my-app --ci --max-waste 10%     exit 1 when more is wasted
  layerscope image.tar --json report.json    everything, for other programs
  docker save my-app | layerscope -          through a pipe

\b
Commands:
  layerscope ls IMAGE [PATH]                 list the merged filesystem
  layerscope diff OLD NEW                    what changed, what must be pulled
  layerscope why IMAGE PATH                  each layer that touched a path
  layerscope blame IMAGE -f Dockerfile       the bytes of each line of it
  layerscope fix IMAGE -f Dockerfile         suggestions as a change to it
  layerscope dockerignore IMAGE              lines against what leaked
  layerscope split IMAGE                     what runs apart from what builds
  layerscope cat IMAGE PATH                  a file's content, even deleted
  layerscope extract IMAGE PATH -o DIR       write files as of any layer
  layerscope build -t my-app .               build an image, then look at it
  layerscope export IMAGE -o image.tar       write a verified archive
  layerscope optimize IMAGE --prune -o FILE  the same files, fewer bytes
  layerscope packages IMAGE                  installed packages by their bytes
  layerscope trend FILE                      size and waste from run to run
  layerscope rules [RULE]                    what can be suggested, and why
  layerscope init [FILE]                     a file of limits, to begin with
  layerscope images [TEXT]                   local images of every engine
  layerscope doctor                          what can be reached, what not

\b
Exit codes: 0 fine, 1 a gate failed, 2 wrong usage, 3 image not found,
4 image damaged or incomplete, 5 output cannot be written.
"""


def look_command(arguments: Sequence[str] = ("--help",)) -> click.Command:
    """The command, its options made of the gates and reports there are: of those that arguments may name."""
    version = click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        help="Print the version.",
        expose_value=False,
        allow_from_autoenv=False,  # LAYERSCOPE_VERSION is what people call a version to install
        callback=_print_version,
    )
    image = click.Argument(["image"], required=False, type=Parsed(unprotected, "IMAGE"))
    params = [image, *look_options(arguments), version]
    return click.Command("layerscope", params=params, callback=look_at, help=_HELP)


def look_options(arguments: Sequence[str] = ("--help",)) -> list[click.Parameter]:
    """What may be said beside the image, as `look_at` takes it, as far as the arguments may name it."""
    (ci, *judging), others = judging_options(), _other_options()
    gates, reports = named("gate"), named("report")
    said = frozenset(said_of([*gates, *reports], [ci, *judging, *others], arguments))
    return [
        ci,
        *(gate_option(load_named("gate", gate)) for gate in gates if gate in said),
        *judging,
        *(_report_option(load_named("report", report)) for report in reports if report in said),
        *others,
    ]


def _report_option(report: Report) -> click.Option:
    return click.Option([f"--{report.id}"], metavar="PATH|-", help=report.help)


def _other_options() -> list[click.Parameter]:
    """Those that are no extensions."""
    return [
        click.Option(
            ["--record"],
            metavar="FILE",
            help="Add this run to a history, a line of JSON; layerscope trend FILE shows it.",
        ),
        click.Option(
            ["--measured"],
            is_flag=True,
            help="Reports tell times by how fast this run inflated; without it by a usual speed, so that the "
            "same image gives the same report.",
        ),
        *exploring_options(),
        *reading_options(),
        base_option(),
        *advising_options(),
        config_option(),
    ]


def _print_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        from layerscope import __version__

        click.echo(f"layerscope {__version__}")
        ctx.exit()


def look_at(image: str | None, *, ci: bool, quiet: bool, **values: Any) -> int:
    """Look at an image as the options say; gives the exit code, raises LayerscopeError.

    Without anything to write it is explored where there is a terminal; without an image one is picked.
    """
    limits = take_limits(values, ci=ci)
    wanted = {name: values.pop(name.replace("-", "_"), None) for name in named("report")}
    destinations = {name: place for name, place in wanted.items() if place is not None}
    if list(destinations.values()).count("-") > 1:
        raise click.UsageError("only one report can go to standard output")
    history = values.pop("record")
    shown = {name: values.pop(name) for name in ("summary_only", "web", "web_host", "web_port")}
    screen = {name: values.pop(name) for name in ("ascii_only", "theme")}
    written = ci or bool(destinations) or shown["summary_only"] or history is not None
    if shown["web"]:
        if written:
            raise click.UsageError("--web shows the explorer: it writes no summary, report or verdict")
        return serve(image, {**values, **screen}, host=shown["web_host"], port=shown["web_port"])
    values = take_advising(values)
    if not written and image is not None and _is_standard_input(image):
        say_why_not()
    elif not written and has_terminal():
        return explore(image, _options_with(values), **screen)
    if image is None:
        raise click.UsageError("Missing argument 'IMAGE'.")
    facts = not ci or bool(destinations) or any(limit.gate.needs_facts for limit in limits.limits)
    baseline = _baseline(image, limits.baseline, values, quiet=quiet)
    inspection = _inspected(image, quiet=quiet, facts=facts, **values)
    verdicts = judge(inspection, limits, baseline) if ci else []
    notes = [*limits.notes, *_write(inspection, verdicts, destinations, ci=ci)]
    if history is not None:
        _record(history, inspection, verdicts)
    if not quiet:
        for note in notes:
            click.echo(f"note: {note}", err=True)
    return 1 if any(verdict.failed for verdict in verdicts) and not limits.exit_zero else 0


def _baseline(
    image: str, baseline: Subject | str | None, values: dict[str, Any], *, quiet: bool
) -> Subject | None:
    """What gates compare with; an image is read before the one that is judged."""
    if not isinstance(baseline, str):
        return baseline
    if _is_standard_input(image) and _is_standard_input(baseline):
        raise click.UsageError("only one of image and --baseline can come from standard input")
    from layerscope.comparison.subject import subject_of

    read = {name: values[name] for name in _READING}
    return subject_of(_inspected(baseline, quiet=quiet, facts=False, base_layers=None, **read))


def _is_standard_input(image: str) -> bool:
    return image == "-" or image.startswith("-:")


def _options_with(values: dict[str, Any]) -> Callable[[Progress, Callable[[str], None]], Options]:
    """The options of a run for whoever is to be told of it."""

    def made(progress: Progress, notice: Callable[[str], None]) -> Options:
        from msgspec.structs import replace

        options = options_from(**values, quiet=True, progress=None)
        return replace(options, progress=progress, notice=notice)

    return made


def _inspected(image: str, *, quiet: bool, **values: Any) -> Inspection:
    from layerscope.cli.progress import progress
    from layerscope.inspection import inspect

    with progress(image, values.get("base"), quiet=quiet) as meter:
        return inspect(image, options_from(**values, quiet=quiet, progress=meter))


def _record(history: str, inspection: Inspection, verdicts: list[Verdict]) -> None:
    """Last of all: what could not be reported is no run to remember."""
    from pathlib import Path

    from layerscope.history.file import append
    from layerscope.history.record import record_of

    append(Path(history), record_of(inspection, verdicts))


def _write(
    inspection: Inspection, verdicts: list[Verdict], destinations: dict[str, str], *, ci: bool
) -> list[str]:
    """Write everything that was asked for; gives what there is to say of that."""
    from layerscope.cli.output import page_for, write_file, write_lines
    from layerscope.reports.terminal import gate_report, summary

    if ci or not destinations:
        stream = sys.stderr if "-" in destinations.values() else sys.stdout
        page = page_for(stream)
        write_lines(gate_report(inspection, verdicts, page) if ci else summary(inspection, page), stream)
    notes = []
    for name, place in destinations.items():
        report: Report = load_named("report", name)
        write = partial(report.write, inspection, verdicts)
        write_file(place, write)
        if name == "markdown":
            from layerscope.cli.step_summary import append_to_step_summary

            note = append_to_step_summary(place, write)
            notes += [note] if note is not None else []
    return notes
