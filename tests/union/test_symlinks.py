"""LAYER_CASES, section 5: entries whose parents are symlinks, followed inside the root."""

from __future__ import annotations

import pytest

from layerscope.model.entry import Kind
from layerscope.model.waste import Cause
from layerscope.union.compare import Change
from layerscope.union.views import changes
from tests.union.archived import SYMLINK, archived, folder, member
from tests.union.dsl import (
    directory,
    entry_at,
    events_of,
    file,
    hardlink,
    is_implied,
    layer,
    opaque,
    stack,
    symlink,
    visible_paths,
    waste_of,
    whiteout,
)

HOPS = 40


@pytest.mark.parametrize("text", ["dir1", "./dir1", "/dir1", ".//dir1/.", "dir2/../dir1", "chain"])
def test_case_68_relative_absolute_and_chained_links_lead_to_one_directory(text: str) -> None:
    index = stack(
        layer(directory("dir1"), directory("dir2"), symlink("chain", "/dir1")),
        layer(symlink("link", text), file("link/sample.txt")),
    )

    assert visible_paths(index) == ["chain", "dir1", "dir1/sample.txt", "dir2", "link"]


def test_case_68_the_text_is_kept_word_for_word() -> None:
    texts = ["dir1", "./dir1", "/dir1/", ".//dir1/.", "../../dir1", "", " x "]

    index = stack(archived(*(member(f"l{n}", kind=SYMLINK, target=t) for n, t in enumerate(texts))))

    assert [entry_at(index, f"l{n}").link_target for n in range(len(texts))] == texts


def test_case_69_an_entry_below_two_links_that_lead_to_each_other() -> None:
    """One of them becomes a directory; the entry is there, exactly once."""
    index = stack(layer(symlink("A", "B"), symlink("B", "A"), file("A/x", b"x")))

    assert {"A", "B"} < set(visible_paths(index))
    assert [path for path in visible_paths(index) if path.endswith("x")] in (["A/x"], ["B/x"])


def test_case_69_an_entry_below_a_link_to_itself() -> None:
    index = stack(layer(symlink("self", "self")), layer(file("self/x", b"x")))

    assert visible_paths(index) == ["self", "self/x"]
    assert events_of(index, "self") == [(0, Change.ADDED), (1, Change.MODIFIED)]


def test_case_69_an_entry_below_a_link_that_leads_through_itself() -> None:
    """What the circle's text says besides is not built, over and over, as directories."""
    index = stack(
        layer(symlink("acorn", "noobaa-core/../acorn/bin/acorn"), directory("noobaa-core")),
        layer(file("acorn/x", b"x")),
    )

    assert visible_paths(index) == ["acorn", "acorn/x", "noobaa-core"]


def test_case_69_markers_below_a_circle_remove_nothing() -> None:
    index = stack(
        layer(symlink("A", "B"), symlink("B", "A"), file("x")),
        layer(whiteout("A/x"), whiteout("B/x/y")),
    )

    assert visible_paths(index) == ["A", "B", "x"]


def test_case_70_the_same_directory_twice_is_no_circle() -> None:
    """/bin leads to /usr/bin, and /usr/bin/ksh back through /bin."""
    index = stack(
        layer(
            symlink("bin", "usr/bin"),
            file("usr/bin/ksh93", b"shell"),
            symlink("usr/bin/ksh", "/etc/alternatives/ksh"),
            symlink("etc/alternatives/ksh", "/bin/ksh93"),
            symlink("usr/local/bin", "../../bin/../bin"),
        ),
        layer(file("usr/local/bin/ksh", b"replaced"), whiteout("bin/ksh93")),
    )

    assert entry_at(index, "usr/bin/ksh").kind is Kind.FILE
    assert visible_paths(index) == [
        *("bin", "etc", "etc/alternatives", "etc/alternatives/ksh"),
        *("usr", "usr/bin", "usr/bin/ksh", "usr/local", "usr/local/bin"),
    ]


def test_case_71_as_many_hops_as_a_kernel_follows() -> None:
    """path_resolution(7): forty."""
    links = [symlink(f"l{number}", f"l{number + 1}") for number in range(1, HOPS)]

    index = stack(layer(directory("end"), *links, symlink(f"l{HOPS}", "end")), layer(file("l1/f", b"f")))

    assert "end/f" in visible_paths(index)


