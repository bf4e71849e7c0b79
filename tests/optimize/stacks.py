"""Stacks of layers as real tars, and what is made of them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence

from layerscope.extensions import LayerJob, Stored
from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry, Kind
from layerscope.model.image import Image, ImageConfig, Layer
from layerscope.oci.write.content import CheckedImage
from layerscope.optimize.deduping import check_equal
from layerscope.optimize.plan import Plan
from layerscope.optimize.preparing import Work, prepare
from layerscope.optimize.result import write_members
from layerscope.optimize.steps import Steps
from layerscope.spool import Spool, spool
from layerscope.union.apply import build_index
from layerscope.union.index import PathIndex
from tests.union.archived import changeset_of
from tests.union.strategies import CONTENT_OF

_TYPES = {
    Kind.FILE: tarfile.REGTYPE,
    Kind.AUFS: tarfile.REGTYPE,
    Kind.DIRECTORY: tarfile.DIRTYPE,
    Kind.SYMLINK: tarfile.SYMTYPE,
    Kind.HARDLINK: tarfile.LNKTYPE,
    Kind.CHARACTER_DEVICE: tarfile.CHRTYPE,
    Kind.FIFO: tarfile.FIFOTYPE,
    Kind.WHITEOUT: tarfile.REGTYPE,
    Kind.OPAQUE: tarfile.REGTYPE,
}


def tar_of(entries: Sequence[Entry]) -> bytes:
    """A layer's tar with these entries, in their order, as another tool writes it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in entries:
            info = tarfile.TarInfo(_name(entry))
            info.type = _TYPES[entry.kind]
            info.mode, info.uid, info.gid = entry.mode, entry.uid, entry.gid
            info.mtime = entry.mtime_ns // 1_000_000_000
            if entry.kind is Kind.CHARACTER_DEVICE:
                info.devmajor, info.devminor = map(int, (entry.link_target or "").split(":"))
            elif entry.link_target is not None:
                info.linkname = entry.link_target
            content = CONTENT_OF[entry.content_hash] if entry.content_hash else b""
            info.size = len(content)
            info.pax_headers = {
                f"SCHILY.xattr.{name}": value.decode() for name, value in (entry.xattrs or {}).items()
            }
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _name(entry: Entry) -> str:
    parent, slash, name = entry.path.rpartition("/")
    if entry.kind is Kind.WHITEOUT:
        return f"{parent}{slash}.wh.{name}"
    if entry.kind is Kind.OPAQUE:
        return f"{entry.path}/.wh..wh..opq".lstrip("/")
    return entry.path or "./"


class Tars:
    """An image of layers in memory; a `layerscope.extensions.Opened`."""

    streams = 1

    def __init__(self, tars: Sequence[bytes]) -> None:
        self.tars = list(tars)
        layers = tuple(Layer(number=number, blob=f"{number}.tar") for number in range(len(tars)))
        self.image = Image(reference="test", config=ImageConfig(), layers=layers)

    def job(self, layer: Layer) -> LayerJob | None:  # noqa: ARG002
        """Nothing lies in a file."""
        return None

    def read_layer(self, layer: Layer) -> Changeset:
        """The layer, scanned."""
        return changeset_of(self.tars[layer.number])

    def open_layer(self, layer: Layer) -> Stored:
        """The tar."""
        return io.BytesIO(self.tars[layer.number])


class Optimized:
    """What became of a stack: the plan, the tars before and after, and both indexes."""

    def __init__(self, tars: Sequence[bytes], steps: Steps, own: int = 0) -> None:
        self.before = Tars(tars)
        self.changesets = [changeset_of(tar) for tar in tars]
        self.index_before: PathIndex = build_index(self.changesets)
        image = CheckedImage(opened=self.before, config=b"{}", layers=())
        self.work: Work = prepare(image, self.changesets, build_index(self.changesets), steps, own)
        self.plan: Plan = self.work.plan
        for layer in self.plan.layers:
            check_equal(layer.copies, self.before, self.changesets)
        with spool() as keeper:
            self.tars = [self._written(number, keeper) for number in range(len(self.plan.layers))]
        self.changesets_after = [changeset_of(tar) for tar in self.tars]
        self.index: PathIndex = build_index(self.changesets_after)

    def _written(self, number: int, keeper: Spool) -> bytes:
        layer = self.plan.layers[number]
        if layer.group.copied:
            return self.before.tars[layer.group.first]
        parts: list[bytes] = []
        write_members(
            layer, self.before, self.changesets, keeper, "members", lambda data: parts.append(bytes(data))
        )
        return b"".join(parts)

    @property
    def saved_bytes(self) -> int:
        """Content that is not shipped any more, as the scanner counts it."""
        before = sum(changeset.content_bytes for changeset in self.changesets)
        return before - sum(changeset.content_bytes for changeset in self.changesets_after)
