"""Numbers: owners, sizes and times in every encoding (LAYER_CASES 77, 78)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.errors import ImageError
from layerscope.oci.tar.numbers import header_number
from tests.oci.tar.raw import (
    END,
    GNU,
    V7,
    base256,
    entries,
    header,
    member,
    pax,
    scan,
    signed,
)

MAX_64 = (1 << 63) - 1


@pytest.mark.parametrize("owner", [0, 1, 2_097_151, 2_097_152, 4_000_000, (1 << 32) - 2, 1 << 55])
def test_case_77_large_owners_in_base_256_and_in_pax(owner: int) -> None:
    in_base256 = member(b"g", magic=GNU, uid=base256(owner, 8), gid=base256(owner, 8))
    in_pax = pax((b"uid", b"%d" % owner), (b"gid", b"%d" % owner)) + member(b"p")

    for entry in entries(in_base256 + in_pax + END):
        assert (entry.uid, entry.gid) == (owner, owner)


@pytest.mark.parametrize("owner", [-1, -2, -2_097_152])
def test_case_77_negative_owners_are_read_as_they_stand(owner: int) -> None:
    in_base256 = member(b"g", magic=GNU, uid=base256(owner, 8), gid=base256(owner, 8))
    in_pax = pax((b"uid", b"%d" % owner), (b"gid", b"%d" % owner)) + member(b"p")

    for entry in entries(in_base256 + in_pax + END):
        assert (entry.uid, entry.gid) == (owner, owner)


@pytest.mark.parametrize("field", ["mode", "uid", "gid", "size", "mtime"])
@pytest.mark.parametrize("value", [b"0000008\0", b"00x0000\0", b"-000001\0", b"+000001\0", b"\x7f" * 8])
def test_case_77_a_garbled_number_is_a_clean_error(field: str, value: bytes) -> None:
    bad = header(b"bad", **{field: value if field in ("mode", "uid", "gid") else b"0000" + value})

    with pytest.raises(ImageError):
        scan(bad + END)
    with pytest.raises(ImageError):
        scan(member(b"first") + bad + END)


@pytest.mark.parametrize("value", [b"00000000008\0", b"99999999999\0", b"000000000009"])
@pytest.mark.parametrize("field", ["size", "mtime"])
def test_case_77_digits_that_are_not_octal_are_a_clean_error(field: str, value: bytes) -> None:
    with pytest.raises(ImageError):
        scan(member(b"first") + header(b"bad", **{field: value}) + END)


@pytest.mark.parametrize(
    "text",
    [b"0001750\0", b"001750 \0", b"  1750 \0", b"1750\0\0\0\0", b"1750    ", b" 1750\0 \0", b"00001750"],
)
def test_case_77_octal_with_blanks_nuls_or_neither(text: bytes) -> None:
    """As in tar-rs' spaces.tar; a field may be filled to its last byte."""
    tar = member(b"first") + member(b"x", uid=text, gid=text) + END

    assert (entries(tar)[1].uid, entries(tar)[1].gid) == (1000, 1000)


@pytest.mark.parametrize("text", [b"00000001750\0", b"000000001750", b"       1750 ", b"1750 ".ljust(12)])
def test_a_size_may_fill_its_field_to_the_last_digit(text: bytes) -> None:
    """Star and 7-Zip write twelve digits where there is no room for a NUL."""
    tar = member(b"first") + header(b"x", size=text) + bytes(1024) + member(b"last") + END

    assert [(e.path, e.size_bytes) for e in entries(tar)] == [("first", 0), ("x", 1000), ("last", 0)]


@pytest.mark.parametrize("text", [b"00000001750\0", b"000000001750", b"1750 ".ljust(12)])
def test_case_78_a_time_may_fill_its_field_to_the_last_digit(text: bytes) -> None:
    tar = member(b"first") + member(b"x", mtime=text) + END

    assert entries(tar)[1].mtime_ns == 1000 * 10**9


def test_blank_and_empty_fields_are_zero() -> None:
    fields = {"mode": b" " * 8, "uid": bytes(8), "gid": b" " * 7 + b"\0", "mtime": bytes(12)}
    (entry,) = entries(header(b"nil", **fields, size=b" " * 12) + END)

    assert (entry.mode, entry.uid, entry.gid, entry.mtime_ns, entry.size_bytes) == (0, 0, 0, 0, 0)


def test_a_size_in_base_256_is_read() -> None:
    tar = header(b"x", size=base256(5), magic=GNU) + b"hello".ljust(512, b"\0") + END

    assert entries(tar)[0].size_bytes == 5


@pytest.mark.parametrize("size", [-1, -512, -(1 << 62)])
def test_a_negative_size_is_a_clean_error(size: int) -> None:
    with pytest.raises(ImageError, match="negative"):
        scan(header(b"x", size=base256(size), magic=GNU) + END)
    with pytest.raises(ImageError, match="negative"):
        scan(pax((b"size", b"%d" % size)) + member(b"x") + END)


