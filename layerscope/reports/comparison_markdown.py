"""A comparison as a comment for a pull request: verdict, sums, the update, the rest folded away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from layerscope.model.people import fit, percent, size
from layerscope.reports.comparison_words import (
    SIGNS,
    TOTALS,
    UNKNOWN,
    above_words,
    blamed_pair,
    cause_words,
    content_count,
    former_words,
    instruction_of_pair,
    metadata_words,
    number_of,
    pull_words,
    signed,
    signed_count,
    signed_share,
    with_content,
)
from layerscope.reports.markdown_text import code, folded, path, prose, table

_ROWS = 25
_LAYERS = 130
_TEXT = 100
_CULPRITS = 5


def comparison_markdown(data: dict[str, Any]) -> list[str]:
    """The lines of the comment."""
    layers = data["layers"]
    sections = [
        _title(data),
        _gates(data["gates"]),
        _totals(data),
        _update(data),
        folded("Layers", len(layers), _layers(layers)),
        folded("Directories", data["directories"]["telling"], _directories(data["directories"])),
        _files(data),
        _packages(data["packages"]),
        folded("Config", len(data["config"]), _config(data["config"])),
    ]
    lines: list[str] = []
    for section in sections:
        if section:
            lines += ["", *section] if lines else section
    return lines


def _title(data: dict[str, Any]) -> list[str]:
    old, new = (code(fit(data[side]["reference"], _TEXT, end=True)) for side in ("old", "new"))
    lines = [f"## layerscope: {old} → {new}"]
    for side in ("old", "new"):
        if not data[side]["complete"]:
            lines += ["", f"**Not complete**: parts of the {side} image are missing."]
    failed = dict.fromkeys(one["gate"] for one in data["gates"] if not one["passed"] and not one["warning"])
    if data["gates"]:
        lines += ["", f"❌ **fail**: {', '.join(map(prose, failed))}" if failed else "✅ **pass**"]
    return lines


def _gates(gates: Sequence[dict[str, Any]]) -> list[str]:
    rows = [
        [
            "✅ pass" if one["passed"] else "⚠️ warn" if one["warning"] else "❌ fail",
            *(prose(one[key]) for key in ("gate", "measured", "limit", "because")),
        ]
        for one in gates
    ]
    return table(["", "gate", "measured", "limit", "because"], "llrrl", rows) if rows else []


def _totals(data: dict[str, Any]) -> list[str]:
    rows = []
    for name, label in TOTALS.items():
        row = data["totals"][name]
        share = signed_share(row["delta"], row["old"])
        rows.append([label, size(row["old"]), size(row["new"]), f"**{signed(row['delta'])}**", share])
    for name in ("entries", "layers"):
        row = data["totals"][name]
        rows.append([name, f"{row['old']:,}", f"{row['new']:,}", signed_count(row["delta"]), ""])
    return table(["", "before", "after", "change", ""], "lrrrr", rows)


def _update(data: dict[str, Any]) -> list[str]:
    update = data["update"]
    count = sum(pair["new"] is not None for pair in data["layers"])
    lines = [f"**Update**: a node that has the old image pulls **{pull_words(update, count)}**."]
    again, content = update["again_bytes"], update["content_bytes"]
    if update["layers"] and again is not None and content:
        lines[0] += (
            f" Of the content in them {size(again)} ({percent(again / content)}) is in the old image too, "
            f"about {size(update['again_compressed_bytes'])} of the pull."
        )
    pair = blamed_pair(data)
    if pair is None:
        return lines
    lines += ["", f"Because of {number_of(pair)}: {prose(cause_words(pair))}."]
    lines += ["", code(fit(instruction_of_pair(pair), 2 * _TEXT))]
    if (former := former_words(pair)) is not None:
        lines += ["", f"Before: {code(fit(former, 2 * _TEXT))}"]
    changes = pair["largest_changes"][:_CULPRITS] if pair["old"] and pair["new"] else []
    lines += [""] if changes else []
    for change in changes:
        what = "removes" if change["marker"] else change["change"]
        lines.append(f"- {what} {path(change['path'])} ({size(change['size_bytes'])})")
    above = above_words(data)
    return [*lines, "", f"Then {above}."] if above else lines


def _layers(layers: Sequence[dict[str, Any]]) -> list[str]:
    rows = [
        [
            "" if pair["old"] is None else str(pair["old"]["number"]),
            "" if pair["new"] is None else str(pair["new"]["number"]),
            f"{SIGNS[pair['status']]} {pair['status']}",
            size((pair["new"] or pair["old"])["compressed_bytes"]),
            size(pair["new"]["compressed_bytes"]) if pair["pulled"] else "",
            code(fit(instruction_of_pair(pair), _TEXT)),
        ]
        for pair in layers[:_LAYERS]
    ]
    titles = ["old", "new", "", "stored", "pull", "instruction"]
    return table(titles, "rrlrrl", rows) + _more(len(layers) - len(rows))


def _directories(directories: dict[str, Any]) -> list[str]:
    rows = [
        [signed(one["delta_bytes"]), _size(one["old_bytes"]), _size(one["new_bytes"]), path(one["path"])]
        for one in directories["rows"]
        if one["telling"]
    ][:_ROWS]
    titles = ["change", "before", "after", "directory"]
    return table(titles, "rrrl", rows) + _more(directories["telling"] - len(rows))


def _files(data: dict[str, Any]) -> list[str]:
    if data["files"] is None:
        return [f"Files: {UNKNOWN} single files."]
    counts = data["file_counts"]
    rows = [
        [
            signed(one["delta_bytes"]),
            f"{SIGNS[one['change']]} {prose(one['change'].replace('_', ' '))}",
            _size(one["old_bytes"]),
            _size(one["new_bytes"]),
            path(one["path"]),
        ]
        for one in with_content(data["files"]["rows"])[:_ROWS]
    ]
    lines = table(["change", "", "before", "after", "path"], "rlrrl", rows) if rows else []
    lines += _more(content_count(counts) - len(rows))
    metadata = metadata_words(counts)
    lines += ["", f"{prose(metadata)}."] if metadata else []
    return folded("Files", data["files"]["count"], lines)


def _packages(packages: dict[str, Any] | None) -> list[str]:
    if packages is None:
        return ["Packages: unknown, the report tells of none."]
    rows = [
        [
            f"{SIGNS[one['status']]} {one['status']}",
            prose(one["kind"]),
            prose(fit(one["name"], _TEXT)),
            *(prose(fit(one[key] or "", _TEXT)) for key in ("old_version", "new_version")),
            signed(one["delta_bytes"]),
        ]
        for one in packages["rows"][:_ROWS]
    ]
    lines = table(["", "kind", "package", "before", "after", "bytes"], "lllllr", rows) if rows else []
    return folded("Packages", packages["count"], lines + _more(packages["count"] - len(rows)))


def _config(config: Sequence[dict[str, Any]]) -> list[str]:
    rows = [
        [
            prose(f"{one['field']} {one['name']}".rstrip()),
            *("" if one[side] is None else code(fit(one[side], _TEXT)) for side in ("old", "new")),
        ]
        for one in config[:_ROWS]
    ]
    return table(["config", "before", "after"], "lll", rows) + _more(len(config) - len(rows))


def _size(count: int | None) -> str:
    return "" if count is None else size(count)


def _more(count: int) -> list[str]:
    return ["", f"… and {count:,} more"] if count > 0 else []
