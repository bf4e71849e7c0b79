"""``layerscope optimize``: write a smaller image of the same files, and prove that they are the same."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from itertools import chain
from typing import Any

import click

from layerscope.cli.destination import STANDARD_OUTPUT, destination, destination_options, output_from
from layerscope.cli.ending import Ended, ended_by_signals
from layerscope.cli.optimized import proposal_lines, summary
from layerscope.cli.options import base_option, image_argument, options_from, reading_options
from layerscope.cli.output import page_for, write_file, write_lines
from layerscope.cli.progress import progress
from layerscope.cli.steps import step_options, steps_from
from layerscope.errors import UsageError
from layerscope.optimize.audit import audit_lines
from layerscope.optimize.optimizing import Optimized, optimize_all
from layerscope.optimize.proposing import Proposal, propose
from layerscope.targets.choosing import keeps_compression

_ANYWHERE = ".oci.tar"
"""Where nothing is written: layers are taken to stay compressed."""
_ALWAYS_SO = "verify"


def _optimize(
    image: str,
    *,
    output: str | None,
    form: str | None,
    audit: str | None,
    dry_run: bool,
    quiet: bool,
    **values: Any,
) -> int:
    steps = steps_from(values)
    asked = bool(str(steps))
    if asked and not dry_run and output is None:
        raise UsageError("where is the image to be written?", hint="name it with -o, or ask for --dry-run")
    if audit is not None and not steps.drop:
        raise UsageError("--audit is for --drop")
    if audit == STANDARD_OUTPUT == output and not dry_run:
        raise UsageError("the image and the audit cannot both go to standard output")
    given = {key: values.pop(key) for key in ("name", "force", "max_temp", "all_platforms")}
    where = output_from(output or _ANYWHERE, form=form, **given)
    writes = output is not None and asked and not dry_run
    try:
        with (
            ended_by_signals(),
            progress(image, values.get("base"), quiet=quiet) as meter,
            destination(where) if writes else nullcontext() as place,
        ):
            options = options_from(**values, verify=True, quiet=quiet, progress=meter)
            if asked:
                done: list[Optimized] | Proposal = optimize_all(image, steps, place, options, where.how)
            else:
                compress = keeps_compression(where.how.format, certain=False)
                done = propose(image, options, compress=compress)
    except Ended as end:
        return end.exit_code
    stream = sys.stderr if audit == STANDARD_OUTPUT or (writes and output == STANDARD_OUTPUT) else sys.stdout
    if isinstance(done, Proposal):
        write_lines(proposal_lines(done, page_for(stream)), stream)
        return 0
    write_lines(summary(done, where, page_for(stream)), stream)
    if audit is not None:
        write_file(audit, lambda file: file.writelines(chain.from_iterable(map(audit_lines, done))))
    return 0


COMMAND = click.Command(
    "optimize",
    params=[
        image_argument(),
        *destination_options(required=False),
        *step_options(),
        click.Option(["--dry-run"], is_flag=True, help="Write nothing; say what would come out."),
        *(option for option in reading_options() if option.name != _ALWAYS_SO),
        base_option(),
    ],
    callback=_optimize,
    help="""Write a smaller image of the same files, and prove that they are the same.

Without a step it says what --prune and --squash would save, and writes nothing. The base's layers, and
layers that gain nothing, stay byte for byte as they are. What was written is read again before it takes its
place: all digests, all diff IDs, and every file with its owner, mode, times, attributes and content, save
what you asked to be otherwise.

--drop takes patterns as --forbid does (/usr/share/doc/, *.pyc) and rules (rule:apt-lists). What the base
ships is hidden only, which saves nothing there. --dedupe: a program that writes to one name of a link may
change the other one, with some storage drivers. --normalize gives files that are younger the time of
SOURCE_DATE_EPOCH, or 1970, so that the same files make the same image; Python compiles its files anew where
their time changes. --recompress: zstd goes into OCI layouts and registries, old engines cannot load it.

\b
  layerscope optimize my-app:1.2                          what could be saved
  layerscope optimize my-app:1.2 --prune -o slim.tar      for docker load
  layerscope optimize my-app:1.2 --squash -o slim.oci.tar
  layerscope optimize image.tar --squash=3..7 --dry-run
  layerscope optimize image.tar --flatten -o layout/
  layerscope optimize my-app:1.2 --drop rule:apt-lists --audit - -o slim.tar
  layerscope optimize my-app:1.2 --squash --recompress zstd:12 -o slim.oci.tar
  layerscope optimize my-app:1.2 --squash -o docker:my-app:1.2-slim
  layerscope optimize registry:a:1 --all-platforms --prune -o registry:slim:1
""",
)
