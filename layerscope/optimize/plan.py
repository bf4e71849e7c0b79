"""What the result's layers will hold, entry by entry, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import msgspec

from layerscope.errors import ImageError
from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry, Kind
from layerscope.model.names import shown
from layerscope.oci.write.compressing import Codec
from layerscope.optimize.copied import Copied
from layerscope.optimize.deduping import without_copies
from layerscope.optimize.documents import Retimed
from layerscope.optimize.keeping import Kept
from layerscope.optimize.linking import Home, find_links
from layerscope.optimize.marking import Markers, find_markers
from layerscope.optimize.steps import Group
from layerscope.optimize.untouched import has_idle_markers, may_stay
from layerscope.union.index import Node, PathIndex, Version


class NewLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer of the result: the group it is made of, and unless it is copied what is in it.

    ``directories`` are those that no layer mentions. ``content_before_bytes`` is what its layers
    held, ``content_bytes`` what it holds. ``latest_ns`` makes a new layer canonical: nothing in it is
    younger. ``codec`` says how it is to be compressed, None for as it was.
    """

    group: Group
    markers: Markers = msgspec.field(default_factory=Markers)
    directories: tuple[str, ...] = ()
    copies: tuple[Copied, ...] = ()
    content_before_bytes: int
    content_bytes: int
    latest_ns: int | None = None
    codec: Codec | None = None


class Forms(msgspec.Struct, frozen=True, kw_only=True):
    """What new layers look like beside what is in them: see `layerscope.optimize.steps.Steps`."""

    dedupe: bool = False
    latest_ns: int | None = None


