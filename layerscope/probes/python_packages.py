"""What installers wrote down of Python's packages (PyPA, "Recording installed projects")."""

from __future__ import annotations

from layerscope.extensions import Probe, Sink
from layerscope.probes.collect import Collect, Nothing

_MAX_BYTES = 1 << 25
_MAX_HEAD_BYTES = 1 << 13
"""Name and version come first; the long description last."""


def _metadata(content: bytes) -> dict[str, str] | None:
    """Name and version of a package."""
    fields: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").splitlines():
        key, colon, value = line.partition(":")
        if not line:
            break
        if colon and key in ("Name", "Version"):
            fields.setdefault(key.lower(), value.strip())
    return fields if "name" in fields else None


def _record(content: bytes) -> str:
    """The paths of a RECORD or of installed-files.txt, a line each, without hashes and sizes."""
    import csv

    lines = content.decode("utf-8", "replace").splitlines()
    try:
        return "\n".join(row[0] for row in csv.reader(lines) if row)
    except csv.Error:
        return ""


def _begin(path: str, stored_bytes: int) -> Sink:
    folder, _, name = path.rpartition("/")
    if folder.endswith(".dist-info"):
        parse = {"METADATA": _metadata, "RECORD": _record}.get(name)
    elif folder.endswith(".egg-info"):
        parse = {"PKG-INFO": _metadata, "installed-files.txt": _record}.get(name)
    else:
        parse = None
    if parse is None:
        return Nothing()
    return Collect(_MAX_HEAD_BYTES if parse is _metadata else _MAX_BYTES, parse)


PROBE = Probe(
    id="python-packages",
    version=1,
    paths=frozenset(),
    begin=_begin,
    tails=frozenset(("dist-info/METADATA", "dist-info/RECORD", "egg-info/PKG-INFO")),
    names=frozenset(("installed-files.txt",)),
)
