"""Where a loader is told to look for libraries: ld.so.conf, what it may include, musl's path file.

The fact is the text.
"""

from __future__ import annotations

from layerscope.extensions import Probe, Sink
from layerscope.probes.collect import Collect, Nothing

_MAX_BYTES = 1 << 16
_FOLDER = "etc/ld.so.conf.d/"
_MUSL = "etc/ld-musl-"


def _begin(path: str, stored_bytes: int) -> Sink:
    if path == "etc/ld.so.conf" or path.startswith((_FOLDER, _MUSL)):
        return Collect(_MAX_BYTES, lambda content: content.decode("utf-8", "surrogateescape"))
    return Nothing()


PROBE = Probe(
    id="loader-paths",
    version=1,
    paths=frozenset(("etc/ld.so.conf",)),
    begin=_begin,
    tails=frozenset(("conf", "path")),
)
