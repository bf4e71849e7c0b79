"""Names: every way a tar spells them (LAYER_CASES 79, 13, 14)."""

from __future__ import annotations

import pytest

from layerscope.errors import ImageError
from layerscope.model.entry import Kind
from tests.oci.tar.raw import (
    END,
    GNU,
    V7,
    codes,
    entries,
    header,
    kinds,
    long_name,
    member,
    only,
    paths,
    pax,
    scan,
)

LONG = b"d/" * 120 + b"name"


def test_case_79_the_ustar_prefix_stands_before_the_name() -> None:
    tar = member(b"name", prefix=b"some/dir") + member(b"other") + END

    assert paths(tar) == ["some/dir/name", "other"]


def test_case_79_a_prefix_of_full_length_and_a_name_of_full_length_have_no_nul() -> None:
    tar = member(b"first") + member(b"n" * 100, prefix=b"p" * 155) + END

    assert paths(tar)[1] == "p" * 155 + "/" + "n" * 100


def test_case_79_a_prefix_that_ends_with_a_slash_gives_one_path() -> None:
    assert paths(member(b"name", prefix=b"dir/") + END) == ["dir/name"]


def test_case_79_gnu_and_v7_headers_have_no_prefix() -> None:
    """GNU keeps times and its sparse map where ustar has the prefix."""
    tar = member(b"gnu", magic=GNU, prefix=b"14567") + member(b"v7", magic=V7, prefix=b"x") + END

    assert paths(tar) == ["gnu", "v7"]


def test_case_79_a_star_header_has_a_shorter_prefix_and_times_behind_it() -> None:
    star = {"prefix": b"dir", "at_476": b"00000000017\0", "at_508": b"tar\0"}
    tar = member(b"first") + member(b"name", **star) + END

    assert paths(tar) == ["first", "dir/name"]


def test_case_79_gnu_long_name_and_long_link_replace_the_headers() -> None:
    tar = (
        long_name(LONG)
        + long_name(b"t/" + LONG, b"K")
        + member(b"cut off", typeflag=b"2", link=b"cut off", magic=GNU)
        + member(b"next", typeflag=b"2", link=b"its own", magic=GNU)
        + END
    )

    assert [(e.path, e.link_target) for e in entries(tar)] == [
        (LONG.decode(), "t/" + LONG.decode()),
        ("next", "its own"),
    ]


def test_case_79_a_gnu_long_name_ends_at_its_first_nul() -> None:
    assert paths(long_name(b"before\0after") + member(b"x", magic=GNU) + END) == ["before"]


def test_case_79_a_name_in_a_header_ends_at_its_first_nul() -> None:
    tar = member(b"first") + member(b"before\0after") + END

    assert paths(tar) == ["first", "before"]


def test_case_79_a_link_name_in_a_header_ends_at_its_first_nul() -> None:
    tar = member(b"first") + member(b"l", typeflag=b"2", link=b"before\0after") + END

    assert entries(tar)[1].link_target == "before"


def test_case_79_pax_path_and_linkpath_replace_the_headers() -> None:
    records = ((b"path", LONG), (b"linkpath", b"t/" + LONG))
    tar = pax(*records) + member(b"x", typeflag=b"2", link=b"y") + member(b"next") + END

    assert [(e.path, e.link_target) for e in entries(tar)] == [
        (LONG.decode(), "t/" + LONG.decode()),
        ("next", None),
    ]


def test_case_79_of_several_extension_headers_the_last_counts() -> None:
    """As in gnu-multi-hdrs and pax-multi-hdrs of Go."""
    gnu = long_name(b"first") + long_name(b"last") + member(b"x", magic=GNU)
    twice = pax((b"path", b"one"), (b"uid", b"7")) + pax((b"path", b"two")) + member(b"x")

    assert paths(gnu + END) == ["last"]
    assert [(e.path, e.uid) for e in entries(twice + END)] == [("two", 0)]


def test_case_79_a_global_record_counts_until_another_replaces_it() -> None:
    tar = (
        pax((b"uid", b"7"), (b"mtime", b"5"), typeflag=b"g")
        + member(b"a")
        + pax((b"uid", b"8"))
        + member(b"b")
        + member(b"c")
        + pax((b"uid", b"9"), typeflag=b"g")
        + member(b"d", uid=1)
        + END
    )

    assert [(e.path, e.uid, e.mtime_ns) for e in entries(tar)] == [
        ("a", 7, 5_000_000_000),
        ("b", 8, 5_000_000_000),
        ("c", 7, 5_000_000_000),
        ("d", 9, 5_000_000_000),
    ]


def test_case_79_an_empty_record_takes_a_global_one_back() -> None:
    """POSIX, pax: then the header's own field counts."""
    globals_ = pax((b"path", b"global"), (b"uid", b"7"), typeflag=b"g")
    local = globals_ + pax((b"path", b""), (b"uid", b"")) + member(b"own", uid=3)
    later = globals_ + pax((b"path", b""), (b"uid", b""), typeflag=b"g") + member(b"own", uid=3)

    assert [(e.path, e.uid) for e in entries(local + member(b"x") + END)] == [
        ("own", 3),
        ("global", 7),
    ]
    assert [(e.path, e.uid) for e in entries(later + END)] == [("own", 3)]


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"caf\xe9", b"\xc3", b"\xed\xa0\x80", b"\x80\xf0"])
def test_case_79_bytes_that_are_not_utf_8_are_kept_in_all_encodings(raw: bytes) -> None:
    in_header = member(b"first") + member(raw) + END
    in_gnu = member(b"first") + long_name(raw) + member(b"x", magic=GNU) + END
    in_pax = member(b"first") + pax((b"path", raw)) + member(b"x") + END

    for tar in (in_header, in_gnu, in_pax):
        assert entries(tar)[1].path.encode("utf-8", "surrogateescape") == raw


