"""Limits that a team has for dive (``.dive-ci``), measured as dive measures them.

dive looks at the leaves of each layer's own tree, path by path: a path that occurs more than once is
wasted with all its copies, the one that is kept too. A whiteout of a directory counts as everything
that it removes; opaque whiteouts count as nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from layerscope.errors import UsageError
from layerscope.extensions import Verdict
from layerscope.model.people import apart, exact_percent, exact_size, percent, size
from layerscope.model.quantity import parse_ratio, parse_size

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection
    from layerscope.model.changeset import Changeset
    from layerscope.union.index import PathIndex

DIFFERENCE = (
    "its figures are dive's, which counts every copy of a path that occurs twice as waste, the one that is "
    "kept too; layerscope's own gates count what nobody can see any more"
)
_OFF = ("disabled", "off", "false", "")
_LINE = re.compile(r"""(\s*)([A-Za-z]+)\s*:\s*(?:'([^']*)'|"([^"]*)"|([^#'"]*?))\s*(?:#.*)?""")


class DiveRules(msgspec.Struct, frozen=True, kw_only=True):
    """The limits, dive's own where the file does not say; None where one is switched off."""

    lowest_efficiency: float | None = 0.9
    highest_wasted_bytes: int | None = None
    highest_user_wasted: float | None = 0.1


_RULES: dict[str, tuple[str, Callable[[str], float]]] = {
    "lowestEfficiency": ("lowest_efficiency", parse_ratio),
    "highestWastedBytes": ("highest_wasted_bytes", parse_size),
    "highestUserWastedPercent": ("highest_user_wasted", parse_ratio),
}


def read_dive_ci(path: str) -> DiveRules:
    """The rules of a file; raises UsageError that names the line."""
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{path}: {reason}") from None
    found: dict[str, float | int | None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#") or line.strip() == "---":
            continue
        match = _LINE.fullmatch(line)
        name = match[2] if match else ""
        if match is None or (name != "rules" and name not in _RULES):
            raise UsageError(
                f"{path}:{number}: {name or line.strip()!r}: no rule of dive",
                hint="the rules are " + ", ".join(_RULES),
            )
        if name == "rules":
            continue
        field, parse = _RULES[name]
        value = (match[3] or match[4] or match[5] or "").strip()
        try:
            found[field] = None if value.lower() in _OFF else parse(value)
        except ValueError as error:
            raise UsageError(f"{path}:{number}: {name}: {error}") from None
    return msgspec.convert(found, DiveRules)


class DiveFigures(msgspec.Struct, frozen=True, kw_only=True):
    """dive's figures: efficiency and user waste as shares, the waste in bytes.

    ``user_wasted_ratio`` can be more than 1, and infinite where the layers above the first are empty.
    """

    efficiency_ratio: float
    wasted_bytes: int
    user_wasted_ratio: float


def dive_figures(changesets: Sequence[Changeset], index: PathIndex) -> DiveFigures:
    """What dive would say of these layers."""
    from layerscope.union.directories import directory_totals

    totals = directory_totals(index)
    sums: dict[str, list[int]] = {}
    for layer, changeset in enumerate(changesets):
        for path, size_bytes in _leaves(changeset).items():
            if size_bytes is None:  # a whiteout
                below = totals.get(path)
                size_bytes = below.at(layer - 1).size_bytes if below is not None and layer else 0  # noqa: PLW2901
            row = sums.setdefault(path, [0, size_bytes, 0])
            row[0] += size_bytes
            row[1] = min(row[1], size_bytes)
            row[2] += 1
    shipped = sum(total for total, _, _ in sums.values())
    least = sum(smallest for _, smallest, _ in sums.values())
    wasted = sum(total for total, _, visits in sums.values() if visits > 1)
    own = sum(entry.size_bytes for changeset in changesets[1:] for entry in changeset.entries)
    return DiveFigures(
        efficiency_ratio=least / shipped if shipped else 1.0,
        wasted_bytes=wasted,
        user_wasted_ratio=wasted / own if own else float("inf") if wasted else 0.0,
    )


def _leaves(changeset: Changeset) -> dict[str, int | None]:
    """The paths of one layer that have nothing below them in it, and their sizes; None for a whiteout."""
    from layerscope.model.entry import Kind

    leaves: dict[str, int | None] = {}
    parents: set[str] = set()
    for entry in changeset.entries:
        if entry.kind in (Kind.OPAQUE, Kind.AUFS) or not entry.path:
            continue
        leaves[entry.path] = None if entry.kind is Kind.WHITEOUT else entry.size_bytes
        above = entry.path.rpartition("/")[0]
        while above and above not in parents:
            parents.add(above)
            above = above.rpartition("/")[0]
    return {path: size_bytes for path, size_bytes in leaves.items() if path not in parents}


def judge_dive(inspection: Inspection, rules: DiveRules) -> list[Verdict]:
    """The verdicts of the rules that are not switched off."""
    figures = dive_figures(inspection.changesets, inspection.analysis.index)
    verdicts = []
    if (limit := rules.lowest_efficiency) is not None:
        measured, allowed = apart(figures.efficiency_ratio, limit, percent, exact_percent)
        passed = figures.efficiency_ratio >= limit
        verdicts.append(_verdict("lowestEfficiency", measured, allowed, passed=passed))
    if (most := rules.highest_wasted_bytes) is not None:
        measured, allowed = apart(figures.wasted_bytes, most, size, exact_size)
        passed = figures.wasted_bytes <= most
        verdicts.append(_verdict("highestWastedBytes", measured, allowed, passed=passed))
    if (limit := rules.highest_user_wasted) is not None:
        measured, allowed = apart(figures.user_wasted_ratio, limit, percent, exact_percent)
        passed = figures.user_wasted_ratio <= limit
        verdicts.append(_verdict("highestUserWastedPercent", measured, allowed, passed=passed))
    return verdicts


def _verdict(rule: str, measured: str, limit: str, *, passed: bool) -> Verdict:
    return Verdict(
        gate="dive-ci", subject=rule, measured=measured, limit=limit, passed=passed, because="as dive counts"
    )
