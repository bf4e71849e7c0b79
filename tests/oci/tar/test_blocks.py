"""The same tar gives the same entries, however its stream is cut; and the entries are right."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from layerscope.model.entry import Entry, Kind
from layerscope.model.paths import normalise
from layerscope.oci.stream import BlockStream
from layerscope.oci.tar.scanner import scan_tar
from tests.oci.tar.raw import (
    END,
    GNU,
    base256,
    header,
    in_blocks,
    long_name,
    member,
    octal,
    outcome,
    padded,
    pax,
    scan,
    written,
)
from tests.oci.tar.sparse import old_gnu, pax_0_0, pax_0_1, pax_1_0

cuts = st.lists(st.integers(0, 3000) | st.sampled_from([1, 511, 512, 513, 1024]), min_size=1).filter(any)

CHUNKS = [(3, 5), (600, 700)]
DATA = b"01234" + b"#" * 700
PIECES = st.sampled_from(
    [
        member(b"file", b"content"),
        member(b"file", b"c" * 512),
        member(b"./dotted", b"c" * 1500),
        member(b"/absolute/"),
        member(b"../../out"),
        member(b"\xff\xfe", b"x"),
        member("ключ".encode()),
        member(b""),
        member(b"."),
        member(b"d/", typeflag=b"5"),
        member(b"./d/", typeflag=b"5"),
        member(b"./", typeflag=b"5"),
        member(b"/", typeflag=b"5"),
        member(b"d//", typeflag=b"5"),
        member(b"..", typeflag=b"5"),
        member(b"d", typeflag=b"5", mode=0o41755),
        header(b"d/", b"\0", 1),
        header(b"d", b"5", 1000),
        member(b"link", typeflag=b"2", link=b"../target"),
        member(b"link/", typeflag=b"2", link=b"tar\0get"),
        member(b"link", typeflag=b"2", link=b"\xff" * 100),
        header(b"link", b"2", 77, link=b"target"),
        member(b"hard", typeflag=b"1", link=b"./file"),
        header(b"hard", b"1", 700, link=b"file"),
        header(b"hard", b"1", 700, link=b"file") + padded(b"#" * 700),
        member(b"null", typeflag=b"3", devmajor=1, devminor=3),
        member(b"name\0tail", b"x"),
        member(b"name", b"x", prefix=b"pre\0fix"),
        member(b"name", b"x", prefix=b"prefix"),
        member(b"name", b"x", prefix=b"../prefix/"),
        member(b"name", b"x", magic=GNU, prefix=b"1234"),
        member(b"name", b"x", at_508=b"tar\0", prefix=b"star"),
        header(b"twelve", size=b"000000001000") + bytes(512),
        member(b"time", mtime=b"000000001000"),
        member(b"time", mtime=base256(-5)),
        member(b"blank", mtime=b" 1000 \0", uid=b"  17 \0"),
        member(b"d/.wh.gone"),
        member(b"./d/.wh..wh..opq"),
        member(b".wh..wh.plnk/1", b"x"),
        member(b"a.wh.b"),
        member(b"odd", b"#" * 600, typeflag=b"Z"),
        long_name(b"l/" * 100) + member(b"x"),
        pax((b"path", b"p" * 200), (b"SCHILY.xattr.user.x", b"\0")) + member(b"x", b"y" * 513),
        pax((b"uid", b"9"), typeflag=b"g"),
        pax((b"mtime", b"1.5")) + member(b"timed", b"x" * 600),
        pax((b"mtime", b"12345678901.5"), (b"atime", b"1"), (b"ctime", b"1"))
        + member(b"timed/", typeflag=b"5"),
        pax((b"atime", b"1.25"), (b"ctime", b"x"), (b"mtime", b"-1.5"))
        + member(b"timed", typeflag=b"2", link=b"t"),
        pax((b"mtime", b"7."), (b"mtime", b"8.0000000009")) + member(b"./timed"),
        pax((b"mtime", b"1")) + pax((b"atime", b"1")) + member(b"twice"),
        pax((b"mtime", b"1")) + member(b"hard", typeflag=b"1", link=b"file"),
        *(
            pax((b"atime", b"1700000000"), (b"ctime", b"1700000000.000000001"), (b"mtime", mtime))
            + member(b"recent", b"x")
            for mtime in (
                b"1700000000",
                b"1700000000.5",
                b"1700000000.123456789",
                b"1700000000.1234567890",
                b"1700000000.",
                b"1700000000,5",
                b"1700000000.5x",
                b"170000000 .5",
                b"9999999999.5",
            )
        ),
        pax((b"mtime", b"1700000000.25"), (b"mtime", b"1600000000")) + member(b"last-wins"),
        pax((b"xtime", b"1700000000.25")) + member(b"no-such-key"),
        pax((b"mtime", b"")) + member(b"untimed", mtime=3),
        pax() + member(b"no-records"),
        pax((b"atime", b"1\n13 mtime=5")) + member(b"in-a-value"),
        member(b"x", b"9" * 5000 + b" mtime=1\n", b"x") + member(b"long-length"),
        member(b"x", b"0" * 15 + b"24 mtime=1\n", b"x") + member(b"zeros"),
        member(b"x", b"11 mtime=1\n" + bytes(20), b"x") + member(b"nuls"),
        member(b"x", b"11 mtime=1\n11 mtime=2", b"x") + member(b"no-newline"),
        pax((b"size", b"700")) + header(b"sized") + padded(b"#" * 700),
        old_gnu(b"sparse", CHUNKS, DATA, 10_000),
        pax_0_0(b"sparse", CHUNKS, DATA, 10_000),
        pax_0_1(b"sparse", CHUNKS, DATA, 10_000),
        pax_1_0(b"sparse", CHUNKS, DATA, 10_000),
        bytes(512),
        b"garbage",
    ]
)


@given(st.lists(PIECES, max_size=12), st.sampled_from([b"", bytes(512), END]), cuts)
def test_a_tar_gives_the_same_however_its_stream_is_cut(
    pieces: list[bytes], end: bytes, sizes: list[int]
) -> None:
    tar = b"".join(pieces) + end

    assert outcome(tar, sizes) == outcome(tar, [len(tar) or 1])


@given(st.binary(max_size=2000), st.lists(st.integers(0, 300), max_size=20), cuts)
def test_a_stream_gives_its_bytes_however_it_is_cut(data: bytes, counts: list[int], sizes: list[int]) -> None:
    stream = BlockStream(in_blocks(data, sizes))
    position = 0
    for count in counts:
        assert stream.peek(count) == data[position : position + count]
        assert stream.offset == position
        assert stream.take(count) == data[position : position + count]
        position = min(len(data), position + count)
        assert stream.offset == position

    assert b"".join(stream.rest()) == data[position:]
    assert stream.offset == len(data)


def test_an_empty_block_does_not_end_the_stream() -> None:
    tar = member(b"one", b"1") + member(b"two", b"2" * 600) + END
    blocks = [b"", tar[:100], b"", b"", tar[100:1500], b"", tar[1500:], b""]

    assert scan_tar(iter(blocks)) == scan_tar(iter([tar]))


names = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=30).filter(
    lambda name: name not in (".", "..")
)
name_paths = st.lists(names, min_size=1, max_size=6).map("/".join)
owners = st.integers(0, 8**7 - 1)
times = st.integers(0, 8**11 - 1)
contents = st.binary(max_size=1500)


def info(values: dict[str, Any]) -> tuple[tarfile.TarInfo, bytes]:
    """A member for tarfile to write."""
    member_info = tarfile.TarInfo(values["name"])
    member_info.type = values["type"]
    member_info.mode, member_info.mtime = values["mode"], values["mtime"]
    member_info.uid, member_info.gid = values["uid"], values["gid"]
    content = values["content"] if values["type"] == tarfile.REGTYPE else b""
    member_info.size = len(content)
    if values["type"] in (tarfile.SYMTYPE, tarfile.LNKTYPE):
        member_info.linkname = values["link"]
    if values["type"] in (tarfile.CHRTYPE, tarfile.BLKTYPE):
        member_info.devmajor, member_info.devminor = values["device"]
    return member_info, content


TYPES = [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE]
TYPES += [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
members = st.fixed_dictionaries(
    {
        "name": name_paths.filter(lambda name: ".wh." not in name and "stargz" not in name),
        "type": st.sampled_from(TYPES),
        "mode": st.integers(0, 0o7777),
        "uid": owners,
        "gid": owners,
        "mtime": times,
        "content": contents,
        "link": name_paths,
        "device": st.tuples(st.integers(0, 4095), st.integers(0, 8**7 - 1)),
    }
).map(info)

KINDS = {
    tarfile.REGTYPE: Kind.FILE,
    tarfile.DIRTYPE: Kind.DIRECTORY,
    tarfile.SYMTYPE: Kind.SYMLINK,
    tarfile.LNKTYPE: Kind.HARDLINK,
    tarfile.CHRTYPE: Kind.CHARACTER_DEVICE,
    tarfile.BLKTYPE: Kind.BLOCK_DEVICE,
    tarfile.FIFOTYPE: Kind.FIFO,
}


def expected(member_info: tarfile.TarInfo, content: bytes) -> Entry:
    """The entry that a member of Python's tarfile must become."""
    link: str | None = None
    if member_info.type == tarfile.SYMTYPE:
        link = member_info.linkname
    elif member_info.type == tarfile.LNKTYPE:
        link = normalise(member_info.linkname)
    elif member_info.type in (tarfile.CHRTYPE, tarfile.BLKTYPE):
        link = f"{member_info.devmajor}:{member_info.devminor}"
    is_file = member_info.type == tarfile.REGTYPE
    return Entry(
        path=member_info.name,
        kind=KINDS[member_info.type],
        size_bytes=len(content),
        stored_bytes=len(content),
        mode=member_info.mode,
        uid=member_info.uid,
        gid=member_info.gid,
        mtime_ns=int(member_info.mtime) * 10**9,
        link_target=link,
        content_hash=xxhash.xxh3_128_digest(content) if is_file else None,
        offset=member_info.offset_data if is_file else 0,
    )


