"""A `.git` folder as `COPY . .` takes it along: two commits in a pack that git can read.

The older commit holds a file that the newer one removed, so its bytes are still there.
"""

import hashlib
import struct
import zlib
from collections.abc import Mapping
from typing import Final

from sample_images.stable_deflate import zlib_bytes

_AUTHOR: Final = "Robin Example <robin@example.com>"
_CONFIG: Final = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
[remote "origin"]
\turl = git@git.example.com:shop/api.git
\tfetch = +refs/heads/*:refs/remotes/origin/*
"""
_HOOK: Final = """\
#!/bin/sh
# An example hook script to verify what is about to be committed.
exec git diff-index --check --cached HEAD --
"""
_TYPES: Final = {b"commit": 1, b"tree": 2, b"blob": 3}
_Objects = dict[bytes, tuple[bytes, bytes]]


def git_folder(sources: Mapping[str, bytes], dropped: Mapping[str, bytes], time_s: int) -> dict[str, bytes]:
    """Return the files of `.git`; the first commit holds the dropped files as well."""
    objects: _Objects = {}
    first = _commit({**sources, **dropped}, b"", time_s - 86_400, "First version\n", objects)
    message = "Remove the dump\n"
    head = _commit(sources, b"parent %s\n" % first, time_s, message, objects).decode()
    pack, index, checksum = _pack(objects)
    moved = f"{first.decode()} {head} {_AUTHOR} {time_s} +0000\tcommit: {message}"
    files = {
        "HEAD": b"ref: refs/heads/main\n",
        "config": _CONFIG.encode(),
        "description": b"Unnamed repository; edit this file to name the repository.\n",
        "hooks/pre-commit.sample": _HOOK.encode(),
        "logs/HEAD": moved.encode(),
        "refs/heads/main": f"{head}\n".encode(),
        f"objects/pack/pack-{checksum}.pack": pack,
        f"objects/pack/pack-{checksum}.idx": index,
    }
    return {f".git/{path}": content for path, content in files.items()}


def _commit(
    sources: Mapping[str, bytes], parent: bytes, time_s: int, message: str, objects: _Objects
) -> bytes:
    stamp = f"{_AUTHOR} {time_s} +0000"
    tail = f"author {stamp}\ncommitter {stamp}\n\n{message}".encode()
    tree = _tree(sources, objects).hex().encode()
    return _object(b"commit", b"tree %s\n%s%s" % (tree, parent, tail), objects).hex().encode()


def _tree(sources: Mapping[str, bytes], objects: _Objects) -> bytes:
    folders: dict[str, dict[str, bytes]] = {}
    rows: list[tuple[str, bytes]] = []
    for path, content in sources.items():
        head, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(head, {})[rest] = content
        else:
            name = _object(b"blob", content, objects)
            rows.append((path, b"100644 %s\0%s" % (path.encode(), name)))
    for folder, inside in folders.items():
        # Git sorts a folder as if its name ended with a slash.
        row = b"40000 %s\0%s" % (folder.encode(), _tree(inside, objects))
        rows.append((f"{folder}/", row))
    return _object(b"tree", b"".join(row for _, row in sorted(rows)), objects)


def _object(kind: bytes, content: bytes, objects: _Objects) -> bytes:
    name = _sha1(b"%s %d\0%s" % (kind, len(content), content))
    objects[name] = (kind, content)
    return name


def _pack(objects: _Objects) -> tuple[bytes, bytes, str]:
    """Return a version 2 pack, its version 2 index and the pack's checksum (gitformat-pack)."""
    pack = bytearray(b"PACK" + struct.pack(">II", 2, len(objects)))
    offsets: dict[bytes, int] = {}
    checksums: dict[bytes, int] = {}
    for name, (kind, content) in sorted(objects.items()):
        offsets[name] = len(pack)
        data = _size(_TYPES[kind], len(content)) + zlib_bytes(content)
        checksums[name] = zlib.crc32(data)
        pack += data
    pack += _sha1(bytes(pack))
    names = sorted(objects)
    fanout = [sum(name[0] <= first for name in names) for first in range(256)]
    index = b"\xfftOc" + struct.pack(">I256I", 2, *fanout) + b"".join(names)
    index += b"".join(struct.pack(">I", checksums[name]) for name in names)
    index += b"".join(struct.pack(">I", offsets[name]) for name in names)
    index += pack[-20:]
    return bytes(pack), index + _sha1(index), bytes(pack[-20:]).hex()


def _size(kind: int, size_bytes: int) -> bytes:
    """Return the head of a packed object: its type and its size, seven bits at a time."""
    head = bytearray([kind << 4 | size_bytes & 0x0F])
    size_bytes >>= 4
    while size_bytes:
        head[-1] |= 0x80
        head.append(size_bytes & 0x7F)
        size_bytes >>= 7
    return bytes(head)


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()
