"""Types of entries: devices, links with and without content, markers (LAYER_CASES 67, 81)."""

from __future__ import annotations

import pytest

from layerscope.model.entry import Kind
from tests.oci.tar.raw import (
    END,
    GNU,
    V7,
    codes,
    entries,
    header,
    kinds,
    member,
    octal,
    padded,
    paths,
    pax,
    scan,
)


def test_case_81_devices_have_major_and_minor_numbers() -> None:
    tar = (
        member(b"null", typeflag=b"3", devmajor=1, devminor=3)
        + member(b"sda", typeflag=b"4", devmajor=octal(8, 8), devminor=b"0000020 ", magic=GNU)
        + member(b"pipe", typeflag=b"6")
        + END
    )

    assert [(e.path, e.kind, e.link_target) for e in entries(tar)] == [
        ("null", Kind.CHARACTER_DEVICE, "1:3"),
        ("sda", Kind.BLOCK_DEVICE, "8:16"),
        ("pipe", Kind.FIFO, None),
    ]


def test_case_81_setuid_setgid_and_sticky_stay_and_type_bits_go() -> None:
    tar = b"".join(member(b"x", mode=mode) for mode in (0o4755, 0o2755, 0o1777, 0o100644, 0o7777))

    assert [e.mode for e in entries(tar + END)] == [0o4755, 0o2755, 0o1777, 0o644, 0o7777]


def test_every_spelling_of_a_regular_file() -> None:
    tar = b"".join(member(b"f", b"content", flag) for flag in (b"0", b"\0", b"7")) + END

    assert kinds(tar) == [("f", Kind.FILE)] * 3
    assert len({e.content_hash for e in entries(tar)}) == 1


@pytest.mark.parametrize("magic", [V7, GNU, b"ustar\x0000"])
def test_a_name_with_a_slash_and_no_type_is_a_directory(magic: bytes) -> None:
    """Tars of before 1988 have no other sign of it."""
    assert kinds(member(b"d/", typeflag=b"\0", magic=magic) + END) == [("d", Kind.DIRECTORY)]


def test_a_directory_without_a_type_has_a_size_that_means_nothing() -> None:
    """test_compat_tar_directory_1 of libarchive; Go and Python read it so too."""
    first = header(b"d1/", b"\0", 1, magic=V7)
    tar = first + member(b"d2/", typeflag=b"\0", magic=V7) + member(b"f", b"x") + END

    assert paths(tar) == ["d1", "d2", "f"]


def test_a_name_with_a_slash_of_type_0_is_a_file_as_engines_read_it() -> None:
    """Go looks at the slash only where there is no type."""
    tar = member(b"first") + member(b"f/", b"text") + member(b"next") + END

    assert kinds(tar) == [("first", Kind.FILE), ("f", Kind.FILE), ("next", Kind.FILE)]


@pytest.mark.parametrize("typeflag", [b"1", b"2", b"3", b"4", b"5", b"6"])
def test_case_67_a_type_without_content_may_state_a_size_and_none_follows(typeflag: bytes) -> None:
    """As in hdr-only of Go: links, devices and directories with sizes."""
    odd = header(b"odd", typeflag, 12_345, link=b"target")

    assert paths(member(b"first") + odd + odd + member(b"next", b"x") + END) == [
        "first",
        "odd",
        "odd",
        "next",
    ]
    assert paths(odd + END) == ["odd"]
    assert paths(odd) == ["odd"]


@pytest.mark.parametrize("size", [1, 511, 512, 513, 5000])
def test_case_67_a_hard_link_with_content_behind_it_is_skipped(size: int) -> None:
    """Old cpio and Perl stored the file with each of its names."""
    link = header(b"link", b"1", size, link=b"file") + padded(b"#" * size)

    assert paths(member(b"first") + link + member(b"next") + END) == ["first", "link", "next"]


def test_case_67_a_pax_size_of_a_hard_link_is_treated_alike() -> None:
    without = pax((b"size", b"600")) + header(b"link", b"1", link=b"file")
    with_content = without + padded(b"#" * 600)

    assert paths(without + member(b"next") + END) == ["link", "next"]
    assert paths(with_content + member(b"next") + END) == ["link", "next"]


def test_links_and_devices_count_no_content() -> None:
    tar = header(b"l", b"2", 99, link=b"t") + header(b"h", b"1", 99, link=b"f") + END
    scanned = scan(member(b"f", b"12345") + tar)

    assert [(e.size_bytes, e.stored_bytes) for e in scanned.entries] == [(5, 5), (0, 0), (0, 0)]
    assert scanned.content_bytes == 5


