"""What the page says, as plain data: names harmless, secrets left out, long lists cut and that told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import layerscope
from layerscope.extensions import Verdict
from layerscope.inspection import Inspection
from layerscope.model.credentials import redacted, without_secrets
from layerscope.model.names import shown
from layerscope.model.people import fit
from layerscope.model.people import path as absolute
from layerscope.model.suggestion import Suggestion
from layerscope.reports.page.families import FAMILIES
from layerscope.reports.page.layers import instructions, stack, trailing
from layerscope.reports.page.leaves import Leaf, State, leaves_of
from layerscope.reports.page.owners import owners_of
from layerscope.reports.page.segments import Segment, segments
from layerscope.reports.page.thinning import in_script
from layerscope.reports.pull import made_of
from layerscope.reports.suggestions import ignored_line, potential_of
from layerscope.union.pull import pull_of

_ROWS = 200
_CARDS = 60
_PLACES = 5
_LONGEST_PATH = 400
_LONGEST_VALUE = 800
_CAUSES = {"deleted": "deleted", "overwritten": "overwritten", "metadata_only": "copied up"}
_FACTS = (
    *("Entrypoint", "Cmd", "User", "WorkingDir", "Env", "ExposedPorts"),
    *("Volumes", "StopSignal", "Healthcheck", "Shell", "OnBuild", "Labels"),
)


def contents(inspection: Inspection, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Everything that the templates name."""
    owners = owners_of(inspection)
    leaves = leaves_of(inspection.analysis, owners)
    image, totals = inspection.image, inspection.analysis.totals
    steps = instructions(inspection)
    pull = pull_of(image, inspection.changesets, measured=inspection.measured)
    return {
        "version": layerscope.__version__,
        "name": shown(image.reference),
        "names": [shown(name) for name in image.names if name != image.reference],
        "platform": shown(str(image.platform)) if image.platform else None,
        "image": image,
        "totals": totals,
        "pull": pull,
        "pull_text": made_of(pull),
        "causes": _CAUSES,
        "balance": _balance(inspection, leaves),
        "verdicts": [
            _verdict(verdict) for verdict in sorted(verdicts, key=lambda one: (not one.failed, one.passed))
        ],
        "failed": sum(verdict.failed for verdict in verdicts),
        "stack": stack(inspection, steps),
        "trailing": trailing(inspection),
        "suggestions": [
            _suggestion(one) | {"line": _line(inspection, one)}
            for one in _urgent_first(inspection.suggestions)[:_CARDS]
        ],
        "ignored": ignored_line(inspection),
        "potential": potential_of(inspection),
        "more_suggestions": max(0, len(inspection.suggestions) - _CARDS),
        "waste": _waste(inspection),
        "duplicates": _duplicates(inspection),
        "largest": _largest(leaves),
        "facts": _facts(inspection),
        "remarks": _remarks(inspection),
        "leaves": leaves,
        "has_packages": bool(owners.groups),
        "about": in_script(
            {
                "layers": [step["short"] for step in steps],
                "families": FAMILIES,
                "packages": owners.names,
                "base": image.base_layers,
            }
        ),
    }


def _balance(inspection: Inspection, leaves: Sequence[Leaf]) -> list[Segment]:
    """The content as parts of one bar: visible, apart for base and own where they are known, and wasted."""
    totals, base = inspection.analysis.totals, inspection.image.base_layers or 0
    below = sum(leaf.size_bytes for leaf in leaves if leaf.state is State.VISIBLE and leaf.layer < base)
    parts = [
        ("base", "visible, from the base", below),
        ("visible", "visible, own" if below else "visible", totals.visible_bytes - below),
        *((cause, label, totals.wasted_by_cause[cause]) for cause, label in _CAUSES.items()),
    ]
    return segments(parts, totals.content_bytes)


def _verdict(verdict: Verdict) -> dict[str, str]:
    outcome = "fail" if verdict.failed else "pass" if verdict.passed else "warn"
    return {
        "gate": shown(f"{verdict.gate} {verdict.subject}".rstrip()),
        "measured": shown(verdict.measured),
        "limit": shown(verdict.limit),
        "because": shown(redacted(verdict.because)),
        "outcome": outcome,
    }