def readable(tar: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
    """What Python's tarfile reads back."""
    with tarfile.open(fileobj=io.BytesIO(tar), encoding="utf-8") as opened:
        return [
            (item, (opened.extractfile(item) or io.BytesIO()).read() if item.isreg() else b"")
            for item in opened
        ]


def storable(item: tuple[tarfile.TarInfo, bytes]) -> bool:
    """Whether ustar has room for the names."""
    try:
        written([item], tarfile.USTAR_FORMAT)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("tar_format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@given(st.lists(members, max_size=5), cuts)
def test_the_listing_is_that_of_pythons_tarfile(
    tar_format: int, items: list[tuple[tarfile.TarInfo, bytes]], sizes: list[int]
) -> None:
    tar = written(items, tar_format)

    assert scan_tar(in_blocks(tar, sizes)).entries == [expected(*item) for item in readable(tar)]
    assert scan(tar).content_bytes == sum(len(content) for _, content in items)


@given(st.lists(members, max_size=5), cuts)
def test_the_listing_of_a_ustar_is_that_of_pythons_tarfile(
    items: list[tuple[tarfile.TarInfo, bytes]], sizes: list[int]
) -> None:
    tar = written(filter(storable, items), tarfile.USTAR_FORMAT)

    assert scan_tar(in_blocks(tar, sizes)).entries == [expected(*item) for item in readable(tar)]


@given(st.integers(-(1 << 33), 1 << 33), st.integers(0, 1 << 50))
def test_large_numbers_of_gnu_format_are_those_of_pythons_tarfile(mtime: int, uid: int) -> None:
    item = tarfile.TarInfo("x")
    item.mtime, item.uid, item.gid = mtime, uid, uid

    (entry,) = scan(written([(item, b"")], tarfile.GNU_FORMAT)).entries

    assert (entry.mtime_ns, entry.uid, entry.gid) == (mtime * 10**9, uid, uid)


def test_the_order_of_fields_is_that_of_posix() -> None:
    """A guard for the helper itself: Python's tarfile reads what it writes."""
    tar = member(b"n", b"c", prefix=b"p", mode=0o640, uid=1, gid=2, mtime=octal(3)) + END

    ((item, content),) = readable(tar)

    assert (item.name, item.mode, item.uid, item.gid, item.mtime) == ("p/n", 0o640, 1, 2, 3)
    assert content == b"c"
