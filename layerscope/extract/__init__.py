"""Files of an image written out to a folder, and never to anywhere else."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import msgspec

from layerscope.content import Content
from layerscope.errors import LayerscopeError, LimitExceeded, WriteError
from layerscope.extensions import Progress
from layerscope.extract.inside import Inside, Spot
from layerscope.extract.making import (
    Wishes,
    dress,
    make_device,
    make_file,
    make_folder,
    make_link,
    make_symlink,
)
from layerscope.extract.plan import Folder, Item, Missing, Plan, plan
from layerscope.model.names import shown
from layerscope.union.index import Node
from layerscope.union.places import Place

_PART = "writing files"
_HOPELESS = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO))
"""What will not go better with the next file."""


class Extracted(msgspec.Struct, frozen=True, kw_only=True):
    """What was written. ``devices_left_out`` are devices and pipes that nobody asked for."""

    files: int
    folders: int
    links: int
    devices: int
    written_bytes: int
    devices_left_out: int
    missing: tuple[Missing, ...]


def extract(
    content: Content,
    place: Place,
    destination: Path,
    wishes: Wishes | None = None,
    progress: Progress | None = None,
) -> Extracted:
    """Write what stands at a place, and all that is below it, into a folder.

    The folder is made where it is missing; the root's own content goes right into it, anything else
    under its own name. What cannot be written is left out and listed as ``missing``. Raises
    LimitExceeded before anything is written, WriteError where something is in the way or nothing
    more can be written, and ImageError where a content cannot be read.
    """
    wishes = wishes or Wishes()
    planned = plan(place)
    if wishes.max_bytes is not None and planned.size_bytes > wishes.max_bytes:
        raise LimitExceeded(
            f"/{shown(place.node.path)} takes {planned.size_bytes} bytes, {wishes.max_bytes} are allowed",
            hint="raise --max-size if you trust the image",
        )
    try:
        destination.mkdir(parents=True, exist_ok=True)
        top = os.open(destination, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise WriteError(f"{destination}: {error.strerror}") from error
    try:
        _check_room(planned, top, destination)
        if not wishes.force:
            _check_free(place, planned, top, destination)
        with Inside(planned.top, top) as inside:
            return _run(_Extraction(content, planned, wishes, progress, inside), planned, top, destination)
    finally:
        os.close(top)


def _run(extraction: _Extraction, planned: Plan, top: int, destination: Path) -> Extracted:
    """Do it; an error that ends it says how far it came."""
    try:
        return extraction.run(top)
    except (LayerscopeError, OSError) as error:
        if isinstance(error, LayerscopeError):
            kind, message, hint = type(error), error.message, error.hint
        else:
            kind, message, hint = WriteError, f"{destination}: {error.strerror}", None
        done = sum(extraction.done[what] for what in ("files", "folders", "links", "devices"))
        wanted = planned.count - (0 if extraction.wishes.devices else len(planned.devices))
        so_far = f"{done} of {wanted} entries were written before that"
        raise kind(message, hint=f"{hint}; {so_far}" if hint else so_far) from error


def _check_room(planned: Plan, top: int, destination: Path) -> None:
    disk = os.fstatvfs(top)
    free_bytes = disk.f_bavail * disk.f_frsize
    if planned.stored_bytes > free_bytes:
        raise WriteError(
            f"{destination}: {planned.stored_bytes} bytes are to be written, {free_bytes} are free"
        )


def _check_free(place: Place, planned: Plan, top: int, destination: Path) -> None:
    """Refuse at once to write where something is, rather than once for each file."""
    hint = "--force replaces what is in the way"
    if not place.node.text:
        if os.listdir(top):
            raise WriteError(f"{destination} is not empty", hint=hint)
        return
    names = [folder.spot.name for folder in planned.folders[:1]]
    names += [item.name for item in (*planned.files, *planned.symlinks, *planned.devices)]
    for name in names[:1]:
        try:
            os.stat(name, dir_fd=top, follow_symlinks=False)
        except OSError:  # not there, or why not comes out when it is made
            return
        raise WriteError(f"{destination}/{shown(os.fsdecode(name))} exists", hint=hint)


class _Extraction:
    """One run: folders, then contents, then what could lead elsewhere, then the folders' attributes."""

    def __init__(
        self, content: Content, planned: Plan, wishes: Wishes, progress: Progress | None, inside: Inside
    ) -> None:
        self._content = content
        self._planned = planned
        self.wishes = wishes
        self._progress = progress
        self._inside = inside
        self._missing: list[Missing] = list(planned.missing)
        self._lost: set[Spot] = set()
        self._without: set[Item] = set()
        self._made: list[Folder] = []
        self._own: set[tuple[int, int] | None] = set()
        self.done: Counter[str] = Counter()

    def run(self, top: int) -> Extracted:
        """Do all of it."""
        planned, wishes = self._planned, self.wishes
        for folder in planned.folders:
            self._attempt("folders", folder.node, folder.spot.parent, partial(self._folder, folder))
        self._write_files()
        with Inside(planned.top, top) as source:
            for item, first in planned.links:
                self._attempt("links", item.node, item.folder, partial(self._link, item, first, source))
        for item in planned.symlinks:
            make = partial(make_symlink, name=item.name, entry=item.entry, wishes=wishes)
            self._attempt("links", item.node, item.folder, make)
        for item in planned.devices if wishes.devices else ():
            make = partial(make_device, name=item.name, entry=item.entry, wishes=wishes)
            self._attempt("devices", item.node, item.folder, make)
        for folder in reversed(self._made):
            self._attempt("dressed", folder.node, folder.spot, partial(self._dress, folder))
        return Extracted(
            files=self.done["files"],
            folders=self.done["folders"],
            links=self.done["links"],
            devices=self.done["devices"],
            written_bytes=self.done["bytes"],
            devices_left_out=0 if wishes.devices else len(planned.devices),
            missing=tuple(sorted(self._missing, key=lambda missing: missing.path)),
        )

    def _write_files(self) -> None:
        if self._progress is not None:
            self._progress.begin(_PART, self._planned.stored_bytes)
        for item in self._planned.files:
            if not self._attempt("files", item.node, item.folder, partial(self._file, item)):
                self._without.add(item)
        if self._progress is not None:
            self._progress.end(_PART)

    def _attempt(self, what: str, node: Node, folder: Spot | None, act: Callable[[int], None]) -> bool:
        """Do one thing in a folder, or note why it could not be done."""
        assert folder is not None
        try:
            act(self._enter(folder))
        except OSError as error:
            if error.errno in _HOPELESS:
                raise
            self._missing.append(Missing(node.path, error.strerror or str(error)))
            return False
        self.done[what] += 1
        return True

    def _enter(self, folder: Spot) -> int:
        if folder in self._lost:
            raise OSError(errno.ENOENT, "its folder is missing")
        return self._inside.go(folder)

    def _folder(self, folder: Folder, parent: int) -> None:
        self._lost.add(folder.spot)
        made = make_folder(parent, folder.spot.name, self.wishes)
        self._inside.go(folder.spot)
        if made:
            self._made.append(folder)
            self._own.add(folder.spot.identity)
        elif folder.spot.identity in self._own:
            raise FileExistsError(errno.EEXIST, "the file system takes its name for another one's")
        self._lost.discard(folder.spot)

    def _file(self, item: Item, folder: int) -> None:
        with closing(self._content.open((item.layer, item.entry))) as content:
            make_file(folder, item.name, item.entry, content, self.wishes, self._tell)

    def _tell(self, count: int) -> None:
        self.done["bytes"] += count
        if self._progress is not None:
            self._progress.advance(_PART, count)

    def _link(self, item: Item, first: Item, source: Inside, folder: int) -> None:
        if first in self._without:
            raise OSError(errno.ENOENT, f"it is a hard link to /{shown(first.node.path)}, which is missing")
        make_link(folder, item.name, source.go(first.folder), first.name, self.wishes)

    def _dress(self, folder: Folder, file: int) -> None:
        """A folder's own attributes; from above, since it may become one that we cannot leave."""
        own = os.dup(file)
        try:
            assert folder.spot.parent is not None
            self._inside.go(folder.spot.parent)
            dress(own, folder.entry, self.wishes)
        finally:
            os.close(own)


__all__ = ["Extracted", "Missing", "Wishes", "extract"]
