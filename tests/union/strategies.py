"""Random stacks of layers over few names, so that collisions are the rule."""

from __future__ import annotations

from itertools import product
from random import Random

import xxhash
from hypothesis import strategies as st

from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry, Kind
from tests.union.dsl import (
    device,
    directory,
    fifo,
    file,
    hardlink,
    layer,
    opaque,
    pseudo_link,
    symlink,
    whiteout,
)

CONTENTS = (b"", b"x", b"y", b"zz", b"four")
CONTENT_OF = {xxhash.xxh3_128_digest(content): content for content in CONTENTS}
MARKERS = (Kind.WHITEOUT, Kind.OPAQUE)
PSEUDO_LINKS = (".wh..wh.plnk/1", ".wh..wh.plnk/2")

Layers = list[list[Entry]]

NAMES = ("a", "b")
PATHS = tuple("/".join(parts) for depth in (1, 2, 3) for parts in product(NAMES, repeat=depth))
SHORT = PATHS[:6]
TEXTS = (
    *PATHS,
    *(f"/{path}" for path in SHORT),
    *(f"../{path}" for path in SHORT),
    *(f"{path}/../{name}" for path in SHORT for name in NAMES),
    *(".", "..", "/", "../.."),
)

paths = st.sampled_from(PATHS)
contents = st.sampled_from(CONTENTS)
texts = st.sampled_from(TEXTS)
bits = st.integers(0, 1)

_files = st.builds(file, paths, contents, mode=st.sampled_from((0o644, 0o755)), mtime=bits)
_directories = st.builds(directory, paths, mode=st.sampled_from((0o755, 0o700)), uid=bits)
_hardlinks = st.builds(hardlink, paths, paths)
_plain = (
    _files,
    _files,
    _directories,
    st.builds(symlink, paths, texts),
    _hardlinks,
    _hardlinks,
    st.builds(whiteout, paths),
    st.builds(whiteout, paths),
    st.builds(opaque, paths),
    st.builds(fifo, paths),
    st.builds(device, paths, st.just(1), st.integers(3, 4)),
)
_odd = (
    st.builds(pseudo_link, st.sampled_from(PSEUDO_LINKS), contents),
    st.builds(hardlink, paths, st.sampled_from(PSEUDO_LINKS)),
    st.one_of(st.just(directory("", mode=0o700)), st.just(opaque(""))),
)


def dense_layers(random: Random) -> Layers:
    """Draw one to five layers with up to a dozen entries each: many in the time that a strategy takes."""
    names = NAMES[: random.randint(1, 2)]
    known = [path for path in PATHS if set(path.split("/")) <= set(names)]
    return [
        [_dense_entry(random, known) for _ in range(random.randint(0, 12))]
        for _ in range(random.randint(1, 5))
    ]


def _dense_entry(random: Random, known: list[str]) -> Entry:
    path, other = random.choice(known), random.choice(known)
    content = random.choice(CONTENTS)
    pseudo = random.choice(PSEUDO_LINKS)
    common = (
        file(path, content, mode=random.choice((0o644, 0o755)), mtime=random.randint(0, 1)),
        directory(path, mode=random.choice((0o755, 0o700))),
        hardlink(path, other),
        whiteout(path),
    )
    rare = (
        symlink(path, random.choice(TEXTS)),
        symlink(path, random.choice((other, f"/{other}", f"../{other}"))),
        opaque(path),
        fifo(path),
        pseudo_link(pseudo, content),
        hardlink(path, pseudo),
        random.choice((directory("", mode=0o700), opaque(""))),
    )
    return random.choice(random.choice((common, common, rare)))


def changesets_of(layers: Layers) -> list[Changeset]:
    """Make changesets of the entries."""
    return [layer(*entries) for entries in layers]


def orderly(layers: Layers) -> Layers:
    """Leave out what makes the order of a layer's entries matter.

    No path is repeated in a layer, nothing that is no directory has anything below it in the same
    layer, no parent is a symlink in any layer, and no hard links name each other in a circle.
    """
    links = _symlink_like(layers)
    return [_orderly_layer(entries, links) for entries in layers]


def _symlink_like(layers: Layers) -> set[str]:
    """Every path that is a symlink anywhere, or a hard link that may lead to one."""
    entries = [entry for entries in layers for entry in entries]
    found = {entry.path for entry in entries if entry.kind is Kind.SYMLINK}
    while True:
        more = {
            entry.path
            for entry in entries
            if entry.kind is Kind.HARDLINK
            and any(part in found for part in (entry.link_target, *_parents(entry.link_target)))
        }
        if more <= found:
            return found
        found |= more


def _orderly_layer(entries: list[Entry], links: set[str]) -> list[Entry]:
    kept: dict[str, Entry] = {}
    markers: list[Entry] = []
    for entry in entries:
        parents = _parents(entry.path)
        if any(parent in links for parent in (*parents, *_parents(entry.link_target))):
            continue
        if entry.kind is Kind.WHITEOUT:
            markers.append(entry)
            continue
        if any(parent in kept and kept[parent].kind is not Kind.DIRECTORY for parent in parents):
            continue
        if entry.kind is Kind.OPAQUE:
            standing = kept.get(entry.path)
            if entry.path not in links and (standing is None or standing.kind is Kind.DIRECTORY):
                markers.append(entry)
            continue
        solid = [*kept, *(marker.path for marker in markers if marker.kind is Kind.OPAQUE)]
        covers = any(path == entry.path or path.startswith(f"{entry.path}/") for path in solid)
        if entry.path in kept or (entry.kind is not Kind.DIRECTORY and covers):
            continue
        if entry.kind is Kind.HARDLINK and _closes_circle(entry, kept):
            continue
        kept[entry.path] = entry
    return [*markers, *kept.values()]


def _closes_circle(link: Entry, kept: dict[str, Entry]) -> bool:
    """Tell whether a hard link's target leads back to it; a link to itself is no circle."""
    target = kept.get(link.link_target or "")
    while target is not None and target.kind is Kind.HARDLINK:
        if target.link_target in (link.path, target.path):
            return target.link_target == link.path
        target = kept.get(target.link_target or "")
    return False


def _parents(path: str | None) -> list[str]:
    parts = (path or "").split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]


any_layer = st.lists(st.one_of(*_plain, *_odd), max_size=12)
any_stacks: st.SearchStrategy[Layers] = st.lists(any_layer, max_size=5)
"""Everything: repeated paths, symlinked parents, files with something below them."""

orderly_stacks: st.SearchStrategy[Layers] = st.lists(
    st.lists(st.one_of(*_plain), max_size=12), max_size=5
).map(orderly)
"""Stacks whose layers mean the same in any order: see `orderly`."""