_AS_THEY_ARE = Forms()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All layers of the result; ``retimed`` is what becomes of the times in the config."""

    layers: tuple[NewLayer, ...]
    retimed: Retimed | None = None

    @property
    def content_before_bytes(self) -> int:
        """What all layers held."""
        return sum(layer.content_before_bytes for layer in self.layers)

    @property
    def content_bytes(self) -> int:
        """What they will hold."""
        return sum(layer.content_bytes for layer in self.layers)

    @property
    def changed(self) -> bool:
        """Whether any layer is not copied, or only its tar."""
        return any(not layer.group.copied or layer.codec is not None for layer in self.layers)


def make_plan(
    index: PathIndex,
    changesets: Sequence[Changeset],
    groups: Sequence[Group],
    *,
    prune: bool,
    rewritten: AbstractSet[int] = frozenset(),
    forms: Forms = _AS_THEY_ARE,
) -> Plan:
    """The plan for these groups; raises ImageError where a layer cannot be written anew.

    A layer that would be pruned of nothing but names stays as it is, where nothing depends on what
    goes below it, unless it is to be ``rewritten`` for another reason.
    """
    if not groups:
        return Plan(layers=())
    staying = may_stay(index, changesets) - rewritten if prune else set()
    while True:
        tried = [_copied_if(group, staying) for group in groups]
        kept = Kept(index, changesets, tried, prune=prune)
        markers = find_markers(kept, explicit=forms.latest_ns is not None)
        # A layer that stays hides what it hid; what one that is pruned hid, it does not.
        lacking = {
            group.first
            for group, some in zip(tried, markers, strict=True)
            if group.first in staying
            and (some.inherited or has_idle_markers(kept, group.first, changesets[group.first], some))
        }
        if not lacking:
            break
        staying -= lacking
    if prune:
        for number, some in enumerate(markers):
            for path in (*some.whiteouts, *(f"{path}/" for path in some.opaques)):
                kept.keep_parents(path, number)
    return _planned(kept, markers, changesets, forms)


def _copied_if(group: Group, staying: set[int]) -> Group:
    stays = group.copied or (group.first == group.last and group.first in staying)
    return msgspec.structs.replace(group, copied=stays)


def _planned(kept: Kept, markers: list[Markers], changesets: Sequence[Changeset], forms: Forms) -> Plan:
    numbers = [{id(entry): n for n, entry in enumerate(changeset.entries)} for changeset in changesets]
    copies: list[list[Copied]] = [[] for _ in kept.groups]
    directories: list[list[str]] = [[] for _ in kept.groups]
    for node in kept.index.nodes:
        for version in node.versions:
            if version not in kept or version.inode is not None:
                continue
            group = kept.group_of[version.layer]
            if kept.groups[group].copied:
                continue
            if version.entry is not None:
                copies[group].append(_copied(node, version, numbers))
            elif node.path:
                directories[group].append(node.path)
    for group, homes in enumerate(find_links(kept, least_first=forms.latest_ns is not None)):
        files = {home.path: _file(home, numbers, changesets) for home in homes if home.link is None}
        copies[group] += files.values()
        copies[group] += [_link(home, home.link, numbers, files) for home in homes if home.link is not None]
    return Plan(
        layers=tuple(
            _new_layer(group, changesets, markers[n], directories[n], copies[n], forms)
            for n, group in enumerate(kept.groups)
        )
    )


def _new_layer(
    group: Group,
    changesets: Sequence[Changeset],
    markers: Markers,
    directories: list[str],
    copies: list[Copied],
    forms: Forms,
) -> NewLayer:
    before = sum(changeset.content_bytes for changeset in changesets[group.first : group.last + 1])
    if group.copied:
        return NewLayer(group=group, content_before_bytes=before, content_bytes=before)
    copies.sort(key=lambda copied: (copied.layer, copied.number))
    if forms.dedupe:
        copies = without_copies(copies, changesets, forms.latest_ns)
    new = NewLayer(
        group=group,
        markers=markers,
        directories=tuple(sorted(directories)),
        copies=tuple(copies),
        content_before_bytes=before,
        content_bytes=sum(copied.stored_bytes for copied in copies),
        latest_ns=forms.latest_ns,
    )
    if group.first == group.last and forms.latest_ns is None and _is_same(new, changesets[group.first]):
        group = msgspec.structs.replace(group, copied=True)
        return NewLayer(group=group, content_before_bytes=before, content_bytes=before)
    return new


def _is_same(new: NewLayer, changeset: Changeset) -> bool:
    """Whether a layer would be written as it stands, member for member."""
    whiteouts, opaques = len(new.markers.whiteouts), len(new.markers.opaques)
    before, rest = whiteouts + opaques, changeset.entries[whiteouts + opaques :]
    marked = [(entry.kind, entry.path) for entry in changeset.entries[:before]]
    return (
        not new.directories
        and marked[:whiteouts] == [(Kind.WHITEOUT, path) for path in new.markers.whiteouts]
        and marked[whiteouts:] == [(Kind.OPAQUE, path) for path in new.markers.opaques]
        and [copied.number for copied in new.copies] == list(range(before, before + len(rest)))
        and all(
            copied.layer == new.group.first
            and copied.path is None
            and not copied.late
            and copied.link in (None, entry.link_target)
            for copied, entry in zip(new.copies, rest, strict=True)
        )
    )


def _copied(node: Node, version: Version, numbers: list[dict[int, int]]) -> Copied:
    entry = version.entry
    assert entry is not None, "implied directories are made, not copied"
    if entry.kind is Kind.HARDLINK:
        raise ImageError(
            f"/{shown(node.path)}: a hard link of layer {version.layer} names nothing, "
            "so the layer cannot be written anew",
            hint="no engine can unpack this image either",
        )
    path = None if entry.path == node.path else node.path
    number = numbers[version.layer][id(entry)]
    return Copied(version.layer, number, path, None, entry.stored_bytes)


def _file(home: Home, numbers: list[dict[int, int]], changesets: Sequence[Changeset]) -> Copied:
    """The entry with the content, under the name that stands for the group."""
    inode = home.inode
    number = numbers[inode.layer].get(id(inode.entry))
    if number is None:
        number = _pseudo_link(inode.entry, changesets[inode.layer])
    same = home.version.entry is inode.entry and inode.entry.path == home.path
    return Copied(inode.layer, number, None if same else home.path, None, inode.entry.stored_bytes)


def _link(home: Home, link: str, numbers: list[dict[int, int]], files: dict[str, Copied]) -> Copied:
    entry, layer = home.version.entry, home.version.layer
    assert entry is not None, "a directory has no hard links"
    number = numbers[layer][id(entry)]
    file = files.get(link)
    late = file is not None and (file.layer, file.number) > (layer, number)
    return Copied(layer, number, None if entry.path == home.path else home.path, link, late=late)


def _pseudo_link(carrier: Entry, changeset: Changeset) -> int:
    """Where an entry of AUFS' metadata stands, of which the index has a copy; the last one counts."""
    return max(
        number
        for number, entry in enumerate(changeset.entries)
        if entry.kind is Kind.AUFS and entry.path == carrier.path and entry.offset == carrier.offset
    )
