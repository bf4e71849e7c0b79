"""What a Rust program was made of, as cargo-auditable notes it: JSON behind zlib."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec

_MAX_BYTES = 1 << 23


class _Crate(msgspec.Struct, frozen=True):
    name: str
    version: str
    kind: str = "runtime"
    root: bool = False


class _Noted(msgspec.Struct, frozen=True):
    packages: list[_Crate]


def rust_crates(section: bytes) -> dict[str, Any] | None:
    """The program's crate and those linked into it; None where it cannot be read."""
    try:
        noted = msgspec.json.decode(zlib.decompressobj().decompress(section, _MAX_BYTES), type=_Noted)
    except (zlib.error, msgspec.DecodeError, RecursionError):
        return None
    root = next((crate for crate in noted.packages if crate.root), None)
    if root is None:
        return None
    return {
        "language": "rust",
        "name": root.name,
        "version": root.version,
        "toolchain": "",
        "modules": [
            [crate.name, crate.version]
            for crate in noted.packages
            if crate.kind == "runtime" and crate is not root
        ],
    }
