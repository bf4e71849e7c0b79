"""What became of an image, or would: the layers before and after, and what there is to say of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from layerscope.cli.destination import Output, outcome_lines
from layerscope.model.names import shown
from layerscope.model.people import size
from layerscope.optimize.losing import Losing
from layerscope.optimize.optimizing import LayerChange, Optimized
from layerscope.optimize.proposing import Proposal
from layerscope.reports.table import Column, table
from layerscope.reports.terminal import Page

_MOST_PACKAGES = 5


def summary(every: Sequence[Optimized], where: Output, page: Page) -> list[str]:
    """One platform after the other; what was written is told once, since it is one thing."""
    lines: list[str] = []
    for done in every:
        if len(every) > 1:
            lines += [str(done.platform), ""]
        told = done if done is every[-1] else msgspec.structs.replace(done, exported=None)
        lines += [*changes(done, page), "", *outcome(told, where), ""]
    return lines[:-1]


def changes(done: Optimized, page: Page) -> list[str]:
    """The layers before and after, what was predicted beside what came."""
    columns = [
        Column("layers", right=True),
        Column("what"),
        Column("before", right=True),
        Column("predicted", right=True),
        Column("actual", right=True),
        Column("content saved", right=True),
        Column("stored before", right=True),
        Column("predicted", right=True),
        Column("actual", right=True),
    ]
    stored = any(
        sizes is not None and sizes.stored_bytes != sizes.tar_bytes
        for layer in done.layers
        for sizes in (layer.before, layer.predicted, layer.actual)
    )
    rows = [_row(layer, stored=stored) for layer in done.layers]
    return table(columns, rows, page.width, page.paint.dim)


def _row(layer: LayerChange, *, stored: bool) -> list[str]:
    group, actual = layer.group, layer.actual
    saved = layer.content_before_bytes - layer.content_bytes
    return [
        f"{group.first}..{group.last}" if group.first != group.last else str(group.first),
        layer.what,
        size(layer.before.tar_bytes),
        size(layer.predicted.tar_bytes),
        size(actual.tar_bytes) if actual else "",
        _difference(saved),
        size(layer.before.stored_bytes) if stored else "",
        size(layer.predicted.stored_bytes) if stored else "",
        size(actual.stored_bytes) if actual and stored else "",
    ]


def _difference(saved_bytes: int) -> str:
    return f"-{size(-saved_bytes)}" if saved_bytes < 0 else size(saved_bytes)


def outcome(done: Optimized, where: Output) -> list[str]:
    """What was saved, what has to be known of it, and what was written."""
    lines = _unknown_base(done) + _estimated(done)
    lines.append(f"content that is shipped no more: {_difference(done.saved_content_bytes)}")
    lines += _dropped(done)
    if not done.changed:
        lines.append("nothing can be gained: no layer changes")
    exported = done.exported
    if exported is None:
        return lines
    how = "read again" if exported.read_again else "before it was sent"
    proven = ("proven", f"{how}: all digests and diff IDs, and {_same(done)}")
    return lines + outcome_lines(exported, where, checked=proven)


def _unknown_base(done: Optimized) -> list[str]:
    """What it means for images that share layers, unless it was asked for or nothing happens."""
    if done.base_known or not done.changed or done.steps.flatten or done.steps.include_base:
        return []
    where = "warning: where the base image ends is unknown, so its layers may change too, and other images"
    return [f"{where} then no longer share them; --base IMAGE or --base-layers N keeps them"]


def _estimated(done: Optimized) -> list[str]:
    """How sure a prediction is, where nothing was written that tells better."""
    sizes = [layer.predicted for layer in done.layers if layer.what not in ("as it is", "recompressed")]
    if done.exported is not None or all(one.stored_bytes == one.tar_bytes for one in sizes):
        return []
    return ["note: compressed sizes are estimates, mostly within an eighth, less sure of small layers"]


def _same(done: Optimized) -> str:
    """What was proven of the files."""
    but = ["what was dropped"] if done.removed else []
    but += ["times"] if done.steps.latest_s is not None else []
    but += ["new hard links"] if done.steps.dedupe else []
    return "every file is as it was" + (f", save {' and '.join(but)}" if but else "")


def _dropped(done: Optimized) -> list[str]:
    lines = [f"note: --drop {shown(text)} names nothing that is there" for text in done.unmatched]
    if not done.removed:
        return lines
    saved_bytes = sum(one.saved_bytes for one in done.removed)
    lines.append(f"dropped: {_count(len(done.removed), 'path')}, {size(saved_bytes)}")
    hidden = sum(1 for one in done.removed if one.hidden_in is not None and not one.layers)
    if hidden:
        lines.append(
            f"note: {hidden} of them are the base's: whiteouts hide them, and nothing below is saved; "
            "--include-base leaves them out"
        )
    if done.losing:
        lines.append(f"warning: {_count(len(done.losing), 'package')} lose files; --audit says which")
        lines += [f"  {_losing(one)}" for one in done.losing[:_MOST_PACKAGES]]
    return lines


def _losing(one: Losing) -> str:
    name = f"{one.kind} {one.name} {one.version}"
    return shown(f"{name}: {len(one.paths)} of {_count(one.file_count, 'file')}, /{one.paths[0]}")


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def proposal_lines(proposal: Proposal, page: Page) -> list[str]:
    """What to do where nothing was asked for."""
    prune, squash, better = proposal.prune, proposal.squash, proposal.better
    lines = [*changes(better, page), "", *_unknown_base(better), *_estimated(better)]
    if not (prune.changed or squash.changed) or not better.prunable_bytes:
        return [*lines, "nothing can be gained: own layers hide nothing of each other"]
    own = sum(layer.group.first >= prune.own for layer in prune.layers)
    before = sum(layer.before.stored_bytes for layer in prune.layers)
    pruned, squashed = (f"{size(before)} to {size(one.predicted_stored_bytes)}" for one in (prune, squash))
    lines += [
        f"hidden in own layers: {size(better.prunable_bytes)}",
        f"--prune   {pruned}: drops it and keeps {_count(own, 'layer')}, cached and shared each for itself",
        f"--squash  {squashed}: drops it and joins them into one",
    ]
    chosen = "--squash saves more" if better is squash else "--prune saves as much, to a hundredth"
    return [
        *lines,
        f"{chosen}: that is shown above. Nothing was written; say --prune or --squash, and -o FILE.",
    ]