@pytest.mark.parametrize(
    "name",
    ["new\nline", "esc\x1b[31mred", "back\\slash", "c:olon", " blanks ", "tab\t", "\x7f", "ключ", "名"],
)
def test_case_79_odd_characters_stay_and_keys_stay_distinct(name: str) -> None:
    tar = member(b"first") + member(name.encode()) + member(b"a/" + name.encode()) + END

    assert paths(tar) == ["first", name, f"a/{name}"]


def test_case_79_an_unprintable_name_in_a_message_is_not_raw() -> None:
    """What a terminal would obey must not come out of an error message."""
    tar = pax((b"mtime", b"\x1b[31mred")) + member(b"x") + END

    with pytest.raises(ImageError) as caught:
        scan(tar)

    assert "\x1b" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (b"./a/b", "a/b"),
        (b"/a/b", "a/b"),
        (b"//a/b", "a/b"),
        (b".//a", "a"),
        (b"a//b", "a/b"),
        (b"a/./b", "a/b"),
        (b"a/b/.", "a/b"),
        (b"a/../b", "b"),
        (b"a/b/..", "a"),
        (b"...", "..."),
        (b"..a", "..a"),
        (b".a", ".a"),
        (b"a./b.", "a./b."),
        (b"a/.b", "a/.b"),
        (b"a/..b", "a/..b"),
    ],
)
def test_case_13_all_spellings_name_one_path(name: bytes, path: str) -> None:
    """The spelling is kept where it says it differently."""
    entry = entries(member(b"first") + member(name) + END)[1]

    assert entry.path == path
    assert entry.spelling == (None if name.decode() == path else name.decode())


@pytest.mark.parametrize("name", [b"d/", b"d//", b"./d/", b"./d//", b"/d/", b"d///", b"d/./"])
def test_case_13_trailing_slashes_are_no_part_of_a_directory_name(name: bytes) -> None:
    tar = member(b"first") + member(name, typeflag=b"5") + END

    assert kinds(tar)[1] == ("d", Kind.DIRECTORY)


@pytest.mark.parametrize("name", [b"./", b"/", b".", b""])
def test_case_15_the_root_entry_is_the_empty_path(name: bytes) -> None:
    tar = member(b"first") + member(name, typeflag=b"5", mode=0o711) + END

    assert [(e.path, e.mode) for e in entries(tar)][1] == ("", 0o711)


@pytest.mark.parametrize("name", [b"../victim", b"../../victim", b"a/../../victim", b"/../victim"])
def test_case_14_a_name_that_leads_out_is_held_inside_and_noted(name: bytes) -> None:
    tar = member(b"first") + member(name) + END

    assert paths(tar)[1] == "victim"
    assert "escaping-name" in codes(tar)


@pytest.mark.parametrize("name", [b"..", b"../", b"../..", b"a/../.."])
def test_case_14_a_name_that_is_only_dots_is_noted_too(name: bytes) -> None:
    tar = member(b"first") + member(name, typeflag=b"5") + END

    assert paths(tar)[1] == ""
    assert "escaping-name" in codes(tar)


def test_case_14_dots_that_stay_inside_are_not_noted() -> None:
    tar = member(b"first") + member(b"a/../b") + member(b"..c") + member(b"d..") + END

    assert codes(tar) == []


def test_absolute_names_are_noted_once_with_their_number() -> None:
    (remark,) = scan(member(b"/a") + member(b"/b") + member(b"c") + END).diagnostics

    assert (remark.code, remark.path, remark.count) == ("absolute-name", "/a", 2)


def test_a_hard_link_names_its_target_normalised_and_a_symlink_verbatim() -> None:
    tar = (
        member(b"first")
        + member(b"h", typeflag=b"1", link=b"./a/../../b")
        + member(b"s", typeflag=b"2", link=b"./a/../../b")
        + END
    )

    assert [e.link_target for e in entries(tar)] == [None, "b", "./a/../../b"]


def test_an_empty_name_is_the_root() -> None:
    assert only(member(b"") + END).path == ""


def test_a_name_of_a_thousand_levels_is_read() -> None:
    deep = b"d/" * 1000 + b"f"

    assert paths(long_name(deep) + member(b"x", magic=GNU) + END) == [deep.decode()]


def test_duplicate_paths_stay_entries_of_their_own_in_order() -> None:
    tar = member(b"a", b"1") + member(b"b") + member(b"a", b"22") + END

    assert [(e.path, e.size_bytes) for e in entries(tar)] == [("a", 1), ("b", 0), ("a", 2)]


def test_a_header_without_magic_is_read_as_v7() -> None:
    tar = header(b"old", b"\0", magic=V7) + member(b"d/", typeflag=b"5", magic=V7) + END

    assert kinds(tar) == [("old", Kind.FILE), ("d", Kind.DIRECTORY)]
