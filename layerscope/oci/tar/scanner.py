"""A layer's tar to its changeset's entries: one pass, each content hashed and probed as it passes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import xxhash

from layerscope.errors import ImageError
from layerscope.extensions import Probe, Sink
from layerscope.model.diagnostic import Diagnostic
from layerscope.model.entry import Entry, Kind
from layerscope.model.paths import leaves_root, normalise
from layerscope.oci.stream import TAR_BLOCK_BYTES, BlockStream
from layerscope.oci.tar.header import Header, parse_header
from layerscope.oci.tar.ordinary import add_ordinary
from layerscope.oci.tar.probed import Probed
from layerscope.oci.tar.reader import TarReader

_KINDS = {
    b"0": Kind.FILE, b"\0": Kind.FILE, b"7": Kind.FILE, b"S": Kind.FILE,
    b"1": Kind.HARDLINK, b"2": Kind.SYMLINK, b"3": Kind.CHARACTER_DEVICE,
    b"4": Kind.BLOCK_DEVICE, b"5": Kind.DIRECTORY, b"D": Kind.DIRECTORY, b"6": Kind.FIFO,
}  # fmt: skip
_ESTARGZ_TOC = "stargz.index.json"
_ESTARGZ_EXTRAS = frozenset((_ESTARGZ_TOC, ".prefetch.landmark", ".no.prefetch.landmark"))
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_AUFS = ".wh..wh."


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """What the tar of one layer holds."""

    entries: list[Entry]
    content_bytes: int
    tar_bytes: int
    facts: dict[str, dict[str, Any]]
    diagnostics: tuple[Diagnostic, ...]


def scan_tar(blocks: Iterator[bytes], probes: Iterable[Probe] = ()) -> Scan:
    """Read a layer to its very end; raises ImageError where it is damaged."""
    return _Scanner(blocks, tuple(probes)).scan()


class _Scanner:
    def __init__(self, blocks: Iterator[bytes], probes: tuple[Probe, ...]) -> None:
        self._stream = BlockStream(blocks)
        self._reader = TarReader(self._stream)
        self._entries: list[Entry] = []
        self._content_bytes = 0
        self._remarks: dict[str, Diagnostic] = {}
        self._facts: dict[str, dict[str, Any]] = {probe.id: {} for probe in probes}
        self._probed = Probed(probes)

    def scan(self) -> Scan:
        reader = self._reader
        while (header := reader.next_member()) is not None:
            self._add(header)
            if reader.plain and not self._probed.everything:
                self._content_bytes += add_ordinary(self._stream, self._entries, self._probed, self._respelt)
        self._finish()
        return Scan(
            entries=self._entries,
            content_bytes=self._content_bytes,
            tar_bytes=self._stream.offset,
            facts={probe: facts for probe, facts in self._facts.items() if facts},
            diagnostics=tuple(self._remarks.values()),
        )

    def _add(self, header: Header) -> None:
        """Turn one member into an entry and go past its content."""
        raw = header.name.decode("utf-8", "surrogateescape")
        path = normalise(raw)
        kind = _KINDS.get(header.typeflag)
        if kind is Kind.FILE and header.typeflag == b"\0" and raw.endswith("/"):
            kind = Kind.DIRECTORY
        if kind is None:
            self._skip_unknown(header, path)
            return
        if _WHITEOUT in path and kind is not Kind.DIRECTORY:
            kind, path = self._marker(kind, path, raw)
        elif path.startswith(_AUFS):
            return
        if header.typeflag == b"2" or (kind is not Kind.FILE and kind is not Kind.AUFS):
            self._add_bare(header, kind, path, raw)
            return
        offset = self._stream.offset
        stored_bytes = header.size_bytes
        head = self._stream.peek(min(self._probed.longest_start, stored_bytes))
        probes = self._probed.wanting(path, head)
        if header.sparse or probes:
            content_hash = self._probed_hash(path, header, probes)
        else:
            content_hash = self._stream.content_hash(stored_bytes)
        self._content_bytes += stored_bytes
        self._entries.append(
            Entry(
                path=path,
                kind=kind,
                size_bytes=header.sparse.size_bytes if header.sparse else stored_bytes,
                stored_bytes=stored_bytes,
                mode=header.mode,
                uid=header.uid,
                gid=header.gid,
                mtime_ns=header.mtime_ns,
                xattrs=header.xattrs,
                content_hash=content_hash,
                offset=offset,
                spelling=None if path == raw else self._respelt(raw, path),
            )
        )

    def _add_bare(self, header: Header, kind: Kind, path: str, raw: str) -> None:
        """Add an entry without content: a directory, link, device or marker."""
        if header.size_bytes and self._has_content(header, kind):
            self._stream.skip(header.size_bytes)
            self._stream.skip_padding(header.size_bytes)
        link_target = header.device
        if header.typeflag == b"2":
            link_target = header.link_name.decode("utf-8", "surrogateescape")
        elif kind is Kind.HARDLINK:
            link_target = normalise(header.link_name.decode("utf-8", "surrogateescape"))
        self._entries.append(
            Entry(
                path=path,
                kind=kind,
                mode=header.mode,
                uid=header.uid,
                gid=header.gid,
                mtime_ns=header.mtime_ns,
                link_target=link_target,
                xattrs=header.xattrs,
                spelling=None if path == raw else self._respelt(raw, path),
            )
        )

    def _has_content(self, header: Header, kind: Kind) -> bool:
        """Whether content follows a member of a type that should have none.

        Most writers give links and directories a size that means nothing; some old ones stored
        the file with a hard link. What follows tells: a header, or the end of the archive.
        """
        if kind is Kind.DIRECTORY:
            return header.typeflag == b"D"
        if header.typeflag in (b"0", b"\0", b"7", b"S"):
            return True
        if kind is not Kind.HARDLINK:
            return False
        block = self._stream.peek(TAR_BLOCK_BYTES)
        try:
            return bool(block.strip(b"\0")) and parse_header(block.ljust(TAR_BLOCK_BYTES, b"\0")) is None
        except ImageError:
            return False

    def _marker(self, kind: Kind, path: str, raw: str) -> tuple[Kind, str]:
        """What a path with ``.wh.`` in it is: a whiteout of which path, or an ordinary name."""
        parent, slash, name = path.rpartition("/")
        if name == _OPAQUE:
            return Kind.OPAQUE, parent
        if path.startswith(_AUFS):
            return (Kind.AUFS if kind is Kind.FILE or kind is Kind.SYMLINK else kind), path
        if not name.startswith(_WHITEOUT):
            if path.startswith(_WHITEOUT) or "/" + _WHITEOUT in path:
                self._remark("marker-directory", "a directory is named like a whiteout", raw)
            return kind, path
        hidden = name[len(_WHITEOUT) :]
        if hidden in ("", ".", ".."):
            self._remark("bad-whiteout", "a whiteout that names nothing is ignored", raw)
            return Kind.WHITEOUT, ""
        return Kind.WHITEOUT, parent + slash + hidden

    def _respelt(self, raw: str, path: str) -> str | None:
        """The spelling to keep of a name that is not written as its path."""
        if raw == path + "/":
            return None
        if raw.startswith("/"):
            self._remark("absolute-name", "a name begins with a slash", raw)
        if ".." in raw and leaves_root(raw):
            self._remark("escaping-name", "a name leads out of the root and is held inside", raw)
        return raw

    def _remark(self, code: str, message: str, path: str) -> None:
        known = self._remarks.get(code)
        count = known.count + 1 if known else 1
        first = known.path if known else path
        self._remarks[code] = Diagnostic(code=code, message=message, path=first, count=count)

    def _skip_unknown(self, header: Header, path: str) -> None:
        self._stream.skip(header.size_bytes)
        self._stream.skip_padding(header.size_bytes)
        self._remark("unknown-type", f"an entry of the unknown type {header.typeflag!r} is left out", path)

    def _probed_hash(self, path: str, header: Header, probes: Sequence[Probe]) -> bytes:
        """Hash a content piece by piece and show it to the probes that want it."""
        sinks = [(probe.id, probe.begin(path, header.size_bytes)) for probe in probes]
        hasher = xxhash.xxh3_128()
        chunks: Iterable[tuple[int, int]] = ((0, header.size_bytes),)
        if header.sparse:
            hasher.update(repr((header.sparse.size_bytes, header.sparse.chunks)).encode())
            chunks = header.sparse.chunks
        position = 0
        for offset, length in chunks:
            _feed_hole(sinks, offset - position)
            for piece in self._stream.pieces(length):
                hasher.update(piece)
                for _, sink in sinks:
                    sink.feed(piece)
            position = offset + length
        if header.sparse:
            _feed_hole(sinks, header.sparse.size_bytes - position)
        self._stream.skip_padding(header.size_bytes)
        for probe, (_, sink) in zip(probes, sinks, strict=True):
            fact = sink.finish()
            if fact is not None or probe.paths is None:
                self._facts[probe.id][path] = fact
        return hasher.digest()

    def _finish(self) -> None:
        """Read what stands behind the end, drop what eStargz adds, see whether all is in order."""
        extra = sum(len(block) - block.count(0) for block in self._stream.rest())
        if extra or self._reader.lone_zeros:
            self._remark("trailing-data", "data follow the end of the layer's tar", "")
        if any(entry.path == _ESTARGZ_TOC for entry in self._entries[-2:]):
            extras = [entry for entry in self._entries if entry.path in _ESTARGZ_EXTRAS]
            self._content_bytes -= sum(entry.stored_bytes for entry in extras)
            self._entries = [entry for entry in self._entries if entry.path not in _ESTARGZ_EXTRAS]


def _feed_hole(sinks: list[tuple[str, Sink]], length: int) -> None:
    for _, sink in sinks:
        sink.feed_hole(length)
