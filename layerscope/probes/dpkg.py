"""What dpkg and apt wrote down: packages, their files, who asked for them, files that were diverted.

``status`` (and distroless' ``status.d``) become a list of packages, ``extended_states`` one of those that
came as a dependency only, file lists and diversions stay text. A package has its relations to others as dpkg
writes them (``Depends`` to ``Provides``), and ``Essential``, where it has any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from layerscope.extensions import Probe, Sink
from layerscope.probes.collect import Collect, Nothing

_MAX_BYTES = 1 << 25
_FOLDER = "var/lib/dpkg/"
_WITHOUT_FILES = frozenset(("not-installed", "config-files"))
_RELATIONS = (
    "Depends",
    "Pre-Depends",
    "Recommends",
    "Suggests",
    "Provides",
    "Essential",
    "Protected",
    "Important",
)
_FIELDS = frozenset(("Package", "Status", "Version", "Architecture", "Auto-Installed", *_RELATIONS))


def _paragraphs(text: str) -> Iterator[dict[str, str]]:
    """The paragraphs of a control file, of them the fields that matter (deb822(5))."""
    for paragraph in text.split("\n\n"):
        fields = {}
        for line in paragraph.split("\n"):
            key, colon, value = line.partition(":")
            if colon and key in _FIELDS:
                fields[key] = value.strip()
        if fields.get("Package"):
            yield fields


def _status(content: bytes) -> list[dict[str, str]]:
    """The packages whose files are there: all but those removed, or never unpacked."""
    return [
        {
            "name": fields["Package"],
            "version": fields.get("Version", ""),
            "architecture": fields.get("Architecture", ""),
            **{key: fields[key] for key in _RELATIONS if key in fields},
        }
        for fields in _paragraphs(_text(content))
        if fields.get("Status", "").rpartition(" ")[2] not in _WITHOUT_FILES
    ]


def _automatic(content: bytes) -> list[dict[str, str]]:
    """The packages that apt installed because others need them (``apt-mark showauto``)."""
    return [
        {"name": fields["Package"], "architecture": fields.get("Architecture", "")}
        for fields in _paragraphs(_text(content))
        if fields.get("Auto-Installed") == "1"
    ]


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _begin(path: str, stored_bytes: int) -> Sink:
    if path == "var/lib/apt/extended_states":
        return Collect(_MAX_BYTES, _automatic)
    if not path.startswith(_FOLDER):
        return Nothing()
    folder, _, name = path.removeprefix(_FOLDER).rpartition("/")
    if folder == "info":
        return Collect(_MAX_BYTES, _text) if name.endswith(".list") else Nothing()
    if folder == "status.d":
        return Collect(_MAX_BYTES, _text if name.endswith(".md5sums") else _status)
    parses: dict[str, Callable[[bytes], Any]] = {"status": _status, "diversions": _text}
    parse = parses.get(name) if not folder else None
    return Nothing() if parse is None else Collect(_MAX_BYTES, parse)


PROBE = Probe(
    id="dpkg",
    version=2,
    paths=frozenset((f"{_FOLDER}status", f"{_FOLDER}diversions", "var/lib/apt/extended_states")),
    begin=_begin,
    tails=frozenset(("list", "md5sums")),
    start=b"Package: ",
)
