"""Members that are passed plainly come out as they stand, like those of which every header is read."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence

from hypothesis import assume, given
from hypothesis import strategies as st

from layerscope.model.entry import Entry
from layerscope.oci.stream import BlockStream
from layerscope.oci.tar.members import Members
from layerscope.oci.tar.plain_members import pass_plain
from tests.oci.tar.raw import END, entries, in_blocks, member, outcome
from tests.oci.tar.test_blocks import PIECES, cuts


def copied(tar: bytes, sizes: list[int], wanted: set[int], *, plainly: bool) -> tuple[bytes, int]:
    """The members of these entries one behind the other, and of how many the headers were read."""
    found = entries(tar)
    numbers = {id(entry): number for number, entry in enumerate(found)}
    out, read = bytearray(), 0
    members = Members(in_blocks(tar, sizes), found)
    if plainly:
        members.pass_plain(wanted.__contains__, out.extend)
    for one in members:
        read += 1
        if one.entry is not None and numbers[id(one.entry)] in wanted:
            out += one.raw
            for piece in members.content():
                out += piece
            out += bytes(-one.stored_bytes % 512)
        if plainly:
            members.pass_plain(wanted.__contains__, out.extend)
    return bytes(out), read


@given(st.lists(PIECES, max_size=10), cuts, st.sets(st.integers(0, 9)))
def test_plain_members_come_out_as_others_do(pieces: list[bytes], sizes: list[int], wanted: set[int]) -> None:
    tar = b"".join(pieces) + END
    assume(not isinstance(outcome(tar, [512]), str))

    assert copied(tar, sizes, wanted, plainly=True)[0] == copied(tar, [len(tar)], wanted, plainly=False)[0]


def test_of_ordinary_members_no_header_is_read_again() -> None:
    """By the places that Python's tarfile tells of."""
    tar = b"".join(
        (
            member(b"d/", typeflag=b"5"),
            member(b"d/one", b"1" * 700),
            member(b"d/two", b"2" * 512),
            member(b"d/link", typeflag=b"2", link=b"one"),
            member(b"d/three", b"3"),
            END,
        )
    )
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        starts = [info.offset for info in archive]

    out, read = copied(tar, [len(tar)], {1, 3, 4}, plainly=True)

    assert read == 0
    assert out == tar[starts[1] : starts[2]] + tar[starts[3] : -len(END)]


def numbers_passed(tar: bytes, found: Sequence[Entry]) -> int:
    """How many members pass as plain ones."""
    return pass_plain(BlockStream(iter([tar])), found, 0, lambda _: True, lambda _: None)


def test_a_member_that_is_not_the_entrys_is_not_taken_for_it() -> None:
    """What lies at another place, has another name, or is of another kind."""
    found = entries(member(b"d/", typeflag=b"5") + member(b"f", b"content") + END)
    between = member(b".wh..wh.plnk/", typeflag=b"5")

    passed = [
        numbers_passed(tar, found)
        for tar in (
            member(b"d/", typeflag=b"5") + member(b"f", b"content"),
            member(b"d/", typeflag=b"5") + between + member(b"f", b"content"),
            between + member(b"d/", typeflag=b"5") + member(b"f", b"content"),
            member(b"d", typeflag=b"2", link=b"f") + member(b"f", b"content"),
        )
    ]

    assert passed == [2, 1, 0, 0]