@pytest.mark.parametrize("size", [1 << 20, 1 << 40, 1 << 60, 1 << 63, 1 << 90])
def test_a_size_beyond_the_end_is_a_clean_error(size: int) -> None:
    """As in Go's writer-big: 16 GB said, none there."""
    with pytest.raises(ImageError, match=r"truncated|beyond 64 bits"):
        scan(header(b"x", size=base256(size), magic=GNU))


def test_a_pax_size_counts_instead_of_the_headers() -> None:
    """How many bytes follow is what the record says, leading zeros or not (pax-pos-size-file)."""
    content = b"c" * 999
    tar = pax((b"size", b"000999")) + header(b"x", size=0) + content.ljust(1024, b"\0")

    assert [(e.path, e.size_bytes) for e in entries(tar + member(b"y") + END)] == [
        ("x", 999),
        ("y", 0),
    ]


@pytest.mark.parametrize(
    ("text", "mtime_ns"),
    [
        (b"0", 0),
        (b"1.5", 1_500_000_000),
        (b"1.", 1_000_000_000),
        (b"1.000000001", 1_000_000_001),
        (b"1.0000000019", 1_000_000_001),
        (b"1350244992.023960108", 1_350_244_992_023_960_108),
        (b"4294967296", 4_294_967_296_000_000_000),
        (b"-1", -1_000_000_000),
        (b"-1.5", -1_500_000_000),
        (b"-0.000000001", -1),
        (b"-1.0000000001", -1_000_000_001),
    ],
)
def test_case_78_a_pax_time_of_any_precision_rounded_down(text: bytes, mtime_ns: int) -> None:
    assert entries(pax((b"mtime", text)) + member(b"x") + END)[0].mtime_ns == mtime_ns


@pytest.mark.parametrize("seconds", [-1, -(1 << 33), 1 << 32, 1 << 33])
def test_case_78_times_before_1970_and_after_2106_in_base_256(seconds: int) -> None:
    tar = member(b"first") + member(b"x", magic=GNU, mtime=base256(seconds)) + END

    assert entries(tar)[1].mtime_ns == seconds * 10**9


@pytest.mark.parametrize("text", [b"x", b"1x", b"1.5x", b".", b"--1", b"1e9", b"+1", b" 1", b"1" * 5000])
def test_case_78_a_garbled_pax_time_is_a_clean_error(text: bytes) -> None:
    with pytest.raises(ImageError, match="mtime"):
        scan(pax((b"mtime", text)) + member(b"x") + END)


@pytest.mark.parametrize("key", [b"uid", b"gid", b"size"])
@pytest.mark.parametrize("text", [b"x", b"1x", b"1.5", b" 1", b"0x10", b"1" * 5000, b"\xff"])
def test_a_garbled_pax_number_is_a_clean_error(key: bytes, text: bytes) -> None:
    with pytest.raises(ImageError, match=key.decode()):
        scan(pax((key, text)) + member(b"x") + END)


@pytest.mark.parametrize(
    "tar",
    [
        member(b"x", magic=GNU, mtime=base256(1 << 90)),
        member(b"x", magic=GNU, mtime=base256(-(1 << 90))),
        pax((b"mtime", b"9" * 20)) + member(b"x"),
        pax((b"uid", b"9" * 20)) + member(b"x"),
        pax((b"gid", b"-" + b"9" * 20)) + member(b"x"),
    ],
)
def test_a_number_that_no_machine_holds_is_refused_or_held_to_64_bits(tar: bytes) -> None:
    """The cache, worker processes and JSON know no longer integers."""
    try:
        (entry,) = entries(tar + END)
    except ImageError:
        return

    assert all(abs(number) <= MAX_64 for number in (entry.uid, entry.gid, entry.mtime_ns))


def test_the_signed_checksum_of_old_tars_is_as_good() -> None:
    """It differs only where a byte is above 127."""
    tar = member(b"first") + signed(header(b"\xe9t\xe9")) + signed(header(b"v7\xff", b"\0", magic=V7)) + END

    assert len(entries(tar)) == 3


@pytest.mark.parametrize("place", [0, 100, 124, 148, 156, 257, 345, 511])
def test_a_header_whose_checksum_does_not_fit_is_no_header(place: int) -> None:
    damaged = bytearray(header(b"name"))
    damaged[place] ^= 1

    with pytest.raises(ImageError, match="header"):
        scan(bytes(damaged) + END)
    with pytest.raises(ImageError, match="header"):
        scan(member(b"first") + bytes(damaged) + END)


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_base_256_is_twos_complement(number: int) -> None:
    assert header_number(base256(number)) == number


@given(st.integers(0, 8**11 - 1))
def test_octal_is_read_at_any_place_in_its_field(number: int) -> None:
    digits = b"%o" % number

    assert header_number(digits.rjust(12)) == number
    assert header_number(digits.ljust(12, b"\0")) == number
    assert header_number(digits.rjust(12, b"0")) == number


@given(st.binary(min_size=1, max_size=24))
def test_any_field_is_a_number_or_a_value_error(field: bytes) -> None:
    try:
        assert isinstance(header_number(field), int)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either outcome is right, nothing else is
