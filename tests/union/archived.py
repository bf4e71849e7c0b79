"""Layers as a real tar that the scanner reads: for cases that are about names in the archive."""

from __future__ import annotations

import io
import tarfile

from layerscope.model.changeset import Changeset
from layerscope.oci.tar.scanner import Scan, scan_tar

FILE, LINK, SYMLINK, DIRECTORY = tarfile.REGTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE
CHARACTER_DEVICE = tarfile.CHRTYPE


def member(
    name: str,
    content: bytes = b"",
    *,
    kind: bytes = FILE,
    target: str = "",
    pax: dict[str, str] | None = None,
) -> tuple[tarfile.TarInfo, bytes]:
    """Describe one member; its name is written as it is given."""
    info = tarfile.TarInfo(name)
    info.type = kind
    info.size = len(content)
    info.mode = 0o755 if kind == DIRECTORY else 0o644
    info.linkname = target
    info.pax_headers = dict(pax or {})
    return info, content


def folder(name: str) -> tuple[tarfile.TarInfo, bytes]:
    """Describe a directory, its name ending with a slash."""
    return member(name, kind=DIRECTORY)


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """Write a tar with these members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def scanned(*members: tuple[tarfile.TarInfo, bytes]) -> Scan:
    """Write a tar and scan it."""
    return scan_tar(iter([archive(*members)]))


def archived(*members: tuple[tarfile.TarInfo, bytes]) -> Changeset:
    """Make a layer by writing a tar and scanning it."""
    return changeset_of(archive(*members))


def changeset_of(data: bytes) -> Changeset:
    """Scan the bytes of a layer's tar."""
    scan = scan_tar(iter([data]))
    return Changeset(
        entries=scan.entries,
        content_bytes=scan.content_bytes,
        tar_bytes=scan.tar_bytes,
        compressed_bytes=len(data),
        compression="none",
        diagnostics=scan.diagnostics,
    )


def codes_of(scan: Scan) -> set[str]:
    """List the codes of what was odd about a tar."""
    return {remark.code for remark in scan.diagnostics}