def _urgent_first(suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    """Secrets, then what saves most; what is least certain last."""
    return sorted(suggestions, key=lambda one: 2 if one.confidence == "low" else 0 if _is_secret(one) else 1)


def _is_secret(one: Suggestion) -> bool:
    return one.rule.startswith("secret")


def _suggestion(one: Suggestion) -> dict[str, Any]:
    return {
        "title": shown(one.title),
        "rule": one.rule,
        "secret": _is_secret(one),
        "net_bytes": one.net_bytes,
        "gross_bytes": one.gross_bytes,
        "compressed_bytes": one.compressed_bytes,
        "layers": one.layers,
        "instruction": shown(fit(one.instruction, _LONGEST_VALUE)) if one.instruction else None,
        "paths": [_path(path) for path in one.paths[:_PLACES]],
        "more_paths": max(0, one.path_count - len(one.paths[:_PLACES])),
        "confidence": one.confidence,
        "blame": one.blame,
        "fix": _command(one.fix),
        "rewrite": "\n".join(map(_command, one.rewrite.splitlines())) if one.rewrite else None,
        "risk": shown(one.risk),
    }


def _line(inspection: Inspection, one: Suggestion) -> str:
    """The line of the Dockerfile, such as ``Dockerfile:12``; empty where it is not known."""
    if inspection.beside is None or one.dockerfile_lines is None:
        return ""
    return f"{shown(inspection.beside.path)}:{one.dockerfile_lines[0]}"


def _command(text: str) -> str:
    """A text to be copied, on one line; backslashes stay, as a shell wants them."""
    return "\\".join(map(shown, text.split("\\")))


def _path(path: str) -> str:
    return fit(absolute(path), _LONGEST_PATH, end=True)


def _waste(inspection: Inspection) -> dict[str, Any]:
    records = inspection.analysis.waste
    return {
        "rows": [
            {
                "path": _path(record.path),
                "cause": record.cause.value,
                "label": _CAUSES[record.cause.value],
                "differs": ", ".join(record.differs),
                "shipped_by": record.shipped_by,
                "hidden_by": record.hidden_by,
                "size_bytes": record.size_bytes,
            }
            for record in records[:_ROWS]
        ],
        **_remainder([record.size_bytes for record in records]),
    }


def _remainder(sizes: Sequence[int]) -> dict[str, int]:
    """How many rows there are in all, and what those that are left out come to."""
    return {"count": len(sizes), "more": len(sizes[_ROWS:]), "more_bytes": sum(sizes[_ROWS:])}


def _duplicates(inspection: Inspection) -> dict[str, Any]:
    from layerscope.union.duplicates import find_duplicates

    groups = find_duplicates(inspection.analysis.index)
    return {
        "rows": [
            {
                "duplicate_bytes": group.duplicate_bytes,
                "size_bytes": group.size_bytes,
                "count": len(group.files),
                "files": [(_path(file.path), file.layer) for file in group.files[:_PLACES]],
                "more_files": len(group.files[_PLACES:]),
            }
            for group in groups[:_ROWS]
        ],
        **_remainder([group.duplicate_bytes for group in groups]),
    }


def _largest(leaves: Sequence[Leaf]) -> dict[str, Any]:
    visible = sorted(
        (leaf for leaf in leaves if leaf.state is State.VISIBLE),
        key=lambda leaf: (-leaf.size_bytes, leaf.path),
    )
    return {
        "rows": [
            {"path": _path(leaf.path), "layer": leaf.layer, "size_bytes": leaf.size_bytes}
            for leaf in visible[:_ROWS]
        ],
        **_remainder([leaf.size_bytes for leaf in visible]),
    }


def _facts(inspection: Inspection) -> list[tuple[str, list[str]]]:
    """What the manifest and the config say of the image, each with its values."""
    image = inspection.image
    runtime = without_secrets(image.config.runtime)
    facts: list[tuple[str, list[str]]] = [
        ("reference", [image.reference]),
        ("names", list(image.names)),
        ("platform", [str(image.platform)] if image.platform else []),
        ("digest", [image.digest] if image.digest else []),
        ("image ID", [image.image_id] if image.image_id else []),
        ("created", [image.config.created] if image.config.created else []),
        ("author", [image.config.author] if image.config.author else []),
        *((name, _values(runtime.get(name))) for name in _FACTS),
        ("annotations", _values(without_secrets(dict(sorted(image.annotations.items()))))),
    ]
    return [
        (name, [fit(shown(redacted(value)), _LONGEST_VALUE) for value in values])
        for name, values in facts
        if values
    ]


def _values(value: Any) -> list[str]:
    """A value of the config as lines."""
    if isinstance(value, dict):
        lines = [
            f"{key}={item}"
            if isinstance(item, str)
            else key
            if item in ({}, None)
            else f"{key}={json.dumps(item)}"
            for key, item in value.items()
        ]
    elif isinstance(value, list):
        lines = [item if isinstance(item, str) else json.dumps(item) for item in value]
    else:
        lines = [] if value in (None, "") else [str(value)]
    return lines


def _remarks(inspection: Inspection) -> list[dict[str, Any]]:
    return [
        {
            "message": shown(remark.message),
            "layer": remark.layer,
            "path": None if remark.path is None else fit(shown(remark.path), _LONGEST_PATH, end=True),
            "count": remark.count,
        }
        for remark in inspection.diagnostics[:_ROWS]
    ]
