"""Tables: aligned, and as wide as they may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layerscope.model.people import cells
from layerscope.reports.table import Column, table

words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=60)


def plain(text: str) -> str:
    """A heading without attributes."""
    return text


def test_columns_are_aligned_and_an_empty_one_is_left_out() -> None:
    columns = [Column("name"), Column("nothing"), Column("size", right=True)]

    lines = table(columns, [["a", "", "10"], ["bcdef", "", "7"]], 40, plain)

    assert lines == [
        "  name   size",
        "  a        10",
        "  bcdef     7",
    ]


def test_the_last_column_takes_what_is_left() -> None:
    columns = [Column("n", right=True), Column("text", stretch=True)]

    lines = table(columns, [["1", "x" * 50]], 20, plain)

    assert lines[1] == "  1  " + "x" * 14 + "…"
    assert len(lines[1]) == 20


def test_the_widest_column_gives_way_where_there_is_no_room() -> None:
    columns = [Column("size", right=True), Column("how"), Column("instruction", stretch=True)]

    lines = table(columns, [["1 B", "h" * 60, "i" * 60]], 60, plain)

    assert lines[1] == f"   1 B  {'h' * 37}…  {'i' * 11}…"
    assert len(lines[1]) == 60


def test_a_path_keeps_its_end() -> None:
    lines = table([Column("path", stretch=True, keep_end=True)], [["/usr/share/doc/readme"]], 16, plain)

    assert lines[1] == "  …re/doc/readme"


def test_paint_does_not_count_as_width() -> None:
    columns = [Column("a", right=True, paint=lambda text: f"<{text}>"), Column("b")]

    lines = table(columns, [["1", "x"], ["22", "y"]], 40, plain)

    assert lines[1:] == ["   <1>  x", "  <22>  y"]


@given(st.lists(st.tuples(words, words, words), min_size=1, max_size=5), st.integers(60, 160))
def test_no_line_is_wider_than_allowed(rows: list[tuple[str, str, str]], width: int) -> None:
    columns = [Column("size", right=True), Column("how"), Column("instruction", stretch=True)]
    rows = [(row[0][:8], row[1], row[2]) for row in rows]

    lines = table(columns, rows, width, plain)

    assert [line for line in lines if cells(line) > width] == []