def test_gnu_incremental_directories_are_directories_and_their_listing_is_skipped() -> None:
    listing = b"Yfile\0Dsub\0\0"
    tar = member(b"d/", listing, typeflag=b"D", magic=GNU) + member(b"d/file", b"x") + END

    assert kinds(tar) == [("d", Kind.DIRECTORY), ("d/file", Kind.FILE)]


@pytest.mark.parametrize("typeflag", [b"V", b"M", b"N", b"A", b"I", b"Z", b"8", b"\xff"])
def test_an_unknown_type_is_skipped_with_its_content_and_named(typeflag: bytes) -> None:
    odd = member(b"odd", b"#" * 700, typeflag=typeflag)
    tar = member(b"first") + odd + member(b"next", b"x") + END

    assert paths(tar) == ["first", "next"]
    assert codes(tar) == ["unknown-type"]


def test_markers_are_no_files_and_name_what_they_hide() -> None:
    tar = (
        member(b"d/.wh.gone") + member(b"d/.wh..wh..opq") + member(b".wh.top") + member(b".wh..wh..opq") + END
    )

    assert kinds(tar) == [
        ("d/gone", Kind.WHITEOUT),
        ("d", Kind.OPAQUE),
        ("top", Kind.WHITEOUT),
        ("", Kind.OPAQUE),
    ]
    assert scan(tar).content_bytes == 0


def test_a_marker_of_any_type_and_with_content_is_a_marker() -> None:
    tar = (
        member(b"first")
        + member(b".wh.a", b"content")
        + member(b".wh.b", typeflag=b"2", link=b"x")
        + member(b".wh.c", typeflag=b"1", link=b"x")
        + member(b".wh.d", b"content", typeflag=b"\0")
        + member(b"last", b"x")
        + END
    )

    assert kinds(tar) == [
        ("first", Kind.FILE),
        ("a", Kind.WHITEOUT),
        ("b", Kind.WHITEOUT),
        ("c", Kind.WHITEOUT),
        ("d", Kind.WHITEOUT),
        ("last", Kind.FILE),
    ]
    assert scan(tar).content_bytes == 1


@pytest.mark.parametrize("name", [b"a.wh.b", b".whfoo", b"x.wh.", b"file.wh.txt", b"a/b.wh..wh..opq"])
def test_case_30_names_that_only_look_like_markers_are_ordinary(name: bytes) -> None:
    tar = member(b"first") + member(name, b"x") + END

    assert kinds(tar)[1] == (name.decode(), Kind.FILE)


@pytest.mark.parametrize("name", [b"d/.wh.", b"d/.wh..", b"d/.wh...", b".wh."])
def test_case_35_a_marker_that_names_nothing_hides_nothing_and_is_noted(name: bytes) -> None:
    tar = member(b"d/file") + member(name) + END

    assert codes(tar) == ["bad-whiteout"]
    assert all(e.path == "" for e in entries(tar)[1:])


def test_case_38_a_directory_named_like_a_marker_is_noted() -> None:
    assert codes(member(b".wh.etc/file") + END) == ["marker-directory"]


def test_case_39_the_metadata_of_aufs_is_kept_apart() -> None:
    tar = (
        member(b".wh..wh.aufs")
        + member(b".wh..wh.plnk/", typeflag=b"5")
        + member(b".wh..wh.plnk/12.34", b"linked")
        + member(b"name", typeflag=b"1", link=b".wh..wh.plnk/12.34")
        + END
    )

    assert kinds(tar) == [
        (".wh..wh.aufs", Kind.AUFS),
        (".wh..wh.plnk/12.34", Kind.AUFS),
        ("name", Kind.HARDLINK),
    ]


def test_what_estargz_adds_is_no_entry_and_no_content() -> None:
    """A landmark and the table of contents (estargz.md)."""
    tar = (
        member(b"file", b"12345")
        + member(b".prefetch.landmark", b"\x0f")
        + member(b"stargz.index.json", b"{}")
        + END
    )
    scanned = scan(tar)

    assert ([e.path for e in scanned.entries], scanned.content_bytes) == (["file"], 5)


def test_a_file_that_is_only_named_like_an_index_stays() -> None:
    tar = member(b"stargz.index.json", b"{}") + member(b"a") + member(b"b") + END

    assert paths(tar) == ["stargz.index.json", "a", "b"]
