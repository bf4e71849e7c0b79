"""A04: archives beside what was unpacked from them."""

from __future__ import annotations

from layerscope.advice.evidence import Evidence
from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Item

_LARGE_BYTES = 1_000_000
_IN_USE = ("usr/share/", "usr/lib/", "usr/local/lib/", "opt/conda/", "var/cache/", "var/lib/", "boot/")
_INSTALLED = frozenset(("site-packages", "dist-packages", "node_modules", ".m2", ".gradle", "nltk_data"))


def _is_large(evidence: Evidence, item: Item) -> bool:
    return (
        item.size_bytes >= _LARGE_BYTES
        and not item.path.startswith(_IN_USE)
        and _INSTALLED.isdisjoint(item.path.split("/"))
    )


RULE = leftover(
    id="archives-left",
    title="an archive that was left",
    family="context",
    patterns=(
        "*.tar",
        "*.tar.gz",
        "*.tgz",
        "*.tar.xz",
        "*.tar.bz2",
        "*.tar.zst",
        "*.zip",
        "*.deb",
        "*.rpm",
        "*.iso",
        "*.7z",
    ),
    remedy=Remedy(
        cleanup="rm -f {paths}",
        instead=("Or unpack while downloading (curl … | tar -xz), or ADD the archive: it is unpacked then"),
    ),
    help="""An archive that was unpacked is not needed any more. Delete it in the RUN that unpacks it, or
never store it.""",
    confidence="medium",
    risk="Some programs read archives as they are.",
    only=_is_large,
)
