"""An image as somebody else would read it: json, hashlib, tarfile and zstandard, and not a line of ours.

Everything that an image declares of itself is held against its bytes, and its layers are applied to a dict
of paths, sentence by sentence as the image-spec has it.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import zstandard

_OPAQUE, _WHITEOUT = ".wh..wh..opq", ".wh."
_MOST_LINKS = 40


@dataclass(eq=False)
class Inode:
    """What a path leads to; several may lead to the same."""

    kind: str
    mode: int = 0o755
    uid: int = 0
    gid: int = 0
    mtime: float | None = None
    link: str = ""
    xattrs: tuple[tuple[str, str], ...] = ()
    content: str = ""
    size: int = 0

    def told(self) -> tuple[object, ...]:
        """All but the time."""
        return (self.kind, self.mode, self.uid, self.gid, self.link, self.xattrs, self.content, self.size)


@dataclass
class Read:
    """The layers' tars, the config, and the filesystem that comes of them."""

    tars: list[bytes]
    config: dict[str, object]
    blobs: list[bytes]
    media_types: list[str] = field(default_factory=list)
    tree: dict[str, Inode] = field(default_factory=dict)

    def groups(self) -> set[frozenset[str]]:
        """Paths that share an inode."""
        names: dict[int, set[str]] = {}
        for path, inode in self.tree.items():
            if inode.kind != "dir":
                names.setdefault(id(inode), set()).add(path)
        return {frozenset(some) for some in names.values() if len(some) > 1}


def read_image(path: Path) -> Read:
    """An archive or layout with one image, checked; an AssertionError says what is wrong."""
    files = _files(path)
    read = _oci(files) if "index.json" in files else _docker(files)
    rootfs = read.config["rootfs"]
    assert isinstance(rootfs, dict)
    assert rootfs["diff_ids"] == [_digest(tar) for tar in read.tars]
    history = read.config.get("history")
    assert isinstance(history, list)
    assert sum(not step.get("empty_layer") for step in history) == len(read.tars)
    for tar in read.tars:
        _apply(tar, read.tree)
    return read


def _files(path: Path) -> dict[str, bytes]:
    if path.is_dir():
        return {
            one.relative_to(path).as_posix(): one.read_bytes() for one in path.rglob("*") if one.is_file()
        }
    with tarfile.open(path) as tar:
        links = {member.name: member.linkname for member in tar if member.issym()}
        files = {member.name: _content(tar, member) for member in tar if member.isreg()}
    for name, target in links.items():
        files[name] = files[str(PurePosixPath(name).parent / target).replace("/../", "/")]
    return files


def _oci(files: Mapping[str, bytes]) -> Read:
    def blob(item: dict[str, object]) -> bytes:
        data = files["blobs/" + str(item["digest"]).replace(":", "/")]
        assert (len(data), _digest(data)) == (item["size"], item["digest"])
        return data

    [manifest] = {blob(item) for item in json.loads(files["index.json"])["manifests"]}
    document = json.loads(manifest)
    blobs = [blob(layer) for layer in document["layers"]]
    tars = [
        _unpacked(data, layer["mediaType"]) for data, layer in zip(blobs, document["layers"], strict=True)
    ]
    media_types = [layer["mediaType"] for layer in document["layers"]]
    return Read(tars, json.loads(blob(document["config"])), blobs, media_types)


def _docker(files: Mapping[str, bytes]) -> Read:
    [image] = json.loads(files["manifest.json"])
    blobs = [files[name] for name in image["Layers"]]
    tars = [gzip.decompress(blob) if blob.startswith(b"\x1f\x8b") else blob for blob in blobs]
    return Read(tars, json.loads(files[image["Config"]]), blobs)


def _unpacked(data: bytes, media_type: str) -> bytes:
    """A layer, whose media type must tell the truth."""
    compression = media_type.rpartition("tar")[2]
    if compression == "+gzip":
        return gzip.decompress(data)
    if compression == "+zstd":
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)) as reader:
            return reader.read()
    assert compression == ""
    return data


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file is not None
    return file.read()