def test_case_71_one_hop_more_is_taken_for_a_circle() -> None:
    """A link of the chain gives way to a directory, and nothing is lost."""
    links = [symlink(f"l{number}", f"l{number + 1}") for number in range(1, HOPS + 1)]

    index = stack(layer(directory("end"), *links, symlink(f"l{HOPS + 1}", "end")), layer(file("l1/f", b"f")))

    assert "end/f" not in visible_paths(index)
    assert sum(path.endswith("/f") for path in visible_paths(index)) == 1


@pytest.mark.parametrize("text", ["../../..", "../../../etc", "/../../etc", "x/../../../../etc"])
def test_case_72_above_the_root_is_the_root(text: str) -> None:
    index = stack(
        layer(directory("etc"), directory("home/x"), symlink("home/up", text)),
        layer(file("home/up/new")),
    )

    assert {"etc/new", "new"} & set(visible_paths(index)) == (
        {"etc/new"} if text.endswith("etc") else {"new"}
    )


def test_case_73_dangling_links_are_kept() -> None:
    index = stack(layer(symlink("a", "nowhere"), symlink("b/c", "../a")))

    assert visible_paths(index) == ["a", "b", "b/c"]


def test_case_73_an_entry_below_a_dangling_link_makes_its_target() -> None:
    """As an implied directory; the link stays."""
    index = stack(layer(symlink("a", "no/where")), layer(file("a/f")))

    assert visible_paths(index) == ["a", "no", "no/where", "no/where/f"]
    assert is_implied(index, "no/where")
    assert entry_at(index, "a").kind is Kind.SYMLINK


def test_case_73_a_link_through_what_is_not_there() -> None:
    """Dot-dot takes the missing part back; it is not made on the way."""
    index = stack(
        layer(
            symlink("home/derek/updown", "up/../../other"), file("other/gone"), symlink("s", "dne/../other")
        ),
        layer(file("home/derek/updown/f"), whiteout("s/gone")),
    )

    assert visible_paths(index) == [
        *("home", "home/derek", "home/derek/updown", "home/other", "home/other/f", "other", "s"),
    ]


def test_case_74_links_among_the_ancestors() -> None:
    index = stack(
        layer(
            symlink("home", "link-to-1/link-to-place"),
            symlink("link-to-1", "1"),
            symlink("1/link-to-place", "place"),
            directory("1/place/wagoodman"),
        ),
        layer(file("home/wagoodman/file", b"real")),
    )

    assert "1/place/wagoodman/file" in visible_paths(index)
    assert entry_at(index, "home").kind is Kind.SYMLINK
    assert [(row.path, row.change) for row in changes(index, 1)] == [("1/place/wagoodman/file", Change.ADDED)]


def test_case_75_a_parent_that_is_a_symlink_of_the_same_layer() -> None:
    """Its entries are where an extractor writes them."""
    index = stack(
        archived(
            folder("etc/"),
            member("localetc", kind=SYMLINK, target="/etc"),
            member("/localetc/unbroken", b"unbroken"),
        )
    )

    assert visible_paths(index) == ["etc", "etc/unbroken", "localetc"]


def test_case_75_a_parent_that_is_a_symlink_of_a_lower_layer() -> None:
    """A new file, a replaced one and a removed one; all by the name below the link."""
    index = stack(
        layer(
            directory("etc", mode=0o700),
            file("etc/changed", b"old"),
            file("etc/gone", b"gone"),
            symlink("localetc", "/etc"),
        ),
        layer(file("localetc/new"), file("localetc/changed", b"newer"), whiteout("localetc/gone")),
    )

    assert visible_paths(index) == ["etc", "etc/changed", "etc/new", "localetc"]
    assert entry_at(index, "etc").mode == 0o700
    assert waste_of(index) == [
        ("etc/gone", Cause.DELETED, 0, 1, 4),
        ("etc/changed", Cause.OVERWRITTEN, 0, 1, 3),
    ]
    assert events_of(index, "etc/changed") == [(0, Change.ADDED), (1, Change.MODIFIED)]
    assert index.find("localetc/new") is None


