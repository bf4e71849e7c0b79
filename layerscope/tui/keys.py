"""Keys that somebody wants to have otherwise: the part ``[keys]`` of the config file.

::

    [keys]
    explorer.filter = "f3"
    row-list.down = "down,ctrl+n"

An action's name is the part of the screen that has it and what it does, as the help shows them.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys, key_to_character
from textual.screen import Screen

from layerscope.errors import UsageError
from layerscope.model.names import shown

_OURS = "layerscope."
_MODIFIERS = frozenset(("ctrl", "shift", "alt", "meta", "super", "hyper"))
_NAMED_KEYS = frozenset(key.value for key in Keys)
_SHOWN_WITH_HINT = 12


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """Something a key does: its name, the keys it has, and the class that has it."""

    id: str
    description: str
    keys: tuple[str, ...]
    owner: type[DOMNode]


class _Change(msgspec.Struct, frozen=True, kw_only=True):
    action: str
    keys: tuple[str, ...]
    where: str


def read_keys(path: Path) -> dict[str, str]:
    """The keys of a config file for `App.set_keymap`: an action's name to keys with commas between.

    Raises UsageError for what cannot be read, an unknown action or key, and two actions with one key.
    """
    changes = list(_changes(path))
    if not changes:
        return {}
    name_actions()
    known = {action.id: action for action in actions()}
    for change in changes:
        _check(change, known)
    _check_conflicts(changes, known)
    return {change.action: ",".join(change.keys) for change in changes}


def name_actions() -> None:
    """Give every binding of every screen and widget of ours the name under which it can be changed.

    It is derived from what the binding says, so that none can be forgotten; classes have taken their
    bindings in when they were made, so they have to do it again.
    """
    for kind in _classes():
        own = kind.__dict__.get("BINDINGS")
        if own:
            kind.BINDINGS = [_named(kind, binding) for binding in own]
    for kind in _classes():
        kind._merged_bindings = kind._merge_bindings()  # noqa: SLF001 - the keymap is public, this is not


def actions() -> list[Action]:
    """All actions of the explorer that have a name."""
    _import_everything()
    found: dict[str, Action] = {}
    for kind in _classes():
        for binding in kind.__dict__.get("BINDINGS", ()):
            named = _named(kind, binding)
            if named.id is None:
                continue
            before = found[named.id].keys if named.id in found else ()
            found[named.id] = Action(
                id=named.id,
                description=named.description,
                keys=(*before, *map(_long, named.key.split(","))),
                owner=kind,
            )
    return sorted(found.values(), key=lambda action: action.id)


def context_of(kind: type[DOMNode]) -> str:
    """How the names of a class's actions begin: ``FilesPane`` is ``files``."""
    name = re.sub(r"(?<=.)(?:Pane|Screen|App)$", "", kind.__name__)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def action_of(kind: type[DOMNode], binding: Binding) -> str | None:
    """The name of what a binding of a screen or widget does; None for what is not ours."""
    if binding.id is not None:
        return binding.id
    for base in kind.__mro__:
        if not base.__module__.startswith(_OURS) or not issubclass(base, DOMNode):
            continue
        for other in base.__dict__.get("BINDINGS", ()):
            named = _named(base, other)
            if (named.action, named.description) == (binding.action, binding.description):
                return named.id
    return None


def _named(kind: type[DOMNode], binding: Any) -> Binding:
    made = binding if isinstance(binding, Binding) else Binding(*binding)
    if not made.description or made.id is not None:
        return made
    said = re.sub(r"[^a-z0-9]+", "-", made.description.lower()).strip("-")
    return dataclasses.replace(made, id=f"{context_of(kind)}.{said}")


def _import_everything() -> None:
    """What has not been imported has no bindings yet."""
    from importlib import import_module

    from layerscope.loading import modules_of

    for package in ("screens", "widgets", "panes"):
        for name in modules_of(f"layerscope.tui.{package}"):
            import_module(f"layerscope.tui.{package}.{name}")
    import_module("layerscope.tui.app")


def _classes() -> list[type[DOMNode]]:
    """Screens, panes and widgets of ours, those that others inherit from first."""
    _import_everything()
    found: dict[type[DOMNode], None] = {}
    waiting: list[type[DOMNode]] = [DOMNode]
    while waiting:
        kind = waiting.pop(0)
        waiting += kind.__subclasses__()
        if kind.__module__.startswith(_OURS):
            found[kind] = None
    return list(found)


