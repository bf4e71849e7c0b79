"""``--markdown``: a comment for a pull request: verdict, figures, what to change, the rest folded away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from layerscope.extensions import Report, Verdict
from layerscope.model.people import duration, fit, percent, size
from layerscope.reports.markdown_text import code as _code
from layerscope.reports.markdown_text import fence as _fence
from layerscope.reports.markdown_text import folded as _folded
from layerscope.reports.markdown_text import path as _path
from layerscope.reports.markdown_text import prose as _prose
from layerscope.reports.markdown_text import table as _table

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection
    from layerscope.reports.findings import Finding

_SUGGESTIONS = 5
_ROWS = 15
_LAYERS = 130
_TEXT = 100
_REWRITE = 1200
"""Bounds of the longest parts: GitHub takes no comment beyond 65,536 characters."""

_CAUSES = {"deleted": "deleted", "overwritten": "overwritten", "metadata_only": "copied up"}


def markdown(data: dict[str, Any], found: Sequence[Finding], verdicts: Sequence[Verdict]) -> list[str]:
    """The lines of the comment, from the report's plain data."""
    sections = [
        _title(data, verdicts),
        _figures(data),
        _pull(data["pull"]),
        _gates(verdicts),
        _what_to_change(found),
        _folded("Layers", len(data["layers"]), _layers(data)),
        _folded("Paths that waste most", len(data["waste"]), _waste(data)),
        _folded("Duplicates", len(data["duplicates"]), _duplicates(data)),
        _folded("All suggestions", len(_suggested(found)), _all_suggestions(found)),
        _folded("Ignored", len(data["ignored_suggestions"]), _ignored(data["ignored_suggestions"])),
        _folded("Remarks", len(data["diagnostics"]), _remarks(data)),
    ]
    lines: list[str] = []
    for section in sections:
        if section:
            lines += ["", *section] if lines else section
    return lines


def _title(data: dict[str, Any], verdicts: Sequence[Verdict]) -> list[str]:
    image = data["image"]
    what = _code(fit((image["names"] or [image["reference"]])[0], _TEXT, end=True))
    facts = [image["platform"] or "platform unknown", f"{len(data['layers'])} layers"]
    if image["base_layers"]:
        facts.append(f"{image['base_layers']} of them base")
    lines = [f"## layerscope: {what}", "", f"{' · '.join(map(_prose, facts))}"]
    if not image["complete"]:
        lines += ["", "**Not complete**: parts of this image are missing; figures are of what is there."]
    if verdicts:
        failed = dict.fromkeys(verdict.gate for verdict in verdicts if verdict.failed)
        said = f"❌ **fail**: {', '.join(map(_prose, failed))}" if failed else "✅ **pass**"
        warned = sum(verdict.warning and not verdict.passed for verdict in verdicts)
        lines += ["", said + (f" · ⚠️ {warned} warning{'s' if warned > 1 else ''}" if warned else "")]
    return lines


def _figures(data: dict[str, Any]) -> list[str]:
    totals = data["totals"]
    content = totals["content_bytes"]
    rows = [
        ["layers, uncompressed", size(totals["tar_bytes"]), ""],
        ["layers, as stored", size(totals["compressed_bytes"]), ""],
        ["content", size(content), "100 %"],
        ["visible", size(totals["visible_bytes"]), percent(totals["efficiency_ratio"])],
        ["**wasted**", f"**{size(totals['wasted_bytes'])}**", f"**{percent(totals['wasted_ratio'])}**"],
    ]
    for cause, label in _CAUSES.items():
        if count := totals["wasted_by_cause"][cause]:
            rows.append([f"— {label}", size(count), percent(count / content)])
    could = data["potential"]
    if could["saved_bytes"]:
        rows.append(["could be", size(could["content_bytes"]), percent(could["content_bytes"] / content)])
    if totals["own_wasted_bytes"] is not None:
        rows.append(["wasted by the image's own layers", size(totals["own_wasted_bytes"]), ""])
    return _table(["", "bytes", "of content"], "lrr", rows)


def _pull(pull: dict[str, Any]) -> list[str]:
    if not pull["transfer_bytes"]:
        return []
    about = "about " if pull["estimated"] else ""
    times = ", ".join(f"{duration(one['total_s'])} at {one['mbit_per_s']}" for one in pull["times"])
    largest = f"the largest layer is {pull['largest_layer']}, {size(pull['largest_layer_bytes'])}"
    inflating = f"{duration(pull['unpack_s'])} of inflating among it"
    return [f"A pull of {about}{size(pull['transfer_bytes'])} takes {times} Mbit/s ({inflating}); {largest}."]


def _gates(verdicts: Sequence[Verdict]) -> list[str]:
    rows = [
        [
            _outcome(verdict),
            _prose(verdict.gate) + (f" {_code(verdict.subject)}" if verdict.subject else ""),
            _prose(verdict.measured),
            _prose(verdict.limit),
            _prose(verdict.because),
        ]
        for verdict in sorted(verdicts, key=lambda one: (not one.failed, one.passed))
    ]
    return _table(["", "gate", "measured", "limit", "because"], "llrrl", rows) if rows else []


def _outcome(verdict: Verdict) -> str:
    if verdict.passed:
        return "✅ pass"
    return "⚠️ warn" if verdict.warning else "❌ fail"


