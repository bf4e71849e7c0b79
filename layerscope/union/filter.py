"""A line of text that picks paths: words, globs, regular expressions, ``size>10MB``, ``kind:modified``."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from operator import eq, ge, gt, le, lt
from typing import Any

import msgspec

from layerscope.errors import UsageError
from layerscope.model.entry import Kind
from layerscope.model.quantity import parse_size
from layerscope.union.compare import Change
from layerscope.union.index import Version
from layerscope.union.tree import Tree, View

SYNTAX = "text  *.glob  /regex/  size>10MB  waste>1MB  kind:modified  layer:3  owner:0  ext:so  -not"

_COMPARED = re.compile(r"(size|waste|count)(>=|<=|>|<|=)(.*)", re.DOTALL)
_FIELD = re.compile(r"(kind|layer|owner|ext):(.*)", re.DOTALL)
_LAYERS = re.compile(r"(\d+)(?:(?:-|\.\.)(\d+))?")
_TERMS = re.compile(r"[-!]?/(?:\\.|[^/\\])+/(?=\s|$)|\S+")
_COMPARE = {">": gt, "<": lt, ">=": ge, "<=": le, "=": eq}
_SIZES = {">": "__lt__", "<": "__gt__", ">=": "__le__", "<=": "__ge__", "=": "__eq__"}
"""The same asked of the limit: methods of a number are the quickest test there is."""
_CHANGES = {
    "added": (Change.ADDED,),
    "modified": (Change.MODIFIED,),
    "metadata": (Change.METADATA_ONLY,),
    "removed": (Change.DELETED,),
    "deleted": (Change.DELETED,),
    "changed": tuple(Change),
}
_ENTRY_KINDS = {
    "file": (Kind.FILE, Kind.HARDLINK),
    "dir": (Kind.DIRECTORY,),
    "link": (Kind.SYMLINK,),
    "device": (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE),
    "fifo": (Kind.FIFO,),
}
_SET_ID = 0o6000
_WILD = "*?["
_SIGNS = ".^$*+?{}[]\\|()"
"""What makes of a text a regular expression."""

PathTest = Callable[[str], Any]
"""Is given a lower-case path."""

VersionTest = Callable[[Tree, View, int, Version], bool]
"""Is given a path's position and the version that the view shows."""

SizeTest = Callable[[int], Any]
"""Is given bytes."""


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """One word of a filter line: a test of the path, or of what stands there; or the changes it asks for.

    ``word`` is to be in the path, ``start`` and ``ending`` are how it is to begin and end; lower-case.
    """

    word: str | None = None
    start: str | None = None
    ending: str | None = None
    path: PathTest | None = None
    version: VersionTest | None = None
    size: SizeTest | None = None
    waste: SizeTest | None = None
    changes: tuple[Change, ...] = ()
    negated: bool = False


def parse_filter(text: str) -> tuple[Term, ...]:
    """Read a filter line; raises UsageError that says which word is wrong."""
    return tuple(_term(found.group()) for found in _TERMS.finditer(text))


def _term(text: str) -> Term:
    negated = len(text) > 1 and text[0] in "-!"
    plain = text[1:] if negated else text
    if (compared := _COMPARED.fullmatch(plain)) is not None:
        return msgspec.structs.replace(_comparison(plain, compared), negated=negated)
    if (named := _FIELD.fullmatch(plain)) is not None:
        return msgspec.structs.replace(_field(plain, named[1], named[2]), negated=negated)
    return msgspec.structs.replace(_of_path(plain), negated=negated)


def _of_path(term: str) -> Term:
    if len(term) > 2 and term[0] == term[-1] == "/":
        try:
            test = re.compile(term[1:-1], re.IGNORECASE).search
        except (re.error, OverflowError, RecursionError) as error:
            raise UsageError(f"{term}: {error}", hint="a regular expression stands between slashes") from None
        plain = not any(sign in term for sign in _SIGNS)
        return Term(word=term[1:-1].lower()) if plain else Term(path=test)
    pattern = term.lstrip("/").lower()
    if any(mark in pattern for mark in _WILD):
        rest, word = pattern.lstrip("*"), pattern.strip("*")
        if rest != pattern and not any(mark in word for mark in _WILD + "/"):
            return Term(ending=rest) if rest == word else Term(word=word)
        below = "" if "/" in pattern or rest != pattern else "(?s:.*/)?"
        return Term(path=re.compile(below + fnmatch.translate(pattern)).match)
    if term[:1] == "/":  # an absolute path: what is at it or below it
        return Term(start=pattern)
    return Term(word=pattern)


def _comparison(term: str, compared: re.Match[str]) -> Term:
    field, compare = compared[1], _COMPARE[compared[2]]
    try:
        limit = int(compared[3]) if field == "count" else parse_size(compared[3])
    except (ValueError, OverflowError):
        raise UsageError(f"{term}: {compared[3]!r} is no {field}", hint="such as size>10MB") from None
    if field == "size":
        return Term(size=getattr(limit, _SIZES[compared[2]]))
    if field == "waste":
        return Term(waste=getattr(limit, _SIZES[compared[2]]))
    return Term(version=lambda tree, view, place, version: compare(tree.count(view, place, version), limit))


def _field(term: str, name: str, value: str) -> Term:
    if name == "ext":
        ending = "." + value.lower().lstrip(".")
        return Term(ending=ending)
    if name == "kind":
        return _kind(term, value)
    if name == "layer":
        layers = _LAYERS.fullmatch(value)
        if layers is None:
            raise UsageError(f"{term}: no layer", hint="layer:3 or layer:3-7")
        first, last = int(layers[1]), int(layers[2] or layers[1])
        return Term(version=lambda tree, view, place, version: first <= version.layer <= last)
    user, _, group = value.partition(":")
    if not user.isdecimal() or not (group.isdecimal() or not group):
        raise UsageError(f"{term}: owners are numbers", hint="owner:0 or owner:1000:1000")
    uid, gid = int(user), int(group) if group else None

    def owned(_tree: Tree, _view: View, _place: int, version: Version) -> bool:
        entry = version.source
        return entry is not None and entry.uid == uid and gid in (None, entry.gid)

    return Term(version=owned)


def _kind(term: str, value: str) -> Term:
    if value in _CHANGES:
        return Term(changes=_CHANGES[value])
    if value == "hidden":
        return Term(version=lambda tree, view, place, version: version.hidden_by is not None)
    if value == "setuid":
        return Term(version=_set_id)
    if value not in _ENTRY_KINDS:
        known = ", ".join([*_CHANGES, *_ENTRY_KINDS, "hidden", "setuid"])
        raise UsageError(f"{term}: no such kind", hint=f"kinds are {known}")
    kinds = _ENTRY_KINDS[value]
    implied = Kind.DIRECTORY in kinds

    def of_kind(_tree: Tree, _view: View, _place: int, version: Version) -> bool:
        return implied if version.entry is None else version.entry.kind in kinds

    return Term(version=of_kind)


def _set_id(_tree: Tree, _view: View, _place: int, version: Version) -> bool:
    entry = version.source
    return entry is not None and entry.kind is Kind.FILE and bool(entry.mode & _SET_ID)
