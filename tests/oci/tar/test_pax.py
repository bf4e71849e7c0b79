"""PAX records and extended attributes (LAYER_CASES 76, 82)."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.errors import ImageError
from layerscope.model.entry import Kind
from layerscope.oci.tar.pax import parse_records
from tests.oci.tar.raw import END, entries, header, kinds, member, only, padded, pax, record, scan

SELINUX = b"system_u:object_r:usr_t:s0\0"
CAPABILITY = b"\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0"


def test_case_76_schily_values_are_raw_bytes_with_nuls() -> None:
    tar = (
        pax(
            (b"SCHILY.xattr.security.selinux", SELINUX),
            (b"SCHILY.xattr.security.capability", CAPABILITY),
        )
        + member(b"x")
        + END
    )

    assert only(tar).xattrs == {"security.selinux": SELINUX, "security.capability": CAPABILITY}


def test_case_76_a_value_may_hold_newlines_equals_signs_and_other_bytes() -> None:
    value = b"a=b\n12 c=d\n\xff\x00=\n"

    assert only(pax((b"SCHILY.xattr.user.x", value)) + member(b"x") + END).xattrs == {"user.x": value}


def test_case_76_libarchive_values_are_base64_and_names_url_encoded() -> None:
    encoded = base64.b64encode(CAPABILITY).rstrip(b"=")
    tar = pax((b"LIBARCHIVE.xattr.user.a%20b%25", encoded)) + member(b"x") + END

    assert only(tar).xattrs == {"user.a b%": CAPABILITY}


def test_case_76_where_both_spellings_stand_they_are_one_attribute() -> None:
    tar = (
        pax(
            (b"LIBARCHIVE.xattr.user.x", base64.b64encode(b"libarchive")),
            (b"SCHILY.xattr.user.x", b"schily"),
        )
        + member(b"x")
        + END
    )

    assert only(tar).xattrs == {"user.x": b"schily"}


def test_case_76_attributes_belong_to_one_member_only() -> None:
    tar = pax((b"SCHILY.xattr.user.x", b"1")) + member(b"a") + member(b"b") + END

    assert [e.xattrs for e in entries(tar)] == [{"user.x": b"1"}, None]


def test_case_76_directories_links_and_devices_have_attributes_too() -> None:
    one = pax((b"SCHILY.xattr.user.x", b"1"))
    tar = b"".join(one + member(b"x", typeflag=flag, link=b"t") for flag in (b"5", b"2", b"3", b"6"))

    assert [e.xattrs for e in entries(tar + END)] == [{"user.x": b"1"}] * 4


def test_case_76_an_empty_record_takes_a_global_attribute_back() -> None:
    tar = (
        pax((b"SCHILY.xattr.user.x", b"1"), typeflag=b"g")
        + pax((b"SCHILY.xattr.user.x", b""))
        + member(b"a")
        + member(b"b")
        + END
    )

    assert [e.xattrs for e in entries(tar)] == [None, {"user.x": b"1"}]


def test_case_76_a_libarchive_value_that_is_no_base64_is_left_out() -> None:
    tar = pax((b"LIBARCHIVE.xattr.user.x", b"A")) + member(b"x") + END

    assert only(tar).xattrs is None


def test_case_76_an_attribute_name_that_is_not_utf_8_is_kept() -> None:
    (name,) = only(pax((b"SCHILY.xattr.user.\xff", b"1")) + member(b"x") + END).xattrs or {}

    assert name.encode("utf-8", "surrogateescape") == b"user.\xff"


def test_case_82_windows_records_change_no_path() -> None:
    records = (
        (b"MSWINDOWS.fileattr", b"32"),
        (b"MSWINDOWS.rawsd", b"AQAUgBQ="),
        (b"LIBARCHIVE.creationtime", b"1"),
    )
    tar = (
        member(b"Files", typeflag=b"5")
        + pax(*records)
        + member(b"Files/a\\b.txt", b"text")
        + member(b"Files/link", typeflag=b"1", link=b"Files/a\\b.txt")
        + member(b"Hives", typeflag=b"5")
        + END
    )

    assert kinds(tar) == [
        ("Files", Kind.DIRECTORY),
        ("Files/a\\b.txt", Kind.FILE),
        ("Files/link", Kind.HARDLINK),
        ("Hives", Kind.DIRECTORY),
    ]
    assert [e.xattrs for e in entries(tar)] == [None] * 4


@pytest.mark.parametrize(
    "data",
    [
        b"x path=a\n",
        b"11 path=a\n",
        b"8 path=a\n",
        b"5 path=a\n",
        b"0 path=a\n",
        b"1 path=a\n",
        b"-9 path=a\n",
        b"+9 path=a\n",
        b"9path=a\n",
        b" 9 path=a\n",
        b"9 path:a\n",
        b"5 =a\n",
        b"9 path=ab",
        b"999999999999999999 path=a\n",
        b"9" * 30 + b" path=a\n",
        b"9" * 5000 + b" path=a\n",
        b"9 path=a\ngarbage",
        b"11 path=a\0\n",
        b"14 linkpath=\0\n",
        b"8 \0ey=1\n",
        b"9 path=a\n9 path",
    ],
)
def test_malformed_records_are_a_clean_error(data: bytes) -> None:
    with pytest.raises(ImageError, match="PAX"):
        parse_records(data)


@pytest.mark.parametrize("key", [b"mtime", b"path", b"atime"])
def test_a_length_of_thousands_of_digits_is_a_clean_error(key: bytes) -> None:
    """Python refuses to make a number of more than 4300 digits."""
    tar = member(b"first") + member(b"x", b"9" * 5000 + b" " + key + b"=1\n", b"x") + member(b"y") + END

    with pytest.raises(ImageError, match="PAX"):
        scan(tar)


def test_a_nul_ends_the_records() -> None:
    """Some writers fill the header up with NULs and count them in."""
    assert parse_records(b"9 path=a\n" + bytes(100)) == {b"path": b"a"}


def test_no_records_at_all_are_none() -> None:
    assert parse_records(b"") == {}
    assert [e.path for e in entries(pax() + member(b"x") + END)] == ["x"]


def test_of_one_key_twice_in_a_header_the_last_counts() -> None:
    assert only(pax((b"path", b"a"), (b"path", b"b")) + member(b"x") + END).path == "b"


@pytest.mark.parametrize("typeflag", [b"x", b"g", b"X", b"L", b"K"])
@pytest.mark.parametrize("size", [1 << 24, 1 << 40, 1 << 62])
def test_an_extension_header_that_claims_to_be_huge_is_refused(typeflag: bytes, size: int) -> None:
    claim = size.to_bytes(12, "big")
    huge = header(b"x", typeflag, size=b"\x80" + claim[1:])

    with pytest.raises(ImageError):
        scan(huge + bytes(2048))


@pytest.mark.parametrize("typeflag", [b"x", b"g", b"L", b"K"])
def test_an_extension_header_that_is_cut_off_is_refused(typeflag: bytes) -> None:
    whole = header(b"x", typeflag, size=600) + padded(b"9 path=a\n" + bytes(591))

    for length in (512, 600, 1000, 1100):
        with pytest.raises(ImageError, match="truncated"):
            scan(whole[:length])


@pytest.mark.parametrize("typeflag", [b"x", b"L", b"K"])
def test_an_extension_header_without_a_member_is_refused(typeflag: bytes) -> None:
    """The member that it speaks of was cut away."""
    with pytest.raises(ImageError, match="truncated"):
        scan(member(b"first") + member(b"x", b"9 path=a\n", typeflag) + END)


def test_a_global_header_may_stand_last() -> None:
    assert len(entries(member(b"a") + pax((b"comment", b"x"), typeflag=b"g") + END)) == 1


@given(st.dictionaries(st.from_regex(rb"[A-Za-z.]{1,20}", fullmatch=True), st.binary(max_size=200)))
def test_records_that_were_written_are_read(records: dict[bytes, bytes]) -> None:
    names = (b"path", b"linkpath", b"uname", b"gname")
    records = {k: v for k, v in records.items() if k not in names}

    assert parse_records(b"".join(record(key, value) for key, value in records.items())) == records


PIECES = [
    b"9 path=a\n",
    b"5 a=\n",
    b"9 ",
    b"12 ",
    b"path",
    b"=",
    b"\n",
    b"\0",
    b"GNU.sparse.offset=1\n",
    b"23 ",
]


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=20).map(b"".join))
def test_any_bytes_are_records_or_a_clean_error(data: bytes) -> None:
    try:
        records = parse_records(data)
    except ImageError:
        return

    assert sum(len(key) + len(value) for key, value in records.items()) <= len(data)
