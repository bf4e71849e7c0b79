"""What can be told of a path besides its bytes: ELF headers, members of an archive, where a link leads."""

from __future__ import annotations

from collections.abc import Iterable

from layerscope.model.archive_listing import Listing, list_archive
from layerscope.model.elf import Elf, read_elf
from layerscope.model.entry import Entry, Kind
from layerscope.model.line_index import ReadAt
from layerscope.model.names import shown
from layerscope.model.people import path as path_text
from layerscope.model.people import size
from layerscope.model.recognise import Recognised
from layerscope.tui.material import Material
from layerscope.tui.target import Target
from layerscope.tui.widgets.row_list import Part
from layerscope.union.index import Version, is_directory
from layerscope.union.places import follow
from layerscope.union.tree import View

FactLine = list[Part]
_MOST = 500
_NAMES = {
    Kind.SYMLINK: "symlink",
    Kind.HARDLINK: "hard link that names nothing",
    Kind.CHARACTER_DEVICE: "character device",
    Kind.BLOCK_DEVICE: "block device",
    Kind.FIFO: "named pipe",
}


def kind_text(version: Version) -> str:
    """What a version is, in plain words."""
    entry = version.source
    if is_directory(version) or entry is None:
        return "directory"
    return _NAMES.get(entry.kind, "file")


def facts(pairs: Iterable[tuple[str, str]]) -> list[FactLine]:
    """Names and values in two columns; without a value none."""
    return [[(f"{name:>14}  ", "dim"), (value, "")] for name, value in pairs if value]


def content_facts(recognised: Recognised, read_at: ReadAt, size_bytes: int) -> list[FactLine] | None:
    """What is in an ELF file or in an archive; None for anything else, or where it is damaged."""
    if recognised.elf:
        found = read_elf(read_at)
        return None if found is None else _elf_facts(found)
    if recognised.members:
        listing = list_archive(read_at, size_bytes)
        return None if listing is None else _members(listing)
    return None


def _elf_facts(elf: Elf) -> list[FactLine]:
    order = "big-endian" if elf.big_endian else "little-endian"
    stripped = {True: "yes", False: "no, it has a symbol table", None: "it has no section headers"}
    rows = facts(
        [
            ("type", elf.kind),
            ("machine", f"{elf.machine}, {elf.bits} bits, {order}"),
            ("interpreter", shown(elf.interpreter or "")),
            ("name", shown(elf.soname or "")),
            ("run path", shown(elf.run_path or "")),
            ("stripped", stripped[elf.stripped]),
            ("debug info", "yes" if elf.debug_info else "no"),
        ]
    )
    for number, name in enumerate(elf.needed or ()):
        rows.append([(f"{'' if number else 'needs':>14}  ", "dim"), (shown(name), "")])
    return rows


def _members(listing: Listing) -> list[FactLine]:
    total = sum(member.size_bytes for member in listing.members)
    number = f"{len(listing.members):,}{' or more' if listing.more else ''}"
    count = f"{number} member{'' if number == '1' else 's'}, {size(total)} unpacked"
    rows: list[FactLine] = [[(count, "dim")], []]
    rows += [
        [(f"{size(member.size_bytes):>10}  ", "dim"), (shown(member.path), "")] for member in listing.members
    ]
    return rows


def directory_facts(material: Material, target: Target, version: Version) -> list[FactLine]:
    """How much is below a directory, from which layers, and what is largest in it."""
    tree = material.tree
    position = tree.position(target.path) or 0
    view = View(first=target.layer, last=target.layer)
    below = tree.changed.get(position, {})
    held = size(tree.size_bytes(view, position, version))
    wasted = tree.wasted_bytes(view, position)
    rows = facts(
        [
            ("below it", f"{held} in {tree.count(view, position, version):,} files"),
            ("wasted", size(wasted) if wasted else ""),
        ]
    )
    rows += [[], [("shipped there by", "title")]]
    rows += [
        [
            (f"{size(below[layer].shipped_bytes):>10}  ", ""),
            (f"layer {layer:<4}", "dim"),
            (material.instruction(layer), "dim"),
        ]
        for layer in sorted(below)
        if below[layer].shipped_bytes
    ]
    rows += [[], [("largest", "title")]]
    for row in tree.rows(view, position)[:_MOST]:
        name = shown(row.name) + ("/" if row.is_directory else "")
        rows.append([(f"{size(row.size_bytes):>10}  ", ""), (name, "strong" if row.is_directory else "")])
    return rows


def other_facts(material: Material, target: Target, entry: Entry) -> list[FactLine]:
    """Where a symlink leads, which device it is."""
    if entry.kind is Kind.SYMLINK:
        index = material.inspection.analysis.index
        end = follow(index, target.path, target.layer, last=True)
        node = index.find(end)
        there = node is not None and node.at(target.layer) is not None
        return facts(
            [
                ("text", shown(entry.link_target or "")),
                ("leads to", path_text(end) + ("" if there else "   nothing is there")),
            ]
        )
    return facts([("kind", _NAMES.get(entry.kind, "file")), ("number", entry.link_target or "")])