# The file


def _changes(path: Path) -> Iterator[_Change]:
    try:
        text = path.read_text("utf-8")
        document = tomllib.loads(text)
    except FileNotFoundError:
        return
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{path}: {error}") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise UsageError(f"{path}:{line[1]}: {error}" if line else f"{path}: {error}") from None
    keys = document.get("keys", {})
    lines = dict(_lines(text))
    if not isinstance(keys, dict):
        raise UsageError(f"{path}: [keys] has to be a table")
    for action, value in _flat(keys):
        where = f"{path}:{lines[action]}" if action in lines else str(path)
        if not isinstance(value, str) or not value.strip():
            raise UsageError(f"{where}: {action}: expected keys in quotes", hint='such as "f" or "f,ctrl+f"')
        wanted = tuple(_long(key.strip()) for key in value.split(","))
        yield _Change(action=action, keys=wanted, where=where)


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """``explorer.filter`` without quotes is a table within a table to TOML."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """The line of each action, as far as it is written on one."""
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if heading := re.fullmatch(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?", line):
            section = heading[1].strip()
        elif "=" in line and (section == "keys" or section.startswith("keys.")):
            name = re.sub(r"[\s\"']", "", line.partition("=")[0])
            yield ".".join((*section.split(".")[1:], name)), number


# What may be said


def _check(change: _Change, known: Mapping[str, Action]) -> None:
    if change.action not in known:
        from difflib import get_close_matches

        near = get_close_matches(change.action, known, n=3, cutoff=0.5)
        names = near or list(known)[:_SHOWN_WITH_HINT]
        raise UsageError(
            f"{change.where}: {shown(change.action)}: no such action",
            hint=("did you mean " if near else "actions are ") + ", ".join(names) + ("?" if near else ", …"),
        )
    for key in change.keys:
        if not _is_key(key):
            raise UsageError(
                f"{change.where}: {change.action}: {shown(key)}: no such key",
                hint="a character, or a name such as ctrl+n, f5, pagedown, full_stop",
            )


def _is_key(key: str) -> bool:
    *modifiers, last = key.split("+")
    if not set(modifiers) <= _MODIFIERS:
        return False
    return key in _NAMED_KEYS or last in _NAMED_KEYS or len(last) == 1 or key_to_character(last) is not None


def _long(key: str) -> str:
    """A key as Textual calls it: ``?`` is ``question_mark``."""
    from textual.keys import _character_to_key

    return _character_to_key(key) if len(key) == 1 else key


def _check_conflicts(changes: list[_Change], known: Mapping[str, Action]) -> None:
    """Raise where a key that was asked for already does something where it would count."""
    changed = {change.action: change for change in changes}
    keys = {name: changed[name].keys if name in changed else action.keys for name, action in known.items()}
    for change in changes:
        action = known[change.action]
        # What it has from the start, it may share: the list's and the search line's arrows, for one.
        new = set(change.keys).difference(action.keys)
        for other in known.values():
            both = new & set(keys[other.id])
            if other.id != action.id and both and _meet(action.owner, other.owner):
                raise UsageError(
                    f"{change.where}: {change.action}: {shown(min(both))} is the key of {other.id} too",
                    hint=f"give {other.id} another key in [keys]",
                )


def _meet(one: type[DOMNode], other: type[DOMNode]) -> bool:
    """Whether both may listen at the same time."""
    if issubclass(one, other) or issubclass(other, one):
        return True
    if issubclass(one, App) or issubclass(other, App):
        return True
    if issubclass(one, Screen) and issubclass(other, Screen):
        return False
    return _holds(one, other) or _holds(other, one)


def _holds(outer: type[DOMNode], inner: type[DOMNode], depth: int = 3) -> bool:
    """Whether a class's module names the other one, or one made of it, or one that holds it."""
    named = [
        value
        for value in vars(sys.modules[outer.__module__]).values()
        if isinstance(value, type)
        and issubclass(value, DOMNode)
        and value.__module__.startswith(_OURS)
        and not issubclass(outer, value)
    ]
    if any(issubclass(value, inner) for value in named):
        return True
    return depth > 0 and any(
        _holds(value, inner, depth - 1) for value in named if value.__module__ != outer.__module__
    )
