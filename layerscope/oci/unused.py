"""What an archive or layout holds beside the one image that was chosen, and nobody asked for.

Other images of other names are no surplus: somebody put them there.
"""

from __future__ import annotations

from collections.abc import Sequence

from layerscope.errors import ImageError
from layerscope.model.digest import Digest
from layerscope.model.image import Image, Unused, Why
from layerscope.oci.blobs import Blobs
from layerscope.oci.candidate import Candidate
from layerscope.oci.documents import parse_manifest

_SMALLEST_BYTES = 16 << 10
"""What is smaller may be an index of indexes, and is not worth a word anyway."""


def unused_blobs(
    blobs: Blobs, image: Image, chosen: Candidate, candidates: Sequence[Candidate]
) -> tuple[Unused, ...]:
    """The blobs of other platforms, of attestations, and those that nothing refers to.

    None are told of what passes only once, or comes from a registry: there, what nobody asks for is not seen.
    A folder may be a store that others share, so what nothing refers to is told of archives only.
    """
    if image.digest is None or not _lies_in_files(blobs, image):
        return ()
    try:
        reasons = _reasons(blobs, chosen, candidates)
    except ImageError:  # a manifest that nobody asked for: what it refers to is not known
        return ()
    return tuple(
        Unused(name=name, size_bytes=blobs.size_bytes(name), why=why)
        for name, why in sorted(reasons.items())
        if why is not None and blobs.size_bytes(name) >= _SMALLEST_BYTES
    )


def _lies_in_files(blobs: Blobs, image: Image) -> bool:
    there = [layer for layer in image.layers if layer.missing is None and blobs.find(layer.blob) is not None]
    return bool(there) and blobs.job(there[0].blob) is not None


def _reasons(blobs: Blobs, chosen: Candidate, candidates: Sequence[Candidate]) -> dict[str, Why | None]:
    """Why each blob is there, None for what is needed; raises ImageError where that cannot be told."""
    reasons: dict[str, Why | None] = {}
    # What an image shares with its other platforms is its own, so what is needed comes first.
    for candidate in sorted(candidates, key=lambda one: _why(one, chosen) is not None):
        for name in _names(blobs, candidate):
            reasons.setdefault(name, _why(candidate, chosen))
    docker = blobs.read("manifest.json") if blobs.find("manifest.json") is not None else b""
    for name in blobs.names():
        if name.startswith("blobs/") and name.rpartition("/")[2].encode() not in docker:
            found = blobs.find(name)
            if found is not None:
                reasons.setdefault(found, "unreferenced")
    return reasons


def _why(candidate: Candidate, chosen: Candidate) -> Why | None:
    if candidate.digests[:1] == chosen.digests[:1] or candidate.group != chosen.group:
        return None
    return "platform" if candidate.excluded is None else "attestation"


def _names(blobs: Blobs, candidate: Candidate) -> list[str]:
    """The files of a manifest, as far as they are there; raises ImageError where it is not there itself."""
    name = _name(blobs, candidate.digests[0]) if candidate.digests else None
    if name is None:
        raise ImageError(f"{blobs.where}: a manifest is missing")
    manifest = parse_manifest(blobs.read(name), f"{blobs.where}: {name}")
    held = [_name(blobs, one.digest) for one in (manifest.config, *manifest.layers)]
    return [name, *(one for one in held if one is not None)]


def _name(blobs: Blobs, digest: Digest) -> str | None:
    return blobs.find("blobs/" + digest.replace(":", "/", 1))