def _apply(data: bytes, tree: dict[str, Inode]) -> None:
    tree.setdefault("", Inode("dir"))
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as tar:
        members = [(_named(member.name), member) for member in tar]
        for path, _ in members:
            parent, _, name = path.rpartition("/")
            if name == _OPAQUE:
                _remove_below(_resolved(parent + "/x", tree).rpartition("/")[0], tree)
            elif name.startswith(_WHITEOUT) and not name.startswith(".wh..wh."):
                hidden = _resolved(f"{parent}/{name.removeprefix(_WHITEOUT)}".lstrip("/"), tree)
                _remove_below(hidden, tree)
                tree.pop(hidden, None)
        for path, member in members:
            name = path.rpartition("/")[2]
            if name == _OPAQUE:
                _make_directories(_resolved(path, tree), tree)
            elif not name.startswith(_WHITEOUT):
                _add(_resolved(path, tree), tar, member, tree)


def _add(path: str, tar: tarfile.TarFile, member: tarfile.TarInfo, tree: dict[str, Inode]) -> None:
    _make_directories(path, tree)
    inode = tree[_resolved(_named(member.linkname), tree)] if member.islnk() else _inode(tar, member)
    if inode.kind != "dir":
        _remove_below(path, tree)
    tree[path] = inode


def _inode(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Inode:
    kinds = {
        tarfile.DIRTYPE: "dir",
        tarfile.SYMTYPE: "symlink",
        tarfile.FIFOTYPE: "fifo",
        tarfile.CHRTYPE: f"char {member.devmajor}:{member.devminor}",
        tarfile.BLKTYPE: f"block {member.devmajor}:{member.devminor}",
    }
    kind = kinds.get(member.type, "file")
    return Inode(
        kind=kind,
        mode=member.mode,
        uid=member.uid,
        gid=member.gid,
        mtime=float(member.mtime),
        link=member.linkname if kind == "symlink" else "",
        xattrs=tuple(
            sorted(
                (key.removeprefix("SCHILY.xattr."), value)
                for key, value in member.pax_headers.items()
                if key.startswith("SCHILY.xattr.")
            )
        ),
        content=hashlib.sha256(_content(tar, member)).hexdigest() if kind == "file" else "",
        size=member.size if kind == "file" else 0,
    )


def _named(name: str) -> str:
    """A path from the root on, which it does not leave."""
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _resolved(path: str, tree: Mapping[str, Inode]) -> str:
    """The same with symlinks above it followed, inside the root."""
    todo, done, links = path.split("/"), "", 0
    while len(todo) > 1:
        part = todo.pop(0)
        if part in ("", "."):
            continue
        if part == "..":
            done = done.rpartition("/")[0]
            continue
        step = f"{done}/{part}".lstrip("/")
        inode = tree.get(step)
        if inode is not None and inode.kind == "symlink" and links < _MOST_LINKS:
            links += 1
            todo = [*inode.link.split("/"), *todo]
            done = "" if inode.link.startswith("/") else done
        else:
            done = step
    return f"{done}/{todo[0]}".lstrip("/")


def _make_directories(path: str, tree: dict[str, Inode]) -> None:
    """What stands above a path is a directory."""
    parts = path.split("/")[:-1]
    for count in range(1, len(parts) + 1):
        above = "/".join(parts[:count])
        if above not in tree or tree[above].kind != "dir":
            tree[above] = Inode("dir")


def _remove_below(path: str, tree: dict[str, Inode]) -> None:
    start = f"{path}/" if path else ""
    for one in [one for one in tree if one and one.startswith(start)]:
        if one != path:
            del tree[one]


def differences(
    before: Read,
    after: Read,
    *,
    dropped: frozenset[str] = frozenset(),
    latest: float | None = None,
    linked: bool = False,
) -> Iterator[str]:
    """Everything in which the filesystems differ, save what was asked for."""
    old = {path: inode for path, inode in before.tree.items() if path not in dropped}
    for path in sorted(old.keys() ^ after.tree.keys()):
        yield f"{path}: is in one of them only"
    for path in sorted(old.keys() & after.tree.keys()):
        one, other = old[path], after.tree[path]
        if one.told() != other.told():
            yield f"{path}: {one.told()} became {other.told()}"
        times = {one.mtime} if latest is None or one.mtime is None else {one.mtime, min(one.mtime, latest)}
        if None not in (one.mtime, other.mtime) and other.mtime not in times:
            yield f"{path}: time {one.mtime} became {other.mtime}"
    wanted = {group - dropped for group in before.groups() if len(group - dropped) > 1}
    found = after.groups()
    for group in wanted if linked else wanted ^ found:
        if not any(group <= one for one in found) or not linked:
            yield f"{sorted(group)}: hard links"
