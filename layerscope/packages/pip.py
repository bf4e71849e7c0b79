"""Python's packages, by the records that every installer leaves beside them."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.packages.found import Found
from layerscope.packages.present import Present, joined

_LISTS = {"METADATA": "RECORD", "PKG-INFO": "installed-files.txt"}


def find_pip(present: Present) -> Iterator[Found]:
    """What is installed in any folder; without a list of files only the record itself is a package's."""
    facts = {fact.path: fact for fact in present.facts("python-packages")}
    for path, fact in facts.items():
        folder, _, name = path.rpartition("/")
        if name not in _LISTS:
            continue
        listed = facts.get(f"{folder}/{_LISTS[name]}")
        # A RECORD is relative to where packages are, an installed-files.txt to its own folder.
        start = folder.rpartition("/")[0] if name == "METADATA" else folder
        paths = [joined(start, item) for item in listed.value.splitlines()] if listed is not None else []
        yield Found(
            kind="pip",
            name=fact.value["name"],
            version=fact.value.get("version", ""),
            record=path,
            layer=fact.layer,
            files=present.files(paths or [path]),
            manual=_manual(present, folder),
        )


def _manual(present: Present, folder: str) -> bool | None:
    """Whether it was asked for by name: pip, uv and others leave an empty file (PEP 376, REQUESTED)."""
    if present.file(f"{folder}/REQUESTED") is not None:
        return True
    return False if present.file(f"{folder}/INSTALLER") is not None else None
