"""A17: files of a web site that stand beside their compressed forms."""

from __future__ import annotations

from layerscope.advice.evidence import Evidence
from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.entry import Kind
from layerscope.model.suggestion import Item, Priority

_KINDS = ("html", "css", "js", "mjs", "json", "svg", "xml", "txt", "wasm", "map")
_COMPRESSED = ("gz", "br", "zst")
_OF_PACKAGES = ("usr/share/javascript/", "usr/share/doc/", "usr/lib/")


def _stands_beside_the_plain_one(evidence: Evidence, item: Item) -> bool:
    if item.path.startswith(_OF_PACKAGES):
        return False
    plain = evidence.analysis.index.find(item.path.rpartition(".")[0])
    version = plain.top if plain is not None else None
    source = version.source if version is not None else None
    return source is not None and source.kind is Kind.FILE


RULE = leftover(
    id="precompressed-assets",
    title="assets both plain and compressed",
    family="context",
    patterns=tuple(f"*.{kind}.{compressed}" for kind in _KINDS for compressed in _COMPRESSED),
    remedy=Remedy(
        cleanup=None,
        instead="Ship the form that the server sends: the compressed one with gzip_static or brotli_static "
        "(and gunzip for the others), or the plain one where it compresses itself",
    ),
    help="""A server that sends x.js.gz needs x.js only for browsers that do not take gzip; one that
compresses what it sends needs no x.js.gz. Choose one of the two.""",
    priority=Priority.GENERIC,
    confidence="low",
    risk="Which of the two is read depends on the server's settings.",
    only=_stands_beside_the_plain_one,
    at_least_bytes=100_000,
)
