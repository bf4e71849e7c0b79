"""Members of which their entries tell all: copied as they stand, without their headers being read again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from layerscope.model.entry import Entry, Kind
from layerscope.oci.stream import TAR_BLOCK_BYTES, BlockStream

Verdict = Callable[[int], bool | None]
"""What becomes of an entry, by its number: copied as it stands, passed over, or (None) looked at closely.

Asked once of each that is plain."""

Put = Callable[[memoryview | bytes], object]

_FILES = b"0\0007"
_BARE = {ord("5"): Kind.DIRECTORY, ord("2"): Kind.SYMLINK}
_PAX_HEADER, _NO_CONTENT = ord("x"), b"00000000000"
_PREFIX = 345
_PAX_BYTES = 2 * TAR_BLOCK_BYTES
"""A PAX header and its records, where one block holds these."""
_MOST_HEADER_BYTES = _PAX_BYTES + TAR_BLOCK_BYTES


def pass_plain(
    stream: BlockStream,
    entries: Sequence[Entry],
    number: int,
    verdict: Verdict,
    put: Put,
) -> int:
    """Go past plain members, hand on those that are to be copied, and give the number of the next entry.

    Leaves off before a member that is anything else, or that does not lie where its entry says. No global
    header may be in effect.
    """
    block, view, base, position = stream.window()
    start = position
    while number < len(entries):
        entry = entries[number]
        if position + _MOST_HEADER_BYTES > len(block):
            put(view[start:position])
            stream.move_to(position)
            stream.peek(_MOST_HEADER_BYTES)  # so that all headers lie in one block
            block, view, base, position = stream.window()
            start = position
        content = _content_at(block, position, entry, base)
        copied = None if content is None else verdict(number)
        if content is None or copied is None:
            break
        if not copied:
            put(view[start:position])
        end = content + (entry.stored_bytes + 511 & -512)
        if end > len(block):
            if copied:
                put(view[start:])
            _pass_content(stream, content, entry.stored_bytes, put if copied else _nowhere)
            block, view, base, start = stream.window()
            end = start
        elif not copied:
            start = end
        position = end
        number += 1
    put(view[start:position])
    stream.move_to(position)
    return number


def _content_at(block: bytes, position: int, entry: Entry, base: int) -> int | None:
    """Where the content of the member there begins; None where it is not plainly the entry's."""
    last = len(block) - TAR_BLOCK_BYTES
    if position > last:
        return None
    header = position
    if block[position + 156] == _PAX_HEADER:
        header += _PAX_BYTES
        if header > last or not b"00000000001" <= block[position + 124 : position + 135] <= b"00000001000":
            return None
    content = header + TAR_BLOCK_BYTES
    if entry.kind is Kind.FILE:
        # Where the content lies tells that no other header stands in front of it.
        there = base + content == entry.offset and block[header + 156] in _FILES
        return content if there and entry.size_bytes == entry.stored_bytes else None
    if (
        _BARE.get(block[header + 156]) is not entry.kind
        or block[header + 124 : header + 135] != _NO_CONTENT
        or block[header + _PREFIX]
    ):
        return None
    # Some members have no entry: the name tells which one this is.
    name = (entry.spelling or entry.path).encode("utf-8", "surrogateescape")
    end = header + len(name)
    if len(name) > 99 or not block.startswith(name, header) or block[end : end + 2].strip(b"/\0"):
        return None
    return content


def _pass_content(stream: BlockStream, content: int, size_bytes: int, put: Put) -> None:
    """Hand on what of a content, and of what pads it, lies behind the block that it begins in."""
    block, *_ = stream.window()
    stream.move_to(len(block))
    there = len(block) - content
    for piece in stream.pieces(max(0, size_bytes - there)):
        put(piece)
    padding = -size_bytes % TAR_BLOCK_BYTES - max(0, there - size_bytes)
    stream.take(padding)  # the very end may lack it
    put(bytes(padding))


def _nowhere(piece: memoryview | bytes) -> None:
    """Passed over."""