def _suggested(found: Iterable[Finding]) -> list[Finding]:
    return [one for one in found if not one.rule.startswith("gate/")]


def _what_to_change(found: Sequence[Finding]) -> list[str]:
    """What matters most, with how to do it; nothing that is only worth a note."""
    worth = [one for one in _suggested(found) if one.severity != "note"][:_SUGGESTIONS]
    lines = ["### What to change", ""] if worth else []
    for number, one in enumerate(worth, 1):
        lines.append(f"{number}. **{_prose(fit(one.message, 2 * _TEXT))}**")
        if one.instruction is not None:
            place = f"{_code(one.line)}, " if one.line else ""
            lines.append(f"   <br>{place}layer {one.layer}: {_code(fit(one.instruction, _TEXT))}")
        lines.append(f"   <br>{_prose(fit(one.fix, 5 * _TEXT))}")
        if one.rewrite is not None and len(one.rewrite) <= _REWRITE:
            fence = _fence(one.rewrite)
            lines += ["", *(f"   {line}" for line in (f"{fence}dockerfile", *one.rewrite.split("\n"), fence))]
    return lines


def _layers(data: dict[str, Any]) -> list[str]:
    rows = [
        [
            str(layer["number"]),
            size(layer["tar_bytes"]) if layer["missing"] is None else "missing",
            size(layer["compressed_bytes"]),
            size(layer["waste_shipped_bytes"]) if layer["waste_shipped_bytes"] else "",
            size(layer["waste_caused_bytes"]) if layer["waste_caused_bytes"] else "",
            _instruction(layer["instruction"]),
        ]
        for layer in data["layers"][:_LAYERS]
    ]
    return _table(["#", "size", "stored", "ships waste", "causes waste", "instruction"], "rrrrrl", rows)


def _instruction(text: str | None) -> str:
    from layerscope.model.credentials import redacted
    from layerscope.model.names import shown

    return "" if text is None else _code(fit(shown(redacted(text)), _TEXT))


def _waste(data: dict[str, Any]) -> list[str]:
    rows = [
        [
            size(waste["size_bytes"]),
            _CAUSES[waste["cause"]] + (f" ({', '.join(waste['differs'])})" if waste["differs"] else ""),
            f"{waste['shipped_by']} → {waste['hidden_by']}",
            _path(waste["path"]),
        ]
        for waste in data["waste"][:_ROWS]
    ]
    return _table(["wasted", "cause", "layers", "path"], "rlrl", rows) + _more(data["waste"])


def _duplicates(data: dict[str, Any]) -> list[str]:
    rows = [
        [
            size(group["duplicate_bytes"]),
            f"{len(group['files'])} × {size(group['size_bytes'])}",
            " = ".join(_path(file["path"]) for file in group["files"][:2]),
        ]
        for group in data["duplicates"][:_ROWS]
    ]
    return _table(["twice", "copies", "paths"], "rrl", rows) + _more(data["duplicates"])


def _all_suggestions(found: Sequence[Finding]) -> list[str]:
    suggested = _suggested(found)
    rows = [
        [
            size(one.saved_bytes) if one.saved_bytes else "",
            _prose(one.rule),
            _prose(fit(one.message, _TEXT)),
            _prose(fit(one.fix, 2 * _TEXT)),
        ]
        for one in suggested[:_ROWS]
    ]
    return _table(["saves", "rule", "what", "fix"], "rlll", rows) + _more(suggested)


def _ignored(hidden: Sequence[dict[str, Any]]) -> list[str]:
    rows = [
        [
            size(one["suggestion"]["net_bytes"]) if one["suggestion"]["net_bytes"] else "",
            _prose(one["suggestion"]["rule"]),
            _prose(fit(one["suggestion"]["title"], _TEXT)),
            _prose(fit(one["ignored_by"]["reason"], _TEXT)),
            one["ignored_by"]["until"] or "",
        ]
        for one in hidden[:_ROWS]
    ]
    return _table(["bytes", "rule", "what", "why", "until"], "rllll", rows) + _more(hidden)


def _remarks(data: dict[str, Any]) -> list[str]:
    lines = []
    for remark in data["diagnostics"][:_ROWS]:
        where = f"layer {remark['layer']}: " if remark["layer"] is not None else ""
        example = f", such as {_path(remark['path'])}" if remark["path"] else ""
        often = f" ({remark['count']} times)" if remark["count"] > 1 else ""
        lines.append(f"- {where}{_prose(fit(remark['message'], 2 * _TEXT))}{often}{example}")
    return lines + _more(data["diagnostics"])


def _more(rows: Sequence[Any]) -> list[str]:
    return ["", f"… and {len(rows) - _ROWS} more"] if len(rows) > _ROWS else []


def _write(inspection: Inspection, verdicts: Sequence[Verdict], stream: BinaryIO) -> None:
    from layerscope.reports.data import report_data
    from layerscope.reports.findings import findings

    data = report_data(inspection, verdicts)
    lines = markdown(data, findings(inspection, verdicts), verdicts)
    stream.write(("\n".join(lines) + "\n").encode())


REPORT = Report(
    id="markdown",
    help="Write a comment for a pull request; in GitHub Actions also to the step's summary.",
    write=_write,
)