def test_case_75_several_links_on_the_way() -> None:
    index = stack(
        layer(
            directory("etc"),
            symlink("dummy/etc", "/etc"),
            symlink("localetc", "./dummy/etc"),
            file("localetc/unbroken"),
        )
    )

    assert "etc/unbroken" in visible_paths(index)


def test_case_75_two_views_of_one_directory_keep_every_file() -> None:
    """As in a concatenation of tars: var/run leads to run, and both are written to."""
    index = stack(
        layer(directory("run"), symlink("var/run", "../run"), file("run/a")),
        layer(file("var/run/console/x"), file("run/b"), directory("var/run/console")),
    )

    assert visible_paths(index) == [
        *("run", "run/a", "run/b", "run/console", "run/console/x", "var", "var/run"),
    ]


def test_case_75_the_link_counts_as_it_stands_at_the_entry() -> None:
    """The same name leads to two places before and after the link is changed."""
    index = stack(
        layer(directory("a"), directory("b"), symlink("link", "a")),
        layer(file("link/one"), symlink("link", "b"), file("link/two"), whiteout("link")),
    )

    assert visible_paths(index) == ["a", "a/one", "b", "b/two", "link"]


def test_case_75_a_link_to_the_root_is_no_part_of_a_path() -> None:
    """Also if a marker has gone through the link before."""
    index = stack(
        layer(symlink("link", "/"), whiteout("link/absent")),
        layer(file("link/d/f"), file("link/g")),
    )

    assert visible_paths(index) == ["d", "d/f", "g", "link"]
    assert index.find("d/f") is not None


def test_case_75_a_link_to_the_directory_that_it_stands_in() -> None:
    """In place of one that was there before."""
    index = stack(
        layer(file("d/link/f")), layer(symlink("d/link", "."), file("d/link/g"), directory("d/link/e"))
    )

    assert visible_paths(index) == ["d", "d/e", "d/g", "d/link"]


def test_case_75_a_hard_link_leads_where_its_symlink_leads_when_the_layer_has_ended() -> None:
    """Though something was written through it while it still led elsewhere."""
    index = stack(
        layer(directory("a"), directory("b"), symlink("link", "a")),
        layer(hardlink("h", "link"), symlink("link", "b"), file("h/one")),
        layer(file("h/two")),
    )

    assert entry_at(index, "h").link_target == "b"
    assert visible_paths(index) == ["a", "a/one", "b", "b/two", "h", "link"]


def test_case_75_a_link_that_is_gone_is_no_parent() -> None:
    """After its whiteout the name is a directory like any other."""
    index = stack(layer(directory("a"), symlink("link", "a")), layer(whiteout("link"), file("link/f")))

    assert visible_paths(index) == ["a", "link", "link/f"]
    assert is_implied(index, "link")


def test_case_75_what_a_link_led_to_is_removed() -> None:
    """The next entry below it makes the target anew."""
    index = stack(
        layer(file("a/old", b"old"), symlink("link", "a"), file("link/seen")),
        layer(file("link/first"), whiteout("a"), opaque("a"), file("link/second")),
        layer(whiteout("a"), file("link/third")),
    )

    assert visible_paths(index, 1) == ["a", "a/first", "a/second", "link"]
    assert visible_paths(index, 2) == ["a", "a/third", "link"]


def test_case_75_a_link_comes_in_place_of_a_directory_that_was_used() -> None:
    """What is remembered of the directory does not outlive it."""
    index = stack(
        layer(file("d/e/f"), directory("real/e")),
        layer(file("d/e/g"), symlink("d", "real"), file("d/e/h"), hardlink("n", "d/e/h")),
    )

    assert visible_paths(index) == ["d", "n", "real", "real/e", "real/e/h"]


def test_case_75_a_file_that_a_link_leads_to_gives_way_to_a_directory() -> None:
    """A parent that is no directory is replaced by one, also behind a link."""
    index = stack(layer(file("f", b"file"), symlink("link", "f")), layer(file("link/x")))

    assert visible_paths(index) == ["f", "f/x", "link"]
    assert waste_of(index) == [("f", Cause.OVERWRITTEN, 0, 1, 4)]
