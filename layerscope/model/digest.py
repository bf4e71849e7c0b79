"""The three identities of a layer, each a type of its own (image-spec, descriptor.md and config.md)."""

from __future__ import annotations

import re
from typing import NewType

Digest = NewType("Digest", str)
"""Hash of a blob as stored, ``algorithm:hex``."""

DiffID = NewType("DiffID", str)
"""Hash of a layer's uncompressed tar."""

ChainID = NewType("ChainID", str)
"""Identity of the stack of layers up to and including one of them."""

_HEX_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_DIGEST = re.compile(r"([a-z0-9]+):([0-9a-f]+)")


def is_digest(text: str) -> bool:
    """Whether ``text`` is a whole digest of an algorithm that can be checked."""
    match = _DIGEST.fullmatch(text)
    return match is not None and _HEX_LENGTHS.get(match[1]) == len(match[2])


def chain_ids(diff_ids: tuple[DiffID, ...]) -> tuple[ChainID, ...]:
    """The chain ID of each layer (image-spec, config.md, "Layer ChainID")."""
    import hashlib

    chain: list[ChainID] = []
    for diff_id in diff_ids:
        if not chain:
            chain.append(ChainID(diff_id))
            continue
        algorithm = diff_id.partition(":")[0]
        text = f"{chain[-1]} {diff_id}".encode()
        chain.append(ChainID(f"{algorithm}:{hashlib.new(algorithm, text).hexdigest()}"))
    return tuple(chain)
