"""Merged filesystems as others see them: written down as TSV, exported as a tar, unpacked to a folder."""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

from tests.engines.tree import SECOND_NS, Row, Tree, lines_of, named, with_groups, written

_TYPES = {
    stat.S_IFREG: "f",
    stat.S_IFDIR: "d",
    stat.S_IFLNK: "l",
    stat.S_IFIFO: "p",
    stat.S_IFCHR: "c",
    stat.S_IFBLK: "b",
}
_CAPABILITY = "security.capability"


def expected(path: Path) -> Tree:
    """A file of ``images/expected``; the last column lacks where there is no content."""
    tree: Tree = {}
    for line in list(lines_of(path))[1:]:
        name, kind, mode, uid, gid, size, mtime, link, nlink, *sha256 = line
        target, _, xattrs = link.partition(b" xattr:")
        tree[named(name).lstrip(b"/")] = Row(
            type=kind.decode(),
            mode=int(mode, 8),
            uid=int(uid),
            gid=int(gid),
            size_bytes=int(size) if kind == b"f" else 0,
            target=target.replace(b",", b":") if kind in b"cb" else named(target),
            sha256=b"".join(sha256).decode(),
            mtime_ns=int(mtime),
            nlink=int(nlink) if kind == b"f" else None,
            xattrs=xattrs,
        )
    return tree


def recorded(path: Path) -> Tree:
    """A TSV as the corpus has it, and as `record` writes it; times in whole seconds."""
    tree: Tree = {}
    for line in lines_of(path):
        name, kind, mode, uid, gid, size, target, sha256, mtime, group, capability = line
        tree[named(name)] = Row(
            type=kind.decode(),
            mode=int(mode, 8),
            uid=int(uid),
            gid=int(gid),
            size_bytes=int(size),
            target=named(target),
            sha256=sha256.decode(),
            mtime_ns=int(mtime) * SECOND_NS,
            group=named(group) if kind == b"f" else None,
            capability=capability.decode(),
        )
    return tree


def record(tree: Tree, path: Path) -> None:
    """Write a tree that `recorded` reads."""
    with path.open("wb") as file:
        for name, row in sorted(tree.items()):
            numbers = [f"{row.mode:04o}", str(row.uid), str(row.gid), str(row.size_bytes)]
            seconds = (row.mtime_ns or 0) // SECOND_NS
            values = [row.type, *numbers, written(row.target).decode(), row.sha256, str(seconds)]
            values += [written(row.group or b"").decode(), row.capability or ""]
            file.write(b"\t".join([written(name), *(value.encode() for value in values)]) + b"\n")


def exported(path: Path) -> Tree:
    """The tar that ``docker export`` writes, as Python's tarfile reads it."""
    tree: Tree = {}
    first_names: dict[bytes, bytes] = {}
    with tarfile.open(path, encoding="utf-8", errors="surrogateescape") as archive:
        for member in archive:
            name = _bytes(member.name).strip(b"/").removeprefix(b"./")
            if name in {b"", b"."}:
                continue
            if member.islnk():
                target = _bytes(member.linkname).strip(b"/")
                first = first_names.get(target, target)
                tree[name] = tree[first]
                first_names[name] = first
            else:
                tree[name] = _member(archive, member)
    return with_groups(tree, first_names)


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Row:
    kind = _TYPES[_FORMATS[member.type]]
    target = b""
    if kind == "l":
        target = _bytes(member.linkname)
    elif kind in "cb":
        target = f"{member.devmajor}:{member.devminor}".encode()
    capability = member.pax_headers.get(f"SCHILY.xattr.{_CAPABILITY}", "")
    return Row(
        type=kind,
        mode=member.mode & 0o7777,
        uid=member.uid,
        gid=member.gid,
        size_bytes=member.size if kind == "f" else 0,
        target=target,
        sha256=_sha256_of(archive, member) if kind == "f" else "",
        mtime_ns=int(member.mtime // 1) * SECOND_NS,
        capability=_bytes(capability).hex(),
    )


_FORMATS = {
    tarfile.REGTYPE: stat.S_IFREG,
    tarfile.AREGTYPE: stat.S_IFREG,
    tarfile.DIRTYPE: stat.S_IFDIR,
    tarfile.SYMTYPE: stat.S_IFLNK,
    tarfile.FIFOTYPE: stat.S_IFIFO,
    tarfile.CHRTYPE: stat.S_IFCHR,
    tarfile.BLKTYPE: stat.S_IFBLK,
}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _sha256_of(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    content = archive.extractfile(member)
    assert content is not None
    digest = hashlib.sha256()
    while block := content.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def unpacked(folder: Path) -> Tree:
    """A folder that an engine unpacked as root, as the kernel tells it."""
    tree: Tree = {}
    first_names: dict[bytes, bytes] = {}
    first_of: dict[tuple[int, int], bytes] = {}
    for path in sorted(_below(os.fsencode(folder))):
        name = os.path.relpath(path, os.fsencode(folder))
        status = os.lstat(path)
        tree[name] = _found(path, status)
        if tree[name].type == "f" and status.st_nlink > 1:
            first = first_of.setdefault((status.st_dev, status.st_ino), name)
            if first != name:
                first_names[name] = first
    return with_groups(tree, first_names)


def _below(folder: bytes) -> Iterator[bytes]:
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield os.path.join(parent, name)  # noqa: PTH118 - names that are not UTF-8


def _found(path: bytes, status: os.stat_result) -> Row:
    kind = _TYPES[stat.S_IFMT(status.st_mode)]
    target = b""
    if kind == "l":
        target = os.readlink(path)  # noqa: PTH115 - names that are not UTF-8
    elif kind in "cb":
        target = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}".encode()
    sha256 = ""
    if kind == "f":
        with open(path, "rb") as file:  # noqa: PTH123 - names that are not UTF-8
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Row(
        type=kind,
        mode=stat.S_IMODE(status.st_mode),
        uid=status.st_uid,
        gid=status.st_gid,
        size_bytes=status.st_size if kind == "f" else 0,
        target=target,
        sha256=sha256,
        mtime_ns=status.st_mtime_ns,
    )
