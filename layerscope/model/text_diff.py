"""Two texts compared line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import msgspec

CONTEXT = 3
"""So many equal lines are kept around what differs."""


class DiffRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of both texts; numbers count from 1.

    Where only one side has a number, its line was removed or added; where both have one, the lines
    are equal or, with ``changed``, one took the place of the other. ``skipped`` equal lines are
    left out before it.
    """

    old_number: int | None = None
    old: str = ""
    new_number: int | None = None
    new: str = ""
    changed: bool = False
    skipped: int = 0


def diff_rows(old: Sequence[str], new: Sequence[str]) -> list[DiffRow]:
    """What differs, with a few equal lines around it; empty where nothing does."""
    matcher = SequenceMatcher(None, old, new)
    rows: list[DiffRow] = []
    old_end = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if all(operation[0] == "equal" for operation in group):
            continue
        skipped = group[0][1] - old_end
        for tag, old_first, old_last, new_first, new_last in group:
            pairs = _pairs(tag, range(old_first, old_last), range(new_first, new_last))
            for left, right in pairs:
                rows.append(_row(old, new, left, right, changed=tag == "replace", skipped=skipped))
                skipped = 0
        old_end = group[-1][2]
    return rows


def _pairs(tag: str, left: range, right: range) -> Iterator[tuple[int | None, int | None]]:
    """Line by line; beyond the shorter side the other stands alone."""
    if tag == "delete":
        yield from ((place, None) for place in left)
    elif tag == "insert":
        yield from ((None, place) for place in right)
    else:
        for number in range(max(len(left), len(right))):
            yield (
                left[number] if number < len(left) else None,
                right[number] if number < len(right) else None,
            )


def _row(
    old: Sequence[str],
    new: Sequence[str],
    left: int | None,
    right: int | None,
    *,
    changed: bool,
    skipped: int,
) -> DiffRow:
    return DiffRow(
        old_number=None if left is None else left + 1,
        old="" if left is None else old[left],
        new_number=None if right is None else right + 1,
        new="" if right is None else new[right],
        changed=changed,
        skipped=skipped,
    )
