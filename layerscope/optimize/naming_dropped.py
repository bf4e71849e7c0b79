"""Which paths are to be left out: what patterns and rules name, and everything below."""

from __future__ import annotations

from collections.abc import Sequence

from layerscope.errors import UsageError
from layerscope.extensions import Rule
from layerscope.loading import load
from layerscope.model.changeset import Changeset
from layerscope.model.image import Image
from layerscope.model.path_pattern import parse_pattern
from layerscope.model.suggestion import Item, Priority
from layerscope.union.index import PathIndex, walk

_RULE = "rule:"
_DROPPABLE = frozenset((Priority.SECRET, Priority.LEFTOVER, Priority.GENERIC))
"""What other rules find is hidden already, or wanted once."""


def check_drop(text: str) -> str:
    """A pattern or ``rule:ID`` that can be dropped; raises ValueError or UsageError."""
    if text.startswith(_RULE):
        _rule(text.removeprefix(_RULE))
    else:
        parse_pattern(text)
    return text


def _rule(name: str) -> Rule:
    rules: dict[str, Rule] = load("rule")
    rule = rules.get(name)
    if rule is None:
        raise UsageError(f"{name}: no such rule", hint="layerscope rules lists them")
    if rule.priority not in _DROPPABLE:
        instead = "--prune and --squash drop what is hidden"
        if rule.priority is Priority.DUPLICATE:
            instead = "--dedupe links what is twice in a layer"
        raise UsageError(f"rule:{name} names no files that could be left out; {instead}")
    return rule


def find_dropped(
    drops: Sequence[str], image: Image, changesets: Sequence[Changeset], index: PathIndex
) -> tuple[dict[str, str], list[str]]:
    """Every path that is to be left out, with what named it; and what named nothing.

    What is below a path goes with it. The root stays.
    """
    by_path: dict[str, str] = {}
    patterns = []
    for text in drops:
        if text.startswith(_RULE):
            for path in _found_by(text, image, changesets, index):
                by_path.setdefault(path, text)
        else:
            patterns.append(parse_pattern(text))
    dropped: dict[str, str] = {}
    for node in walk(index.root):
        path = node.path
        if not path:
            continue
        reason = by_path.get(path) or next((one.text for one in patterns if one.matches(path)), None)
        reason = reason or dropped.get(path.rpartition("/")[0])
        if reason is not None:
            dropped[path] = reason
    named = {*dropped.values()}
    return dropped, [text for text in drops if text.strip() not in named]


def _found_by(text: str, image: Image, changesets: Sequence[Changeset], index: PathIndex) -> set[str]:
    """The paths of a rule's findings; not those where something else can be seen now."""
    from layerscope.advice.evidence import Evidence
    from layerscope.union.analysis import analyze

    rule = _rule(text.removeprefix(_RULE))
    evidence = Evidence(image, changesets, analyze(image, changesets), [rule])
    items = {(item.layer, item.path): item for claim in rule.detect(evidence) for item in claim.items}
    return {item.path for item in items.values() if _is_on_top(item, index)}


def _is_on_top(item: Item, index: PathIndex) -> bool:
    node = index.find(item.path)
    if node is None:
        return False
    top = node.top
    return top is None or top.layer == item.layer or (top.inode is not None and top.inode.layer == item.layer)
