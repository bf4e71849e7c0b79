"""A layer of the result as a tar: markers, then directories nobody mentioned, then what is copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import groupby

from layerscope.errors import ImageError
from layerscope.extensions import Opened
from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry, Kind
from layerscope.model.image import Layer
from layerscope.oci.compression import Decompressed
from layerscope.oci.read_ahead import read_ahead
from layerscope.oci.stream import TAR_BLOCK_BYTES
from layerscope.oci.tar.members import Member, Members
from layerscope.oci.tar.pax import Records
from layerscope.oci.write.canonical_header import canonical
from layerscope.oci.write.tar_headers import (
    END,
    RawHeader,
    directory_header,
    rewritten,
    taken_apart,
    whiteout_header,
)
from layerscope.optimize.copied import Copied
from layerscope.optimize.plan import NewLayer
from layerscope.optimize.sorting import Place

_OPAQUE = b".wh..wh..opq"
_WHITEOUT = b".wh."
_HARD_LINK = b"1"

Put = Callable[[bytes | memoryview], object]
Begin = Callable[[Place], object]
Take = Callable[[Member, RawHeader, Copied], bool]


def write_layer_tar(
    layer: NewLayer, opened: Opened, changesets: Sequence[Changeset], put: Put, begin: Begin = lambda _: None
) -> None:
    """Hand the tar to ``put`` piece by piece; raises ImageError.

    Markers stand first: what is below them in the stack goes before anything new comes, whatever
    an engine thinks of the order. Links whose content comes later are held back until the end.
    ``begin`` is told where each piece belongs, for whoever wants them in order.
    """
    begin((0, ""))
    for path in layer.markers.whiteouts:
        parent, _, name = _bytes(path).rpartition(b"/")
        put(whiteout_header(parent + b"/" * bool(parent) + _WHITEOUT + name))
    for path in layer.markers.opaques:
        put(whiteout_header(_bytes(path) + b"/" * bool(path) + _OPAQUE))
    for path in layer.directories:
        begin((1, path))
        put(directory_header(_bytes(path)))
    held: list[tuple[str, bytes]] = []

    def take(member: Member, header: RawHeader, copied: Copied) -> bool:
        """Pass on the headers; whether the content follows."""
        headers, path = _headers(member, header, copied, layer.latest_ns), _path(member, copied)
        if copied.late:
            held.append((path, headers))
            return False
        begin((1, path))
        put(headers)
        return copied.link is None and member.header.typeflag != _HARD_LINK

    for number, some in groupby(layer.copies, key=lambda copied: copied.layer):
        source, entries = opened.image.layers[number], changesets[number].entries
        _copy(opened, source, entries, list(some), take, put, canonical=layer.latest_ns is not None)
    for path, headers in held:
        begin((1, path))
        put(headers)
    begin((2, ""))
    put(END)


def _copy(
    opened: Opened,
    source: Layer,
    entries: Sequence[Entry],
    wanted: list[Copied],
    take: Take,
    put: Put,
    *,
    canonical: bool,
) -> None:
    left = {copied.number: copied for copied in wanted}
    numbers = {id(entries[copied.number]): copied.number for copied in wanted}
    shared: Records = {}

    def verdict(number: int) -> bool | None:
        """What becomes of an entry that lies there plainly; None where its headers are to be seen."""
        copied = left.get(number)
        if copied is None:
            return False if left else None
        if canonical or copied.late or (copied.path, copied.link) != (None, None):
            return None
        del left[number]
        return True

    try:
        with closing(opened.open_layer(source)) as raw:
            blocks = Decompressed(raw)
            with closing(read_ahead(blocks) if blocks.compressed else iter(blocks)) as ahead:
                members = Members(ahead, entries)
                members.pass_plain(verdict, put)
                for member in members if left else ():
                    header = taken_apart(member.raw, shared)
                    copied = left.pop(numbers.get(id(member.entry), -1), None)
                    if copied is not None and take(member, header, copied):
                        _put_content(members, member, put)
                    members.pass_plain(verdict, put)
                    if not left:
                        break
    except OSError as error:
        raise ImageError(f"{source.blob}: {error.strerror}") from error


def _put_content(members: Members, member: Member, put: Put) -> None:
    if member.stored_bytes:
        for piece in members.content():
            put(piece)
        put(bytes(-member.stored_bytes % TAR_BLOCK_BYTES))


def _path(member: Member, copied: Copied) -> str:
    assert member.entry is not None, "only what the scanner took is copied"
    return member.entry.path if copied.path is None else copied.path


def _headers(member: Member, header: RawHeader, copied: Copied, latest_ns: int | None) -> bytes:
    """As they stand, unless they name something else now, or are to be canonical."""
    entry, read = member.entry, member.header
    assert entry is not None, "only what the scanner took is copied"
    becomes_link = copied.link is not None and read.typeflag != _HARD_LINK
    name, link = read.name, read.link_name
    if copied.path is not None or latest_ns is not None:
        name = (_bytes(_path(member, copied)) or b".") + b"/" * (entry.kind is Kind.DIRECTORY)
    if copied.link is not None and entry.link_target != copied.link:
        link = _bytes(copied.link)
    kind = _HARD_LINK if becomes_link else None
    if latest_ns is not None:
        link = link if copied.link is None else _bytes(copied.link)
        return canonical(header, read, name, link, min(entry.mtime_ns, latest_ns), kind)
    stores = read.typeflag == _HARD_LINK and member.stored_bytes > 0
    if (name, link) == (read.name, read.link_name) and not header.depends and not stores:
        return header.raw
    return rewritten(header, name, link, empty=stores or becomes_link, kind=kind)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
