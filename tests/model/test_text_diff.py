"""Two texts compared."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from layerscope.model.text_diff import CONTEXT, diff_rows

LINES = st.lists(st.sampled_from("abcde"), max_size=30)


@given(old=LINES, new=LINES)
def test_both_texts_can_be_made_of_what_is_told(old: list[str], new: list[str]) -> None:
    """Lines that are left out are equal; every other line of either stands in a row."""
    left, right = list[str](), list[str]()
    for row in diff_rows(old, new):
        left += old[len(left) : len(left) + row.skipped]
        right += old[len(left) - row.skipped : len(left)] if row.skipped else []
        if row.old_number is not None:
            assert row.old == old[row.old_number - 1]
            left.append(row.old)
        if row.new_number is not None:
            assert row.new == new[row.new_number - 1]
            right.append(row.new)
    rest = old[len(left) :]

    assert left + rest == old
    assert right + rest == new


@given(lines=LINES)
def test_equal_texts_have_no_rows(lines: list[str]) -> None:
    assert diff_rows(lines, lines) == []


def test_the_context_is_that_of_diff(tool: Callable[[str], str], tmp_path: Path) -> None:
    old = [str(number) for number in range(100)]
    new = [*old[:50], "new", *old[51:]]
    for name, lines in (("old", old), ("new", new)):
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    said = subprocess.run(
        [tool("diff"), f"-U{CONTEXT}", "old", "new"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()[3:]

    rows = diff_rows(old, new)

    same = [f" {row.old}" for row in rows if not row.changed]
    assert same == [line for line in said if line.startswith(" ")]
    assert [(row.old, row.new) for row in rows if row.changed] == [("50", "new")]
    assert rows[0].skipped == 50 - CONTEXT
