"""A merged filesystem as plain rows, whoever lists it, and what differs between two of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

SECOND_NS = 10**9
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What is at one path; None where the one who lists it does not say.

    ``type`` is one of ``f d l p c b``. ``size_bytes`` is 0 for all but files, ``target`` is a
    symlink's text or a device's ``major:minor``. ``group`` is the least name of a hard linked
    file, empty for one with a single name. ``xattrs`` are names, separated by commas.
    """

    type: str
    mode: int
    uid: int
    gid: int
    size_bytes: int
    target: bytes
    sha256: str
    mtime_ns: int | None = None
    nlink: int | None = None
    group: bytes | None = None
    xattrs: bytes | None = None
    capability: str | None = None


Tree = dict[bytes, Row]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One field of one path; a row is None on the side that lacks the path."""

    path: bytes
    field: str
    ours: Row | None
    theirs: Row | None

    def __str__(self) -> str:
        """The path, the field and both values."""
        name = self.path.decode("utf-8", "backslashreplace")
        if self.ours is None or self.theirs is None:
            return f"{name}: {'missing' if self.ours is None else 'only in ours'}: {self.ours or self.theirs}"
        return (
            f"{name}: {self.field}: {getattr(self.ours, self.field)!r} ≠ {getattr(self.theirs, self.field)!r}"
        )


Tolerance = Callable[[Difference], bool]


def differences(ours: Tree, theirs: Tree, tolerances: Sequence[Tolerance] = ()) -> list[str]:
    """Everything in which two trees differ and that no tolerance explains, sorted by path."""
    return [
        str(difference)
        for path in sorted(ours.keys() | theirs.keys())
        for difference in _between(path, ours.get(path), theirs.get(path))
        if not any(tolerated(difference) for tolerated in tolerances)
    ]


def _between(path: bytes, ours: Row | None, theirs: Row | None) -> Iterator[Difference]:
    if ours is None or theirs is None:
        yield Difference(path=path, field="", ours=ours, theirs=theirs)
        return
    for field in fields(Row):
        expected = getattr(theirs, field.name)
        if expected is not None and getattr(ours, field.name) != expected:
            yield Difference(path=path, field=field.name, ours=ours, theirs=theirs)


def named(text: bytes) -> bytes:
    r"""The name that was written with ``\xNN``, by us or by any of the oracles."""
    return _ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), text)


def written(name: bytes) -> bytes:
    r"""A name with everything but printable ASCII as ``\xNN``, the backslash too."""
    return b"".join(
        bytes([byte]) if 0x20 <= byte < 0x7F and byte != 0x5C else b"\\x%02x" % byte for byte in name
    )


def with_groups(tree: Tree, first_names: Mapping[bytes, bytes]) -> Tree:
    """The tree with ``group`` and ``nlink`` filled in for files.

    ``first_names`` gives for each further name of a file the name that stands for it.
    """
    members: dict[bytes, list[bytes]] = {}
    for name, first in first_names.items():
        members.setdefault(first, [first]).append(name)
    found = {name: sorted(names) for names in members.values() for name in names}
    return {path: _with_names(row, found.get(path, [b""])) for path, row in tree.items()}


def _with_names(row: Row, names: list[bytes]) -> Row:
    if row.type != "f":
        return row
    values = {field.name: getattr(row, field.name) for field in fields(Row)}
    return Row(**values | {"group": names[0], "nlink": len(names)})


def lines_of(path: Path) -> Iterator[list[bytes]]:
    """The fields of each line of a tab-separated file."""
    for line in path.read_bytes().split(b"\n"):
        if line:
            yield line.split(b"\t")
